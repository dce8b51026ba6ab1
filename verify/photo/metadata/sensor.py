"""The sensor's width, from the best of three witnesses: the file's pixel pitch, a database, the crop factor."""

from __future__ import annotations

import math
from functools import cache

_FULL_FRAME_DIAGONAL_MM = math.hypot(36.0, 24.0)
# From small phone sensors to medium format.
_MIN_WIDTH_MM, _MAX_WIDTH_MM = 3.0, 60.0
# Equivalent focal lengths are whole millimetres, so that the crop factor is good to some per cent; a body that
# crops (DX on FX) differs by 25 % and more.
_AGREES = 0.12
# An equivalent focal length that is the focal length itself settles it; loading the database takes 0.1 s.
_IS_FULL_FRAME = 0.01


def sensor_width_mm(
    image_size: tuple[int, int],
    make: str | None,
    model: str | None,
    *,
    focal_plane_width_mm: float | None = None,
    crop_factor: float | None = None,
) -> float | None:
    """Return the length of the sensor's long side in mm, as far as it made the picture; None if unknown.

    Args:
        image_size: of the picture in pixels, either way round; gives the aspect ratio.
        make, model: as in EXIF; matched exactly against lensfun's database, which is asked only when needed.
        focal_plane_width_mm: from the pixel pitch that the file states.
        crop_factor: full-frame diagonal over sensor diagonal, from the equivalent focal length of the file.
    """
    by_crop = None if crop_factor is None else _believable(_long_side_mm(crop_factor, image_size))
    for_full_picture = _believable(focal_plane_width_mm)
    if for_full_picture is None and crop_factor is not None and abs(crop_factor - 1.0) < _IS_FULL_FRAME:
        return by_crop
    if for_full_picture is None and model is not None:
        known = _known_crop_factor(make or "", model)
        for_full_picture = None if known is None else _long_side_mm(known, image_size)
    if for_full_picture is None:
        return by_crop
    # The crop factor knows when the body used only a part of its sensor.
    if by_crop is not None and abs(by_crop / for_full_picture - 1.0) > _AGREES:
        return by_crop
    return for_full_picture


def _believable(width_mm: float | None) -> float | None:
    return width_mm if width_mm is not None and _MIN_WIDTH_MM <= width_mm <= _MAX_WIDTH_MM else None


def _long_side_mm(crop_factor: float, image_size: tuple[int, int]) -> float:
    # Sensors are 4 : 3 or 3 : 2; a wider picture (16 : 9) has been trimmed above and below.
    aspect = min(max(max(image_size) / max(min(image_size), 1), 4 / 3), 3 / 2)
    return _FULL_FRAME_DIAGONAL_MM / crop_factor * aspect / math.hypot(aspect, 1.0)


@cache
def _known_crop_factor(make: str, model: str) -> float | None:
    import lensfunpy

    wanted = model.lower().split()
    for camera in lensfunpy.Database().find_cameras(make, model, loose_search=True):
        # A loose search also offers other cameras; only the same name, with or without the maker's, will do.
        name = camera.model.lower().split()
        if wanted in (name, name[1:]) or wanted[1:] == name:
            return float(camera.crop_factor)
    return None
