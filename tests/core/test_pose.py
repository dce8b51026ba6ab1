"""The pose of a sheet whose projected points are known, and how sure it is."""

from __future__ import annotations

import sys
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from by_formula import FOCAL_PX, IMAGE_SIZE, leaning, printed_edges, sighted

from backfocus.targets import Chart, build_chart
from backfocus.verify.edges.samples import EdgeSamples
from backfocus.verify.findings import Refusal
from backfocus.verify.fit.pose import (
    DISTORTION_PRIOR_SD,
    _leans_otherwise,
    _pnp_poses,
    fit_pose,
    is_contradicted,
    off_axis_px,
    refine_pose,
    solve_pose,
)
from backfocus.verify.geometry import Pose

Array = npt.NDArray[np.float64]
TRIALS = 60


def change(truth: Pose, found: Pose) -> Array:
    """What must be added to the truth's parameters (rotation, translation, ln focal, distortion) to get `found`."""
    turn = found.rotation @ truth.rotation.T
    rotation = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]]) / 2
    rest = [np.log(found.focal_px / truth.focal_px), found.distortion - truth.distortion]
    return np.concatenate([rotation, found.translation_mm - truth.translation_mm, rest])


@pytest.mark.parametrize("focal_px", [FOCAL_PX, None])
@pytest.mark.parametrize("tilt_deg", [20.0, 45.0, 65.0])
def test_corners_without_errors_give_the_pose_exactly(
    chart: Chart, tilt_deg: float, focal_px: float | None
) -> None:
    truth = leaning(tilt_deg)
    found = solve_pose(sighted(chart, truth, np.random.default_rng(0), 0.0), IMAGE_SIZE, focal_px)
    assert found.tilt_deg == pytest.approx(truth.tilt_deg, abs=1e-3)
    assert found.distance_mm == pytest.approx(truth.distance_mm, rel=1e-4)
    assert found.focal_px == pytest.approx(FOCAL_PX, rel=1e-4)
    assert found.residual_px < 1e-3


def test_a_folded_card_gives_its_folds(rng: np.random.Generator) -> None:
    card = build_chart("zfold")
    truth = leaning(2.0, chart=card)
    truth = replace(truth, folds=tuple(replace(fold, angle_rad=fold.angle_rad + 0.05) for fold in truth.folds))
    found = solve_pose(sighted(card, truth, rng, 0.02), IMAGE_SIZE, FOCAL_PX)
    for fold, wanted in zip(found.folds, truth.folds, strict=True):
        assert fold.angle_rad == pytest.approx(wanted.angle_rad, abs=0.01)


@pytest.mark.parametrize("ways", [(1.0, 1.0), (-1.0, -1.0), (-1.0, 1.0), (0.02, -0.03)])
def test_wings_may_stand_on_either_side_or_hardly_be_folded(
    rng: np.random.Generator, ways: tuple[float, float]
) -> None:
    card = build_chart("zfold")
    truth = leaning(2.0, chart=card)
    folds = (replace(fold, angle_rad=way * 0.7) for fold, way in zip(truth.folds, ways, strict=True))
    truth = replace(truth, folds=tuple(folds))
    found = solve_pose(sighted(card, truth, rng, 0.02), IMAGE_SIZE, FOCAL_PX)
    for fold, wanted in zip(found.folds, truth.folds, strict=True):
        assert fold.angle_rad == pytest.approx(wanted.angle_rad, abs=0.01)


def test_folds_beside_their_lines_and_a_bulge_between_them_are_found(rng: np.random.Generator) -> None:
    card = build_chart("zfold")
    truth = leaning(2.0, chart=card)
    forward, back = truth.folds
    half_mm = float(np.linalg.norm(forward.at_mm))
    truth = replace(
        truth,
        folds=(forward.changed(0.05, 4.0, 0.01), back.changed(-0.03, -3.0, -0.015)),
        bending_per_mm=np.array([1.5 / half_mm**2, 0.0, 0.0]),
    )
    samples = printed_edges(card, truth, rng)
    sighting = sighted(card, truth, rng, 0.1)
    start = solve_pose(sighting, IMAGE_SIZE, FOCAL_PX)
    found, _ = refine_pose(start, sighting, samples, FOCAL_PX)
    for fold, wanted in zip(found.folds, truth.folds, strict=True):
        assert fold.off_line_mm == pytest.approx(wanted.off_line_mm, abs=0.1)
        assert fold.skew_rad == pytest.approx(wanted.skew_rad, abs=0.001)
        assert fold.angle_rad == pytest.approx(wanted.angle_rad, abs=0.005)
    assert found.bending_per_mm[0] * half_mm**2 == pytest.approx(1.5, abs=0.3)


def test_the_pose_of_corners_is_unbiased_and_its_covariance_is_that_of_its_scatter(chart: Chart) -> None:
    truth = leaning()
    found = [
        solve_pose(sighted(chart, truth, np.random.default_rng(seed), 0.3), IMAGE_SIZE, FOCAL_PX)
        for seed in range(TRIALS)
    ]
    off = np.array([change(truth, pose) for pose in found])
    scatter = off.std(axis=0)
    assert (np.abs(off.mean(axis=0)) < 4.0 * scatter / np.sqrt(TRIALS)).all()
    told = np.sqrt(np.mean([np.diag(pose.covariance)[:8] for pose in found], axis=0))
    # Focal length and distortion have priors, which hold them closer than they claim to be known.
    assert told[:3] == pytest.approx(scatter[:3], rel=0.35)
    assert told[3:5] == pytest.approx(scatter[3:5], rel=0.35)
    assert (told[5:] > 0.8 * scatter[5:]).all()


def test_edges_better_the_pose_of_corners_and_show_how_the_paper_is_bent(chart: Chart) -> None:
    truth = replace(leaning(), bending_per_mm=np.array([0.0, 0.0, 1.0e-4]))
    off_deg, height = [], []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        sighting = sighted(chart, truth, rng, 0.3)
        start = solve_pose(sighting, IMAGE_SIZE, FOCAL_PX)
        found, kept = refine_pose(start, sighting, printed_edges(chart, truth, rng), FOCAL_PX)
        off_deg.append(found.tilt_deg - truth.tilt_deg)
        height.append(found.bending_per_mm[2])
        assert len(kept.edge) > 500
    assert np.mean(height) == pytest.approx(1.0e-4, rel=0.1)
    assert np.abs(np.mean(off_deg)) < 0.05


def test_edges_of_things_that_lie_on_the_sheet_are_outliers(chart: Chart, rng: np.random.Generator) -> None:
    truth = leaning()
    samples = printed_edges(chart, truth, rng)
    strange = np.arange(len(samples.edge)) % 5 == 0
    moved = replace(samples, found_px=samples.found_px + 1.5 * strange[:, None] * samples.across)
    found, kept = refine_pose(truth, sighted(chart, truth, rng), moved, FOCAL_PX)
    assert len(kept.edge) == pytest.approx((~strange).sum(), abs=3)
    assert found.tilt_deg == pytest.approx(truth.tilt_deg, abs=0.1)


def test_ink_that_spreads_moves_no_sheet(chart: Chart, rng: np.random.Generator) -> None:
    """Each edge is then half a pixel nearer to the bright side."""
    truth = leaning()
    samples = printed_edges(chart, truth, rng)
    swollen = replace(samples, found_px=samples.found_px + 0.5 * samples.across)
    found, _ = refine_pose(truth, sighted(chart, truth, rng), swollen, FOCAL_PX)
    assert found.tilt_deg == pytest.approx(truth.tilt_deg, abs=0.1)
    assert found.distance_mm == pytest.approx(truth.distance_mm, rel=0.002)


def test_edges_that_lie_anywhere_are_no_sheet(chart: Chart, rng: np.random.Generator) -> None:
    truth = leaning()
    samples = printed_edges(chart, truth, rng, place_sd_px=4.0)
    with pytest.raises(Refusal) as refusal:
        refine_pose(truth, sighted(chart, truth, rng), samples, FOCAL_PX)
    assert refusal.value.finding.code == "pose-poor"


def test_distortion_is_found(chart: Chart, rng: np.random.Generator) -> None:
    truth = replace(leaning(distance_mm=900.0), distortion=0.02)
    sighting = sighted(chart, truth, rng, 0.05)
    found, _ = refine_pose(
        solve_pose(sighting, IMAGE_SIZE, FOCAL_PX), sighting, printed_edges(chart, truth, rng), FOCAL_PX
    )
    assert found.distortion == pytest.approx(0.02, abs=0.25 * DISTORTION_PRIOR_SD)


def test_a_parameter_that_nothing_tells_of_keeps_its_prior() -> None:
    """Without a single residual the standard errors are those of the priors, in their own units."""
    fit = fit_pose(leaning(chart=build_chart("zfold")), lambda *_: np.zeros(1), FOCAL_PX, nuisance_sd=(0.05,))
    sd = np.sqrt(np.diag(fit.pose.covariance))
    assert sd[6] == pytest.approx(0.05, rel=1e-3)
    assert sd[7] == pytest.approx(0.03, rel=1e-3)
    assert sd[11:] == pytest.approx(np.repeat([0.5, 2.0, 0.02], 2), rel=1e-3)
    bent = fit_pose(leaning(), lambda *_: np.zeros(1), FOCAL_PX, half_sheet_mm=100.0)
    assert np.sqrt(np.diag(bent.pose.covariance))[8:11] * 100.0**2 == pytest.approx(2.0, rel=1e-3)


def test_residuals_shared_by_pieces_of_an_edge_widen_the_covariance() -> None:
    alone, shared = (
        fit_pose(leaning(), lambda *_: np.zeros(1), FOCAL_PX, correlated=correlated) for correlated in (1.0, 4.0)
    )
    assert shared.pose.covariance[7, 7] == pytest.approx(4.0 * alone.pose.covariance[7, 7])


@pytest.mark.parametrize(
    ("ratio", "contradicted"), [(1.0, False), (1.08, False), (1.2, True), (0.85, False), (0.75, True)]
)
def test_metadata_that_the_perspective_contradicts_are_noticed(ratio: float, contradicted: bool) -> None:
    assert is_contradicted(leaning(), FOCAL_PX / ratio) is contradicted
    assert not is_contradicted(leaning(), None)


def test_a_picture_that_seems_cut_may_be_off_axis_by_what_is_missing() -> None:
    assert off_axis_px(leaning(), FOCAL_PX) == 0.0
    assert off_axis_px(leaning(), FOCAL_PX / 1.5) == pytest.approx(0.5 * np.hypot(*IMAGE_SIZE) / 2)


@pytest.mark.parametrize(("turned_deg", "otherwise"), [(4.5, False), (5.5, True)])
def test_a_lean_that_differs_by_five_degrees_is_another(turned_deg: float, otherwise: bool) -> None:
    """As an angle between the normals of the sheet, on whichever side."""
    turned = leaning().changed(np.array([*(np.radians(turned_deg) * np.array([0.6, 0.8, 0.0])), *np.zeros(8)]))
    square_on = replace(leaning(), rotation=np.eye(3))
    assert (
        _leans_otherwise(square_on, replace(turned, rotation=turned.rotation @ leaning().rotation.T)) == otherwise
    )


@pytest.mark.parametrize(("off_px", "starts"), [((1.5, 5.5), 2), ((1.5, 6.5), 1), ((0.2, 3.8), 2), ((0.2, 4.2), 1)])
def test_no_fit_starts_from_a_pose_that_is_four_times_farther_off(
    monkeypatch: pytest.MonkeyPatch, off_px: tuple[float, float], starts: int
) -> None:
    """Than the better one, or than a pixel where that is nearer still."""
    pose = [np.zeros((3, 1)), np.zeros((3, 1))]
    monkeypatch.setattr(cv2, "solvePnPGeneric", lambda *_, **__: (2, pose, pose, np.array(off_px)[:, None]))
    assert len(list(_pnp_poses(np.zeros((4, 3)), np.zeros((4, 2)), 1000.0, IMAGE_SIZE, ()))) == starts


def test_outliers_are_left_out_three_times_at_most(monkeypatch: pytest.MonkeyPatch, chart: Chart) -> None:
    """Though each fit finds another one."""
    fitted: list[int] = []

    def fit(pose: Pose, _: object, samples: EdgeSamples, __: object) -> tuple[Pose, Array]:
        fitted.append(len(samples.edge))
        return pose, np.where(np.arange(len(samples.edge)) == 0, 99.0, 1.0)

    monkeypatch.setattr(sys.modules["backfocus.verify.fit.pose"], "_fit", fit)
    samples = printed_edges(chart, leaning(), np.random.default_rng(0))
    refine_pose(leaning(), sighted(chart, leaning(), np.random.default_rng(0)), samples, FOCAL_PX)
    assert fitted == [len(samples.edge), len(samples.edge) - 1, len(samples.edge) - 2]
