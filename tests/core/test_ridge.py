"""The ridge of contrast of a lens by formula: the plane of focus, its interval, and what else the ridge tells."""

from __future__ import annotations

import math
from dataclasses import replace

import formula_photo
import numpy as np
import numpy.typing as npt
import pytest

from backfocus.targets import build_chart
from backfocus.verify.edges.contrast import COARSE, FINE, EdgeContrast
from backfocus.verify.fit.ridge import Ridge, find_ridge, mosaic_lead_mm
from backfocus.verify.fit.ridge_fit import View
from backfocus.verify.geometry import Pose, sheet_from_page

Array = npt.NDArray[np.float64]

FOCAL_MM, PITCH_MM, DISTANCE_MM, PIXELS = 50.0, 0.006, 1500.0, (6000, 4000)
CYCLES = 30.0 * PITCH_MM * np.array([1.0, 0.39, 0.7, 1.4, 1.9, 2.4])
BLUR_PX, NOISE = 0.5, 0.01
NODES = 24


def pose() -> Pose:
    """A sheet at 45°, the mark a little beside the picture's middle."""
    focal_px = FOCAL_MM * DISTANCE_MM / (DISTANCE_MM - FOCAL_MM) / PITCH_MM
    at = np.array([3.0, -2.0, DISTANCE_MM])
    return formula_photo.pose(translation_mm=at, focal_px=focal_px, image_size=PIXELS)


def view(f_number: float, *, has_colours: bool = False) -> View:
    field_mm = 2 * f_number * 0.02884 * (DISTANCE_MM / FOCAL_MM) ** 2
    half_px = math.hypot(*PIXELS) / 2
    mark_mm = pose().translation_mm[:2]
    return View(mark_mm, DISTANCE_MM, FOCAL_MM, f_number, field_mm, has_colours, half_px, 1 / PITCH_MM)


def contrast(
    f_number: float, offset_mm: float, astigmatism_mm: float = 0.0, motion: tuple[float, float, float] = (0, 0, 0)
) -> EdgeContrast:
    """Edges of the flat sheet blurred by discs of light, and by even shifts and turns of these lengths.

    A disc's line spread is a semicircle, which Chebyshev's nodes of the second kind integrate exactly.

    Args:
        f_number, offset_mm, astigmatism_mm: of the lens.
        motion: standard deviations right, down and of the turn, px and px at the picture's corner.
    """
    chart, at = build_chart(), pose()
    ends = np.stack([sheet_from_page(chart, [e.from_page_mm, e.to_page_mm]) for e in chart.edges])
    along_depth = np.abs(np.diff(ends, axis=1)[:, 0, 1]) > np.abs(np.diff(ends, axis=1)[:, 0, 0])
    middle = ends.mean(axis=1)
    camera, pixel = at.camera_points(middle), at.project(middle)
    tangent = np.diff(at.project(ends), axis=1)[:, 0]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.linalg.norm(tangent, axis=1)[:, None]
    focus = DISTANCE_MM + offset_mm + astigmatism_mm * (along_depth - 0.5)
    radius_px = FOCAL_MM * at.focal_px / (2 * f_number) * np.abs(1 / camera[:, 2] - 1 / focus)
    from_middle = pixel - (np.array(PIXELS) - 1) / 2
    x, y = from_middle.T / (math.hypot(*PIXELS) / 2)
    moved = np.stack([normal[:, 0], normal[:, 1], normal[:, 1] * x - normal[:, 0] * y])
    variance = BLUR_PX**2 + np.array(motion) ** 2 @ moved**2
    angle = np.pi * np.arange(1, NODES + 1) / (NODES + 1)
    wave = np.cos(2 * np.pi * CYCLES[:, None, None] * radius_px[:, None] * np.cos(angle))
    seen = wave @ (2 / (NODES + 1) * np.sin(angle) ** 2) * np.exp(-2 * (np.pi * CYCLES[:, None]) ** 2 * variance)
    noisy = np.abs(seen) + NOISE * np.random.default_rng(5).standard_normal(seen.shape)
    sd = np.full(seen.shape, NOISE)
    return EdgeContrast(
        cycles=CYCLES,
        value=np.maximum(noisy, 1e-3),
        sd=sd,
        narrow=np.maximum(noisy[FINE], 1e-3),
        narrow_sd=sd[FINE],
        depth_mm=camera[:, 2] - DISTANCE_MM,
        field_mm=camera[:, :2] / camera[:, 2:] * DISTANCE_MM,
        from_middle_px=from_middle,
        normal=normal,
        along_depth=along_depth,
        ink=np.array([e.ink for e in chart.edges]),
        group=np.maximum(np.rint(np.abs(middle[:, 0]) / 11.0), 1).astype(np.intp) * 2 + along_depth,
    )


def ridge(f_number: float, offset_mm: float, astigmatism_mm: float = 0.0) -> Ridge:
    found = find_ridge(contrast(f_number, offset_mm, astigmatism_mm), view(f_number))
    assert found is not None
    return found


@pytest.mark.parametrize(("f_number", "offset_mm"), [(1.4, -6.0), (2.0, 12.0), (4.0, -20.0)])
def test_the_plane_of_an_ideal_lens_is_within_its_interval(f_number: float, offset_mm: float) -> None:
    found = ridge(f_number, offset_mm)
    assert abs(found.offset_mm - offset_mm) < min(2 * found.sd_mm, 0.01 * view(f_number).depth_of_field_mm)
    assert abs(found.astigmatism_mm) < 2 * found.astigmatism_sd_mm


@pytest.mark.parametrize("astigmatism_mm", [-10.0, 10.0])
def test_astigmatism_is_the_plane_of_edges_along_the_depth_less_that_of_those_across(astigmatism_mm: float) -> None:
    found = ridge(2.8, 5.0, astigmatism_mm)
    assert abs(found.astigmatism_mm - astigmatism_mm) < 2 * found.astigmatism_sd_mm < abs(astigmatism_mm)
    assert abs(found.offset_mm - 5.0) < 2 * found.sd_mm


def test_the_plane_for_coarse_detail_is_the_same_where_a_lens_is_ideal() -> None:
    found = ridge(2.0, 12.0)
    assert found.coarse_mm is not None
    assert abs(found.coarse_mm - 12.0) < 0.02 * view(2.0).depth_of_field_mm


def test_a_lens_that_shows_no_fine_detail_has_a_low_peak_beside_that_of_coarse_detail() -> None:
    seen = contrast(2.0, 0.0)
    dull = replace(seen, value=seen.value * np.where(np.arange(len(CYCLES)) == COARSE, 1, 0.4)[:, None])
    sharp, blurred = find_ridge(seen, view(2.0)), find_ridge(replace(dull, narrow=0.4 * dull.narrow), view(2.0))
    assert sharp is not None and blurred is not None and sharp.ratio is not None and blurred.ratio is not None
    assert blurred.peak == pytest.approx(0.4 * sharp.peak, rel=0.02)
    assert blurred.ratio == pytest.approx(0.4 * sharp.ratio, rel=0.02)


def test_without_contrast_there_is_no_ridge() -> None:
    seen = contrast(2.0, 0.0)
    few = np.arange(len(seen.depth_mm)) < 10
    arrays = {
        name: value[..., few]
        for name, value in vars(seen).items()
        if name in ("value", "sd", "narrow", "narrow_sd")
    }
    arrays |= {name: getattr(seen, name)[few] for name in vars(seen) if name not in arrays and name != "cycles"}
    assert find_ridge(replace(seen, **arrays), view(2.0)) is None


def test_colours_lost_in_a_mosaic_put_the_plane_farther_and_leave_it_less_certain() -> None:
    seen = contrast(4.0, 5.0)
    grey, coloured = find_ridge(seen, view(4.0)), find_ridge(seen, view(4.0, has_colours=True))
    assert grey is not None and coloured is not None
    assert grey.colour_mm == 0.0
    assert coloured.offset_mm - grey.offset_mm == pytest.approx(coloured.colour_mm) == pytest.approx(5.4, abs=0.1)
    assert coloured.sd_mm > grey.sd_mm


def test_a_finer_mosaic_loses_less_colour() -> None:
    assert 0 < mosaic_lead_mm(0.09, view(4.0)) < 0.3 * mosaic_lead_mm(0.18, view(4.0))


@pytest.mark.parametrize("motion", [(0.8, 0.0, 0.0), (0.0, 0.8, 0.0), (0.0, 0.0, 1.5)])
def test_a_moving_camera_is_allowed_for_when_told(motion: tuple[float, float, float]) -> None:
    found = find_ridge(contrast(2.8, 10.0, motion=motion), view(2.8), motion=True)
    assert found is not None
    assert abs(found.offset_mm - 10.0) < 2 * found.sd_mm < 0.15 * view(2.8).depth_of_field_mm


@pytest.mark.parametrize("offset_mm", [0.0, 15.0])
def test_the_mtf_in_the_plane_of_focus_is_that_of_the_blur_in_focus(offset_mm: float) -> None:
    found = ridge(2.8, offset_mm)
    gaussian = math.sqrt(math.log(2) / 2) / math.pi / BLUR_PX
    assert found.mtf50_cycles == pytest.approx(gaussian, rel=0.03)
    assert found.mtf50_lp_mm == pytest.approx(gaussian / PITCH_MM, rel=0.03)


def test_contrast_that_never_falls_to_a_half_has_no_mtf50() -> None:
    seen = contrast(2.8, 0.0)
    found = find_ridge(replace(seen, value=seen.value**0.2, narrow=seen.narrow**0.2), view(2.8))
    assert found is not None
    assert found.mtf50_cycles is None and found.mtf50_lp_mm is None


def test_a_mark_off_the_axis_is_less_certain_at_wide_apertures() -> None:
    seen, middle = contrast(1.4, 0.0), view(1.4)
    beside = replace(middle, mark_mm=np.array([90.0, 0.0]))
    one, other = find_ridge(seen, middle), find_ridge(seen, beside)
    assert one is not None and other is not None
    assert other.field_mm > 3 * one.field_mm
