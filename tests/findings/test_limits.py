"""Every finding with a limit is raised just past it and not just inside it, on values made by formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import formula_photo as formula
import numpy as np
import pytest

from backfocus.targets import build_chart
from backfocus.verify import checks
from backfocus.verify.detect import by_hand, find_chart, why_not_found
from backfocus.verify.detect.markers import ReducedPhoto
from backfocus.verify.edges.scale import Scale
from backfocus.verify.findings import KINDS, Finding, FindingKind, Findings, Refusal
from backfocus.verify.fit import pose as pose_fit
from backfocus.verify.fit.focus import lens_blur_px
from backfocus.verify.fit.interval import OffsetInterval
from backfocus.verify.geometry import sheet_from_page
from backfocus.verify.photo.metadata import _size_findings
from backfocus.verify.prints import page_map
from backfocus.verify.prints.calibration import PrintCalibration
from backfocus.verify.prints.check import print_findings
from backfocus.verify.prints.page_map import EdgeQuality
from backfocus.verify.sharpness import measure_sharpness
from backfocus.verify.tuning import one_series, setting, statistics
from backfocus.verify.tuning.advice import is_inconsistent
from backfocus.verify.tuning.humps import two_humps
from backfocus.verify.tuning.statistics import Sample

FLAT, CARD = build_chart(), build_chart("zfold")
GREY = np.full(256, 0.5, dtype=np.float32)

Raised = Iterable[Finding]
Raise = Callable[[float], Raised]


@dataclass(frozen=True)
class Case:
    """How a finding comes of a value; `step` is how far from the limit it is tried, a thousandth if not given."""

    kind: FindingKind
    raised: Raise
    limit: int = 0
    step: float = 0.0

    def values(self) -> tuple[float, float]:
        """Return a value just inside the limit and one just past it."""
        limit = self.kind.limits[self.limit]
        step = (self.step or 1e-3 * limit.value) * (1.0 if limit.fires == "above" else -1.0)
        return limit.value - step, limit.value + step


def of_photo(**changes: Any) -> Raised:
    """What is observed in a photo of a flat sheet, of which any step may be given."""
    return checks.observe(
        changes.get("photo", formula.photo()),
        changes.get("sighting", formula.sighting()),
        changes.get("pose", formula.pose()),
        changes.get("samples", formula.samples()),
        changes.get("curve", formula.curve()),
        by_contrast=changes.get("by_contrast", False),
    )


def refusal_of(step: Callable[[], object]) -> Raised:
    """The finding with which a step refuses the photo; none if it does not."""
    try:
        step()
    except Refusal as refusal:
        return (refusal.finding,)
    return ()


def at_distance(focal_lengths: float) -> Raised:
    return of_photo(pose=formula.pose(translation_mm=np.array([0.0, 0.0, focal_lengths * formula.FOCAL_LENGTH_MM])))


def clipped(part: float) -> Raised:
    bright = np.full(1000, 0.8)
    bright[: round(1000 * part)] = 1.0
    return of_photo(samples=formula.samples(1000, bright=bright))


def bent(height_mm: float) -> Raised:
    outline = sheet_from_page(FLAT, FLAT.panels[0].outline_page_mm)
    return of_photo(pose=formula.pose(bending_per_mm=np.array([0.0, 0.0, height_mm / (outline[:, 1] ** 2).max()])))


def wing_seen(part: float) -> Raised:
    seen, other = formula.pose(0.0, CARD).folds
    sheet = np.zeros((1000, 3))
    sheet[:500, :2] = other.at_mm + 10.0 * other.outwards
    sheet[500 : 500 + round(1000 * part), :2] = seen.at_mm + 10.0 * seen.outwards
    return checks.of_the_sheet(
        formula.sighting(CARD), formula.pose(0.0, CARD), replace(formula.samples(), sheet_mm=sheet)
    )


def folded_by(degrees: float) -> Raised:
    card = formula.pose(0.0, CARD)
    forward, back = card.folds
    folds = (replace(forward, angle_rad=math.radians(degrees)), back)
    return checks.of_the_sheet(formula.sighting(CARD), replace(card, folds=folds), formula.samples())


def seen_over_told(times: float) -> Raised:
    told_px = formula.photo().exif_focal_px
    assert told_px is not None
    return of_photo(pose=formula.pose(focal_px=times * told_px))


def turned(deg: float) -> Raised:
    half_diagonal_mm = math.hypot(*formula.IMAGE_SIZE) / 2 * formula.MARK_MM / formula.FOCAL_PX
    return of_photo(curve=formula.curve(turned_mm=math.tan(math.radians(deg)) * half_diagonal_mm))


def short_side(bends: float) -> Raised:
    return of_photo(curve=formula.curve(100.0 - bends * formula.FLOOR_PX / formula.SLOPE_PX_PER_MM))


def rising_over_optics(times: float) -> Raised:
    """An ideal lens of another aperture than is told; what real ones lose at f/1.4 is no contradiction."""
    told = formula.SLOPE_PX_PER_MM
    part = times if times > 1.0 else times * checks.USUAL_RISE_WIDE
    return of_photo(curve=formula.curve(slope_px_per_mm=part * told, floor_px=0.01))


def flickering(depth: float) -> Raised:
    """Light that goes up and down seven times over the sheet, along the rows of the picture."""
    steady = formula.samples()
    along = steady.found_px[:, 1] / np.ptp(steady.found_px[:, 1])
    return of_photo(
        samples=formula.samples(bright=0.6 * np.exp(-np.log1p(-depth) / 2 * np.sin(2 * np.pi * 7.0 * along)))
    )


def over_aperture_near_the_end(times: float) -> Raised:
    """The same, focused so near to the far end that blur hardly rises again there."""
    slope = times * formula.SLOPE_PX_PER_MM
    return of_photo(curve=formula.curve(100.0 - 0.5 * formula.FLOOR_PX / slope, slope_px_per_mm=slope))


def over_aperture_by_contrast(times: float) -> Raised:
    """The same, in the middle of the sheet, where edges speak against an ideal lens."""
    curve = formula.curve(slope_px_per_mm=times * formula.SLOPE_PX_PER_MM, floor_px=0.01)
    return of_photo(curve=curve, by_contrast=True)


def with_ridge(**values: float) -> Raised:
    """What is said of the plane found by contrast, of which some values are given."""
    return checks.of_the_planes(replace(formula.plane(8.0), basis="contrast", ridge=formula.ridge(8.0, **values)))


def on_one_side(part: float) -> Raised:
    """Pieces at two depths, of which that in front of the mark has a part of the whole."""
    lean = math.sin(math.radians(45.0))
    sheet = np.zeros((1000, 3))
    sheet[:, 1] = np.where(np.arange(1000) % 2 == 0, -part * 100.0, (1.0 - part) * 100.0) / lean
    found = replace(formula.samples(1000), sheet_mm=sheet)
    return refusal_of(lambda: checks.refuse_one_sided(found, formula.pose()))


def doubtful(tilt_deg: float = 45.0, half_width_mm: float = 1.0, **curve: Any) -> Raised:
    interval = OffsetInterval(half_width_mm, 0.0, 0.0, 0.0)
    return refusal_of(lambda: checks.refuse_doubtful(formula.pose(tilt_deg), formula.curve(**curve), interval))


def rising(times: float) -> Raised:
    # The nearer end has the larger defocus: (1/Z - 1/Zf) Zf² for Z 100 mm before Zf.
    defocus_mm = (1.0 / (formula.MARK_MM - 100.0) - 1.0 / formula.MARK_MM) * formula.MARK_MM**2
    return doubtful(slope_px_per_mm=formula.FLOOR_PX * math.sqrt(times**2 - 1.0) / defocus_mm)


def pieces_off(residual_px: float = 0.05, kept: float = 1.0) -> Raised:
    """Pieces that lie by turns on this and that side of where the sheet has them, some of them far away."""
    count = 500
    samples = formula.samples(count)
    side = np.where(np.arange(count) % 4 < 2, 1.0, -1.0)
    off = np.where(np.arange(count) >= round(kept * count), 50.0, residual_px) * side
    found = replace(
        samples,
        found_px=samples.found_px + off[:, None] * samples.across,
        found_sd_px=np.full(count, residual_px),
    )
    return refusal_of(lambda: pose_fit.refine_pose(formula.pose(), formula.sighting(), found, formula.FOCAL_PX))


def pieces_off_by_errors(median: float) -> Raised:
    """Pieces that all lie so many of their standard errors off, by turns on this and that side."""
    samples = formula.samples(500)
    sd = np.sqrt(samples.found_sd_px**2 + pose_fit.EDGE_FLOOR_PX**2 + (pose_fit.BLUR_SHARE * samples.blur_px) ** 2)
    off = np.where(np.arange(500) % 4 < 2, 1.0, -1.0) * median * sd
    found = replace(samples, found_px=samples.found_px + off[:, None] * samples.across)
    return refusal_of(lambda: pose_fit.refine_pose(formula.pose(), formula.sighting(), found, formula.FOCAL_PX))


def leaning_either_way(cost: float) -> Raised:
    """A sheet that fits leaning back, and by `cost` worse leaning forward."""
    ways = iter([pose_fit.PoseFit(formula.pose(45.0), np.zeros(0), 0.0)])
    other = pose_fit.PoseFit(formula.pose(-45.0), np.zeros(0), cost)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pose_fit, "_first_poses", lambda *_: iter([formula.pose(45.0), formula.pose(-45.0)]))
        patch.setattr(pose_fit, "fit_pose", lambda *_: next(ways, other))
        return refusal_of(lambda: pose_fit.solve_pose(formula.sighting(), formula.IMAGE_SIZE, formula.FOCAL_PX))


def dark(light: float) -> Raised:
    small = ReducedPhoto(np.zeros((8, 8), np.uint8), np.full(256, light, dtype=np.float32), 1)
    return refusals(why_not_found.bad_light(small))


def blown_out(part: float) -> Raised:
    codes = (np.arange(1000) < round(1000 * part)).astype(np.uint8).reshape(20, 50)
    light = np.where(np.arange(256) == 1, 1.0, 0.5).astype(np.float32)
    return refusals(why_not_found.bad_light(ReducedPhoto(codes, light, 1)))


def blurred(part: float) -> Raised:
    small = ReducedPhoto(np.zeros((100, 150), np.uint8), GREY, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(why_not_found, "least_blur_px", lambda _: 150 * part)
        return refusals(why_not_found._blurred(small))


def refusals(refusal: Refusal | None) -> Raised:
    return () if refusal is None else (refusal.finding,)


def markers_seen(part: float) -> Raised:
    count = len(FLAT.markers)
    placed = SimpleNamespace(
        page_map=SimpleNamespace(pixels=lambda page: page),
        page_mm=np.zeros((count, 4, 2)),
        known=np.ones(count, dtype=bool),
        refined=np.zeros(count, dtype=bool),
    )
    likeness = (np.arange(count) < round(part * count)).astype(float)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(find_chart, "likeness", lambda *_: likeness)
        return find_chart.completeness_findings(
            ReducedPhoto(np.zeros((8, 8), np.uint8), GREY, 1), SimpleNamespace(chart=FLAT), placed, ()
        )


def between_corners(correlation: float = 0.9, likeness: float = 0.9) -> Raised:
    guess = SimpleNamespace(
        sheet=SimpleNamespace(chart=FLAT), correlation=correlation, likeness=likeness, is_upright=True
    )
    corners = np.array([[0.0, 0.0], [210.0, 0.0], [210.0, 297.0], [0.0, 297.0]])
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_guess", guess), ("read_qr", None), ("reduced", None)):
            patch.setattr(by_hand, name, lambda *_, value=value: value)
        return refusal_of(lambda: by_hand.sheet_between(formula.photo(), corners, None, ()))


def printed(
    scale_x: float = 1.0, scale_y: float = 1.0, skew_rad: float = 0.0, blur_mm: float = 0.01
) -> Iterable[Finding]:
    found = PrintCalibration("K7Q2XZ9", scale_x, scale_y, skew_rad, 0.0, 0.0, 0.0, "scan", "2026-01-01")
    return print_findings(FLAT, found, EdgeQuality(blur_mm, 0.001))


def uneven(part: float) -> Raised:
    """One corner of a scan lies off where an even scan has it, by a part of the markers' extent."""
    page = np.array([[0.0, 0.0], [30.0, 0.0], [30.0, 40.0], [0.0, 40.0], [10.0, 10.0]])
    residual = np.zeros_like(page)
    residual[-1, 0] = 50.0 * part
    return refusal_of(lambda: page_map._refuse_uneven(page, page, residual))


def series(steps: float = 1.0, missed: int = 0) -> Raised:
    """Shots of a body whose step is known; of the depth of field nothing is."""
    situation = SimpleNamespace(
        mean=SimpleNamespace(freedom=10, variance=1.0),
        scale=SimpleNamespace(depth=None),
        estimate=SimpleNamespace(scatter_steps=steps, slope=None),
        dial=SimpleNamespace(step=None),
        n=1000 - missed,
        n_apart=missed,
    )
    return [one_series._scatter(situation)] if is_inconsistent(situation) else []  # type: ignore[arg-type]


def humps(apart: float) -> Raised:
    """Sixteen shots, the halves so many standard deviations apart, in which 30 over 16 are counted in."""
    half = np.array([-1.5, 0.9, -0.5, 0.2, 0.5, -0.2, 1.5, -0.9])
    sd = math.sqrt(2.0 * np.sum(half**2) / (16 - 2))
    error, none = np.concatenate([half, half + (apart + 30.0 / 16.0) * sd]), np.zeros(16)
    shots = Sample(tuple(map(str, range(16))), error, none, none, 0.0, 0.0)
    scale = statistics.Scale(None, None, None)
    found = one_series._two_humps(SimpleNamespace(humps=two_humps(shots, scale), scale=scale))  # type: ignore[arg-type]
    return [] if found is None else [found]


def own_step(sds_apart: float) -> Raised:
    line = setting._Line(np.array([0.0, 5.0 + sds_apart]), np.diag([1.0, 0.6**2]))
    known, dial = (5.0, 0.8), SimpleNamespace(maker=None)
    return [setting._contradiction(line, known, dial)] if setting._contradicts(line, known) else []  # type: ignore[arg-type]


def needed(part: float, highest: int) -> Raised:
    estimate = setting.SettingEstimate(part * highest, (0.0, 0.0), "maker step", None, None, None)
    situation = SimpleNamespace(estimate=estimate, dial=SimpleNamespace(range=(-20, 20)))
    found = one_series._beyond_range(situation)  # type: ignore[arg-type]
    return [] if found is None else [found]


LIGHT_OF_LENS = formula.CAMERA.widest_f_number or 0.0
CASES = (
    Case(Findings.TOO_DARK, dark),
    Case(Findings.BLOWN_OUT, blown_out, step=0.002),
    Case(Findings.TOO_BLURRED, blurred),
    Case(Findings.HALF_COVERED, markers_seen, step=1.0 / len(FLAT.markers)),
    Case(Findings.CORNERS_DOUBTFUL, lambda value: between_corners(correlation=value), 0),
    Case(Findings.CORNERS_DOUBTFUL, lambda value: between_corners(likeness=value), 1),
    Case(Findings.POSE_POOR, lambda value: pieces_off(residual_px=value), 0, step=0.02),
    Case(Findings.POSE_POOR, lambda value: pieces_off(kept=value), 1, step=0.01),
    Case(Findings.POSE_POOR, pieces_off_by_errors, 2, step=0.05),
    Case(Findings.LEAN_AMBIGUOUS, leaning_either_way),
    Case(Findings.TILT_OFF_NOMINAL, lambda value: of_photo(pose=formula.pose(FLAT.angle_deg + value))),
    Case(Findings.TILT_OFF_NOMINAL, lambda value: of_photo(pose=formula.pose(FLAT.angle_deg - value))),
    Case(Findings.TOO_FLAT_ON, doubtful),
    Case(
        Findings.CARD_ASKEW,
        lambda value: of_photo(sighting=formula.sighting(CARD), pose=formula.pose(value, CARD)),
    ),
    Case(Findings.CARD_MISFOLDED, folded_by, step=0.01),
    Case(Findings.WING_HIDDEN, wing_seen, step=0.002),
    Case(Findings.SHEET_BENT, bent),
    Case(Findings.SHEET_TOO_BENT, bent),
    Case(Findings.BEYOND_QUIET_ZONE, lambda value: at_distance(value * FLAT.widest_distance_over_focal_length)),
    Case(Findings.DISTANCE_TOO_SHORT, at_distance),
    Case(
        Findings.SCALE_DOUBTFUL,
        lambda value: of_photo(photo=formula.photo(focus_distance_m=value * formula.MARK_MM / 1000.0)),
    ),
    Case(
        Findings.SCALE_DOUBTFUL,
        lambda value: of_photo(photo=formula.photo(focus_distance_m=formula.MARK_MM / 1000.0 / value)),
    ),
    Case(Findings.CHART_TOO_SMALL, lambda value: of_photo(samples=formula.samples(clear_px=np.full(1000, value)))),
    Case(
        Findings.PHOTO_RESIZED,
        lambda value: _size_findings((60000.0, 40000.0), (60000.0 * (1 + value), 40000.0 * (1 + value))),
    ),
    Case(Findings.PERSPECTIVE_CONTRADICTS, seen_over_told, 0),
    Case(Findings.PERSPECTIVE_CONTRADICTS, seen_over_told, 1),
    Case(
        Findings.TOO_FEW_EDGES,
        lambda value: refusal_of(lambda: lens_blur_px(formula.samples(round(value)), formula.pose())),
        0,
        step=1,
    ),
    Case(
        Findings.TOO_FEW_EDGES,
        lambda value: refusal_of(lambda: measure_sharpness(formula.samples(round(value)))),
        1,
        step=1,
    ),
    Case(Findings.NO_MINIMUM, rising, 0),
    Case(Findings.NO_MINIMUM, lambda value: doubtful(half_width_mm=200.0 * value), 1),
    Case(Findings.POOR_FIT, lambda value: doubtful(scatter=value)),
    Case(Findings.NO_SINGLE_PLANE, lambda value: with_ridge(peak=value), 0),
    Case(Findings.NO_SINGLE_PLANE, lambda value: with_ridge(ratio=value), 1),
    Case(Findings.BLUR_CONTRADICTS_OPTICS, rising_over_optics, 0),
    Case(Findings.BLUR_CONTRADICTS_OPTICS, rising_over_optics, 1),
    Case(Findings.BLUR_NOT_DEFOCUS, rising_over_optics, 0),
    Case(Findings.BLUR_NOT_DEFOCUS, rising_over_optics, 1),
    Case(Findings.PICTURE_OF_TWO, lambda value: of_photo(curve=formula.curve(heavy_tails=value))),
    Case(Findings.BLUR_OVER_APERTURE, over_aperture_near_the_end),
    Case(Findings.BLUR_OVER_APERTURE, over_aperture_by_contrast),
    Case(Findings.ONE_SIDED_EDGES, on_one_side),
    Case(Findings.ONE_SIDED_EDGES, lambda value: on_one_side(1.0 - value)),
    Case(Findings.PAPER_SCALE, lambda value: checks.of_the_paper(1.0 + value)),
    Case(Findings.PAPER_SCALE, lambda value: checks.of_the_paper(1.0 - value)),
    Case(Findings.FOCUS_TURNED, turned),
    Case(Findings.FOCUS_TURNED_FAR, turned),
    Case(Findings.FOCUS_AT_END, lambda value: of_photo(curve=formula.curve(100.0 - 200.0 * value))),
    Case(Findings.FOCUS_AT_END, lambda value: of_photo(curve=formula.curve(200.0 * value - 100.0))),
    Case(Findings.CLIPPED_THROUGHOUT, clipped, step=0.002),
    Case(Findings.CLIPPED, clipped, step=0.002),
    Case(Findings.LOW_CONTRAST, lambda value: of_photo(samples=formula.samples(contrast=value))),
    Case(Findings.LIGHT_FLICKERS, flickering, step=0.004),
    Case(Findings.MOTION_BLUR, lambda value: of_photo(curve=formula.curve(shake_px=value))),
    Case(Findings.SOFT_THROUGHOUT, lambda value: of_photo(curve=formula.curve(floor_px=value))),
    Case(Findings.SHARPENED, lambda value: of_photo(samples=formula.samples(halo=value))),
    Case(Findings.SHARPENED, lambda value: of_photo(samples=formula.samples(scale=Scale(0.8, value))), 1),
    Case(Findings.DEPTH_RANGE_TOO_SMALL, short_side),
    Case(Findings.NOT_WIDE_OPEN, lambda value: of_photo(photo=formula.photo(f_number=value * LIGHT_OF_LENS))),
    Case(Findings.PRINT_SCALE_OFF, lambda value: printed(1.0 + value, 1.0 + value)),
    Case(Findings.PRINT_STRETCHED, lambda value: printed(scale_x=1.0 + value)),
    Case(Findings.PRINT_SKEWED, lambda value: printed(skew_rad=value)),
    Case(Findings.PRINT_SKEWED, lambda value: printed(skew_rad=-value)),
    Case(Findings.PRINT_SOFT, lambda value: printed(blur_mm=value)),
    Case(Findings.NOT_A_SCAN, uneven),
    Case(Findings.INCONSISTENT_AF, lambda value: series(steps=value), 0),
    Case(Findings.INCONSISTENT_AF, lambda value: series(missed=round(1000 * value)), 1, step=0.001),
    Case(Findings.TWO_HUMPS, humps),
    Case(Findings.STEP_CONTRADICTS_MAKER, own_step),
    Case(Findings.BEYOND_RANGE, lambda value: needed(value, 20)),
    Case(Findings.BEYOND_RANGE, lambda value: needed(value, -20)),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind.code}-{case.limit}")
def test_a_finding_is_raised_just_past_its_limit_and_not_just_inside(case: Case) -> None:
    inside, past = case.values()
    assert case.kind.code not in {found.code for found in case.raised(inside)}
    assert case.kind.code in {found.code for found in case.raised(past)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind.code}-{case.limit}")
def test_a_finding_carries_its_value_and_its_limit(case: Case) -> None:
    _, past = case.values()
    found = next(found for found in case.raised(past) if found.code == case.kind.code)
    limit = case.kind.limits[case.limit]
    assert found.limit == limit.value
    assert found.value == pytest.approx(past, rel=0.02)
    assert limit.is_crossed(found.value)


def test_a_photo_without_fault_raises_nothing() -> None:
    assert list(of_photo()) == []
    assert not doubtful()


def test_every_limit_is_tried() -> None:
    tried = {(case.kind.code, case.limit) for case in CASES}
    assert tried == {(kind.code, place) for kind in KINDS.values() for place in range(len(kind.limits))}


def test_every_finding_without_a_limit_is_raised_in_some_test() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in _test_files())
    without = {kind.code for kind in KINDS.values() if not kind.limits}
    assert {code for code in without if f'"{code}"' not in texts} == set()


def _test_files() -> Iterator[Path]:
    return (path for path in Path(__file__).parents[1].rglob("test_*.py") if path != Path(__file__))
