"""The result of measuring one photo, as it is handed to text, JSON and picture."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from backfocus.targets.errors import UnreadablePhotoError, printable
from backfocus.targets.protocol import SHOOT_BOTH, SWEEP

from .answer import FOLDER, Answer, as_guess, error_words, sharper, worth
from .cameras.dial import Suggestion
from .findings import Finding, Findings
from .formats import as_json, fix_maps
from .lens import Verdict
from .photo.metadata import CameraInfo
from .sharpness import Sharpness
from .storage import content_hash

MEASUREMENT_SCHEMA = "backfocus/measurement/1"
Interval = tuple[float, float]
Colour = Literal["red", "green", "blue"]
Status = Literal["measured", "out-of-range", "sharpness", "refused", "unreadable"]


@dataclass(frozen=True)
class ChartRead:
    """Which chart the photo shows; `read_from` is "qr", or "markers" when the QR could not be read.

    `angle_deg` and `id` are None when only the markers were read.
    """

    design: str
    paper: str
    scale: float
    angle_deg: float | None
    id: str | None
    read_from: Literal["qr", "markers", "user"]


@dataclass(frozen=True)
class ColourOffset:
    """The offset that one colour has, with its 95 % interval; None where it cannot be measured."""

    offset_mm: float | None
    offset_ci95_mm: Interval | None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What one photo says about focus; see DESIGN for the words. Unknown is None.

    Attributes:
        status: "measured", "out-of-range" (then only `offset_bound_mm` is given), "sharpness" (of an upright chart:
            only blur is given), "refused", or "unreadable" for a file that is no photo, where `measure` raises.
        offset_mm: plane of sharpest focus minus AF mark along the optical axis; positive is back focus.
        offset_ci95_mm: interval that holds the true offset in 95 of 100 photos.
        offset_bound_mm: (at least, at most) for a focus outside of the sheet; one of them is None.
        interval_budget_mm: half widths of the parts of the interval, by name, at 95 %.
        in_focus_mm: by how much focus may miss the AF mark in front and behind for it to be in focus, both
            positive, see `in_focus_range_mm`; may be infinite (null in JSON).
        tilt_deg: of the sheet, or of the panel with the AF mark.
        fold_deg: how far each wing of a folded sheet is turned, by name; positive = towards the camera.
        defocus_um: image-side focus error at the sensor; positive is back focus.
        depth_of_field_mm: in front of and behind the AF mark, both positive; behind may be infinite (null in JSON).
        offset_in_dof: offset over the whole depth of field.
        blur_at_mark_px: fitted blur at depth zero, standard deviation in pixels of the photo; of a refused photo,
            as far as its edges tell it, to be compared with that of others only.
        blur_at_focus_px: the same in the sharpest plane, if that is on the sheet.
        sharpness_lost: part of the sharpest plane's MTF50 that the AF mark lacks, 0 to 1.
        sharpness: of an upright chart, which has no depth to measure an offset by (status "sharpness").
        channels_mm: the offset in red, green and blue light, where asked for.
        sharpest_by: what the plane of sharpest focus was found by: the width of edges, where the photo speaks for a
            lens without errors, else their contrast at 30 lp/mm.
        coarse_offset_mm: by contrast: the offset for coarse detail, 11.7 lp/mm, which differs where a lens has no
            single plane.
        astigmatism_mm: plane of edges along the depth direction less that of edges across it, at the AF mark.
        astigmatism_ci95_mm: its 95 % interval.
        field_curvature_mm: how much farther focus is 20 mm beside the optical axis, at the mark's distance, than on
            it, for edges that spread along the way to the axis and for those that spread across it.
        mtf50_cycles_px: frequency at which half of the contrast is left in the sharpest plane, in cycles a pixel.
        mtf50_lp_mm: the same on the sensor.
        picture_px: width and height of the photo, held upright.
        blake2b: hash of the file's content, by which it is known again.
        answer: the three lines for a person; None until all else is known.
    """

    photo: str
    status: Status
    trustworthy: bool
    chart: ChartRead | None = None
    offset_mm: float | None = None
    offset_ci95_mm: Interval | None = None
    offset_bound_mm: tuple[float | None, float | None] | None = None
    interval_budget_mm: Mapping[str, float] | None = None
    verdict: Verdict | None = None
    in_focus_mm: Interval | None = None
    tilt_deg: float | None = None
    fold_deg: Mapping[str, float] | None = None
    distance_mm: float | None = None
    defocus_um: float | None = None
    depth_of_field_mm: Interval | None = None
    offset_in_dof: float | None = None
    blur_at_mark_px: float | None = None
    blur_at_focus_px: float | None = None
    sharpness_lost: float | None = None
    sharpness: Sharpness | None = None
    channels_mm: Mapping[Colour, ColourOffset] | None = None
    sharpest_by: Literal["width", "contrast"] | None = None
    coarse_offset_mm: float | None = None
    astigmatism_mm: float | None = None
    astigmatism_ci95_mm: Interval | None = None
    field_curvature_mm: Interval | None = None
    mtf50_cycles_px: float | None = None
    mtf50_lp_mm: float | None = None
    picture_px: tuple[int, int] | None = None
    blake2b: str | None = None
    camera: CameraInfo
    suggestion: Suggestion | None = None
    answer: Answer | None = None
    findings: tuple[Finding, ...]

    def __post_init__(self) -> None:
        """Make it all fixed, so that it can be hashed."""
        fix_maps(self, "interval_budget_mm", "fold_deg", "channels_mm")

    def to_dict(self, *, with_serials: bool = False) -> dict[str, Any]:
        """Return the measurement as it stands in the JSON: every field, unknown ones null.

        Args:
            with_serials: also the serial numbers of body and lens, which are null otherwise.
        """
        return {"schema": MEASUREMENT_SCHEMA, **as_json(self, with_private=with_serials)}


def photo_answer(m: Measurement, folder: str = FOLDER) -> Answer:
    """Return the answer that one photo gives.

    Args:
        m: the measurement, but for its answer.
        folder: that of the photo, as it is to be typed.
    """
    series = f"One shot cannot tell a steady error from chance: take {SHOOT_BOTH} into one folder, then"
    series += f": backfocus tune {folder}"
    if m.sharpness is not None:
        why = f"An upright chart tells no side: blur at the AF mark is {m.sharpness.at_mark_px:.2f} px."
        sweep = f"Take {SWEEP} into one folder, then: backfocus tune {folder}"
        return Answer("more-shots", "Nothing to dial from one photo.", why, sweep)
    if m.suggestion is None:
        return _without_number(m)
    found, offset_mm, ends = m.suggestion, m.offset_mm, m.offset_ci95_mm
    assert offset_mm is not None and ends is not None
    why = f"{error_words(offset_mm, (ends[1] - ends[0]) / 2.0)}: {worth(m.sharpness_lost or 0.0)}."
    if found.kind == "dial":
        why = f"{why[:-1]}; dialling it makes that {sharper(m.sharpness_lost or 0.0, 0.0)} sharper."
        return Answer("more-shots", as_guess(found.headline, 1), why, series, found.setting)
    if found.helps is not None:
        return Answer(found.kind, found.headline, why, found.helps)
    return Answer(found.kind, found.headline, why, series, found.setting)


def answered(m: Measurement, path: str | Path, picture_px: tuple[int, int]) -> Measurement:
    """Return a measurement with what only its file tells, and its answer."""
    answer = photo_answer(m, folder_of(path))
    return replace(m, picture_px=picture_px, blake2b=content_hash(Path(path)), answer=answer)


def folder_of(path: str | Path) -> str:
    """Return the folder of a file, as it is typed in a shell."""
    return shlex.quote(printable(Path(path).parent))


def unreadable(path: str | Path, error: UnreadablePhotoError) -> Measurement:
    """Return what `measure --json` says of a file that is no photo: why, and what to do, as its only finding."""
    name = printable(Path(path).name or Path(path))
    reason = error.message.removeprefix(f"{name}: ")
    found = Findings.UNREADABLE.finding(f"{reason[:1].upper()}{reason[1:]}")
    found = replace(found, remedy=error.remedy or found.remedy)
    it = Measurement(
        photo=name,
        status="unreadable",
        trustworthy=False,
        blake2b=content_hash(Path(path)),
        camera=CameraInfo(),
        findings=(found,),
    )
    return replace(it, answer=photo_answer(it))


def _without_number(m: Measurement) -> Answer:
    """Return the answer of a photo that tells no offset that could be trusted: its worst finding."""
    critical = [found for found in m.findings if found.severity == "critical"]
    if not critical:
        return Answer("check-setup", "Nothing to dial from this photo.", "Not measured.", "Take the photo again.")
    worst = critical[-1]
    return Answer("check-setup", "Nothing to dial from this photo.", worst.message, worst.remedy)
