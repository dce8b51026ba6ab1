"""Scenes made by formula with fixed seeds, and all numbers that the measuring core finds in them.

`numbers` is compared with what is stored beside tests/core/test_golden.py. To store anew, knowingly:

PYTHONPATH=tests/support python -m golden_scenes
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from by_formula import FLOOR_PX, FOCAL_PX, blur_law, leaning, one_edge_square_on, printed_edges, sighted
from scipy.special import ndtr

from backfocus.targets import build_chart
from backfocus.targets.ids import CELLS
from backfocus.verify.detect import by_hand
from backfocus.verify.detect.find_chart import find_chart
from backfocus.verify.detect.markers import SeenMarker, likeness, map_points, reduced, refine_corners
from backfocus.verify.detect.sheets import with_wings
from backfocus.verify.detect.why_not_found import least_blur_px
from backfocus.verify.edges.fit import edge_shape, fit_edge_spread
from backfocus.verify.edges.profiles import BINS, Profiles
from backfocus.verify.edges.samples import EdgeSamples, measure_edges, with_floor
from backfocus.verify.fit.curve import MOTION, PARAMETERS, CurveForm, View
from backfocus.verify.fit.focus import FocusCurve, fit_focus_curve, lens_blur_px
from backfocus.verify.fit.interval import offset_interval
from backfocus.verify.fit.pose import refine_pose, solve_pose
from backfocus.verify.fit.search import search_focus
from backfocus.verify.geometry import Pose
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.reading import Photo

Array = npt.NDArray[np.float64]
Numbers = dict[str, float]
STORED = Path(__file__).parents[1] / "core" / "golden.json"
FLAT, CARD = build_chart(), build_chart("zfold")
POSE = leaning()
LINEAR = np.linspace(0.0, 1.0, 65_536, dtype=np.float32)


def _depth(samples: EdgeSamples, pose: Pose = POSE) -> Array:
    return pose.depth_mm(samples.sheet_mm) - pose.distance_mm


def _printed(offset_mm: float = 8.0, noise: float = 0.02, pose: Pose = POSE, seed: int = 3) -> EdgeSamples:
    return printed_edges(CARD if pose.folds else FLAT, pose, np.random.default_rng(seed), offset_mm, noise)


def _blurred(samples: EdgeSamples, times: npt.ArrayLike = 1.0, added_px2: npt.ArrayLike = 0.0) -> EdgeSamples:
    return replace(samples, blur_px=np.sqrt((samples.blur_px * times) ** 2 + added_px2))


def _lit(samples: EdgeSamples, power: float) -> EdgeSamples:
    """From a thousandth of full scale to nearly all of it, over the depth; edges wider by light to that power."""
    part = (_depth(samples) - _depth(samples).min()) / np.ptp(_depth(samples))
    light = 0.95 * np.exp((part - 1.0) * math.log(950.0))
    fits = replace(samples.strips.fits, bright=light)
    return replace(_blurred(samples, light**power), strips=replace(samples.strips, fits=fits))


def _shaken(samples: EdgeSamples, length_px: float) -> EdgeSamples:
    across = samples.across @ np.array([math.cos(0.5), math.sin(0.5)])
    return _blurred(samples, added_px2=length_px**2 / 12 * across**2)


def _half(samples: EdgeSamples, off_centre: float) -> EdgeSamples:
    """So few pieces on one side of the mark that the middle of all lies `off_centre` of their rms from it."""
    places = samples.found_px - POSE.project(np.zeros(3))
    order = np.argsort(places[:, 0])
    for left_out in range(0, len(order), 5):
        kept = np.sort(order[left_out:])
        middle = np.linalg.norm(places[kept].mean(axis=0))
        if middle > off_centre * math.sqrt(float((places[kept] ** 2).sum(axis=1).mean())):
            chosen = np.zeros(len(order), dtype=bool)
            chosen[kept] = True
            return samples.take(chosen)
    raise AssertionError


def _spherical(samples: EdgeSamples, share: float, pose: Pose = POSE) -> EdgeSamples:
    return _blurred(samples, 1.0 + share * np.tanh((_depth(samples, pose) - 8.0) / 20.0))


def _turned(samples: EdgeSamples, mm: float, noise: float = 0.01) -> EdgeSamples:
    half_diagonal = math.hypot(*POSE.image_size) / 2
    moved = mm * (samples.found_px - POSE.project(np.zeros(3)))[:, 0] / half_diagonal
    scatter = 1.0 + noise * np.random.default_rng(5).normal(size=len(moved))
    return replace(samples, blur_px=blur_law(POSE, _depth(samples) - moved, 8.0) * scatter)


def _curved(samples: EdgeSamples, mm: float) -> EdgeSamples:
    middle = (np.array(POSE.image_size) - 1) / 2
    radius2 = ((samples.found_px - middle) ** 2).sum(axis=1) / (middle**2).sum()
    return replace(samples, blur_px=blur_law(POSE, _depth(samples) - mm * radius2, 8.0))


def _with_exponent(samples: EdgeSamples, exponent: float) -> EdgeSamples:
    away = np.abs(_depth(samples) - 8.0) / 15.0
    return replace(samples, blur_px=FLOOR_PX * (1.0 + away**exponent) ** (1.0 / exponent))


def _wild(samples: EdgeSamples) -> EdgeSamples:
    """Every fifteenth piece three times as blurred."""
    times = np.where(np.arange(len(samples.edge)) % 15 == 0, 3.0, 1.0)
    return _blurred(samples, times)


def _few(samples: EdgeSamples) -> EdgeSamples:
    """Every fourth piece: fits that run into a bound take many steps."""
    return samples.take(np.arange(len(samples.edge)) % 4 == 0)


FOLDED = leaning(2.0, chart=CARD)
CURVES: dict[str, Callable[[], tuple[EdgeSamples, Pose]]] = {
    "clean": lambda: (_printed(noise=0.005), POSE),
    "noisy": lambda: (_printed(noise=0.1), POSE),
    "scatters more than told": lambda: (
        replace(_printed(noise=0.08), blur_sd_px=0.02 * _printed(noise=0.0).blur_px),
        POSE,
    ),
    "wild pieces": lambda: (_wild(_printed()), POSE),
    "uneven light": lambda: (_lit(_printed(), -0.05), POSE),
    "light narrows edges most": lambda: (_few(_lit(_printed(noise=0.01), -0.3)), POSE),
    "light widens edges": lambda: (_few(_lit(_printed(noise=0.01), 0.2)), POSE),
    "shaken": lambda: (_shaken(_printed(), 5.0), POSE),
    "shaken a little": lambda: (_shaken(_printed(noise=0.01), 1.5), POSE),
    "shaken out of all bounds": lambda: (_few(_shaken(_printed(noise=0.005), 80.0)), POSE),
    "spherical": lambda: (_spherical(_printed(noise=0.01), 0.1), POSE),
    "a little spherical": lambda: (_spherical(_printed(), 0.02), POSE),
    "turned": lambda: (_turned(_printed(), 40.0), POSE),
    "turned a little": lambda: (_turned(_printed(), 8.0), POSE),
    "curved": lambda: (_curved(_printed(), 25.0), POSE),
    "a third hidden": lambda: (_half(_turned(_printed(), 20.0), 0.28), POSE),
    "half hidden": lambda: (_half(_turned(_printed(), 20.0), 0.42), POSE),
    "sharpened": lambda: (_blurred(_printed(), 0.5), POSE),
    "nearly as sharp as real": lambda: (_blurred(_printed(), 0.72), POSE),
    "soft": lambda: (_blurred(_printed(), 4.0), POSE),
    "soft without bound": lambda: (_blurred(_printed(), 12.0), POSE),
    "square": lambda: (_few(_with_exponent(_printed(), 8.0)), POSE),
    "pointed": lambda: (_few(_with_exponent(_printed(), 1.05)), POSE),
    "seen at the edge": lambda: (_printed(70.0), POSE),
    "beyond the sheet": lambda: (_printed(110.0), POSE),
    "folded": lambda: (_printed(4.0, 0.01, FOLDED), FOLDED),
    "folded and spherical": lambda: (_spherical(_printed(4.0, 0.01, FOLDED), 0.05, FOLDED), FOLDED),
    "hardly leaning": lambda: (_printed(3.0, 0.01, leaning(4.0)), leaning(4.0)),
}


def curve_numbers(name: str) -> Numbers:
    """What the focus curve and its interval are in a scene."""
    samples, pose = CURVES[name]()
    sd = np.array(
        [1e-3] * 3
        + [0.5, 0.5, 2.0, 0.01, 0.005]
        + [1e-6] * 3
        + [0.01] * len(pose.folds)
        + [0.2] * len(pose.folds)
        + [0.002] * len(pose.folds)
    )
    pose = replace(pose, covariance=np.diag(sd**2))
    curve: FocusCurve = fit_focus_curve(samples, pose)
    interval = offset_interval(samples, pose, curve, 0.01, 200.0)
    return {
        "offset": curve.offset_mm,
        "offset sd": curve.offset_sd_mm,
        "model sd": curve.model_sd_mm,
        "floor": curve.floor_px,
        "slope": curve.slope_px_per_mm,
        "exponent": curve.exponent,
        "turned": curve.tilt_mm,
        "shake": curve.shake_px,
        "astigmatism": curve.astigmatism_mm,
        "astigmatism sd": curve.astigmatism_sd_mm,
        "curvature along": curve.curvature_mm[0],
        "curvature across": curve.curvature_mm[1],
        "lens odds": curve.lens_odds,
        "motion sd": curve.motion.offset_sd_mm,
        "scatter": curve.scatter,
        "chi2": curve.chi2,
        "weight": float(curve.weight.mean()),
        "blur at mark": float(curve.blur_px(np.zeros(1))[0]),
        "plain floor": lens_blur_px(samples, pose),
        **interval.budget(),
    }


def start_numbers() -> Numbers:
    """Where fits of the curve start: ordinary blur, none that rises, and hardly any at all."""
    depth = np.linspace(-80.0, 80.0, 400)
    found = {}
    noise = 1.0 + 0.1 * np.random.default_rng(2).normal(size=len(depth))
    wild = np.where(np.arange(len(depth)) % 9 == 0, 3.0, 1.0)
    for name, blur in {
        "beside": blur_law(POSE, depth, 33.3),
        "beyond": blur_law(POSE, depth, 190.0),
        "noisy": blur_law(POSE, depth, 10.0) * noise * wild,
        "even": np.full(len(depth), 2.0),
        "sharp": np.abs(depth - 10.0) * 0.03 + 0.001,
    }.items():
        start = search_focus(depth, blur, 0.05 * blur, POSE.distance_mm)
        found |= {f"{name} {place}": float(value) for place, value in enumerate(start)}
    form, parameters = CurveForm(1500.0, 15.0, 0.3), np.zeros(PARAMETERS)
    parameters[:4] = 5.0, math.log(FLOOR_PX), math.log(FLOOR_PX / 15.0), 2.2
    parameters[MOTION.start] = -5.0
    view = replace(View.at_mark(3), motion=np.eye(3, 6)[[0, 0, 0]])
    for place, blur_px in enumerate(form.blur_px(parameters, np.array([-40.0, 5.0, 50.0]), view)):
        found[f"shake taken off {place}"] = float(blur_px)
    return found


BENT = replace(leaning(), bending_per_mm=np.array([0.0, 3e-5, 1.0e-4]), distortion=0.015)
FEW_EDGES = "few edges, with errors of all sizes"
POSES: dict[str, tuple[Pose, float | None, float, float]] = {
    "known lens": (leaning(), FOCAL_PX, 0.3, 0.05),
    "unknown lens": (leaning(50.0), None, 0.2, 0.05),
    "lens told wrong": (leaning(30.0), 1.04 * FOCAL_PX, 0.02, 0.01),
    "bent, distorted": (BENT, FOCAL_PX, 0.1, 0.02),
    "folded": (FOLDED, FOCAL_PX, 0.05, 0.03),
    FEW_EDGES: (leaning(), FOCAL_PX, 0.3, 0.1),
}


def pose_numbers(name: str) -> Numbers:
    """The pose of corners and of edges, of which some are blurred, swollen, bright or none of the chart's.

    Bends are heights in mm at 100 mm from the mark.
    """
    truth, focal_px, corner_sd, edge_sd = POSES[name]
    chart, rng = CARD if truth.folds else FLAT, np.random.default_rng(11)
    sighting = sighted(chart, truth, rng, corner_sd)
    samples = printed_edges(chart, truth, rng, 8.0, 0.02, edge_sd)
    off = np.where(np.arange(len(samples.edge)) % 7 == 0, rng.uniform(-1.5, 1.5, len(samples.edge)), 0.0)
    gain = off + 0.3 - 0.15 * samples.blur_px
    if name == FEW_EDGES:
        samples, gain = samples.take(np.arange(len(off)) % 12 == 0), 0.1 * rng.standard_cauchy(len(off))[::12] - 0.5
    samples = replace(samples, found_px=samples.found_px + gain[:, None] * samples.across)
    first = solve_pose(sighting, truth.image_size, focal_px)
    second, kept = refine_pose(first, sighting, samples, focal_px)
    found: Numbers = {"kept": len(kept.edge)}
    for step, pose in {"corners": first, "edges": second}.items():
        found |= {
            f"{step} leaning": pose.tilt_deg,
            f"{step} distance": pose.distance_mm,
            f"{step} focal": pose.focal_px,
            f"{step} distortion": pose.distortion,
            f"{step} residual": pose.residual_px,
            **{f"{step} fold {fold.panel}": fold.angle_rad for fold in pose.folds},
            **{f"{step} fold {fold.panel} off line": fold.off_line_mm for fold in pose.folds},
            **{f"{step} fold {fold.panel} skew": fold.skew_rad for fold in pose.folds},
            **{f"{step} bend {place}": float(bend) * 1e4 for place, bend in enumerate(pose.bending_per_mm)},
            **{f"{step} sd {place}": math.sqrt(one) for place, one in enumerate(np.diag(pose.covariance))},
        }
    return found


def _photo(blur_px: float, slant: float, noise: float, seed: int) -> tuple[Photo, Array]:
    """A picture of an edge and its neighbour, with the noise of a sensor."""
    y, x = np.mgrid[:700, :900].astype(np.float64)
    across = (x - 449.5 - slant * (y - 349.5)) / math.hypot(1.0, slant)
    level = ndtr(across / blur_px) - ndtr((across - 40.0) / blur_px)
    light = 0.05 + 0.6 * level + noise * np.random.default_rng(seed).normal(size=level.shape)
    return Photo("drawn", np.rint(np.clip(light, 0, 1) * 65_535).astype(np.uint16), LINEAR, CameraInfo()), level


def edge_numbers(blur_px: float, slant: float, noise: float) -> Numbers:
    """The pieces of one printed edge in a picture, and what is left of them with the lens's own blur."""
    one, pose = one_edge_square_on(FLAT, (900, 700), slant, "right", clear_mm=40.0 / 14.0 - 0.1)
    found = measure_edges(_photo(blur_px, slant, noise, 4)[0], one, pose)
    numbers: Numbers = {"offered": found.offered, "found": len(found.edge)}
    if not len(found.edge):
        return numbers
    fits = found.strips.fits
    return numbers | {
        "blur": float(found.blur_px.mean()),
        "blur sd": float(found.blur_sd_px.mean()),
        "place": float(found.found_px[:, 0].mean()),
        "place sd": float(found.found_sd_px.mean()),
        "contrast": float((fits.bright - fits.dark).mean()),
        "residual": float(fits.residual.mean()),
        "window": float(found.strips.half_window_px.mean()),
        "blur with a floor": float(with_floor(found, 0.6 * blur_px).blur_px.mean()),
    }


def shape_numbers() -> Numbers:
    """The edge spread in its tables, up to a pure disc, and fits to profiles that are hard to fit."""
    found = {}
    for blur in (0.9, 1.4, 40.0):
        for name, value in zip(("value", "slope", "per blur"), _shape(blur), strict=True):
            found |= {f"{name} {blur:g} at {place}": float(one) for place, one in enumerate(value)}
    at = ((np.arange(BINS) + 0.5) / BINS * 2.0 - 1.0) * 10.0
    level = np.stack([ndtr((at - 1.0) / 0.2), ndtr((at + 3.0) / 3.5)])
    level += 0.05 * np.random.default_rng(9).normal(size=level.shape)
    seen = Profiles(np.tile(at, (2, 1)), 0.05 + 0.6 * level, np.full(level.shape, 8.0))
    fits = fit_edge_spread(seen, np.full(2, 10.0))
    for place in range(2):
        found |= {
            f"hard blur {place}": float(fits.blur_px[place]),
            f"hard shift {place}": float(fits.shift_px[place]),
        }
    return found


PAGE_PX_PER_MM = 8.0
SEEN_PX_PER_MM = 4.0
SHEARED = np.array([[2.6, 2.2, 20.0], [0.0, 2.6, 110.0], [0.0, 0.0, 1.0]])
SQUARE_ON = np.array([[SEEN_PX_PER_MM, 0.3, 60.0], [-0.2, SEEN_PX_PER_MM, 110.0], [0.0, 3e-4, 1.0]])


def _drawn(blur_px: float, noise: float, bow_px: float = 0.0, page_to_px: Array = SQUARE_ON) -> Photo:
    """The flat sheet as seen by a camera, blurred, noisy, perhaps with all upright lines bowed."""
    page = by_hand._printed(FLAT, PAGE_PX_PER_MM)
    to_page = np.diag([1 / PAGE_PX_PER_MM, 1 / PAGE_PX_PER_MM, 1.0])
    seen = cv2.warpPerspective(page, page_to_px @ to_page, (950, 1350), flags=cv2.INTER_AREA, borderValue=255)
    if bow_px:
        y, x = np.mgrid[:1350, :950].astype(np.float32)
        seen = cv2.remap(seen, x + np.float32(bow_px) * np.cos(y / 12), y, cv2.INTER_LINEAR, borderValue=255)
    light = 0.05 + 0.65 * cv2.GaussianBlur(seen.astype(np.float64) / 255.0, (0, 0), blur_px)
    light += noise * np.random.default_rng(6).normal(size=light.shape)
    return Photo("drawn", np.rint(np.clip(light, 0, 1) * 65_535).astype(np.uint16), LINEAR, CameraInfo())


def corner_numbers(
    blur_px: float, noise: float, off_cells: float, bow_px: float = 0.0, page_to_px: Array = SQUARE_ON
) -> Numbers:
    """Corners refined from where they are expected, which is a part of a cell off, both across and down."""
    page = np.array([marker.corners_page_mm for marker in FLAT.markers], dtype=np.float64)
    truth = map_points(page_to_px, page)
    cell_px = float(np.linalg.norm(truth[0, 1] - truth[0, 0])) / CELLS
    found = refine_corners(_drawn(blur_px, noise, bow_px, page_to_px), truth + off_cells * cell_px)
    numbers: Numbers = {"ok": float(found.ok.sum())}
    if found.ok.any():
        off = (found.corners_px - truth)[found.ok]
        numbers |= {"off x": float(off[..., 0].mean()), "off y": float(off[..., 1].mean())}
        numbers |= {"sd": float(found.sd_px[found.ok].mean())}
    return numbers


def sheet_numbers() -> Numbers:
    """A sheet found in a picture, and how alike its markers are; then by corners that were marked by hand."""
    photo = _drawn(2.0, 0.02)
    sighting = find_chart(photo)
    off = sighting.corners_px - map_points(SQUARE_ON, sighting.corners_page_mm)
    quads = map_points(SQUARE_ON, np.array([marker.corners_page_mm for marker in FLAT.markers], dtype=np.float64))
    small = reduced(photo, 2000)
    alike = likeness(small, quads + 2.0, [marker.id for marker in FLAT.markers])
    marked = map_points(SQUARE_ON, np.asarray(FLAT.panels[0].outline_page_mm, dtype=np.float64)) + 9.0
    guess = by_hand._guess(small, FLAT, marked)
    assert guess is not None
    return {
        "markers": float(len(sighting.marker_ids)),
        "refined": float(sighting.refined.sum()),
        "off x": float(off[..., 0].mean()),
        "off y": float(off[..., 1].mean()),
        "sd": float(sighting.corner_sd_px.mean()),
        **{f"alike {place}": float(one) for place, one in enumerate(alike)},
        "by hand, alike": guess.likeness,
        "by hand, correlation": guess.correlation,
        "by hand, off": float((guess.sheet.outline_px - marked + 9.0).mean()),
        "least blur": least_blur_px(small.light()),
    }


def wing_numbers() -> Numbers:
    """The map of a folded card's wing, from two markers that are a little off and from its fold."""
    wing = CARD.panels[1]
    page = {m.id: np.array(m.corners_page_mm, dtype=np.float64) for m in CARD.markers if m.panel == wing.name}
    wide = np.array([[3.0, 0.0, 50.0], [0.1, 3.0, 80.0], [0.0, 1e-4, 1.0]])
    seen = [
        SeenMarker(name, map_points(wide, corners) + np.array([1.0, -1.5]) * place)
        for place, (name, corners) in enumerate(page.items())
    ]
    sheet = with_wings(CARD, (), wide, seen)
    outline = sheet.page_map.pixels(np.asarray(wing.outline_page_mm, dtype=np.float64))
    return {f"corner {place}": float(one) for place, one in enumerate((outline % 1.0).ravel())}


def _shape(blur: float) -> tuple[Array, ...]:
    value, slope, per_blur = edge_shape(np.array([[-2.31, -1.07, 0.013, 0.777, 1.93]]), np.array([blur]), 0.8)
    return value[0], slope[0], per_blur[0]


SCENES: dict[str, Callable[[], Numbers]] = {
    "shapes": shape_numbers,
    "edge, sharp": lambda: edge_numbers(0.8, 0.05, 0.01),
    "edge, blurred": lambda: edge_numbers(3.5, 0.11, 0.02),
    "edge, in a narrow strip": lambda: edge_numbers(7.6, 0.11, 0.005),
    "edge, too blurred": lambda: edge_numbers(8.6, 0.11, 0.005),
    "sheet, whole": sheet_numbers,
    "sheet, wing": wing_numbers,
    "sheet, corners": lambda: corner_numbers(1.2, 0.02, 0.1),
    "sheet, blurred corners": lambda: corner_numbers(4.0, 0.003, 0.0),
    "sheet, corners nearly too far off": lambda: corner_numbers(0.6, 0.003, 0.15, page_to_px=SHEARED),
    "sheet, sides hardly straight": lambda: corner_numbers(0.8, 0.003, 0.0, 1.6),
    "sheet, sides not straight": lambda: corner_numbers(0.8, 0.003, 0.0, 2.2),
    "starts": start_numbers,
    **{f"pose, {name}": lambda name=name: pose_numbers(name) for name in POSES},  # type: ignore[misc]
    **{f"curve, {name}": lambda name=name: curve_numbers(name) for name in CURVES},  # type: ignore[misc]
}


def stored() -> dict[str, dict[str, Any]]:
    """The numbers as they were when somebody last changed them knowingly."""
    return dict(json.loads(STORED.read_text(encoding="utf-8")))


def main() -> None:
    """Store what is found now."""
    found = {name: {key: float(f"{value:.7g}") for key, value in scene().items()} for name, scene in SCENES.items()}
    STORED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
