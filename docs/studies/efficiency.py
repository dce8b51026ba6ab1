"""The third study of docs/accuracy.md: how near the offset's scatter comes to the Cramér-Rao bound of the same photo.

python docs/studies/efficiency.py

About ten minutes on two cores.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
from simulated import stamp

from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.detect.find_chart import find_chart
from backfocus.verify.edges.fit import edge_shape
from backfocus.verify.edges.samples import measure_edges
from backfocus.verify.fit.interval import TWO_SIDED_95
from backfocus.verify.fit.plane import FocusPlane, find_focus_plane
from backfocus.verify.fit.pose import refine_pose, solve_pose
from backfocus.verify.geometry import Pose
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.reading import Photo
from backfocus.verify.simulate import Exposure, Lens, SheetPose, rasterise_pdf, shoot

SETUPS = (
    (85.0, 1.4, 2550.0, 8.0),
    (50.0, 1.8, 1250.0, -15.0),
    (135.0, 2.8, 4000.0, 20.0),
    (35.0, 2.8, 1000.0, 0.0),
)
NOISE = 0.01
PAPER_WHITE = 0.7
REALISATIONS = 40
RESULT = Path(__file__).parent / "results" / "efficiency.md"
HEAD = """## Against the Cramér-Rao bound

{stamp} {count} noise realisations each of one 24 MP scene in linear light, white noise of {noise:.0%} of paper white, A4 at 45°.
The bound is that of an unbiased estimate of focus depth, least blur and slope from the pixels used, by the thin lens's curve with
dark level, bright level and place of every piece of edge unknown. A second bound counts these three as known. The last column is the
program's own standard error, root mean square. `python docs/studies/efficiency.py`

| lens | distance | standard deviation | bound | efficiency (variance) | with levels and places known | own estimate |
|---|---|---|---|---|---|---|"""


def clean_light(focal: float, f_number: float, distance: float, offset: float) -> npt.NDArray[np.float32]:
    chart = build_chart()
    shot = shoot(
        rasterise_pdf(pdf_bytes(chart)),
        chart,
        SheetPose(45.0, 1.5, -1.0, distance),
        Lens(focal, f_number),
        exposure=Exposure(paper_white=PAPER_WHITE, noise_fraction=0.0),
        offset_mm=offset,
        seed=1,
    )
    code = np.arange(65536) / 65535.0
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)[shot.codes16]


def measured(light: npt.NDArray[np.float32], seed: int) -> tuple[Pose, FocusPlane]:
    """Add noise and return pose and plane."""
    noise = np.random.default_rng(seed).normal(0.0, NOISE * PAPER_WHITE, light.shape).astype(np.float32)
    codes = np.clip(np.rint((light + noise + 0.05) * 60000.0), 0, 65535).astype(np.uint16)
    table = (np.arange(65536) / 60000.0 - 0.05).astype(np.float32)
    photo = Photo("noise", codes, table, CameraInfo())
    sighting = find_chart(photo)
    size = (codes.shape[1], codes.shape[0])
    pose = solve_pose(sighting, size, None)
    samples = measure_edges(photo, sighting.chart, pose)
    pose, samples = refine_pose(pose, sighting, samples, None)
    return pose, find_focus_plane(photo, sighting.chart, samples, pose)


def standard_error_mm(plane: FocusPlane) -> float:
    """The offset's, by noise alone."""
    return plane.interval.fit_mm / TWO_SIDED_95


def bounds(pose: Pose, plane: FocusPlane, offset: float) -> tuple[float, float]:
    """Return the bounds of the offset's standard deviation, with levels and places unknown and known."""
    samples, floor, slope = plane.samples, plane.curve.floor_px, plane.curve.slope_px_per_mm
    mark = pose.distance_mm
    depth = pose.depth_mm(samples.sheet_mm) - mark
    blur, gradient = _log_blur(depth, mark, offset, floor, slope)
    profiles, fits = samples.strips.profiles, samples.strips.fits
    t = profiles.distance_px / blur[:, None]
    value, density, per_log_blur = edge_shape(t, blur, floor)
    contrast = (fits.bright - fits.dark)[:, None]
    columns = [np.ones_like(t), value, -contrast * density / blur[:, None], contrast * per_log_blur]
    jacobian = np.stack(columns, axis=2) / (NOISE * PAPER_WHITE)
    information = np.einsum("nbi,nb,nbj->nij", jacobian, profiles.pixels, jacobian)
    nuisance, cross = information[:, :3, :3], information[:, :3, 3]
    known = information[:, 3, 3]
    unknown = known - np.einsum("ni,ni->n", cross, np.linalg.solve(nuisance, cross[:, :, None])[:, :, 0])
    return tuple(  # type: ignore[return-value]
        float(np.sqrt(np.linalg.inv((gradient * weight) @ gradient.T)[0, 0])) for weight in (unknown, known)
    )


def _log_blur(
    depth: npt.NDArray[np.float64], mark: float, offset: float, floor: float, slope: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the thin lens's blur and the derivatives of its logarithm by offset, ln(floor) and ln(slope)."""
    signed = (1.0 / (mark + offset) - 1.0 / (mark + depth)) * mark**2
    square = floor**2 + (slope * signed) ** 2
    by_offset = slope**2 * signed / square * (-(mark**2) / (mark + offset) ** 2)
    gradient = np.stack([by_offset, floor**2 / square, (slope * signed) ** 2 / square])
    return np.sqrt(square), gradient


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    lines = [HEAD.format(stamp=stamp(), count=REALISATIONS, noise=NOISE)]
    for focal, f_number, distance, offset in SETUPS:
        light = clean_light(focal, f_number, distance, offset)
        with ProcessPoolExecutor(2) as pool:
            results = list(pool.map(measured, [light] * REALISATIONS, range(REALISATIONS)))
        scatter = float(np.std([plane.curve.offset_mm for _, plane in results], ddof=1))
        own = float(np.sqrt(np.mean([standard_error_mm(plane) ** 2 for _, plane in results])))
        unknown, known = bounds(*results[0], offset)
        lines.append(
            f"| {focal:g} mm f/{f_number:g} | {distance / 1000:g} m | {scatter:.4f} mm | {unknown:.4f} mm "
            f"| {(unknown / scatter) ** 2:.0%} | {(known / scatter) ** 2:.0%} | {own:.4f} mm |"
        )
    RESULT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
