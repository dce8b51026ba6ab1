"""Charts are found where they are, in bad light too, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backfocus.targets import Chart, build_chart
from backfocus.targets.ids import marker_cells
from backfocus.verify.detect.find_chart import Sighting, find_chart
from backfocus.verify.detect.markers import (
    REDUCED_SIDE_PX,
    SeenMarker,
    fit_homography,
    likeness,
    looks,
    map_points,
    reduced,
)
from backfocus.verify.detect.sheets import read_qr, tell_sheets_apart
from backfocus.verify.detect.why_not_found import least_blur_px
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.pixels import Codes
from backfocus.verify.photo.reading import Photo
from backfocus.verify.photo.tone import light_table, srgb_curve
from backfocus.verify.simulate import Lens, SheetPose, VirtualShot

Array = npt.NDArray[np.float64]
Take = Callable[..., VirtualShot]
PENUMBRA_PX = 30.0
"""Of a shadow; a jump from one column to the next is a damaged picture."""


def photo(codes: Codes) -> Photo:
    return Photo("photo", codes, light_table(srgb_curve, np.iinfo(codes.dtype).max + 1), CameraInfo())


@pytest.fixture(scope="module")
def shot(take: Take) -> VirtualShot:
    return take(8.0)


def error_px(sighting: Sighting, shot: VirtualShot) -> Array:
    truth = np.array([shot.truth.marker_corners_px[int(name)] for name in sighting.marker_ids])
    return np.linalg.norm(sighting.corners_px - truth, axis=2).max(axis=1)


def relit(codes: npt.NDArray[np.uint8], gain: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return the picture as if there had been `gain` times the light."""
    light = light_table(srgb_curve, 256)[codes] * np.asarray(gain)
    table = light_table(srgb_curve, 256)
    return np.searchsorted(table, np.clip(light, 0, 1)).astype(np.uint8)


def test_corners_are_placed_to_a_fraction_of_a_pixel(take: Take) -> None:
    in_focus = take(0.0, lens=Lens(85.0, 4.0))
    sighting = find_chart(photo(in_focus.codes))
    assert len(sighting.marker_ids) == 14
    assert sighting.refined.all()
    assert error_px(sighting, in_focus).max() < 0.25


def test_markers_too_blurred_to_refine_are_placed_roughly(take: Take) -> None:
    blurred = take(90.0)
    sighting = find_chart(photo(blurred.codes))
    assert len(sighting.marker_ids) >= 4
    assert not sighting.refined.all()
    assert error_px(sighting, blurred).max() < 10.0


def test_sixteen_bits_give_the_same(shot: VirtualShot) -> None:
    deep, shallow = find_chart(photo(shot.codes16)), find_chart(photo(shot.codes))
    assert deep.chart == shallow.chart
    assert (deep.marker_ids == shallow.marker_ids).all()
    assert (deep.refined == shallow.refined).all() and deep.refined.any()
    np.testing.assert_allclose(deep.corners_px[deep.refined], shallow.corners_px[deep.refined], atol=0.05)
    apart = np.abs(deep.corners_px - shallow.corners_px).max(axis=(1, 2))
    assert (apart < 3.0 * shallow.corner_sd_px).all(), "the others as they are told to be known"


@pytest.mark.parametrize("gain", [0.3, 0.1, 0.05])
def test_a_dark_chart_beside_a_bright_lamp_is_found(shot: VirtualShot, gain: float) -> None:
    codes = relit(shot.codes, gain)
    codes[:300] = 255
    assert len(find_chart(photo(codes)).marker_ids) >= 5


def test_a_chart_half_in_deep_shadow_is_found_on_both_sides(shot: VirtualShot) -> None:
    columns = shot.codes.shape[1]
    lit = np.clip((columns / 2 - np.arange(columns)) / PENUMBRA_PX + 0.5, 0.0, 1.0)
    gain = np.broadcast_to(0.08 + 0.92 * lit, shot.codes.shape)
    sighting = find_chart(photo(relit(shot.codes, gain)))
    assert {0, 1, 2, 3} <= set(sighting.marker_ids)


@pytest.mark.parametrize("size", [0.3, 0.5])
def test_a_chart_that_is_small_in_a_large_picture_is_found(shot: VirtualShot, size: float) -> None:
    small = np.asarray(cv2.resize(shot.codes, None, fx=size, fy=size, interpolation=cv2.INTER_AREA))
    canvas = np.random.default_rng(2).integers(60, 110, (4000, 6000), dtype=np.uint8)
    top, left = 900, 3100
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    sighting = find_chart(photo(canvas))
    assert sighting.chart.paper == "a4"
    assert len(sighting.marker_ids) >= 4
    truth = np.array([shot.truth.marker_corners_px[int(name)] for name in sighting.marker_ids])
    np.testing.assert_allclose(sighting.corners_px, (truth + 0.5) * size - 0.5 + [left, top], atol=5.0)


def test_a_sheet_that_overfills_the_frame_is_found(take: Take) -> None:
    close = take(2.0, pose=SheetPose(45.0, 0.0, 0.0, 560.0), lens=Lens(85.0, 8.0))
    sighting = find_chart(photo(close.codes))
    assert 4 <= len(sighting.marker_ids) < 14
    assert error_px(sighting, close).max() < 2.0


def test_no_chart_is_seen_in_patterns_that_look_like_markers() -> None:
    for seed in range(6):
        patterns = photo(random_patterns(seed))
        small = reduced(patterns, REDUCED_SIDE_PX)
        assert not any(tell_sheets_apart(seen)[0] for seen in looks(patterns, small))


def random_patterns(seed: int) -> npt.NDArray[np.uint8]:
    """A hundred squares with black borders and random cells; two in a hundred happen to be markers."""
    rng = np.random.default_rng(seed)
    picture = np.full((1400, 2000), 230, np.uint8)
    for row, column in np.ndindex(8, 12):
        cells = np.zeros((6, 6), np.uint8)
        cells[1:5, 1:5] = 220 * rng.integers(0, 2, (4, 4), dtype=np.uint8)
        square = np.kron(cells, np.ones((rng.integers(5, 20),) * 2, np.uint8))
        top, left = 20 + 170 * row, 20 + 160 * column
        picture[top : top + len(square), left : left + len(square)] = square
    return picture


def seen_on(chart: Chart, page_to_px: Array, ids: Sequence[int]) -> list[SeenMarker]:
    corners = {marker.id: np.asarray(marker.corners_page_mm) for marker in chart.markers}
    return [SeenMarker(name, map_points(page_to_px, corners[name])) for name in ids]


def standing_at(x: float, y: float, seed: int) -> Array:
    """Return the homography of a sheet, 500 px wide or so, turned and leaning at random."""
    rng = np.random.default_rng(seed)
    outline = np.array([[0, 0], [210, 0], [210, 297], [0, 297]], dtype=np.float64)
    turn = rng.uniform(-0.4, 0.4)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = 2.4 * (outline - [105, 148]) * [1.0, 0.7] @ rotation.T + rng.normal(size=(4, 2)) * 20 + [x, y]
    homography = fit_homography(outline, corners)
    assert homography is not None
    return homography


@pytest.mark.parametrize("seed", range(8))
def test_markers_of_two_prints_of_one_chart_are_told_apart(chart: Chart, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids = [marker.id for marker in chart.markers]
    first = seen_on(chart, standing_at(500, 600, 2 * seed), ids)
    second = seen_on(chart, standing_at(1300, 700, 2 * seed + 1), list(rng.permutation(ids)[:5]))
    stray = SeenMarker(3, rng.uniform(1700, 1730, (4, 2)))
    mixed = [*first, *second, stray]
    sheets, others = tell_sheets_apart([mixed[index] for index in rng.permutation(len(mixed))])
    assert [set(sheet.members) for sheet in sheets] == [set(first), set(second)]
    assert others == [stray]


def test_charts_for_different_papers_are_told_apart(chart: Chart) -> None:
    letter = build_chart(paper="letter")
    first = seen_on(chart, standing_at(500, 600, 1), [marker.id for marker in chart.markers])
    second = seen_on(letter, standing_at(1300, 600, 2), [marker.id for marker in letter.markers][:3])
    sheets, others = tell_sheets_apart([*second, *first])
    assert [sheet.chart.paper for sheet in sheets] == ["a4", "letter"]
    assert not others


def test_a_false_marker_does_not_move_the_sheet(chart: Chart) -> None:
    true = standing_at(500, 600, 5)
    ids = [marker.id for marker in chart.markers]
    wrong = SeenMarker(ids[0], np.array([[700, 500], [740, 505], [735, 545], [698, 540]], dtype=np.float64))
    (sheet,), _ = tell_sheets_apart([wrong, *seen_on(chart, true, ids[1:5])])
    np.testing.assert_allclose(sheet.page_map.homographies[0], true, atol=1e-6)


def test_one_marker_alone_makes_no_sheet(chart: Chart) -> None:
    alone = seen_on(chart, standing_at(500, 600, 5), [chart.markers[0].id])
    assert tell_sheets_apart(alone) == ([], alone)


def test_a_sheet_cannot_be_seen_from_behind() -> None:
    page = np.array([[0, 0], [210, 0], [210, 297], [0, 297]], dtype=np.float64)
    assert fit_homography(page, page * [-1.0, 1.0] + [400.0, 0.0]) is None


def test_markers_are_recognised_when_blurred_and_not_where_they_are_covered(take: Take) -> None:
    blurred = take(60.0)
    ids = sorted(blurred.truth.marker_corners_px)
    quads = np.array([blurred.truth.marker_corners_px[name] for name in ids])
    small = reduced(photo(blurred.codes), 2000)
    assert likeness(small, quads, ids).min() > 0.6
    swapped = likeness(small, quads, [*ids[1:], ids[0]])
    assert (swapped < likeness(small, quads, ids)).all()
    covered = blurred.codes.copy()
    cv2.circle(covered, np.rint(quads[0].mean(axis=0)).astype(int).tolist(), 150, 128, cv2.FILLED)
    assert abs(likeness(reduced(photo(covered), 2000), quads[:1], ids[:1])[0]) < 0.25
    assert likeness(small, quads[:1] - 5000.0, ids[:1])[0] == 0.0


def test_printed_cells_and_their_likeness_agree() -> None:
    picture = np.full((240, 240), 200, np.uint8)
    picture[40:160, 40:160] = np.kron(np.where(marker_cells(7), 10, 200), np.ones((20, 20))).astype(np.uint8)
    quad = np.array([[[39.5, 39.5], [159.5, 39.5], [159.5, 159.5], [39.5, 159.5]]])
    small = reduced(photo(picture), 2000)
    assert likeness(small, quad, [7])[0] > 0.99
    assert max(likeness(small, quad, [other])[0] for other in range(80) if other != 7) < 0.9


@pytest.mark.parametrize("blur_px", [4.0, 8.0])
def test_the_least_blur_of_a_picture_is_estimated(blur_px: float) -> None:
    rng = np.random.default_rng(4)
    squares = np.kron(rng.integers(0, 2, (12, 18)) * 180.0 + 20.0, np.ones((80, 80)))
    blurred = cv2.GaussianBlur(squares, (0, 0), blur_px) + rng.normal(size=squares.shape) * 3.0
    assert least_blur_px(np.clip(blurred, 0, 255).astype(np.uint8)) == pytest.approx(blur_px, rel=0.25)


def test_qr_codes_are_read_where_they_are(chart: Chart, shot: VirtualShot) -> None:
    expected = shot.truth.page_to_pixel(chart.qr.corners_page_mm)
    seen = read_qr(photo(shot.codes), expected)
    assert seen is not None
    assert seen.chart == chart
    np.testing.assert_allclose(seen.corners_px, expected, atol=4.0)


@pytest.mark.parametrize(
    "expected",
    [
        [[-500, -500], [-400, -500], [-400, -400], [-500, -400]],
        [[5000, 100], [5100, 100], [5100, 200], [5000, 200]],
        [[100, 100], [103, 100], [103, 103], [100, 103]],
        [[np.nan, 0], [1, 0], [1, 1], [0, 1]],
        [[np.inf, 0], [1, 0], [1, 1], [0, 1]],
        [[-1e9, -1e9], [1e9, -1e9], [1e9, 1e9], [-1e9, 1e9]],
    ],
)
def test_a_qr_code_that_cannot_be_there_is_not_read(take: Take, expected: list[list[float]]) -> None:
    plain = take(0.0, lens=Lens(24.0, 8.0), pose=SheetPose(af_mark_distance_mm=3000.0))
    assert read_qr(photo(plain.codes), np.array(expected, dtype=np.float64)) is None


def test_reduced_pictures_keep_places(shot: VirtualShot) -> None:
    whole = photo(shot.codes)
    points = np.array([[0.0, 0.0], [1234.5, 777.25]])
    for longest in (500, 1000, 10_000):
        small = reduced(whole, longest)
        np.testing.assert_allclose(small.in_photo(small.from_photo(points)), points, atol=1e-9)
        x, y = small.in_photo([10.0, 20.0])
        block = whole.codes[int(y - (small.factor - 1) / 2) :, int(x - (small.factor - 1) / 2) :]
        mean = block[: small.factor, : small.factor].mean()
        assert small.codes[20, 10] == pytest.approx(mean, abs=0.51)
