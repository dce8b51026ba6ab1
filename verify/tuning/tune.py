"""Many shots to one result: every lens by itself, its series, and what they say together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from ..answer import Answer
from ..cameras.dial import WORTH_STEPS, on_the_dial
from ..cameras.identity import Identity, identity, identity_of, owners, title
from ..findings import Finding, Findings
from ..formats import dialled
from .advice import Advice
from .one_series import most_common_cause, tune_series
from .result import Compromise, FocusShift, LensResult, Remaining, SeriesResult, TuneResult
from .series import ShotSeries, body_name, is_near, is_same_distance, series_of
from .setting import Dial, SettingEstimate
from .shots import LeftOut, Shot
from .statistics import Mean, Scale, Zero, welch_half_width
from .wording import Source, check_setup


def tune(
    shots: Sequence[Shot],
    left_out: Sequence[LeftOut] = (),
    reference: Sequence[Shot] = (),
    photos: int | None = None,
    source: Source | None = None,
) -> TuneResult:
    """Return what shots of any bodies and lenses say about their AF fine-tune settings.

    Args:
        shots: those that could be measured.
        left_out: those that could not, for the record and to name a cause in the set-up.
        reference: shots focused in live view on the unmoved chart; their mean becomes zero.
        photos: how many there were, exposures saved twice counted once.
        source: names for commands to type; without it they say FOLDER.
    """
    all_series = series_of(shots)
    lenses: dict[Identity, list[ShotSeries]] = {}
    identities = [identity_of(series.camera, body_name(series.camera) or None) for series in all_series]
    owner = owners(identities)
    for series, it in zip(all_series, identities, strict=True):
        lenses.setdefault(owner[it], []).append(series)
    zeros = series_of(reference)
    results = tuple(_lens(it, parts, zeros, bool(reference), source or Source()) for it, parts in lenses.items())
    unused = (*left_out, *(photo for lens in results for series in lens.series for photo in series.unused))
    total = len(shots) + len(left_out)
    return TuneResult(
        answer=_answer(results, most_common_cause(unused) if 2 * len(unused) > total else None),
        lenses=results,
        left_out=unused,
        photos=total if photos is None else photos,
    )


def _answer(lenses: Sequence[LensResult], cause: tuple[str, str] | None) -> Answer:
    """Return the answer of all; `cause` is why most photos could not be used."""
    if not lenses:
        return check_setup(cause)
    if len(lenses) == 1:
        return lenses[0].answer
    names = [title(identity(lens), map(identity, lenses)) or "Unknown camera" for lens in lenses]
    each = (
        "; ".join(f"{name}: {lens.answer.dial.rstrip('.')}" for name, lens in zip(names, lenses, strict=True)) + "."
    )
    return Answer(
        "several", f"{len(lenses)} bodies or lenses, an answer for each.", each, "See each of them below."
    )


def _lens(
    it: Identity, parts: list[ShotSeries], zeros: list[ShotSeries], wants_zero: bool, source: Source
) -> LensResult:
    cameras = [part.camera for part in parts]
    results = tuple(
        tune_series(part, _zero(part, zeros), wants_zero, source, is_widest=_is_widest(part, parts))
        for part in parts
    )
    between = _compromise(results)
    shift = focus_shift(_apertures(results))
    return LensResult(
        **it._asdict(),
        answer=_lens_answer([found.advice for found in results if found.advice is not None], results, between),
        series=results,
        compromise=between,
        focus_shift=shift,
        findings=_shift_findings(shift),
        body_serial=next(filter(None, (camera.body_serial for camera in cameras)), None),
        lens_serial=next(filter(None, (camera.lens_serial for camera in cameras)), None),
    )


def _lens_answer(advices: Sequence[Advice], results: Sequence[SeriesResult], between: Compromise | None) -> Answer:
    """Return the one answer of a body with a lens: that of its focal length and distance, or one for several.

    Where any of several is to be dialled, what serves all of them is, be it one value or two.
    """
    answers = [advice.answer for advice in advices if advice.answer is not None]
    to_dial = [answer for answer in answers if answer.kind in ("dial", "service")]
    if between is None or len(answers) == 1 or not to_dial:
        return next((answer for answer in answers if answer.kind != "leave"), answers[0])
    menu = results[0].dial.menu
    steps = "; ".join(
        f"{place_name(place.focal_length_mm, place.distance_mm)} wants {dialled(place.own_setting)}"
        for place in between.places
    )
    if between.keeps_both and between.wide is not None and between.tele is not None:
        line = f"Set {menu} to {dialled(between.wide)} wide and {dialled(between.tele)} tele."
        return Answer("dial", line, f"{steps}; this body keeps two values for a zoom.", to_dial[0].next)
    start = next((a.setting - a.change for a in advices if a.setting is not None and a.change is not None), 0)
    if abs(between.setting - start) <= WORTH_STEPS:
        line = f"Leave {menu} at {dialled(start)}: no one value serves all."
        return Answer("leave", line, f"{steps}.", "Dial for the focal length that you use most.", start)
    worst = max(between.places, key=lambda place: abs(place.left_mm))
    left = f"{abs(worst.left_mm):.1f} mm of {'back' if worst.left_mm > 0 else 'front'} focus"
    where = place_name(worst.focal_length_mm, worst.distance_mm)
    why = f"{steps}; one value for all leaves {left} at most, at {where}."
    return Answer("dial", f"Set {menu} to {dialled(between.setting)}.", why, to_dial[0].next, between.setting)


def place_name(focal_length_mm: float, distance_mm: float | None) -> str:
    """Return what tells a place from others, in words."""
    return f"{focal_length_mm:g} mm" + ("" if distance_mm is None else f" at {distance_mm / 1000.0:.1f} m")


def _zero(series: ShotSeries, zeros: Sequence[ShotSeries]) -> Zero:
    """Return the mean of the reference shots of the same focal length, at the aperture that is nearest."""
    fitting = [zero for zero in zeros if is_near(zero.camera.focal_length_mm, series.camera.focal_length_mm)]
    if not fitting:
        return Zero()
    nearest = min(fitting, key=lambda zero: abs(math.log(_f_number(zero) / _f_number(series))))
    offsets = [shot.offset_mm for shot in nearest.shots if shot.offset_mm is not None]
    if not offsets:
        return Zero()
    # A single reference shot is as unsure as its own measurement.
    sd = statistics.stdev(offsets) if len(offsets) > 1 else max(shot.offset_sd_mm for shot in nearest.shots)
    return Zero(statistics.mean(offsets), sd / math.sqrt(len(offsets)), len(offsets))


def _is_widest(series: ShotSeries, others: Sequence[ShotSeries]) -> bool:
    same = [
        other
        for other in others
        if is_near(other.camera.focal_length_mm, series.camera.focal_length_mm)
        and is_same_distance(other.distance_mm, series.distance_mm)
    ]
    return _f_number(series) == min(map(_f_number, same))


def _f_number(series: ShotSeries) -> float:
    return series.camera.f_number or 1.0


@dataclass(frozen=True)
class ApertureMean:
    """The mean error at one f-number."""

    f_number: float
    n: int
    mean: Mean
    scale: Scale


def _apertures(results: Sequence[SeriesResult]) -> list[ApertureMean]:
    """Return the means to compare: of the place and setting that occur at most apertures."""
    chosen: list[ApertureMean] = []
    for first in results:
        for setting in [group.setting for group in first.groups]:
            alike = [
                ApertureMean(other.camera.f_number, group.n, mean, other.scale)
                for other in results
                if other.camera.f_number is not None
                and is_near(other.camera.focal_length_mm, first.camera.focal_length_mm)
                and is_same_distance(other.distance_mm, first.distance_mm)
                for group, mean in zip(other.groups, other.means, strict=True)
                if group.setting == setting
            ]
            chosen = max(chosen, alike, key=len)
    return chosen


def focus_shift(apertures: Sequence[ApertureMean]) -> tuple[FocusShift, ...]:
    """Return the shift at each aperture, widest first; empty for a single aperture.

    The interval is Welch's, for two means whose scatter differs; what all shots have in common cancels.
    """
    ordered = sorted(apertures, key=lambda aperture: aperture.f_number)
    if len(ordered) < 2:
        return ()
    return tuple(_shift(aperture, ordered[0]) for aperture in ordered)


def _shift(aperture: ApertureMean, widest: ApertureMean) -> FocusShift:
    shift = aperture.mean.value - widest.mean.value
    scale = widest.scale
    around = None
    if aperture is not widest:
        half = welch_half_width(*((each.mean.variance / each.n, each.mean.freedom) for each in (aperture, widest)))
        if half is not None:
            around = (scale.mm(shift - half), scale.mm(shift + half))
    return FocusShift(
        aperture.f_number,
        aperture.n,
        aperture.scale.mm(aperture.mean.value),
        scale.mm(shift),
        scale.um(shift),
        around,
        around is not None and not around[0] <= 0.0 <= around[1],
    )


def _shift_findings(shift: Sequence[FocusShift]) -> tuple[Finding, ...]:
    moved = [found for found in shift if found.significant]
    if not moved:
        return ()
    most = max(moved, key=lambda found: abs(found.shift_mm))
    way = "farther from" if most.shift_mm > 0 else "closer to"
    message = (
        f"At f/{most.f_number:g} focus is {abs(most.shift_mm):.1f} mm {way} the camera than at "
        f"f/{shift[0].f_number:g}."
    )
    return (Findings.FOCUS_SHIFT.finding(message),)


@dataclass(frozen=True)
class Place:
    """What one focal length and distance wants.

    Attributes:
        estimate: the setting that is right there.
        scale: units there.
        slope: change of the focus error by one step up, there.
    """

    focal_length_mm: float
    distance_mm: float | None
    estimate: SettingEstimate
    scale: Scale
    slope: float


def _compromise(results: Sequence[SeriesResult]) -> Compromise | None:
    places = [
        Place(found.camera.focal_length_mm, found.distance_mm, found.estimate, found.scale, found.estimate.slope)
        for found in results
        if found.advice is not None
        and found.estimate is not None
        and found.estimate.slope
        and found.camera.focal_length_mm is not None
    ]
    maker = results[0].dial.maker
    keeps_both = maker is not None and maker.keeps_wide_and_tele(results[0].camera.model)
    return compromise(places, results[0].dial, keeps_both)


def compromise(places: Sequence[Place], dial: Dial, keeps_both: bool) -> Compromise | None:
    """Return what serves several focal lengths or distances of one lens; None for a single place."""
    if len(places) < 2:
        return None
    lowest, highest = dial.range
    setting = min(range(lowest, highest + 1), key=lambda value: (_worst(places, value), abs(value)))
    shortest = min(places, key=lambda place: place.focal_length_mm)
    longest = max(places, key=lambda place: place.focal_length_mm)
    is_zoom = longest.focal_length_mm > 1.03 * shortest.focal_length_mm
    wide, tele = (on_the_dial(place.estimate.crossing, dial.range) for place in (shortest, longest))
    return Compromise(
        setting,
        wide if is_zoom else None,
        tele if is_zoom else None,
        keeps_both and is_zoom,
        tuple(_remaining(place, setting) for place in places),
    )


def _worst(places: Sequence[Place], setting: int) -> float:
    """Return the largest error that a setting leaves, as a part of half the depth of focus where that is known."""
    return max(abs(_left_error(place, setting)) / (place.scale.depth or 1.0) for place in places)


def _left_error(place: Place, setting: int) -> float:
    return place.slope * (setting - place.estimate.crossing)


def _remaining(place: Place, setting: int) -> Remaining:
    left = _left_error(place, setting)
    return Remaining(
        place.focal_length_mm,
        place.distance_mm,
        place.estimate.setting,
        place.estimate.ci95,
        place.scale.mm(left),
        place.scale.um(left),
        place.scale.in_depth_of_field(left),
    )
