"""The paper as a ruler: the outline of a sheet in a picture, and what print explains it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backfocus.targets import build_chart
from backfocus.verify.detect.find_chart import Sighting
from backfocus.verify.detect.outline import Outline, Side, find_outline
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.reading import Photo
from backfocus.verify.prints.calibration import sighting_at_scale
from backfocus.verify.prints.paper import PaperScale, paper_scale

A4, LETTER, LEGAL = (210.0, 297.0), (215.9, 279.4), (215.9, 355.6)
CHART = build_chart("flat", "a4")
COLUMNS, ROWS = 1500, 1200
PAGE_TO_PIXELS = cv2.getPerspectiveTransform(
    np.array([(0, 0), (210, 0), (210, 297), (0, 297)], dtype=np.float32),
    np.array([(480, 250), (1040, 270), (1120, 900), (390, 880)], dtype=np.float32),
)
"""A page that leans back, 2.7 px a mm and more."""

Box = tuple[float, float, float, float]


def pixels(page_mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
    points = np.asarray(page_mm, dtype=np.float64)
    return np.asarray(cv2.perspectiveTransform(points.reshape(1, -1, 2), PAGE_TO_PIXELS)).reshape(points.shape)


def outline_of(*boxes: tuple[Box, float], desk: float = 0.2, blur_px: float = 2.0) -> Outline | None:
    """The outline found in a picture of boxes (left, top, right, bottom in mm of the page; light), last on top."""
    light = np.full((2 * ROWS, 2 * COLUMNS), desk, dtype=np.float32)
    for (left, top, right, bottom), grey in boxes:
        corners = pixels([(left, top), (right, top), (right, bottom), (left, bottom)])
        # Half a fine pixel: where the middle of a pixel lies once two by two are averaged.
        cv2.fillPoly(light, [np.rint((2 * corners + 0.5) * 16).astype(np.int32)], grey, cv2.LINE_8, 4)
    light = cv2.resize(cv2.GaussianBlur(light, (0, 0), 2 * blur_px), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(3).normal(0.0, 0.01, light.shape)
    codes = np.clip(np.rint(255 * (light + noise)), 0, 255).astype(np.uint8)
    photo = Photo("drawn", codes, np.linspace(0.0, 1.0, 256, dtype=np.float32), CameraInfo())
    return find_outline(photo, sighting())


def sighting() -> Sighting:
    page = np.array([marker.corners_page_mm for marker in CHART.markers])
    count = len(page)
    ids = np.array([marker.id for marker in CHART.markers])
    every = np.ones(count, dtype=bool)
    return Sighting(CHART, "qr", ids, page, pixels(page), np.full(count, 0.05), every)


def scale_of(*boxes: tuple[Box, float], **kinds: float) -> PaperScale | None:
    outline = outline_of(*boxes, **kinds)
    return None if outline is None else paper_scale(CHART, outline)


def centred(paper: tuple[float, float], scale: float, shift: tuple[float, float] = (0.0, 0.0)) -> Box:
    """A paper around the page printed on it at a scale, in the page's mm."""
    width, height = paper[0] / scale, paper[1] / scale
    left, top = (210.0 - width) / 2 + shift[0], (297.0 - height) / 2 + shift[1]
    return (left, top, left + width, top + height)


PAGE = centred(A4, 1.0)


@pytest.mark.parametrize(
    ("paper", "scale", "name"),
    [
        (A4, 1.0, "a4"),
        (A4, 0.94, "a4"),
        (A4, 0.97, "a4"),
        (A4, 1.03, "a4"),
        (LETTER, 0.92, "letter"),
        (LEGAL, 1.0, "legal"),
    ],
)
def test_the_outline_tells_the_scale_of_the_print(paper: tuple[float, float], scale: float, name: str) -> None:
    found = scale_of((centred(paper, scale), 0.8))
    assert found is not None
    assert (found.scale, found.paper) == (pytest.approx(scale, rel=0.002), name)
    assert abs(found.scale - scale) < found.half_width_95 * scale


@pytest.mark.parametrize(("desk", "blur_px"), [(0.05, 2.0), (0.6, 2.0), (1.0, 2.0), (0.2, 6.0)])
def test_desk_may_be_dark_or_brighter_than_the_paper_and_its_sides_out_of_focus(
    desk: float, blur_px: float
) -> None:
    found = scale_of((centred(A4, 0.94), 0.75), desk=desk, blur_px=blur_px)
    assert found is not None
    assert found.scale == pytest.approx(0.94, rel=0.003)


def test_a_wall_as_bright_as_the_paper_tells_nothing() -> None:
    assert outline_of((centred(A4, 0.94), 0.8), desk=0.82) is None


@pytest.mark.parametrize("border_mm", [2.0, 3.0, 5.0, 10.0])
def test_a_sheet_on_a_white_card_with_a_border_tells_nothing(border_mm: float) -> None:
    assert scale_of(((-border_mm, -border_mm, 210 + border_mm, 297 + border_mm), 0.8)) is None


@pytest.mark.parametrize("border_mm", [5.0, 10.0, 20.0])
def test_a_grey_card_under_the_sheet_is_not_taken_for_it(border_mm: float) -> None:
    card = (-border_mm, -border_mm, 210 + border_mm, 297 + border_mm)
    found = scale_of((card, 0.4), (PAGE, 0.8))
    assert found is not None
    assert found.scale == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize("cut_mm", [2.0, 4.0, 6.0])
def test_a_sheet_cut_on_all_sides_tells_nothing(cut_mm: float) -> None:
    assert scale_of(((cut_mm, cut_mm, 210 - cut_mm, 297 - cut_mm), 0.8)) is None


def test_two_sheets_on_each_other_are_not_taken_for_one_printed_smaller() -> None:
    """Together they have the shape of A4, at 96.6 %."""
    assert scale_of((PAGE, 0.8), ((7.4, 10.5, 217.4, 307.5), 0.8)) is None


def test_a_thing_that_lies_askew_along_the_sheet_makes_it_no_ruler() -> None:
    assert scale_of((PAGE, 0.8), desk=0.2) is not None
    askew = outline_of((PAGE, 0.8), ((0.0, 292.0, 210.0, 400.0), 0.3))
    assert askew is not None and askew.bottom is not None
    assert askew.bottom.at_mm == pytest.approx(292.0, abs=0.5)


def test_a_lower_end_hidden_by_a_ledge_leaves_the_width_to_tell() -> None:
    found = scale_of((PAGE, 0.8), ((-40.0, 292.0, 250.0, 400.0), 0.3))
    assert found is not None
    assert (found.scale, found.paper) == (pytest.approx(1.0, abs=0.002), "a4")


def test_half_of_the_sheet_hidden_tells_nothing() -> None:
    assert scale_of((centred(A4, 0.94), 0.8), ((-40.0, -40.0, 110.0, 340.0), 0.3)) is None


def outline(width: float, height: float, left: float = 0.0, top: float = 0.0) -> Outline:
    def side(at_mm: float) -> Side:
        return Side(at_mm, 0.0, 0.01, 1.0, -0.5)

    return Outline(side(left), side(left + width), side(top), side(top + height))


def test_narrow_borders_and_odd_scales_between_exact_and_fitted_tell_nothing() -> None:
    for scale, is_told in (
        (0.9945, True),
        (0.993, False),
        (0.985, False),
        (0.978, True),
        (0.907, True),
        (0.9, False),
    ):
        box = centred(A4, scale)
        found = paper_scale(CHART, outline(box[2] - box[0], box[3] - box[1], box[0], box[1]))
        assert (found is not None) == is_told, scale


def test_a_page_is_not_said_to_be_fitted_to_a_smaller_paper_of_the_same_shape() -> None:
    """63 % on A5 looks as 90 % on A4."""
    assert paper_scale(CHART, outline(148 / 0.634, 210 / 0.634, -11.7, -17.1)) is None


def test_a_chart_made_for_a3_names_a4_as_well() -> None:
    """Fitted to A3 or to A4, the picture is the same."""
    chart = build_chart("flat", "a3")
    found = paper_scale(chart, outline(297 / 0.95, 420 / 0.95, -7.8, -11.0))
    assert found is not None
    assert found.scale == pytest.approx(0.95)
    assert "A4" in found.words


def test_folded_cards_lie_across_their_paper() -> None:
    chart = build_chart("zfold", "a4")
    found = paper_scale(chart, outline(297 / 0.96, 210 / 0.96, -6.2, -4.4))
    assert found is not None
    assert (found.scale, found.paper) == (pytest.approx(0.96), "a4")


def test_a_sighting_at_a_scale_has_its_corners_and_edges_there() -> None:
    smaller = sighting_at_scale(sighting(), 0.94)
    mark = np.array(CHART.af_mark_page_mm)
    assert smaller.corners_page_mm - mark == pytest.approx(0.94 * (sighting().corners_page_mm - mark))
    assert smaller.chart.edges[0].clear_mm == pytest.approx(0.94 * CHART.edges[0].clear_mm)
