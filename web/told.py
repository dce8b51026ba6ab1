"""What a user tells of photos whose files do not: focal length, f-number, camera and sensor."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from backfocus.targets.errors import UserError, printable
from backfocus.verify.cameras.makers import maker_of
from backfocus.verify.findings import Findings
from backfocus.verify.measurement import Measurement
from backfocus.verify.photo.bodies import Body, known_body
from backfocus.verify.photo.metadata import CameraInfo

LONGEST_CAMERA = 100
_UNIT = re.compile(r"(?i)^f\s*/?\s*(?=\d)|\s*mm$")
"""What people write with numbers: f/1.8, 85 mm."""
_RANGES = {"focal_length_mm": (1.0, 5000.0), "f_number": (0.5, 64.0), "sensor_width_mm": (2.0, 100.0)}
"""As on the command line."""
_WHAT = {
    "focal_length_mm": "The focal length is a number from 1 to 5000, in mm as it stands on the lens: 85.",
    "f_number": "The f-number is a number from 0.5 to 64: 1.8.",
    "sensor_width_mm": "The sensor's width is a number from 2 to 100, in mm: 35.9.",
}
_SEES = {
    Findings.PERSPECTIVE_CONTRADICTS.code: ("focal_length_mm", "sensor_width_mm"),
    Findings.BLUR_NOT_DEFOCUS.code: ("focal_length_mm", "f_number"),
    Findings.BLUR_OVER_APERTURE.code: ("focal_length_mm", "f_number"),
}
"""What the picture itself speaks against, by the finding that says so."""


@dataclass(frozen=True)
class Told:
    """What a user says of lens and camera; None for what was left open."""

    focal_length_mm: float | None = None
    f_number: float | None = None
    camera: str | None = None
    sensor_width_mm: float | None = None

    @property
    def info(self) -> CameraInfo:
        """The same as measuring takes it; a camera that is on record by its own name."""
        camera = " ".join((self.camera or "").split())
        body = _body(camera)
        make = body.make if body else camera.split()[0] if camera else None
        return CameraInfo(
            make=make,
            model=body.model if body else camera or None,
            focal_length_mm=self.focal_length_mm,
            f_number=self.f_number,
            sensor_width_mm=self.sensor_width_mm,
        )

    @property
    def is_strange(self) -> bool:
        """Whether a camera was named that nothing is known of."""
        info = self.info
        return bool(self.camera) and known_body(info.make, info.model) is None and maker_of(info.make, None) is None

    def over(self, other: Told) -> Told:
        """Return what both say together; where they differ, this counts."""
        mine, others = _values(self), _values(other)
        return Told(**{name: others[name] if value is None else value for name, value in mine.items()})

    def only(self, names: Collection[str]) -> Told:
        """Return what this says of some fields."""
        return Told(**{name: value for name, value in _values(self).items() if name in names})


NOTHING = Told()
FIELDS = tuple(each.name for each in fields(Told))


def read_told(form: Mapping[str, Any]) -> Told:
    """Return what a form's fields say, as people write it: "85 mm", "f/1,8"; empty fields say nothing.

    Raises:
        UserError: a value that cannot be, in words for who typed it.
    """
    camera = " ".join(printable(str(form.get("camera", ""))).split())
    if len(camera) > LONGEST_CAMERA:
        raise UserError("No camera has so long a name.", "Type maker and model: Nikon D850.")
    if camera and not any(map(str.isalnum, camera)):
        raise UserError("The camera is its maker and model: Nikon D850.")
    numbers = {name: _number(name, str(form.get(name, ""))) for name in _RANGES}
    return Told(camera=camera or None, **numbers)


def lacking(measurement: Measurement) -> tuple[str, ...]:
    """Return the fields that a photo with a chart does not tell; none where without a chart they are of no use."""
    if measurement.distance_mm is None:
        return ()
    camera = measurement.camera
    known = {"camera": camera.model or camera.make, **{name: getattr(camera, name) for name in _RANGES}}
    return tuple(name for name in FIELDS if known[name] is None)


def contradicted(measurement: Measurement) -> tuple[str, ...]:
    """Return the fields that the picture itself speaks against."""
    doubted = {name for found in measurement.findings for name in _SEES.get(found.code, ())}
    return tuple(name for name in FIELDS if name in doubted)


def _number(name: str, typed: str) -> float | None:
    text = _UNIT.sub("", typed.strip()).replace(",", ".")
    if not text:
        return None
    low, high = _RANGES[name]
    # Not what float() takes besides: "1e3", "nan", "1_000".
    number = float(text) if re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", text) else -1.0
    if not low <= number <= high:
        raise UserError(_WHAT[name])
    return number


def _body(camera: str) -> Body | None:
    return known_body(None, camera) or known_body(camera.split()[0], camera) if camera else None


def _values(told: Told) -> dict[str, Any]:
    return {name: getattr(told, name) for name in FIELDS}
