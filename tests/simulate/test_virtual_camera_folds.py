"""Folded sheets against rays traced one by one. The geometry is written out here, not taken from the camera."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial.transform import Rotation
from scipy.stats import qmc
from simulated import folded_shots
from virtual_scene import CHART, CLEAR, MARK, PERFECT, PITCH_MM, SMALL, linear

from backfocus.targets import build_chart
from backfocus.targets.chart import Marker, Panel
from backfocus.verify.simulate import Lens, Sensor, SheetPose, SheetRaster, Truth, VirtualShot, shoot

Array = npt.NDArray[np.float64]

WIDTH, HEIGHT = CHART.page_mm
LEFT, RIGHT = 75.0, 140.0
"""Where the folds are on the page, from top to bottom."""
LENS = Lens(50, 1.2, aberration_um=0.0, **CLEAR)
SENSOR = replace(SMALL, filter_sigma_px=0.0)
PAPER, INK = 0.7, 0.7 * 0.04 / 0.85
CELL_MM = 7.0
RAYS = 4096


def strip(name: str, left: float, right: float, hinge: float | None, fold_deg: float) -> Panel:
    outline = ((left, 0.0), (right, 0.0), (right, HEIGHT), (left, HEIGHT))
    ends = None if hinge is None else ((hinge, 0.0), (hinge, HEIGHT))
    return Panel(name, outline, ends, fold_deg)


FOLDED = replace(
    CHART,
    panels=(
        strip("middle", LEFT, RIGHT, None, 0.0),
        strip("left", 0.0, LEFT, LEFT, 45.0),
        strip("right", RIGHT, WIDTH, RIGHT, -45.0),
    ),
    markers=tuple(
        Marker(number, panel, ((x, y), (x + 20, y), (x + 20, y + 20), (x, y + 20)))
        for number, (panel, x, y) in enumerate((("left", 20, 60), ("middle", 80, 40), ("right", 170, 200)))
    ),
)


def sheet_of(shade: Callable[[Array, Array], Array]) -> SheetRaster:
    """A page with ink where the function of x and y in mm says so."""
    x, y = (np.arange(round(side * 10)) / 10 + 0.05 for side in (WIDTH, HEIGHT))
    return SheetRaster(np.where(shade(x[None, :], y[:, None]), 255, 0).astype(np.uint8), CHART.page_mm)


def squares(x: Array, y: Array) -> Array:
    """Ink of a chequered page with blank borders."""
    inside = (x > 5) & (x < WIDTH - 5) & (y > 5) & (y < HEIGHT - 5)
    return inside & ((np.floor(x / CELL_MM) + np.floor(y / CELL_MM)) % 2 == 0)


CHEQUERED = sheet_of(squares)
BLANK = sheet_of(lambda x, y: np.zeros(np.broadcast_shapes(x.shape, y.shape)))


def take(pose: SheetPose, sheet: SheetRaster = CHEQUERED, **changes: Any) -> VirtualShot:
    return shoot(sheet, FOLDED, pose, **({"lens": LENS, "sensor": SENSOR, "exposure": PERFECT} | changes))


def truth_of(pose: SheetPose, **changes: Any) -> Truth:
    return take(pose, sensor=Sensor(pixels=(30, 20)), **changes).truth


@dataclass(frozen=True)
class Rays:
    """Rays in the frame of the middle panel: page x, page y, out of its back."""

    start: Array
    direction: Array

    def meet(self, fold_mm: float, side: float, angle_deg: float) -> tuple[Array, Array, Array, Array]:
        """Distance along the rays, place across the fold and along it, and whether the front is met.

        A point s beyond the fold is at (fold + side s cos, y, -s sin).
        """
        c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
        normal = np.array([side * s, 0.0, c])
        start = self.start - (fold_mm, 0.0, 0.0)
        towards_back = self.direction @ normal
        t = -(start @ normal) / towards_back
        place = start + t[..., None] * self.direction
        return t, place @ (side * c, 0.0, -s), place[..., 1], towards_back > 0


def rays_of(px: Array, pose: SheetPose, lens: Lens, offset_mm: float) -> Rays:
    """Rays of (n, 2) pixels through all of the aperture, (n, rays, 3)."""
    across, down, turn, ring = qmc.Sobol(4, seed=1).random(RAYS).T
    radius = lens.focal_length_mm / lens.f_number / 2 * np.sqrt(ring)
    pupil = np.column_stack([radius * np.cos(2 * np.pi * turn), radius * np.sin(2 * np.pi * turn), 0 * ring])
    focus = pose.af_mark_distance_mm + offset_mm
    focal_px = lens.focal_length_mm * focus / (focus - lens.focal_length_mm) / PITCH_MM

    from_centre = px[:, None] + np.column_stack([across, down]) - 0.5 - (299.5, 199.5)
    ideal = from_centre.copy()
    for _ in range(30):
        r2 = (ideal**2).sum(axis=-1, keepdims=True) / (300**2 + 200**2)
        ideal = from_centre / (1 + lens.distortion_percent / 100 * r2)
    at_focus = np.concatenate([ideal / focal_px, np.ones((*ideal.shape[:2], 1))], axis=-1) * focus

    turned = Rotation.from_euler("ZYX", [pose.roll_deg, -pose.yaw_deg, -pose.tilt_deg], degrees=True).as_matrix()
    start = (pupil - (0, 0, pose.af_mark_distance_mm)) @ turned + (*MARK, 0.0)
    return Rays(np.broadcast_to(start, at_focus.shape), (at_focus - pupil) @ turned)


def traced(px: Array, pose: SheetPose, ground: Array, lens: Lens = LENS, offset_mm: float = 0.0) -> Array:
    """Light of pixels: every ray shows what it meets first."""
    rays = rays_of(px, pose, lens, offset_mm)
    folds = {"left": 45.0, "right": -45.0} | dict(pose.fold_deg or {})
    panels = [
        (LEFT, 1.0, 0.0, RIGHT - LEFT, lambda s: LEFT + s),
        (LEFT, -1.0, folds["left"], LEFT, lambda s: LEFT - s),
        (RIGHT, 1.0, folds["right"], WIDTH - RIGHT, lambda s: RIGHT + s),
    ]
    light = np.broadcast_to(ground[:, None], rays.start.shape[:2])
    nearest = np.full(light.shape, np.inf)
    for fold, side, angle, length, page_x in panels:
        t, across, y, front = rays.meet(fold, side, angle)
        met = (t > 0) & (t < nearest) & (across > 0) & (across < length) & (y > 0) & (y < HEIGHT)
        shown = np.where(front & squares(page_x(across), y), INK, PAPER)
        light, nearest = np.where(met, shown, light), np.where(met, t, nearest)
    return light.mean(axis=1)


def around(truth: Truth, page_mm: Array, reach_px: float, count: int = 80) -> Array:
    """Pixels of the picture that lie around page points."""
    rng = np.random.default_rng(5)
    px = np.rint(truth.page_to_pixel(rng.choice(page_mm, count)) + rng.uniform(-reach_px, reach_px, (count, 2)))
    return px[np.all((px > 2) & (px < (597, 397)), axis=1)]


def line(x: float) -> Array:
    return np.column_stack([np.full(200, x), np.linspace(0, HEIGHT, 200)])


FACING = SheetPose(0, 3, 2, 700)
WING_BEFORE_MIDDLE = SheetPose(4, -35, 0, 600, fold_deg={"left": 20, "right": 75})
BACK_OF_A_WING = SheetPose(5, -30, 0, 600, fold_deg={"left": -60, "right": 105})
ON_ITS_SIDE = SheetPose(-3, 4, 93, 700, fold_deg={"left": 62, "right": -30})


class TestRays:
    @pytest.mark.parametrize(
        ("pose", "distortion_percent"),
        [(FACING, 0.0), (WING_BEFORE_MIDDLE, -3.0), (BACK_OF_A_WING, 0.0), (ON_ITS_SIDE, 3.0)],
    )
    def test_folds_wings_and_borders_look_as_traced(self, pose, distortion_percent):
        lens = replace(LENS, distortion_percent=distortion_percent)
        shot = take(pose, lens=lens, offset_mm=-15)
        light, ground = linear(shot), linear(take(replace(pose, af_mark_at=(9.0, 0.0)), offset_mm=-15))
        anywhere = np.random.default_rng(2).uniform((0, 0), CHART.page_mm, (200, 2))
        for places in (line(LEFT), line(RIGHT), line(0), line(WIDTH), anywhere):
            px = around(shot.truth, places, 4.0)
            x, y = px.astype(int).T
            error = np.abs(light[y, x] - traced(px, pose, ground[y, x], lens, -15))
            assert len(px) > 40
            assert error.max() < 0.045
            assert error.mean() < 0.007

    @pytest.mark.parametrize("pose", [FACING, ON_ITS_SIDE])
    def test_no_seam_shows_along_a_fold_of_blank_paper(self, pose):
        shot = take(pose, BLANK, lens=replace(LENS, distortion_percent=1.0))
        light = linear(shot)
        for fold in (LEFT, RIGHT):
            x, y = around(shot.truth, line(fold)[10:-10], 2.0).astype(int).T
            assert light[y, x] == pytest.approx(PAPER, abs=2e-4)

    def test_the_back_of_a_wing_is_blank_paper(self):
        shot = take(BACK_OF_A_WING)
        assert shot.truth.hidden([(185, 150)]).all()
        x, y = np.rint(shot.truth.page_to_pixel([(185, 150)])[0]).astype(int)
        assert linear(shot)[y - 5 : y + 6, x - 5 : x + 6] == pytest.approx(PAPER, abs=2e-4)

    def test_unfolded_it_is_a_flat_sheet(self):
        pose = SheetPose(20, 10, 5, 700)
        lens = Lens(50, 1.2)
        unfolded = take(replace(pose, fold_deg={"left": 0.0, "right": 0.0}), lens=lens).codes.astype(int)
        flat = shoot(CHEQUERED, CHART, pose, lens, SENSOR, PERFECT)
        x, y = np.rint(flat.truth.page_to_pixel([(20, 20), (190, 20), (190, 277), (20, 277)])).astype(int).T
        inside = np.s_[y.max() - 150 : y.max() - 20, x.min() + 20 : x.max() - 20]
        assert np.abs(unfolded - flat.codes)[inside].max() <= 6


class TestTruth:
    def test_a_positive_fold_comes_towards_the_reader(self):
        depth = truth_of(SheetPose(0, 0, 0, 700)).depth_mm(
            [(0, 100), (LEFT, 100), MARK, (RIGHT, 100), (WIDTH, 100)]
        )
        forward, back = LEFT * math.sin(math.pi / 4), (WIDTH - RIGHT) * math.sin(math.pi / 4)
        assert depth == pytest.approx([-forward, 0, 0, 0, back], abs=1e-9)

    @pytest.mark.parametrize("fold_deg", [-50.0, 30.0, 120.0])
    def test_a_page_point_is_where_its_wing_is(self, fold_deg):
        truth = truth_of(SheetPose(0, 0, 0, 900, fold_deg={"right": fold_deg}))
        angle, beyond = math.radians(fold_deg), 40.0
        x = RIGHT - MARK[0] + beyond * math.cos(angle)
        z = 900 - beyond * math.sin(angle)
        seen = truth.page_to_pixel([(RIGHT + beyond, MARK[1] + 60)])[0]
        assert seen == pytest.approx((14.5 + truth.focal_px * x / z, 9.5 + truth.focal_px * 60 / z))
        focal_px = 50 * 900 / 850 / 1.2
        assert truth.focal_px == pytest.approx(focal_px)
        blur_px = 50 / 1.2 / 2 * focal_px * abs(1 / z - 1 / 900)
        assert truth.blur_radius_px([(RIGHT + beyond, MARK[1] + 60)])[0] == pytest.approx(blur_px)

    def test_the_middle_panel_has_the_tilt_of_the_pose(self):
        assert truth_of(SheetPose(4, 0, 20, 700)).tilt_deg == pytest.approx(4.0)

    def test_a_panel_may_hang_on_a_wing(self):
        """Two folds of 90 degrees: the flap faces the middle panel."""
        flap = ((0.0, 0.0), (LEFT, 0.0), (LEFT, 60.0), (0.0, 60.0))
        left = ((0.0, 60.0), (LEFT, 60.0), (LEFT, HEIGHT), (0.0, HEIGHT))
        middle, wing, right = FOLDED.panels
        wing = replace(wing, outline_page_mm=left, hinge_page_mm=((LEFT, 60.0), (LEFT, HEIGHT)))
        chart = replace(FOLDED, panels=(middle, wing, right, Panel("flap", flap, ((0.0, 60.0), (LEFT, 60.0)))))
        pose = SheetPose(0, 0, 0, 700, fold_deg={"left": 90.0, "flap": 90.0})
        truth = shoot(BLANK, chart, pose, LENS, Sensor(pixels=(30, 20))).truth
        points = truth.sheet.points([(10, 100), (10, 50), (60, 0)]) - (0, 0, 700)
        hinge_x, top_y = LEFT - MARK[0], 60.0 - MARK[1]
        expected = [(hinge_x, 100 - MARK[1], -65), (hinge_x + 10, top_y, -65), (hinge_x + 60, top_y, -15)]
        assert points == pytest.approx(np.array(expected), abs=1e-9)

    def test_fold_angles_are_those_of_the_pose_or_of_the_chart(self):
        assert truth_of(SheetPose(0, fold_deg={"left": 33.0})).fold_deg == {"left": 33.0, "right": -45.0}
        assert shoot(BLANK, CHART, SheetPose(0), LENS, Sensor(pixels=(30, 20))).truth.fold_deg == {}

    def test_beside_its_line_a_fold_is_where_it_was_made(self):
        pose = SheetPose(0, 0, 0, 700, fold_off_mm={"right": (2.0, 4.0)})
        truth = truth_of(pose)
        depth = truth.depth_mm([(RIGHT + 1.9, 0.1), (RIGHT + 3.9, HEIGHT - 0.1), (WIDTH, HEIGHT / 2)])
        beyond_mm = (WIDTH - RIGHT - 3.0) * math.cos(math.atan(2.0 / HEIGHT))
        assert depth == pytest.approx([0.0, 0.0, beyond_mm * math.sin(math.pi / 4)], abs=1e-6)
        assert truth.fold_deg == {"left": 45.0, "right": -45.0}

    def test_a_bulging_middle_stands_out_over_its_folds_and_keeps_the_angles_of_the_wings(self):
        truth = truth_of(SheetPose(0, 0, 0, 700, bulge_mm=2.0))
        middle = (LEFT + RIGHT) / 2
        truth_middle = truth.sheet.points([(middle, 100)])[0, 2]
        at_folds = truth.sheet.points([(LEFT, 100), (RIGHT, 100)])[:, 2] - truth_middle
        assert at_folds == pytest.approx([2.0, 2.0], abs=0.05)
        (near, far) = truth.sheet.points([(RIGHT + 1, 100), (RIGHT + 11, 100)])
        assert math.degrees(math.atan2(far[2] - near[2], far[0] - near[0])) == pytest.approx(45.0, abs=0.5)

    @pytest.mark.parametrize(
        ("pose", "hidden"),
        [
            (FACING, set()),
            (replace(FACING, fold_deg={"left": 100.0}), {0, 1}),
            (replace(FACING, fold_deg={"right": 160.0}), {1, 2}),
            (SheetPose(0, 35, 0, 900, fold_deg={"right": -65.0}), {2}),
        ],
    )
    def test_markers_behind_a_wing_or_on_its_back_are_hidden(self, pose, hidden):
        truth = truth_of(pose)
        assert truth.hidden_markers == hidden
        assert set(truth.marker_corners_px) == {0, 1, 2}


class TestRefusals:
    def test_an_unknown_panel_cannot_be_folded(self):
        with pytest.raises(ValueError, match="no panel 'top' can be folded: take left, right"):
            truth_of(SheetPose(0, fold_deg={"top": 10.0}))
        with pytest.raises(ValueError, match="take a chart with folds"):
            shoot(BLANK, CHART, SheetPose(0, fold_deg={"left": 10.0}), LENS, SENSOR)

    def test_only_a_fold_can_be_off_its_line(self):
        with pytest.raises(ValueError, match="no panel 'top' has a fold"):
            truth_of(SheetPose(0, fold_off_mm={"top": (1.0, 1.0)}))

    def test_a_folded_sheet_cannot_be_bent(self):
        with pytest.raises(ValueError, match="give sag_mm=0"):
            truth_of(SheetPose(0, sag_mm=2.0))

    def test_a_wing_cannot_reach_through_the_lens(self):
        with pytest.raises(ValueError, match="reaches the lens"):
            take(SheetPose(0, 0, 0, 82, fold_deg={"left": 90.0, "right": 90.0}), lens=Lens(40, 2))


class TestStudy:
    def test_random_shots_fold_both_wings_within_the_promise_and_unequally(self):
        shots = folded_shots(30, 4)
        folds = np.array([[shot.pose.fold_deg["forward"], shot.pose.fold_deg["back"]] for shot in shots])
        assert np.all((folds[:, 0] > 25) & (folds[:, 0] < 65) & (folds[:, 1] < -25) & (folds[:, 1] > -65))
        assert np.abs(folds.sum(axis=1)).min() > 0.01
        assert {shot.sensor.orientation for shot in shots} == {1, 6}
        assert folded_shots(2, 4) == shots[:2]

    def test_all_markers_of_a_random_shot_are_seen(self):
        for shot in folded_shots(12, 5):
            chart = build_chart(shot.design, shot.paper)
            truth = shoot(BLANK, chart, shot.pose, shot.lens, Sensor(pixels=(30, 20))).truth
            assert truth.hidden_markers == set()
