"""The numbers of a series: focus errors with settings and approaches, and what they are counted in.

Focus errors are counted at the sensor, in µm, since a step of the setting moves focus there by the same amount at
any distance. Where focal length or distance are unknown they are counted in mm at the sheet instead.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from backfocus.verify.focus.optics import defocus_um, offset_of_defocus_mm
from backfocus.verify.series.shots.shot import Shot

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """What a focus error is counted in; without focal length or distance in mm, else in µm at the sensor."""

    focal_length_mm: float | None
    distance_mm: float | None
    depth_of_field_mm: tuple[float, float] | None

    @property
    def at_sensor(self) -> bool:
        """Whether errors are counted in µm at the sensor."""
        return self.focal_length_mm is not None and self.distance_mm is not None

    def error(self, offset_mm: float) -> float:
        """Return the focus error of an offset."""
        if self.focal_length_mm is None or self.distance_mm is None:
            return offset_mm
        return defocus_um(self.focal_length_mm, self.distance_mm, offset_mm)

    def mm(self, error: float) -> float:
        """Return the offset of a focus error, the inverse of `error`."""
        if self.focal_length_mm is None or self.distance_mm is None:
            return error
        return offset_of_defocus_mm(self.focal_length_mm, self.distance_mm, error)

    def um(self, error: float) -> float | None:
        """Return a focus error at the sensor; None where it is unknown."""
        return error if self.at_sensor else None

    def slope_mm(self, error: float) -> float:
        """Return how many mm one unit more is, near a focus error."""
        return self.mm(error + 0.5) - self.mm(error - 0.5) if self.at_sensor else 1.0

    def in_depth_of_field(self, error: float) -> float | None:
        """Return the offset over the whole depth of field, as for a single photo."""
        if self.depth_of_field_mm is None or not math.isfinite(sum(self.depth_of_field_mm)):
            return None
        return self.mm(error) / sum(self.depth_of_field_mm)

    @property
    def depth(self) -> float | None:
        """The focus error at the near end of the depth of field: half of the depth of focus."""
        if self.depth_of_field_mm is None:
            return None
        return abs(self.error(-self.depth_of_field_mm[0]))


@dataclass(frozen=True)
class Sample:
    """The shots of a series as numbers; arrays are (n,).

    Attributes:
        error: focus errors, positive for back focus, from the zero of the reference shots.
        setting: AF fine-tune settings.
        approach: +0.5 from near, -0.5 from far, 0 unknown.
        sd: standard uncertainty of one measurement, without the scatter of autofocus.
        shared_sd: uncertainty that all shots have in common.
    """

    names: tuple[str, ...]
    error: Array
    setting: Array
    approach: Array
    sd: float
    shared_sd: float

    def take(self, which: npt.NDArray[np.bool_]) -> Sample:
        """Return the chosen shots."""
        return replace(
            self,
            names=tuple(name for name, chosen in zip(self.names, which, strict=True) if chosen),
            error=self.error[which],
            setting=self.setting[which],
            approach=self.approach[which],
        )

    @property
    def settings(self) -> list[float]:
        """The settings that occur, in order."""
        return sorted(set(self.setting.tolist()))

    @property
    def has_approaches(self) -> bool:
        """Whether shots from near and from far can be compared: two of each at least, and both at one setting."""
        near, far = self.approach > 0, self.approach < 0
        return bool(near.sum() >= 2 and far.sum() >= 2 and set(self.setting[near]) & set(self.setting[far]))

    def columns_by_setting(self) -> Array:
        """Return the design of "a mean for each setting, and a difference between approaches"."""
        columns = [(self.setting == setting).astype(float) for setting in self.settings]
        return np.stack([*columns, *self._approach_column()], axis=1)

    def columns_of_line(self) -> Array:
        """Return the design of "a straight line over the setting, and a difference between approaches"."""
        return np.stack([np.ones(len(self.error)), self.setting, *self._approach_column()], axis=1)

    def _approach_column(self) -> list[Array]:
        return [self.approach] if self.has_approaches else []


@dataclass(frozen=True)
class Zero:
    """The focus error that counts as none, from reference shots, with its standard error; in mm at the sheet."""

    offset_mm: float = 0.0
    sd_mm: float = 0.0
    n: int = 0


def scale_of(shots: Sequence[Shot]) -> Scale:
    """Return the scale that shots of one focal length, aperture and distance have in common."""
    distances = [shot.distance_mm for shot in shots if shot.distance_mm is not None]
    fields = [shot.depth_of_field_mm for shot in shots if shot.depth_of_field_mm is not None]
    focal_length = shots[0].camera.focal_length_mm
    known = focal_length is not None and all(
        shot.defocus_um is not None for shot in shots if shot.offset_mm is not None
    )
    return Scale(
        focal_length if known else None,
        statistics.median(distances) if distances and known else None,
        fields[len(fields) // 2] if fields else None,
    )


def sample_of(shots: Sequence[Shot], scale: Scale, zero: Zero, missing_setting: float = 0.0) -> Sample:
    """Return the numbers of the shots whose offset is known; an unknown setting counts as `missing_setting`."""
    known = [shot for shot in shots if shot.offset_mm is not None]
    no_error = scale.error(zero.offset_mm)
    unit_per_mm = 1.0 / scale.slope_mm(0.0)
    return Sample(
        names=tuple(shot.photo for shot in known),
        error=np.array([_error(shot, scale) - no_error for shot in known]),
        setting=np.array([missing_setting if shot.setting is None else shot.setting for shot in known]),
        approach=np.array([{"near": 0.5, "far": -0.5, None: 0.0}[shot.approach] for shot in known]),
        sd=unit_per_mm * statistics.median([shot.offset_sd_mm for shot in known] or [0.0]),
        shared_sd=unit_per_mm * _shared_sd_mm(known, zero),
    )


def _error(shot: Shot, scale: Scale) -> float:
    assert shot.offset_mm is not None
    # Each shot by its own distance, as the camera may have been moved a little between them.
    at_sensor = shot.defocus_um if scale.at_sensor else None
    return shot.offset_mm if at_sensor is None else at_sensor


def _shared_sd_mm(shots: Sequence[Shot], zero: Zero) -> float:
    if zero.n:
        # What shots and reference have in common, the sheet and its pose, cancels.
        return zero.sd_mm
    return statistics.median([shot.shared_sd_mm for shot in shots] or [0.0])
