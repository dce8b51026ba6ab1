"""The pose, first from marker corners, then from all printed edges.

A planar sheet seen at an angle gives tilt from its foreshortening and distance from its perspective, so that no
metadata is needed; the focal length in the metadata, where there is one, only steadies the solution.

A folded sheet's folds may be beside their printed lines, on either side, and the panel between them may bulge.

A thousand pieces of edges, slanted both ways, then fix the pose better than a few corners, of which the blurred
ones are worth little. They also show how the paper is bent, how far the ink has spread, and which are
none of the chart's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from backfocus.targets import Chart

from ..detect.find_chart import Sighting
from ..edges.samples import EdgeSamples
from ..findings import Findings
from ..geometry import PARAMETERS, RIGID, Array, Fold, Pose, folds_of, parameter_count, sheet_from_page
from .robust import fit_robust, inverse

FOCAL_PRIOR_SD = 0.05
"""Relative; nominal focal lengths are rounded, and lenses that focus inside are up to 5 % shorter up close."""
DISTORTION_PRIOR_SD = 0.03
"""Of the half diagonal, at the corner of the picture: 3 % is a strong distortion for the lenses meant here."""
BENDING_PRIOR_MM = 2.0
"""Height over the touching plane at the end of the sheet; paper that is only leaned against something sags so."""
FOLD_PRIOR_SD = 0.5
"""Radians about where the fit starts: holds the fold of a wing that cannot be seen, and nothing else."""
OFF_LINE_PRIOR_MM, SKEW_PRIOR = 2.0, 0.02
"""How far beside its printed line a fold made by hand is, and by what angle it misses it: 2 mm at its ends."""
BULGE_PRIOR_MM = 1.0
"""Height of the middle of a folded card over its folds, which pull at it."""
ROBUST_SCALE = 3.0
"""In standard errors; beyond it a point pulls linearly, no longer quadratically."""
DIFFERENCE = 1e-3
"""Step of the derivatives: a microradian, a millionth of the distance, 1e-5 of the focal length."""
FOCAL_GUESSES = (0.8, 2.0, 5.0, 12.0)
"""Focal length over the picture's long side: a phone's wide angle to a 400 mm lens on full frame."""
CORNER_FLOOR_PX = 0.03
"""What line fits reach on noise-free pictures; keeps sharp corners from outvoting all others."""
HOPELESS = 4.0
"""Times farther off the corners than the better way to lean, and than a pixel; no fit makes up for it."""
DIFFERENT_LEAN_DEG = 5.0
EDGE_FLOOR_PX = 0.03
"""What the best pieces of noise-free pictures reach."""
BLUR_SHARE = 0.02
"""Error of an edge's place over its blur: the growth of the blur along the sheet makes profiles unequal."""
REFINED_CORNER_FLOOR_PX = 0.05
INK_GAIN_SD_MM = 0.05
"""Ink spreads over the borders of what is printed by up to 0.1 mm."""
LIGHT_GAIN_SD = 0.3
"""Of the blur: how far bright paper grows over blurred ink where the light is clipped, or its curve misjudged."""
OUTLIER = 6.0
"""Times the usual distance from the best sheet: borders of things that lie on it, taken for printed edges."""
OUTLIER_ROUNDS = 3
"""At most; each is fitted without the outliers of the one before."""


def solve_pose(sighting: Sighting, image_size: tuple[int, int], focal_px: float | None) -> Pose:
    """Solve the pose.

    Args:
        sighting: the marker corners.
        image_size: width and height of the photo in pixels.
        focal_px: focal length from metadata, in pixels, or None.

    Raises:
        Refusal: no sheet in front of the camera fits, or the way it leans cannot be told, which an upright one need
            not tell.
    """
    sheet = sheet_from_page(sighting.chart, sighting.corners_page_mm.reshape(-1, 2))
    pixels = sighting.corners_px.reshape(-1, 2)
    sd = np.hypot(np.repeat(sighting.corner_sd_px, 4), CORNER_FLOOR_PX)

    def residuals(pose: Pose, _: Array) -> Array:
        return np.asarray(((pose.project(sheet) - pixels) / sd[:, None]).ravel())

    solutions = sorted(
        (
            fit_pose(start, residuals, focal_px)
            for guess in ([focal_px] if focal_px else [part * max(image_size) for part in FOCAL_GUESSES])
            for start in _first_poses(sighting.chart, sheet, pixels, guess, image_size)
        ),
        key=lambda solution: solution.cost,
    )
    solutions = [solution for solution in solutions if solution.pose.distance_mm > 0]
    if not solutions:
        raise Findings.POSE_POOR.refusal()
    best, cost = solutions[0].pose, solutions[0].cost
    rival = next((other for other in solutions[1:] if _leans_otherwise(best, other.pose)), None)
    if rival is not None and sighting.chart.has_depth:
        Findings.LEAN_AMBIGUOUS.refuse_if_crossed(rival.cost - cost)
    distance2 = ((best.project(sheet) - pixels) ** 2).sum(axis=1)
    return replace(best, residual_px=float(np.sqrt(np.average(distance2, weights=1 / sd**2))))


def _first_poses(
    chart: Chart, sheet: Array, pixels: Array, focal: float, image_size: tuple[int, int]
) -> Iterator[Pose]:
    """Yield the poses to start from for a focal length: both that a plane has, or some for each way to fold.

    A wing that is not seen is taken to be folded as printed.
    """
    folds = folds_of(chart)
    if not folds:
        yield from _pnp_poses(sheet, pixels, focal, image_size, ())
        return
    seen = [bool((fold.beyond_mm(sheet) > 0).any()) for fold in folds]
    for ways in product(*((1.0, -1.0) if one else (1.0,) for one in seen)):
        folded = tuple(replace(fold, angle_rad=way * fold.angle_rad) for fold, way in zip(folds, ways, strict=True))
        yield from _pnp_poses(sheet, pixels, focal, image_size, folded)
    if all(seen):
        unfolded = tuple(replace(fold, angle_rad=0.0) for fold in folds)
        yield from _pnp_poses(sheet, pixels, focal, image_size, unfolded)


def _pnp_poses(
    sheet: Array, pixels: Array, focal: float, image_size: tuple[int, int], folds: tuple[Fold, ...]
) -> Iterator[Pose]:
    """Yield the poses of a plane (Collins and Bartoli's IPPE) or a folded sheet (Terzakis and Lourakis' SQPnP)."""
    import cv2

    width, height = image_size
    camera = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1.0]])
    points = np.asarray(sheet + sum(fold.displacement(sheet) for fold in folds))
    method = cv2.SOLVEPNP_SQPNP if folds else cv2.SOLVEPNP_IPPE
    _, rotations, translations, off_px = cv2.solvePnPGeneric(points, pixels, camera, np.zeros(4), flags=method)
    for rotation, translation, off in zip(rotations, translations, off_px, strict=True):
        if float(off.item()) > HOPELESS * max(float(off_px[0].item()), 1.0):
            return
        yield Pose(
            rotation=np.asarray(cv2.Rodrigues(rotation)[0], dtype=np.float64),
            translation_mm=np.asarray(translation, dtype=np.float64).ravel(),
            focal_px=focal,
            distortion=0.0,
            bending_per_mm=np.zeros(3),
            folds=folds,
            image_size=image_size,
            covariance=np.zeros((parameter_count(folds), parameter_count(folds))),
            residual_px=0.0,
        )


def _leans_otherwise(one: Pose, other: Pose) -> bool:
    if any(fold.angle_rad * wing.angle_rad < 0 for fold, wing in zip(one.folds, other.folds, strict=True)):
        return True
    cosine = min(1.0, abs(float(one.rotation[:, 2] @ other.rotation[:, 2])))
    return math.degrees(math.acos(cosine)) > DIFFERENT_LEAN_DEG


def refine_pose(
    pose: Pose, sighting: Sighting, samples: EdgeSamples, focal_px: float | None
) -> tuple[Pose, EdgeSamples]:
    """Return the pose that fits edges and corners best, and the edges that lie where it has them.

    Args:
        pose: the pose from markers.
        sighting: the marker corners.
        samples: the printed edges as found.
        focal_px: focal length from metadata, in pixels, or None.

    Raises:
        Refusal: there are no edges, or they fit no sheet, not even a bent one.
    """
    if len(samples.edge) == 0:
        raise Findings.TOO_FEW_EDGES.refusal(
            "No printed edge could be measured.", 0, Findings.TOO_FEW_EDGES.limits[0]
        )
    kept = samples
    for _ in range(OUTLIER_ROUNDS):
        pose, off_sheet = _fit(pose, sighting, kept, focal_px)
        usual = float(np.median(np.abs(off_sheet))) / 0.6745
        good = np.abs(off_sheet) < OUTLIER * max(usual, 1.0)
        if good.all():
            break
        kept = kept.take(good)
    message = f"Printed edges lie {pose.residual_px:.1f} px beside where those of a flat sheet would."
    values = pose.residual_px, len(kept.edge) / len(samples.edge), float(np.median(np.abs(off_sheet)))
    for value, limit in zip(values, Findings.POSE_POOR.limits, strict=True):
        if limit.is_crossed(value):
            raise Findings.POSE_POOR.refusal(message, value, limit)
    return pose, kept.placed_by(pose)


def _fit(pose: Pose, sighting: Sighting, samples: EdgeSamples, focal_px: float | None) -> tuple[Pose, Array]:
    """Return the best pose, and the distance of each edge from it over its standard error."""
    corners = sheet_from_page(sighting.chart, sighting.corners_page_mm.reshape(-1, 2))
    corners_px = sighting.corners_px.reshape(-1, 2)
    corners_sd = np.hypot(np.repeat(sighting.corner_sd_px, 4), REFINED_CORNER_FLOOR_PX)
    edges_sd = np.sqrt(samples.found_sd_px**2 + EDGE_FLOOR_PX**2 + (BLUR_SHARE * samples.blur_px) ** 2)
    outwards = _outwards(corners)
    px_per_mm = _across_px_per_mm(samples, pose)

    def distance(pose: Pose, gains: Array) -> Array:
        off = pose.project(samples.sheet_mm) - samples.found_px
        return np.asarray((off * samples.across).sum(axis=1) + gains[0] * px_per_mm - gains[1] * samples.blur_px)

    def residuals(pose: Pose, gains: Array) -> Array:
        at_corners = (pose.project(corners + gains[0] * outwards) - corners_px) / corners_sd[:, None]
        return np.concatenate([distance(pose, gains) / edges_sd, at_corners.ravel()])

    fit = fit_pose(
        pose,
        residuals,
        focal_px,
        half_sheet_mm=_half_length(corners, pose.folds),
        nuisance_sd=(INK_GAIN_SD_MM, LIGHT_GAIN_SD),
        correlated=len(samples.edge) / max(len(np.unique(samples.edge)), 1),
    )
    off_px = distance(fit.pose, fit.nuisance)
    residual_px = float(np.sqrt(np.average(off_px**2, weights=1 / edges_sd**2)))
    return replace(fit.pose, residual_px=residual_px), off_px / edges_sd


def _half_length(corners: Array, folds: tuple[Fold, ...]) -> float:
    """Return half of the length, in mm, of the paper that may be bent: all of it, or what is between its folds."""
    if folds:
        return float(max(np.linalg.norm(fold.at_mm) for fold in folds))
    return float(np.abs(corners).max())


def _outwards(corners: Array) -> Array:
    """Return where the corners (4 a marker) of swollen markers move, in mm for each mm of ink gain."""
    markers = corners.reshape(-1, 4, 3)
    return np.asarray(np.sign(markers - markers.mean(axis=1, keepdims=True)).reshape(-1, 3))


def _across_px_per_mm(samples: EdgeSamples, pose: Pose) -> Array:
    """Return how far a printed edge moves in the picture, across itself, for a mm on the sheet."""
    x, y, z = samples.along.T
    step = pose.project(samples.sheet_mm + np.stack([-y, x, z], axis=1)) - pose.project(samples.sheet_mm)
    return np.asarray(np.abs((step * samples.across).sum(axis=1)))


@dataclass(frozen=True)
class PoseFit:
    """The pose that fits best, with its covariance widened where residuals are larger than their errors.

    Attributes:
        pose: the pose.
        nuisance: (k,) the other parameters.
        cost: sum of squares of the residuals, robustly counted.
    """

    pose: Pose
    nuisance: Array
    cost: float


def fit_pose(
    start: Pose,
    residuals: Callable[[Pose, Array], Array],
    focal_px: float | None,
    half_sheet_mm: float | None = None,
    nuisance_sd: tuple[float, ...] = (),
    correlated: float = 1.0,
) -> PoseFit:
    """Fit all parameters of a pose by robust least squares.

    Args:
        start: where to start.
        residuals: residuals of a pose and the nuisance parameters, over their standard errors.
        focal_px: focal length from metadata in pixels, or None.
        half_sheet_mm: half of the length that may be bent; None for a flat sheet.
        nuisance_sd: what is expected of the k nuisance parameters, as standard deviations about zero.
        correlated: how many residuals share one error; widens the covariance.
    """
    count = parameter_count(start.folds)
    bends = [] if half_sheet_mm is None else [RIGID] if start.folds else range(RIGID, PARAMETERS)
    free = [*range(RIGID), *bends, *range(PARAMETERS, count)]
    bend = (BULGE_PRIOR_MM if start.folds else BENDING_PRIOR_MM) / (half_sheet_mm or 1.0) ** 2
    fold_scale = np.repeat([1e-2, 0.1 * OFF_LINE_PRIOR_MM, 0.1 * SKEW_PRIOR], len(start.folds))
    rigid_scale = [np.full(3, 1e-3), np.full(3, 1e-3 * abs(start.translation_mm[2])), [1e-2, 1e-2]]
    pose_scale = np.concatenate([*rigid_scale, np.full(3, 0.1 * bend), fold_scale])[free]
    scale = np.concatenate([pose_scale, np.array(nuisance_sd)])

    def pose_of(parameters: Array) -> Pose:
        change = np.zeros(count)
        change[free] = parameters[: len(free)] * pose_scale
        return start.changed(change)

    def with_priors(parameters: Array) -> Array:
        pose, nuisance = pose_of(parameters), parameters[len(free) :]
        prior = [pose.distortion / DISTORTION_PRIOR_SD, *(pose.bending_per_mm / bend), *nuisance]
        for now, then in zip(pose.folds, start.folds, strict=True):
            prior += [(now.angle_rad - then.angle_rad) / FOLD_PRIOR_SD]
            prior += [now.off_line_mm / OFF_LINE_PRIOR_MM, now.skew_rad / SKEW_PRIOR]
        if focal_px:
            prior.append(math.log(pose.focal_px / focal_px) / FOCAL_PRIOR_SD)
        return np.concatenate([residuals(pose, nuisance * scale[len(free) :]), prior])

    def jacobian(parameters: Array) -> Array:
        here = with_priors(parameters)
        steps = DIFFERENCE * np.eye(len(scale))
        return np.stack([(with_priors(parameters + step) - here) / DIFFERENCE for step in steps], axis=1)

    fit = fit_robust(with_priors, jacobian, np.zeros(len(scale)), ROBUST_SCALE)
    freedom = max(len(fit.residuals) - len(scale), 1)
    spread = max(1.0, fit.cost / freedom) * correlated
    covariance = np.zeros((count, count))
    every = inverse(fit.information() / np.outer(scale, scale)) * spread
    covariance[np.ix_(free, free)] = every[: len(free), : len(free)]
    pose = replace(pose_of(fit.parameters), covariance=covariance)
    return PoseFit(pose, fit.parameters[len(free) :] * scale[len(free) :], fit.cost)


def is_contradicted(pose: Pose, exif_focal_px: float | None) -> bool:
    """Whether the metadata are wrong, as after a crop; they are then of no use for the geometry.

    Args:
        pose: of the sheet; its focal length leans on that one, which gives way only to strong perspective.
        exif_focal_px: focal length (lens to sensor) in pixels by the metadata; None if they do not tell.
    """
    return (
        exif_focal_px is not None
        and Findings.PERSPECTIVE_CONTRADICTS.crossed(pose.focal_px / exif_focal_px) is not None
    )


def off_axis_px(pose: Pose, exif_focal_px: float | None) -> float:
    """Return how far the lens's axis may be from the middle of a picture that seems cut; 0 if it seems whole."""
    longer, _ = Findings.PERSPECTIVE_CONTRADICTS.limits
    seen = pose.focal_px / exif_focal_px if exif_focal_px else 1.0
    return (seen - 1.0) * math.hypot(*pose.image_size) / 2 if longer.is_crossed(seen) else 0.0
