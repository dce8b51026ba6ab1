"""What a program may have done to a photo before it is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from backfocus.verify.camera import VirtualShot


@dataclass(frozen=True)
class Edit:
    """Crop, then flip, then scale; the metadata that stay are those of the photo as it was taken.

    Attributes:
        crop: left, top, right and bottom of what is kept, as parts of the upright picture's width and height.
        mirrored: left and right are swapped.
        scale: new size over old size, up to 1.
        keeps_exif: whether the metadata stay.
    """

    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    mirrored: bool = False
    scale: float = 1.0
    keeps_exif: bool = True


def edited(shot: VirtualShot, edit: Edit) -> VirtualShot:
    """Return the shot with its picture changed; its truth is still that of the whole picture."""
    rows, columns = shot.codes16.shape[:2]
    left, top, right, bottom = edit.crop
    codes = shot.codes16[round(top * rows) : round(bottom * rows), round(left * columns) : round(right * columns)]
    if edit.mirrored:
        codes = codes[:, ::-1]
    if edit.scale != 1.0:
        size = round(codes.shape[1] * edit.scale), round(codes.shape[0] * edit.scale)
        codes = np.asarray(cv2.resize(codes, size, interpolation=cv2.INTER_AREA), dtype=np.uint16)
    return replace(shot, codes16=np.ascontiguousarray(codes))
