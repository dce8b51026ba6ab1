"""Where finding a chart decides: each limit from both sides, on markers and pictures made by formula."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from backfocus.targets import Chart, build_chart
from backfocus.verify.detect import by_hand, find_chart, markers, sheets, why_not_found
from backfocus.verify.detect.find_chart import PlacedMarkers
from backfocus.verify.detect.markers import ReducedPhoto, SeenMarker
from backfocus.verify.detect.sheets import PageMap, SeenQr, Sheet
from backfocus.verify.edges.profiles import Segments
from backfocus.verify.findings import Refusal
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.reading import Photo

Array = npt.NDArray[np.float64]
LINEAR = np.linspace(0.0, 1.0, 65_536, dtype=np.float32)
PX_PER_MM = 4.0
PAGE_TO_PX = np.array([[PX_PER_MM, 0.0, 60.0], [0.0, PX_PER_MM, 40.0], [0.0, 0.0, 1.0]])


def photo(light: npt.ArrayLike) -> Photo:
    codes = np.rint(np.asarray(light, dtype=np.float64) * 65_535).astype(np.uint16)
    return Photo("drawn", codes, LINEAR, CameraInfo())


BLACK = photo(np.zeros((1300, 1000)))


def to_the_right(px: float) -> Array:
    return np.array([px, 0.0])


def page_of(chart: Chart, count: int | None = None) -> Array:
    return np.array([marker.corners_page_mm for marker in chart.markers][:count], dtype=np.float64)


def seen_on(
    chart: Chart, numbers: Any, shift_px: npt.ArrayLike = (0.0, 0.0), scale: float = 1.0
) -> list[SeenMarker]:
    """Markers of a sheet that lies square in the picture, moved as a whole."""
    page = page_of(chart)
    return [
        SeenMarker(
            chart.markers[number].id,
            scale * markers.map_points(PAGE_TO_PX, page[number]) + np.asarray(shift_px, dtype=np.float64),
        )
        for number in numbers
    ]


def sheet_of(chart: Chart, numbers: Any) -> Sheet:
    return Sheet(chart, tuple(seen_on(chart, numbers)), PageMap(chart, (PAGE_TO_PX,)))


def diagonal_px(chart: Chart) -> float:
    return PX_PER_MM * float(np.hypot(*chart.page_mm))


# Light and size of the picture.


@pytest.mark.parametrize(("light", "level"), [(0.5, 109), (0.01, 91), (0.0021, 56)])
def test_even_light_is_that_over_its_surroundings_and_a_darkness(light: float, level: int) -> None:
    """110 l / (l + 0.002)."""
    assert (markers.reduced(photo(np.full((200, 200), light)), 2000).even_light() == level).all()


def test_the_surroundings_are_a_twentieth_of_the_picture() -> None:
    light = np.zeros((200, 200))
    light[:, 100:] = 0.5
    across = markers.reduced(photo(light), 2000).even_light()[100]
    # Eleven pixels: five to either side.
    assert across[104] == pytest.approx(110 * 0.5 / (0.5 * 10 / 11 + 0.002), abs=1)
    assert across[105] == across[150] == 109


@pytest.mark.parametrize(("side_px", "factors"), [(6000, [3, 3, 2]), (10_000, [5, 5, 2]), (3000, [2, 2, 1])])
def test_looks_are_at_two_and_at_four_thousand_pixels(
    monkeypatch: pytest.MonkeyPatch, side_px: int, factors: list[int]
) -> None:
    looked: list[int] = []

    def detect(small: ReducedPhoto, _: object) -> list[SeenMarker]:
        looked.append(small.factor)
        return []

    monkeypatch.setattr(markers, "detect_markers", detect)
    black = photo(np.zeros((60, side_px)))
    list(markers.looks(black, markers.reduced(black, markers.REDUCED_SIDE_PX)))
    # Rounding is to the nearest even factor: 1.5 is 2, 2.5 is 2.
    assert looked == factors


@pytest.mark.parametrize(("light", "refused"), [(0.985, True), (0.96, False), (0.7, False)])
def test_white_is_all_but_full_light(light: float, refused: bool) -> None:
    picture = np.full((300, 300), light)
    picture[:100] = 0.2
    assert (why_not_found.bad_light(markers.reduced(photo(picture), 2000)) is not None) == refused


# Markers of one sheet.


@pytest.mark.parametrize(("off_cells", "fits"), [(0.36, True), (0.44, False)])
def test_two_markers_fit_closely_within_two_fifths_of_a_cell(chart: Chart, off_cells: float, fits: bool) -> None:
    page = page_of(chart, 2)
    pixels = markers.map_points(PAGE_TO_PX, page)
    cell_px = np.linalg.norm(pixels[0, 1] - pixels[0, 0]) / markers.CELLS
    assert sheets._fits_closely(PAGE_TO_PX, page, pixels + to_the_right(off_cells * cell_px)) == fits


@pytest.mark.parametrize(("off", "agrees"), [(0.0135, True), (0.0165, False)])
def test_a_marker_agrees_within_a_sixtieth_of_the_sheet(chart: Chart, off: float, agrees: bool) -> None:
    seen = seen_on(chart, [0], [off * diagonal_px(chart), 0.0])
    found = sheets._agreeing(chart, PAGE_TO_PX, seen, page_of(chart, 1), np.array([seen[0].corners_px]))
    assert found == ([0] if agrees else [])


@pytest.mark.parametrize(("off", "is_own"), [(0.042, True), (0.058, False)])
def test_a_marker_just_beside_the_sheet_is_its_own(chart: Chart, off: float, is_own: bool) -> None:
    right_px = PAGE_TO_PX[0, 2] + PX_PER_MM * chart.page_mm[0]
    square = np.array([[-9.0, -9.0], [9.0, -9.0], [9.0, 9.0], [-9.0, 9.0]])
    stray = SeenMarker(chart.markers[0].id, square + np.array([right_px + off * diagonal_px(chart), 500.0]))
    _, rest = sheets.tell_sheets_apart([*seen_on(chart, [1, 2, 3, 4]), stray])
    assert rest == ([] if is_own else [stray])


@pytest.mark.parametrize(("strays", "found"), [(20, 4), (26, 0)])
def test_the_two_dozen_largest_markers_are_looked_at(chart: Chart, strays: int, found: int) -> None:
    rng = np.random.default_rng(1)
    larger = [
        SeenMarker(
            chart.markers[0].id, 300 * np.array([[0, 0], [1, 0.2], [1.3, 1], [0, 1.4]]) + rng.uniform(0, 999, 2)
        )
        for _ in range(strays)
    ]
    whole, _ = sheets.tell_sheets_apart([*larger, *seen_on(chart, [1, 2, 3, 4])])
    assert sum(len(sheet.members) for sheet in whole) == found


def test_no_more_than_eight_sheets_are_looked_for(chart: Chart) -> None:
    prints = [seen_on(chart, [0, 5], [900.0 * place, 40.0 * place**1.5]) for place in range(10)]
    whole, _ = sheets.tell_sheets_apart([marker for some in prints for marker in some])
    assert len(whole) == 8


@pytest.mark.parametrize(("off", "belongs"), [(0.017, True), (0.023, False)])
def test_a_wing_leaves_the_fold_by_no_more_than_a_fiftieth_of_it(off: float, belongs: bool) -> None:
    """A single marker that is moved along the fold: the wing's map, fitted to both, misses both."""
    card = build_chart("zfold")
    wing = card.panels[1]
    start, end = np.asarray(wing.hinge_page_mm, dtype=np.float64)
    hinge = start + np.linspace(0.0, 1.0, 5)[:, None] * (end - start)
    numbers = [number for number, marker in enumerate(card.markers) if marker.panel == wing.name]
    hinge_px = markers.map_points(PAGE_TO_PX, hinge)
    length_px = float(np.linalg.norm(hinge_px[-1] - hinge_px[0]))
    own = seen_on(card, numbers)
    moved = [SeenMarker(own[0].id, own[0].corners_px + off * length_px), *own[1:]]
    assert (sheets._wing(card, moved, hinge, hinge_px) is not None) == belongs


# The QR code.


def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Shapes of the pictures in which a code is looked for; there is none in any."""
    import zxingcpp

    shapes: list[tuple[int, ...]] = []
    monkeypatch.setattr(zxingcpp, "read_barcodes", lambda image, **_: shapes.append(image.shape) or [])
    return shapes


def square(side_px: float, left: float = 500.0, top: float = 500.0) -> Array:
    return np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]) * side_px + [left, top]


@pytest.mark.parametrize(("side_px", "looked_px"), [(100, 170), (16, 28), (12, None)])
def test_a_code_is_looked_for_with_a_third_of_its_side_around_it(
    monkeypatch: pytest.MonkeyPatch, side_px: float, looked_px: int | None
) -> None:
    """Unless that is less than 25 px wide."""
    shapes = looked_at(monkeypatch)
    assert sheets.read_qr(BLACK, square(side_px)) is None
    assert shapes == [] if looked_px is None else shapes[0][0] == pytest.approx(looked_px, abs=2)


def test_codes_are_read_at_800_px_and_in_the_whole_photo_at_1600(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = looked_at(monkeypatch)
    wide = photo(np.zeros((400, 8000)))
    sheets.read_qr(wide, np.array([[1000.0, 100.0], [7000.0, 100.0], [7000.0, 300.0], [1000.0, 300.0]]))
    assert shapes[0] == (34, 800)
    shapes.clear()
    sheets.read_any_qr(wide)
    assert shapes[0] == (80, 1600)


@pytest.mark.parametrize(("off", "refused"), [(0.27, False), (0.33, True)])
def test_a_code_beside_its_place_contradicts_the_markers(
    monkeypatch: pytest.MonkeyPatch, chart: Chart, off: float, refused: bool
) -> None:
    expected = markers.map_points(PAGE_TO_PX, np.asarray(chart.qr.corners_page_mm, dtype=np.float64))
    side_px = float(np.linalg.norm(expected[1] - expected[0]))
    monkeypatch.setattr(find_chart, "read_qr", lambda *_: SeenQr(chart, expected + to_the_right(off * side_px)))
    sheet = sheet_of(chart, range(4))
    try:
        assert find_chart._witness(BLACK, sheet, placed(chart, 4)) == chart
        assert not refused
    except Refusal as refusal:
        assert refused
        assert refusal.finding.code == "qr-contradicts-markers"


# Placing markers.


def placed(chart: Chart, known: int) -> PlacedMarkers:
    page = page_of(chart)
    one = np.arange(len(page)) < known
    pixels = markers.map_points(PAGE_TO_PX, page)
    return PlacedMarkers(page, pixels, np.ones(len(page)), one, np.zeros_like(one), PageMap(chart, (PAGE_TO_PX,)))


def test_three_markers_that_cannot_be_refined_are_placed_to_an_eighth_of_a_cell(chart: Chart) -> None:
    found = find_chart.place_markers(BLACK, sheet_of(chart, range(3)))
    assert found.known.sum() == 3
    sides = np.linalg.norm(found.corners_px[0] - np.roll(found.corners_px[0], 1, axis=0), axis=1)
    assert found.sd_px[0] == pytest.approx(0.12 * sides.mean() / markers.CELLS)
    with pytest.raises(Refusal) as refusal:
        find_chart.place_markers(BLACK, sheet_of(chart, range(2)))
    assert refusal.value.finding.code == "too-few-markers"


@pytest.mark.parametrize(("off_cells", "ok"), [(0.41, True), (0.44, False)])
def test_a_refined_corner_is_within_three_fifths_of_a_cell(
    monkeypatch: pytest.MonkeyPatch, chart: Chart, off_cells: float, ok: bool
) -> None:
    """With all sides moved, a corner moves by the root of two times as much; 1.7 blurs of window will do."""
    quads = markers.map_points(PAGE_TO_PX, page_of(chart))

    def strips(_: Photo, __: Segments, clear_px: Array, min_window_blurs: float) -> SimpleNamespace:
        assert min_window_blurs == 1.7
        count = len(clear_px)
        fits = SimpleNamespace(shift_sd_px=np.full(count, 0.1), blur_px=np.ones(count))
        return SimpleNamespace(which=np.arange(count), shift_px=off_cells * clear_px, fits=fits)

    monkeypatch.setattr(markers, "measure_strips", strips)
    assert (markers.refine_corners(BLACK, quads).ok == ok).all()


@pytest.mark.parametrize(("count", "kept"), [(2, 2), (3, 2)])
def test_of_three_markers_a_wrong_one_is_noticed_and_of_two_it_is_not(chart: Chart, count: int, kept: int) -> None:
    page = page_of(chart, count)
    pixels = markers.map_points(PAGE_TO_PX, page)
    pixels[-1] += [150.0, -90.0]
    assert find_chart._on_one_plane(page, pixels, np.ones(count, dtype=bool)).sum() == kept


@pytest.mark.parametrize(("off", "agrees"), [(0.0087, True), (0.0115, False)])
def test_a_marker_may_disagree_by_a_hundredth_of_the_sheet(chart: Chart, off: float, agrees: bool) -> None:
    page = page_of(chart)
    pixels = markers.map_points(PAGE_TO_PX, page)
    size_px = float(np.linalg.norm(np.ptp(pixels.reshape(-1, 2), axis=0)))
    pixels[3] += [off * size_px, 0.0]
    assert find_chart._on_one_plane(page, pixels, np.ones(len(page), dtype=bool))[3] == agrees


@pytest.mark.parametrize(("first", "members"), [(4, 6), (5, 5)])
def test_a_look_that_shows_five_markers_of_a_sheet_is_enough(
    monkeypatch: pytest.MonkeyPatch, chart: Chart, first: int, members: int
) -> None:
    def looks(_: Photo, __: ReducedPhoto) -> Iterator[list[SeenMarker]]:
        yield seen_on(chart, range(first))
        yield seen_on(chart, range(6))

    monkeypatch.setattr(find_chart, "looks", looks)
    (sheet,), _ = find_chart._sheets(BLACK, markers.reduced(BLACK, 1000))
    assert len(sheet.members) == members


@pytest.mark.parametrize(("likeness", "known", "told"), [(0.2, 3, True), (0.3, 3, False), (0.2, 2, False)])
def test_a_covered_sheet_is_told_from_one_that_is_seen(
    monkeypatch: pytest.MonkeyPatch, chart: Chart, likeness: float, known: int, told: bool
) -> None:
    """What is less alike than a quarter is not seen; three markers must be known to say so."""
    monkeypatch.setattr(find_chart, "likeness", lambda _, quads, __: np.full(len(quads), likeness))
    small = markers.reduced(BLACK, 2000)
    found = find_chart.completeness_findings(small, sheet_of(chart, range(known)), placed(chart, known), [])
    assert [finding.code for finding in found] == (["half-covered"] if told else [])


@pytest.mark.parametrize(("likeness", "genuine"), [(0.8, False), (0.9, True)])
def test_a_marker_of_another_chart_must_be_much_alike(
    monkeypatch: pytest.MonkeyPatch, chart: Chart, likeness: float, genuine: bool
) -> None:
    monkeypatch.setattr(why_not_found, "likeness", lambda *_: np.array([likeness]))
    seen = seen_on(chart, [0])
    assert why_not_found.genuine(markers.reduced(BLACK, 2000), seen) == (seen if genuine else [])


# A sheet whose corners were marked.


@pytest.mark.parametrize(("off", "taken"), [(0.07, True), (0.09, False)])
def test_marked_corners_choose_a_sheet_within_a_twelfth_of_its_diagonal(
    chart: Chart, off: float, taken: bool
) -> None:
    sheet = sheet_of(chart, range(4))
    corners = sheet.outline_px + to_the_right(off * diagonal_px(chart))
    try:
        assert by_hand.sheet_between(BLACK, corners, None, [sheet]) is sheet
        assert taken
    except Refusal:
        assert not taken


@pytest.mark.parametrize(("turned", "is_upright"), [(0.58, True), (0.62, False)])
def test_a_sheet_is_upside_down_if_it_is_more_alike_by_a_tenth(
    monkeypatch: pytest.MonkeyPatch, chart: Chart, turned: float, is_upright: bool
) -> None:
    """By its four best markers."""
    best = iter((0.5, turned))
    monkeypatch.setattr(by_hand, "likeness", lambda *_: next(best) + np.array([-0.3, 0.1, -0.1, 0.2, -0.2, -0.4]))
    guess = by_hand._judged(markers.reduced(BLACK, 2000), chart, PAGE_TO_PX, 0.9)
    assert guess.is_upright == is_upright
    assert guess.likeness == pytest.approx(0.5)
