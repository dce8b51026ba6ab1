"""The study of contrast at 30 lp/mm, on an ideal thin lens by formula, without pictures."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from contrast import COARSE_CYCLES, Contrast, Pieces, Spectra, pieces_of, pooled, transforms
from curve import Plane, View, find_plane
from layout import OUTER_GREY, ZONE_GREY, candidate_chart, pdf_bytes, sheet_edges
from scipy.special import ndtr

from backfocus.verify.geometry import Pose
from backfocus.verify.simulate import rasterise_pdf

Array = npt.NDArray[np.float64]

FOCAL_MM, PITCH_MM, DISTANCE_MM, PIXELS = 50.0, 0.006, 1500.0, (6000, 4000)
FINE_CYCLES = 30.0 * PITCH_MM
BLUR_PX = 0.5
PIECE_NOISE = 0.02
"""Of contrast: what single pieces of a sharp photo scatter by."""
NODES = 24


def pose() -> Pose:
    """A sheet at 45°, a little turned."""
    lean, turn = math.radians(45.0), math.radians(1.0)
    leaned = np.array([[1, 0, 0], [0, -math.cos(lean), math.sin(lean)], [0, math.sin(lean), math.cos(lean)]])
    turned = np.array([[math.cos(turn), -math.sin(turn), 0], [math.sin(turn), math.cos(turn), 0], [0, 0, 1]])
    focal_px = FOCAL_MM * DISTANCE_MM / (DISTANCE_MM - FOCAL_MM) / PITCH_MM
    at = np.array([3.0, -2.0, DISTANCE_MM])
    return Pose(turned @ leaned, at, focal_px, 0.0, np.zeros(3), (), PIXELS, np.zeros((11, 11)), 0.0)


def thin_lens(pieces: Pieces, f_number: float, focus_mm: Array, cycles: float, rng: np.random.Generator) -> Spectra:
    """Spectra of edges blurred by discs of light; `focus_mm` (n,) is the sharp distance for each edge's direction.

    A disc's line spread is a semicircle, which Chebyshev's nodes of the second kind integrate exactly.
    """
    distance = pose().camera_points(pieces.middle_mm)[:, 2]
    radius_px = FOCAL_MM * pose().focal_px / (2 * f_number) * np.abs(1 / distance - 1 / focus_mm)
    reach = math.ceil(pieces.clear_px.max()) + 1
    t = np.arange(-reach, reach + 1) + rng.uniform(-0.5, 0.5, (len(distance), 1))
    angle = np.pi * np.arange(1, NODES + 1) / (NODES + 1)
    spread = radius_px[:, None, None] * np.cos(angle)
    risen = ndtr((t[..., None] - spread) / BLUR_PX) @ (2 / (NODES + 1) * np.sin(angle) ** 2)
    step = pieces.sign * np.where(pieces.weak, 1 - ZONE_GREY, 1 - OUTER_GREY)
    light = 0.5 + step[:, None] * (risen - 0.5)
    found = transforms(light.astype(np.float32), t.astype(np.float32), pieces.clear_px, cycles)
    noise = PIECE_NOISE * rng.standard_normal((2, len(step)))
    lines = np.linalg.norm(pieces.end - pieces.start, axis=1)
    return Spectra((found + step * (noise[0] + 1j * noise[1]))[:, None], step, lines)


def contrasts(f_number: float, offset_mm: float, astigmatism_mm: float = 0.0) -> list[Contrast]:
    """Contrast for fine and coarse detail."""
    rng, pieces = np.random.default_rng(5), pieces_of(pose(), sheet_edges("a4"))
    focus = DISTANCE_MM + offset_mm + astigmatism_mm * (pieces.steep - 0.5)
    unmoved = np.zeros(len(focus))
    return [
        pooled(thin_lens(pieces, f_number, focus, cycles, rng), 0, cycles, unmoved, pieces, pose())
        for cycles in (FINE_CYCLES, COARSE_CYCLES)
    ]


def view(f_number: float) -> View:
    field = 2 * f_number * 0.02884 * (DISTANCE_MM / FOCAL_MM) ** 2
    return View(pose().translation_mm[:2], DISTANCE_MM, FOCAL_MM, f_number, field)


def plane(f_number: float, offset_mm: float, astigmatism_mm: float = 0.0) -> Plane:
    found = find_plane(*contrasts(f_number, offset_mm, astigmatism_mm), view(f_number))
    assert found is not None
    return found


@pytest.mark.parametrize(("f_number", "offset_mm"), [(1.4, -6.0), (2.0, 12.0), (4.0, -20.0)])
def test_the_plane_of_an_ideal_lens_is_within_its_interval(f_number: float, offset_mm: float) -> None:
    found = plane(f_number, offset_mm)
    assert found.refused is None
    assert abs(found.offset_mm - offset_mm) < min(found.half_mm, 0.01 * view(f_number).depth_of_field_mm)
    assert abs(found.astigmatism_mm) < found.astigmatism_half_mm


@pytest.mark.parametrize("astigmatism_mm", [-10.0, 10.0])
def test_astigmatism_is_the_plane_of_steep_edges_less_that_of_level_ones(astigmatism_mm: float) -> None:
    found = plane(2.8, 5.0, astigmatism_mm)
    assert found.astigmatism_mm * astigmatism_mm > 0
    assert abs(found.astigmatism_mm - astigmatism_mm) < found.astigmatism_half_mm < abs(astigmatism_mm)
    assert abs(found.offset_mm - 5.0) < found.half_mm


def test_a_lens_that_shows_no_fine_detail_has_no_single_plane() -> None:
    fine, coarse = contrasts(2.0, 0.0)
    found = find_plane(replace(fine, value=0.4 * fine.value), coarse, view(2.0))
    assert found is not None
    assert found.refused == "no-single-plane"


def test_both_directions_of_edges_are_at_every_depth_near_the_mark() -> None:
    edges = sheet_edges("a4")
    near = edges.column <= 2
    for row in np.unique(edges.row):
        directions = set(edges.steep[near & (edges.row == row)])
        assert directions == {False, True}, row


def test_ink_is_on_the_left_of_every_edge() -> None:
    chart, raster = candidate_chart("a4"), rasterise_pdf(pdf_bytes("a4"), dpi=150)
    start, end = (np.array([getattr(e, f"{way}_page_mm") for e in chart.edges]) for way in ("from", "to"))
    along = (end - start) / np.linalg.norm(end - start, axis=1)[:, None]
    left = np.column_stack([along[:, 1], -along[:, 0]])
    for side, inked in ((0.8, True), (-0.8, False)):
        at = ((start + end) / 2 + side * left) * 150 / 25.4
        ink = raster.ink[at[:, 1].astype(int), at[:, 0].astype(int)]
        assert ((ink > 50) == inked).all()
