"""The study of a checkerboard, on a picture made up by code."""

from __future__ import annotations

import math

import cv2
import formula_photo as formula
import numpy as np
import phone_checkerboard as study
import pytest

from backfocus.verify.geometry import Pose
from backfocus.verify.photo.reading import Photo

SIZE = (1200, 1600)
BLUR_PX, ROLL_DEG = 0.9, 4.0


def board(tilt_deg: float) -> tuple[Photo, Pose]:
    """A board that leans, evenly blurred."""
    lean = math.radians(tilt_deg)
    turn = np.array([[1, 0, 0], [0, -math.cos(lean), -math.sin(lean)], [0, math.sin(lean), -math.cos(lean)]])
    # Edges along the pixel grid would meet all pixels alike.
    roll = math.radians(ROLL_DEG)
    turn = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]]) @ turn
    focal = study.FOCAL_PX * max(SIZE) / study.WIDTH_PX
    at = np.array([0.0, 0.0, 400.0])
    pose = Pose(turn, at, focal, 0.0, np.zeros(3), (), SIZE, np.zeros((11, 11)), 0.0)
    picture = np.full(SIZE[::-1], 0.75, np.float32)
    columns, rows = study.SQUARES
    for x in range(columns):
        for y in range(rows):
            if (x + y) % 2 == 0:
                corners = [(x, y, 0), (x + 1, y, 0), (x + 1, y + 1, 0), (x, y + 1, 0)]
                middle = np.array([columns / 2, rows / 2, 0])
                seen = pose.project(study.SQUARE_MM * (np.array(corners) - middle))
                cv2.fillConvexPoly(picture, np.rint(seen * 16).astype(np.int32), 0.08, cv2.LINE_AA, 4)
    light = cv2.GaussianBlur(picture, (0, 0), BLUR_PX)
    codes = np.rint(light * 65535).astype(np.uint16)
    return Photo("board.png", codes, np.linspace(0, 1, 65536, dtype=np.float32), formula.photo().camera), pose


def test_the_board_is_found_where_it_is() -> None:
    photo, truth = board(30.0)
    pose = study.board_pose(photo)
    assert pose is not None
    assert pose.tilt_deg == pytest.approx(30.0, abs=0.5)
    assert pose.distance_mm == pytest.approx(400.0, abs=1.0)
    assert study.corner_is_dark(photo, pose)
    assert study.far_direction(truth) == (0.0, -1.0)


def test_all_lines_between_squares_are_edges_and_measured_right() -> None:
    photo, pose = board(15.0)
    chart = study.board_chart(corner_dark=True)
    assert len(chart.edges) == 6 * 10 + 7 * 9
    samples = study.measure_edges(photo, chart, pose)
    assert len(np.unique(samples.edge)) == len(chart.edges)
    assert np.median(samples.blur_px) == pytest.approx(BLUR_PX, rel=0.05)
    sides = [study.board_chart(True, (0.0, -1.0), side).edges for side in (0, 1)]
    assert sum(len(side) for side in sides) == len(chart.edges)


def test_intervals_that_touch_by_the_root_of_squares_agree() -> None:
    assert study.Sharp(300.0, 3.0).agrees(study.Sharp(305.0, 4.0))
    assert not study.Sharp(300.0, 3.0).agrees(study.Sharp(305.1, 4.0))
