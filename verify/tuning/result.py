"""The result of a series, as it is handed to text, JSON and records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..answer import Answer
from ..findings import Finding
from ..photo.metadata import CameraInfo
from .advice import Advice
from .setting import Dial, SettingEstimate
from .shots import LeftOut, Shot
from .statistics import GroupStatistics, Interval, Mean, Scale, Zero


@dataclass(frozen=True)
class TuneResult:
    """All that a folder of photos says.

    Attributes:
        answer: that of the only lens, or what the answers of several are, or to check the set-up.
        photos: how many there were, an exposure saved twice counted once.
    """

    answer: Answer
    lenses: tuple[LensResult, ...]
    left_out: tuple[LeftOut, ...]
    photos: int


@dataclass(frozen=True)
class LensResult:
    """One body with one lens.

    Attributes:
        body_mark, lens_mark: what tells two of a name apart without naming them; None where no number is known.
        answer: in three lines.
        compromise: for several focal lengths or distances, else None.
        focus_shift: for several apertures, else empty.
    """

    body: str | None
    body_mark: str | None
    lens: str | None
    lens_mark: str | None
    answer: Answer
    series: tuple[SeriesResult, ...]
    compromise: Compromise | None
    focus_shift: tuple[FocusShift, ...]
    findings: tuple[Finding, ...]
    body_serial: str | None = None
    lens_serial: str | None = None


@dataclass(frozen=True)
class SeriesResult:
    """One focal length, aperture and distance.

    Attributes:
        shots: those that it rests on, in the order in which they came; also those that stood apart.
        groups: by setting; empty in a sweep of which only the blur is known. `means` are theirs, in `scale`.
        sweep: blur by setting, where that and not the offsets told the setting; else empty.
        unused: photos whose offset could not be told and whose blur was of no use.
        estimate: the setting at which the error is zero; None if that cannot be told.
        advice: None for an aperture that is not the widest of the series: autofocus works wide open.
        halves: the settings that each half of the shots tells by itself; None where they are too few.
    """

    camera: CameraInfo
    distance_mm: float | None
    scale: Scale
    dial: Dial
    zero: Zero
    shots: tuple[Shot, ...]
    groups: tuple[GroupStatistics, ...]
    means: tuple[Mean, ...]
    sweep: tuple[SweepPoint, ...]
    unused: tuple[LeftOut, ...]
    estimate: SettingEstimate | None
    advice: Advice | None
    findings: tuple[Finding, ...]
    halves: tuple[int, int] | None = None


@dataclass(frozen=True)
class SweepPoint:
    """Median blur at the AF mark at one setting, as a part of the picture's long side."""

    setting: float
    n: int
    blur_at_mark: float


@dataclass(frozen=True)
class FocusShift:
    """How far focus moves from the widest aperture to another; positive is farther from the camera.

    Attributes:
        shift_ci95_mm: None where single shots leave the scatter unknown.
        significant: whether the interval is all on one side of zero.
    """

    f_number: float
    n: int
    mean_mm: float
    shift_mm: float
    shift_um: float | None
    shift_ci95_mm: tuple[float, float] | None
    significant: bool


@dataclass(frozen=True)
class Compromise:
    """One setting for all focal lengths and distances, and the two that a body with a wide and a tele value takes.

    Attributes:
        setting: leaves the least part of the depth of field where it leaves most.
        wide, tele: best settings at the shortest and the longest focal length; None if there is only one.
        keeps_both: whether this body is on record as keeping a wide and a tele value.
    """

    setting: int
    wide: int | None
    tele: int | None
    keeps_both: bool
    places: tuple[Remaining, ...]


@dataclass(frozen=True)
class Remaining:
    """The error that is left at one focal length and distance; positive is back focus.

    Attributes:
        own_setting: what would be right there.
        left_mm, left_um, left_in_dof: what one value for all leaves there.
    """

    focal_length_mm: float
    distance_mm: float | None
    own_setting: int
    own_ci95: tuple[float, float]
    left_mm: float
    left_um: float | None
    left_in_dof: float | None


@dataclass(frozen=True)
class Comparison:
    """The mean error of a lens before and after.

    Attributes:
        before_mm, after_mm: mean errors; positive is back focus.
        moved_mm, moved_ci95_mm: how far focus moved, positive is away from the camera; the interval is None where
            single shots leave the scatter unknown.
        significant: the move is more than chance.
        smaller_by_mm: how much smaller the error is now; negative if it grew.
        smaller_ci95_mm: its interval, where the error kept its sign or crossed zero by chance only; else None.
        verdict: "no difference" where chance explains what there is.
    """

    body: str | None
    lens: str | None
    focal_length_mm: float | None
    f_number: float | None
    setting_before: float | None
    setting_after: float | None
    before_mm: float
    after_mm: float
    moved_mm: float
    moved_ci95_mm: Interval | None
    significant: bool
    smaller_by_mm: float
    smaller_ci95_mm: Interval | None
    verdict: Literal["better", "worse", "no difference"]
    body_mark: str | None = None
    lens_mark: str | None = None
