"""How what findings are raised by is measured in a photo: on samples and curves whose values follow by hand."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from types import SimpleNamespace

import formula_photo as formula
import numpy as np
import numpy.typing as npt
import pytest

from backfocus.targets import build_chart
from backfocus.verify import checks
from backfocus.verify.edges.profiles import Profiles
from backfocus.verify.edges.samples import EdgeSamples
from backfocus.verify.fit.plane import FocusPlane, sheet_bound
from backfocus.verify.measure import _find_print, _unchecked, _with_colours
from backfocus.verify.measurement import Measurement
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.sharpness import measure_sharpness

Array = npt.NDArray[np.float64]
MEASURE = sys.modules["backfocus.verify.measure"]


def with_profiles(blur_px: Array, overshoot: Array, away: Array) -> EdgeSamples:
    """Pieces of given blur whose profiles overshoot by (n, k) parts of the contrast, k places away in blurs."""
    known = formula.samples(len(blur_px), contrast=1.0)
    fits = replace(known.strips.fits, bright=np.ones(len(blur_px)), dark=np.zeros(len(blur_px)), blur_px=blur_px)
    distance = np.concatenate([-away[::-1], away]) * blur_px[:, None]
    light = np.concatenate([-overshoot[:, ::-1], 1.0 + overshoot], axis=1)
    strips = replace(known.strips, fits=fits, profiles=Profiles(distance, light, np.ones(light.shape)))
    return replace(known, blur_px=blur_px, strips=strips)


def test_a_halo_is_looked_for_beside_the_edge_and_held_against_what_is_farther_out() -> None:
    """Overshoot that grows evenly with distance: of 2.2 to 3.4 blurs, less that from 4.2 to the end at 6."""
    away = np.linspace(0.01, 6.0, 600)
    blur = np.full(20, formula.FLOOR_PX)
    halo = checks._halo(with_profiles(blur, np.tile(0.01 * away, (20, 1)), away), formula.curve())
    assert halo == pytest.approx(0.01 * ((2.2 + 3.4) / 2 - (4.2 + 6.0) / 2), abs=2e-4)


def test_only_edges_that_are_nearly_as_sharp_as_the_sharpest_tell_of_halos() -> None:
    away = np.linspace(0.01, 6.0, 600)
    blur = formula.FLOOR_PX * np.where(np.arange(20) < 10, 1.4, 1.6)
    beside = np.where((blur < 1.5 * formula.FLOOR_PX)[:, None] & (away < 4.0), 0.1, 0.0)
    assert checks._halo(with_profiles(blur, beside, away), formula.curve()) == pytest.approx(0.1)


@pytest.mark.parametrize(("offset_mm", "bound"), [(150.0, (90.0, None)), (-150.0, (None, -90.0)), (99.0, None)])
def test_a_bound_stays_inside_of_what_was_seen_by_a_twentieth(
    offset_mm: float, bound: tuple[float | None, float | None] | None
) -> None:
    found = sheet_bound(formula.curve(offset_mm))
    assert found == (None if bound is None else pytest.approx(bound))


@pytest.mark.parametrize(("light", "is_clipped"), [(0.985, False), (0.995, True)])
def test_paper_is_clipped_in_the_last_two_codes_of_eight_bits(light: float, is_clipped: bool) -> None:
    found = checks.of_the_light(build_chart(), formula.samples(bright=np.full(1000, light)))
    assert bool(list(found)) == is_clipped


def test_sharpness_is_that_of_the_quarter_nearest_the_mark_and_of_the_outermost_quarters() -> None:
    """On a line of pieces through the mark, blurred by a px for each mm from its left end, or from the mark."""
    place = np.arange(-500.0, 501.0)
    along = np.zeros((len(place), 3))
    along[::2, 0], along[1::2, 1] = 1.0, 1.0
    sheet = np.stack([place, np.zeros(len(place)), np.zeros(len(place))], axis=1)
    known = formula.samples(len(place))
    level = measure_sharpness(replace(known, sheet_mm=sheet, along=along, blur_px=place + 501.0))
    assert level.right_px == pytest.approx(1001.0 - 125.0, abs=1)
    assert level.left_px == pytest.approx(1.0 + 125.0, abs=1)
    far = measure_sharpness(replace(known, sheet_mm=sheet, along=along, blur_px=np.abs(place) + 1.0))
    assert far.at_mark_px == pytest.approx(1.0 + 500.0 / 4 / 2, abs=1)


@pytest.mark.parametrize(("is_as_designed", "half_width"), [(True, 0.01), (False, 0.055)])
def test_a_print_may_be_off_by_more_where_nothing_shows_its_size(
    monkeypatch: pytest.MonkeyPatch, is_as_designed: bool, half_width: float
) -> None:
    sighting = replace(formula.sighting(), read_from="markers")
    monkeypatch.setattr(MEASURE, "find_chart", lambda *_: sighting)
    assert _find_print(formula.photo(), {"as_designed": is_as_designed}) == (sighting, half_width)


@pytest.mark.parametrize(("other_half_mm", "is_said"), [(0.5, True), (1.0, False)])
def test_an_unchecked_print_is_named_where_it_makes_the_interval_a_quarter_wider(
    other_half_mm: float, is_said: bool
) -> None:
    """At 12 mm a print within 5.5 % makes 0.66 mm; beside 0.86 mm of all else that is a quarter."""
    half = math.hypot(0.055 * 12.0, other_half_mm)
    measured = Measurement(
        photo="a.jpg",
        status="measured",
        trustworthy=True,
        offset_mm=12.0,
        offset_ci95_mm=(12.0 - half, 12.0 + half),
        camera=CameraInfo(),
        findings=(),
    )
    codes = [found.code for found in _unchecked(measured).findings]
    assert codes == (["scale-unchecked"] if is_said else [])


@pytest.mark.parametrize(("distance_mm", "missing_mm"), [(300.0, 3.0), (1500.0, 45.0)])
def test_colours_of_a_jpeg_may_miss_six_times_the_largest_difference_that_is_left_or_a_thousandth_of_z2_over_f(
    monkeypatch: pytest.MonkeyPatch, distance_mm: float, missing_mm: float
) -> None:
    offsets = iter((8.5, 8.1, 7.7))

    def plane(*_: object, **__: object) -> FocusPlane:
        return formula.plane(next(offsets), 0.4)

    monkeypatch.setattr(MEASURE, "read_photo", lambda *_, **__: SimpleNamespace(has_jpeg_colours=True))
    monkeypatch.setattr(MEASURE, "_colour_plane", plane)
    grey = Measurement(
        photo="photo.jpg",
        status="measured",
        trustworthy=True,
        offset_mm=8.0,
        camera=CameraInfo(focal_length_mm=50.0),
        findings=(),
    )
    seen = replace(formula.pose(), translation_mm=np.array([0.0, 0.0, distance_mm]))
    found = _with_colours(grey, "photo.jpg", formula.sighting().chart, seen, has_colours=None).channels_mm
    assert found is not None
    low, high = found["blue"].offset_ci95_mm or (0.0, 0.0)
    assert (low + high) / 2 == pytest.approx(7.7)
    assert (high - low) / 2 == pytest.approx(math.hypot(0.4, missing_mm))
