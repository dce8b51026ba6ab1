"""What a measured photo shows besides its offset: what weakens the number, or what the user can better."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .detect.find_chart import Sighting
from .edges.samples import EdgeSamples
from .findings import Finding, Findings
from .fit.focus import FocusCurve
from .fit.pose import is_contradicted
from .geometry import Pose, sheet_from_page
from .photo.reading import Photo

# What an upright chart tells, which has no depth: how blurred its edges are, by direction and by side.

NEAREST = 0.25
"""Of the edges, those nearest to the AF mark stand for it."""
OUTER = 0.25
"""Of the edges, those farthest out on a side stand for that side."""
MIN_SAMPLES = 40
"""A sheet offers 400 and more; a direction or a side then has ten."""


@dataclass(frozen=True)
class Sharpness:
    """Blur of an upright chart, standard deviations in pixels of the photo; sides are those of the print.

    Attributes:
        at_mark_px: near the AF mark, both directions.
        upright_px: near the AF mark, of edges that run upright, which blur to the sides spreads.
        level_px: near the AF mark, of edges that run level. The two differ where the lens is astigmatic.
        left_px, right_px, top_px, bottom_px: of the outermost edges. They differ where lens or sheet stand askew.
    """

    at_mark_px: float
    upright_px: float
    level_px: float
    left_px: float
    right_px: float
    top_px: float
    bottom_px: float


def measure_sharpness(samples: EdgeSamples) -> Sharpness:
    """Return the blur of an upright chart by direction and side, as medians.

    Raises:
        Refusal: too few samples.
    """
    if len(samples.blur_px) < MIN_SAMPLES:
        raise Findings.TOO_FEW_EDGES.refusal(
            f"Blur could be measured at {len(samples.blur_px)} of {samples.offered} places; "
            f"{MIN_SAMPLES} are needed.",
        )
    x, y = samples.sheet_mm[:, 0], samples.sheet_mm[:, 1]
    upright = np.abs(samples.along[:, 1]) > np.abs(samples.along[:, 0])
    distance = np.hypot(x, y)

    def near_mark(chosen: npt.NDArray[np.bool_]) -> float:
        reach = np.quantile(distance[chosen], NEAREST)
        return float(np.median(samples.blur_px[chosen & (distance <= reach)]))

    def outermost(place: npt.NDArray[np.float64]) -> float:
        return float(np.median(samples.blur_px[place >= np.quantile(place, 1.0 - OUTER)]))

    every = np.ones(len(x), dtype=bool)
    return Sharpness(
        at_mark_px=near_mark(every),
        upright_px=near_mark(upright),
        level_px=near_mark(~upright),
        left_px=outermost(-x),
        right_px=outermost(x),
        top_px=outermost(y),
        bottom_px=outermost(-y),
    )


TILT_TOLERANCE_DEG = 3.0
"""The printed depth numbers are then wrong by 5 % at 45°."""
BENT_MM, TOO_BENT_MM = 0.5, 6.0
"""Height of the paper over the plane that touches it at the AF mark. Flat sheets come out below 0.1 mm. The offset
is then right to 0.05 mm up to 6 mm, to 0.3 mm at 8 mm, and to 0.9 mm at 12 mm (85 mm f/1.8, 2.2 m)."""
HIDDEN_WING = 0.05
"""Of the samples; each wing of a card that is seen whole has 0.4 to 0.5."""
CLIPPED_CODE = 0.99
"""Of full scale, in linear light: the last two codes of 8 bit."""
CLIPPED_PART, CLIPPED_THROUGHOUT = 0.2, 0.9
LOW_CONTRAST = 0.5
"""Of the paper's light. Black ink on white paper has 0.9 to 0.95; glare and fog take it away."""
SOFT_FLOOR_PX = 2.0
"""Sharp photos have 0.6 to 0.9 px at best focus, soft lenses 1.5."""
SHAKEN_PX = 2.0
"""Length of the motion. Still photos seem to have up to 0.8 px; the offset is within its interval at 6 px."""
HALO_PART = 0.03
"""Of the contrast; without sharpening 0.00 to 0.01."""
SMALL_BAR_PX = 9.0
"""Width of a bar in the picture: blur above 2 px can then not be told from the neighbouring edge."""
END_PART = 0.05
"""Of the depth that was seen: blur is hardly seen to rise again."""
NARROW_SIDE = 1.0
"""Depth of sheet on the shorter side of focus, over the depth in which defocus equals the least blur."""
TURNED_DEG, TURNED_FAR_DEG = 1.5, 2.5
"""Photos without cause stay below 0.3; a crop whose middle is 950 of 6000 px from that of the photo has 3.9. Of
1000 hard photos 7 over 2.5 were off by 6 to 33 mm and called trustworthy, most of them shaken by 6 px."""
SHORTEST_DISTANCE = 15.0
"""In focal lengths. Makers ask for 25 to 50; AF errors up close are not those at working distances."""
FAR_OFF = 1.6
"""Lenses tell their distance in coarse steps, 20 to 30 % apart at working distances."""
WIDE_OPEN = 1.12
"""A third of a stop."""


def observe(
    photo: Photo, sighting: Sighting, pose: Pose, samples: EdgeSamples, curve: FocusCurve
) -> tuple[Finding, ...]:
    """Return all observations about a photo whose focus curve could be fitted."""
    return (
        *photo.findings,
        *sighting.findings,
        *of_the_sheet(sighting, pose, samples),
        *of_the_light(samples),
        *_of_the_blur(samples, curve),
        *_of_the_lens(pose, curve),
        *_of_the_setup(photo, sighting, pose),
    )


def of_the_sheet(sighting: Sighting, pose: Pose, samples: EdgeSamples) -> Iterator[Finding]:
    """Yield what is amiss with how the sheet stands."""
    chart = sighting.chart
    for fold in pose.folds:
        if float((fold.beyond_mm(samples.sheet_mm) > 0).mean()) < HIDDEN_WING:
            yield Findings.WING_HIDDEN.finding(f"Hardly an edge of the wing {fold.panel} can be measured.")
    if sighting.read_from == "markers":
        yield Findings.QR_UNREAD.finding("The QR code could not be read; scale 1.000 was assumed.")
    if chart.mark_tilt_deg == 0:
        if pose.tilt_deg > TILT_TOLERANCE_DEG:
            yield Findings.CARD_ASKEW.finding(f"The panel with the AF mark is turned away by {pose.tilt_deg:.1f}°.")
    elif sighting.read_from == "qr" and abs(pose.tilt_deg - chart.angle_deg) > TILT_TOLERANCE_DEG:
        yield Findings.TILT_OFF_NOMINAL.finding(
            f"The sheet leans by {pose.tilt_deg:.1f}°, its depth numbers are for {chart.angle_deg:g}°.",
        )
    outline = sheet_from_page(chart, chart.panels[0].outline_page_mm)
    height = float(np.abs(pose.height_mm(outline)).max())
    if height > TOO_BENT_MM:
        yield Findings.SHEET_TOO_BENT.finding(f"The sheet is bent by {height:.0f} mm.")
    elif height > BENT_MM:
        yield Findings.SHEET_BENT.finding(
            f"The sheet is bent by {height:.1f} mm; the measurement takes that into account."
        )


def of_the_light(samples: EdgeSamples) -> Iterator[Finding]:
    """Yield what is amiss with the light on the printed edges."""
    fits = samples.strips.fits
    if len(samples.edge) == 0:
        return
    clipped = float(np.mean(fits.bright > CLIPPED_CODE))
    if clipped > CLIPPED_THROUGHOUT:
        yield Findings.CLIPPED_THROUGHOUT.finding(f"{clipped:.0%} of the edges lie beside paper of full white.")
    elif clipped > CLIPPED_PART:
        yield Findings.CLIPPED.finding(
            f"The paper is as bright as the file can tell on {clipped:.0%} of the edges."
        )
    contrast = float(np.median((fits.bright - fits.dark) / np.maximum(fits.bright, 1e-6)))
    if contrast < LOW_CONTRAST:
        yield Findings.LOW_CONTRAST.finding(f"The ink is only {contrast:.0%} darker than the paper.")


def _of_the_blur(samples: EdgeSamples, curve: FocusCurve) -> Iterator[Finding]:
    if curve.shake_px > SHAKEN_PX:
        yield Findings.MOTION_BLUR.finding(
            f"The picture moved by about {curve.shake_px:.0f} px; the measurement takes that into account.",
        )
    if curve.floor_px > SOFT_FLOOR_PX:
        yield Findings.SOFT_THROUGHOUT.finding(f"Even the sharpest edges are blurred by {curve.floor_px:.1f} px.")
    halo = _halo(samples, curve)
    if halo > HALO_PART:
        yield Findings.SHARPENED.finding(f"Edges overshoot by {halo:.0%} of their contrast.")
    width = float(np.median(samples.clear_px))
    if width < SMALL_BAR_PX:
        yield Findings.CHART_TOO_SMALL.finding(f"The bars are only {width:.0f} px wide in the picture.")
    low, high = curve.depth_range_mm
    side = min(curve.offset_mm - low, high - curve.offset_mm)
    if 0 < side < END_PART * (high - low):
        yield Findings.FOCUS_AT_END.finding(f"Sharpest {side:.0f} mm from the end of what is seen of the sheet.")
    elif 0 < side < NARROW_SIDE * curve.floor_px / curve.slope_px_per_mm:
        yield Findings.DEPTH_RANGE_TOO_SMALL.finding(
            f"Only {side:.0f} mm of the sheet's depth lie on one side of the sharpest plane.",
        )


def _halo(samples: EdgeSamples, curve: FocusCurve) -> float:
    """Return how far sharp edges overshoot, over their contrast: mean beside the edge less that farther out."""
    sharp = samples.take(samples.blur_px < 1.5 * curve.floor_px)
    fits, profiles = sharp.strips.fits, sharp.strips.profiles
    if len(sharp.blur_px) == 0:
        return 0.0
    away = np.abs(profiles.distance_px) / sharp.blur_px[:, None]
    level = (profiles.light - fits.dark[:, None]) / (fits.bright - fits.dark)[:, None]
    beyond = np.where(profiles.distance_px > 0, level - 1.0, -level)
    near, far = (away > 2.2) & (away < 3.4), away > 4.2
    weights = profiles.pixels
    if (weights * near).sum() == 0 or (weights * far).sum() == 0:
        return 0.0
    return float(np.average(beyond, weights=weights * near) - np.average(beyond, weights=weights * far))


def _of_the_lens(pose: Pose, curve: FocusCurve) -> Iterator[Finding]:
    half_diagonal_mm = math.hypot(*pose.image_size) / 2 * pose.distance_mm / pose.focal_px
    turned_deg = math.degrees(math.atan2(abs(curve.tilt_mm), half_diagonal_mm))
    if turned_deg > TURNED_FAR_DEG:
        yield Findings.FOCUS_TURNED_FAR.finding(
            f"The plane of focus seems turned by {turned_deg:.0f}° against the picture."
        )
    elif turned_deg > TURNED_DEG:
        yield Findings.FOCUS_TURNED.finding(
            f"The plane of focus is turned by {turned_deg:.1f}° against the picture."
        )


def _of_the_setup(photo: Photo, sighting: Sighting, pose: Pose) -> Iterator[Finding]:
    camera, told_px = photo.camera, photo.exif_focal_px
    # A picture that was cut by its size tells that already.
    if told_px and not photo.off_axis_px and is_contradicted(pose, told_px):
        seen_mm = (camera.focal_length_mm or 0.0) * pose.focal_px / told_px
        yield Findings.PERSPECTIVE_CONTRADICTS.finding(
            f"The sheet is seen as by a lens of {seen_mm:.0f} mm, the metadata tell {camera.focal_length_mm:g} mm.",
        )
    if camera.focal_length_mm is None or camera.f_number is None or camera.sensor_width_mm is None:
        yield Findings.DISTANCE_UNKNOWN.finding()
    if camera.f_number is not None and camera.f_number > WIDE_OPEN * (camera.widest_f_number or math.inf):
        yield Findings.NOT_WIDE_OPEN.finding(
            f"Taken at f/{camera.f_number:g}; the lens opens to f/{camera.widest_f_number:g}."
        )
    told_mm = 1000.0 * camera.focus_distance_m if camera.focus_distance_m else None
    if told_mm and not told_mm / FAR_OFF < pose.distance_mm < told_mm * FAR_OFF:
        yield Findings.SCALE_DOUBTFUL.finding(
            f"By the chart's size it is {pose.distance_mm / 1000:.2f} m away, by the lens {told_mm / 1000:.2f} m.",
        )
    if camera.focal_length_mm is None:
        return
    ratio, widest = pose.distance_mm / camera.focal_length_mm, sighting.chart.widest_distance_over_focal_length
    if ratio < SHORTEST_DISTANCE:
        yield Findings.DISTANCE_TOO_SHORT.finding(f"The sheet is only {ratio:.0f} focal lengths away.")
    if ratio > 1.05 * widest:
        yield Findings.BEYOND_QUIET_ZONE.finding(
            f"The sheet is {ratio:.0f} focal lengths away, its quiet zone is made for up to {widest:.0f}.",
        )
