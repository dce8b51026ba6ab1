"""The camera's setting as its maker describes it, in the units of a series."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.series.statistics.sample import Scale
from backfocus.verify.tuning.makers import BodyWithout, Maker, Step, maker_of

USUAL_RANGE = (-20, 20)
"""Of every maker but Pentax, as far as known; taken where the camera is not."""
STEP_DOUBT = 0.15
"""Standard deviation of a body's step about the maker's, as a part of it, besides what the table leaves open."""


@dataclass(frozen=True)
class Dial:
    """What is known about a body's AF fine-tune before a series is looked at.

    Attributes:
        menu: what the setting is called.
        range: lowest and highest setting.
        has_known_range: whether `range` is the maker's.
        sign: +1 if plus moves focus away from the camera, -1 towards it, None if unknown.
        step: least, likely and greatest size of a step, in units of the series; None if unknown.
        basis: where the step comes from.
        without: why the body has no such setting, or None.
    """

    menu: str
    range: tuple[int, int]
    has_known_range: bool
    sign: int | None
    step: tuple[float, float, float] | None
    basis: str | None
    without: BodyWithout | None
    maker: Maker | None

    @property
    def expected_slope(self) -> tuple[float, float] | None:
        """The change of the focus error by one step up, and its standard uncertainty; None if unknown."""
        if self.sign is None or self.step is None:
            return None
        low, _, high = self.step
        middle = (low + high) / 2.0
        return self.sign * middle, math.hypot((high - low) / 2.0, STEP_DOUBT * middle)


def dial_of(camera: CameraInfo, scale: Scale, *, is_dialled: bool = False) -> Dial:
    """Return what is known about the setting of the body that took a series.

    Args:
        is_dialled: the series has several settings, so that there is one, in the body or in a dock for the lens.
    """
    maker = maker_of(camera.make, camera.model)
    if maker is None:
        return Dial("the AF fine-tune", USUAL_RANGE, False, None, None, None, None, None)
    without = None if is_dialled else maker.without(camera.model)
    step = _step(maker, camera) if scale.at_sensor and without is None else None
    return Dial(
        menu=maker.menu or "the AF fine-tune",
        range=maker.range or USUAL_RANGE,
        has_known_range=maker.range is not None,
        sign=maker.sign,
        step=None if step is None else _sizes(step, camera),
        basis=None if step is None else step.basis,
        without=without,
        maker=maker,
    )


def _step(maker: Maker, camera: CameraInfo) -> Step | None:
    step = maker.step_for(camera.sensor_width_mm)
    if step is not None and step.per_f_number and camera.widest_f_number is None and camera.f_number is None:
        return None
    return step


def _sizes(step: Step, camera: CameraInfo) -> tuple[float, float, float]:
    widest = camera.widest_f_number or camera.f_number
    times = widest if step.per_f_number and widest is not None else 1.0
    return step.um_low * times, step.um * times, step.um_high * times
