"""What a photo shows besides its offset: what weakens the number, or what the user can better.

Limits and words stand in the registry of findings; here is how each value is measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from backfocus.targets import Chart

from .detect.find_chart import Sighting
from .edges.flicker import light_bands
from .edges.samples import EdgeSamples
from .findings import Finding, Findings
from .fit.focus import FocusCurve
from .fit.interval import OffsetInterval
from .fit.plane import FocusPlane, sheet_bound
from .fit.pose import is_contradicted
from .geometry import Pose, folds_of, sheet_from_page
from .lens import blur_slope_px_per_mm
from .photo.reading import Photo

CLIPPED_CODE = 0.99
"""Of full scale, in linear light: the last two codes of 8 bit."""
SHARP_BLURS = 1.5
"""Times the least blur: edges that sharpening in the camera makes overshoot."""
HALO_BLURS, PLAIN_BLURS = (2.2, 3.4), 4.2
"""Distance from an edge in its blurs: where a halo lies, and where it has ended."""
WIDE, USUAL_RISE_WIDE, RISE_PER_STOP, USUAL_RISE, LEAST_USUAL = 1.4, 0.62, 0.1, 0.85, 0.5
"""f-number, part of the aperture's blur that is usual there, more per stop, the most and the least: medians of 128
photos traced through four lenses are 0.6 at f/1.4, 0.8 at f/2, 0.86 from f/2.8 on."""
LEAST_RISE = 0.3
"""Of the sharpest plane's blur: less, added to it in squares, is a twentieth of it and no more than noise."""
ALL_BUT_FEW = (2.0, 98.0)
"""Percentiles of depth that count as the ends of what is seen: single edges beyond are chance."""
WAVE_SHARE = 0.3
"""Of the unevenness of the paper's light, that one wave explains: shadows and glare are no waves."""
HIDES_FOCUS = (
    Findings.NOT_WIDE_OPEN,
    Findings.MOTION_BLUR,
    Findings.SOFT_THROUGHOUT,
    Findings.SHARPENED,
    Findings.CHART_TOO_SMALL,
    Findings.CLIPPED,
    Findings.CLIPPED_THROUGHOUT,
    Findings.LOW_CONTRAST,
    Findings.LIGHT_FLICKERS,
    Findings.SHEET_TOO_BENT,
    Findings.BEYOND_QUIET_ZONE,
    Findings.PICTURE_COMPOSITE,
    Findings.BLUR_BY_PROGRAM,
    Findings.BLUR_NOT_DEFOCUS,
    Findings.BLUR_OVER_APERTURE,
)
"""What can be the cause of a curve without a minimum, or of blur that does not follow the optics."""


def observe(
    photo: Photo,
    sighting: Sighting,
    pose: Pose,
    samples: EdgeSamples,
    curve: FocusCurve,
    *,
    by_contrast: bool = False,
) -> tuple[Finding, ...]:
    """Return all observations about a photo whose plane of focus was found."""
    return (
        *photo.findings,
        *sighting.findings,
        *of_the_sheet(sighting, pose, samples),
        *of_the_light(sighting.chart, samples),
        *_of_the_blur(samples, curve, by_contrast),
        *(() if by_contrast else Findings.PICTURE_OF_TWO.if_crossed(curve.heavy_tails)),
        *_of_the_focus(pose, curve, by_contrast),
        *_of_the_optics(photo, pose, curve, by_contrast),
        *_of_the_setup(photo, sighting, pose),
    )


def observe_refused(
    photo: Photo,
    sighting: Sighting | None,
    pose: Pose | None,
    samples: EdgeSamples | None,
    curve: FocusCurve | None,
    reason: Finding,
) -> tuple[Finding, ...]:
    """Return what was observed before a photo was refused, and the reason last, with what of that can be its cause.

    A step that was not reached is None.
    """
    found = [*photo.findings]
    if sighting is not None:
        found += sighting.findings
    if sighting is not None and samples is not None:
        found += of_the_light(sighting.chart, samples)
    if sighting is not None and pose is not None and samples is not None and curve is not None:
        found += of_the_sheet(sighting, pose, samples)
        found += _of_the_blur(samples, curve, by_contrast=False)
        found += _of_the_optics(photo, pose, curve, by_contrast=False)
        found += _of_the_setup(photo, sighting, pose)
    return (*found, _with_causes(reason, found, photo.camera.f_number))


def refuse_doubtful(pose: Pose, curve: FocusCurve, interval: OffsetInterval, *, by_contrast: bool = False) -> None:
    """Raise a Refusal if the curve has no minimum, or if samples do not follow it that the plane is found by."""
    _refuse_flat(pose)
    least_rise, most_interval = Findings.NO_MINIMUM.limits
    low, high = curve.depth_range_mm
    ends = curve.blur_px(np.array([low, high]))
    rise = float(ends.max() / curve.blur_px(np.linspace(low, high, 50)).min())
    if least_rise.is_crossed(rise):
        raise Findings.NO_MINIMUM.refusal(
            f"Blur changes only from {ends.min():.1f} to {ends.max():.1f} px over the whole sheet; "
            f"{least_rise.value:g} times the least is needed.",
            rise,
            least_rise,
        )
    if not by_contrast:
        Findings.POOR_FIT.refuse_if_crossed(
            curve.scatter,
            f"The blur scatters by {curve.scatter:.0%} about the curve of a lens; "
            f"{Findings.POOR_FIT.limit.value:.0%} is the most.",
        )
    uncertain = interval.total_mm / (high - low)
    if sheet_bound(curve) is None and most_interval.is_crossed(uncertain):
        raise Findings.NO_MINIMUM.refusal(
            f"The plane of least blur is uncertain by {interval.total_mm:.0f} mm; "
            f"{most_interval.value:.0%} of the sheet's depth is the most.",
            uncertain,
            most_interval,
        )


def refuse_unseen(plane: FocusPlane) -> None:
    """Raise a Refusal if only contrast could tell where the lens focused, and has no ridge on the sheet."""
    if plane.ridge is None and plane.has_errors and sheet_bound(plane.curve) is None:
        raise Findings.NO_MINIMUM.refusal(
            "Blur is least in one plane, but contrast, which tells where a lens like this one is sharpest, has no "
            "peak on the sheet."
        )


def refuse_doubtful_end(plane: FocusPlane, findings: Iterable[Finding]) -> None:
    """Raise a Refusal if focus seems to lie outside of the sheet, but the photo cannot tell at which end."""
    bound = sheet_bound(plane.curve)
    if bound is None:
        return
    reasons = [found.message for found in findings if found.severity == "critical"]
    if not plane.has_one_plane and not plane.coarse_is_within(bound):
        reasons.append("Fine and coarse detail are not sharpest towards the same end.")
    if reasons:
        raise Findings.NO_MINIMUM.refusal(
            "Blur falls towards an end of the sheet, which here does not tell where focus is. " + " ".join(reasons)
        )


def beyond(bound: tuple[float | None, float | None]) -> Finding:
    """Return the finding that says on which side focus lies outside of the depths that were measured."""
    least, most = bound
    if least is not None:
        return Findings.OUT_OF_RANGE.finding(
            f"Sharpest farther away than {least:+.0f} mm, beyond what is seen of the sheet."
        )
    return Findings.OUT_OF_RANGE.finding(f"Sharpest closer than {most:+.0f} mm, before what is seen of the sheet.")


def of_the_sheet(sighting: Sighting, pose: Pose, samples: EdgeSamples) -> Iterator[Finding]:
    """Yield what is amiss with how the sheet stands."""
    chart, tilt_deg = sighting.chart, pose.tilt_deg
    for fold in pose.folds:
        seen = float((fold.beyond_mm(samples.sheet_mm) > 0).mean())
        yield from Findings.WING_HIDDEN.if_crossed(
            seen, f"Hardly an edge of the wing {fold.panel} can be measured."
        )
    for fold, printed in zip(pose.folds, folds_of(chart), strict=True):
        angle_deg = math.degrees(math.copysign(fold.angle_rad, fold.angle_rad * printed.angle_rad))
        yield from Findings.CARD_MISFOLDED.if_crossed(
            angle_deg,
            f"The wing {fold.panel} is folded by {-angle_deg:.0f}° to the side that it is not printed for.",
        )
    if sighting.read_from == "markers":
        yield Findings.QR_UNREAD.finding("The QR code could not be read; scale 1.000 was assumed.")
    if chart.mark_tilt_deg == 0:
        yield from Findings.CARD_ASKEW.if_crossed(
            tilt_deg, f"The panel with the AF mark is turned away by {tilt_deg:.1f}°."
        )
    elif sighting.read_from == "qr":
        yield from Findings.TILT_OFF_NOMINAL.if_crossed(
            abs(tilt_deg - chart.angle_deg),
            f"The sheet leans by {tilt_deg:.1f}°, its depth numbers are for {chart.angle_deg:g}°.",
        )
    outline = sheet_from_page(chart, chart.panels[0].outline_page_mm)
    height_mm = float(np.abs(pose.height_mm(outline)).max())
    yield from Findings.SHEET_TOO_BENT.if_crossed(
        height_mm, f"The sheet is bent by {height_mm:.0f} mm."
    ) or Findings.SHEET_BENT.if_crossed(
        height_mm, f"The sheet is bent by {height_mm:.1f} mm; the measurement takes that into account."
    )


def of_the_light(chart: Chart, samples: EdgeSamples) -> Iterator[Finding]:
    """Yield what is amiss with the light on the printed edges."""
    fits = samples.strips.fits
    if len(samples.edge) == 0:
        return
    clipped = float(np.mean(fits.bright > CLIPPED_CODE))
    yield from Findings.CLIPPED_THROUGHOUT.if_crossed(
        clipped, f"{clipped:.0%} of the edges lie beside paper of full white."
    ) or Findings.CLIPPED.if_crossed(clipped, f"Beside {clipped:.0%} of the edges the paper is overexposed.")
    bands = light_bands(samples)
    if bands.share > WAVE_SHARE:
        yield from Findings.LIGHT_FLICKERS.if_crossed(
            bands.depth, f"Bands of light, {bands.period_px:.0f} px apart, differ by {bands.depth:.0%}."
        )
    taken = (fits.bright - fits.dark) / np.maximum(fits.bright, 1e-6)
    designed = 1.0 - np.array([edge.ink for edge in chart.edges])[samples.edge]
    contrast = float(np.median(taken / designed))
    yield from Findings.LOW_CONTRAST.if_crossed(
        contrast, f"The ink takes away only {contrast:.0%} of the light that it should."
    )


def of_the_planes(plane: FocusPlane) -> Iterator[Finding]:
    """Yield what is to be said of a lens that has no single plane of focus."""
    ridge = plane.ridge
    if plane.has_one_plane or ridge is None:
        return
    coarse = "" if ridge.coarse_mm is None else f", coarse at {ridge.coarse_mm:+.1f} mm"
    least_peak, least_ratio = Findings.NO_SINGLE_PLANE.limits
    is_dull = least_peak.is_crossed(ridge.peak)
    yield Findings.NO_SINGLE_PLANE.finding(
        f"Fine detail is sharpest at {ridge.offset_mm:+.1f} mm{coarse} and keeps {ridge.peak:.0%} of its contrast.",
        ridge.peak if is_dull else ridge.ratio,
        least_peak if is_dull else least_ratio,
    )


def of_the_paper(scale: float | None, how: str = "") -> Iterator[Finding]:
    """Yield what the paper's own edges tell of the print.

    Args:
        scale: of the print over its design, as the paper shows it; None where nothing shows it.
        how: how that comes to be, in words, such as "as by 'fit to page' on A4".
    """
    if scale is None:
        yield Findings.SCALE_UNCHECKED.finding()
        return
    yield from Findings.PAPER_SCALE.if_crossed(
        abs(scale - 1.0),
        f"The chart is printed at {scale:.1%} of its size{how and f', {how}'}; "
        "the measurement takes that into account.",
    )


def _refuse_flat(pose: Pose) -> None:
    """Raise a Refusal if no panel leans, so that the sheet has no depth."""
    lean_deg = max(pose.tilt_deg, *(abs(math.degrees(fold.angle_rad)) for fold in pose.folds), 0.0)
    Findings.TOO_FLAT_ON.refuse_if_crossed(
        lean_deg, f"The sheet leans by only {lean_deg:.0f}°; {Findings.TOO_FLAT_ON.limit.value:.0f}° are needed."
    )


def refuse_one_sided(samples: EdgeSamples, pose: Pose) -> None:
    """Raise a Refusal if the edges that were measured lie before the AF mark only, or behind it only."""
    _refuse_flat(pose)
    least, most = np.percentile(pose.depth_mm(samples.sheet_mm) - pose.distance_mm, ALL_BUT_FEW).tolist()
    missing = "behind" if most < -least else "in front of"
    shorter = max(min(most, -least), 0.0)
    Findings.ONE_SIDED_EDGES.refuse_if_crossed(
        shorter / max(most - least, 1e-9),
        f"Edges can be measured to no more than {shorter:.0f} mm {missing} the AF mark.",
    )


def _of_the_optics(photo: Photo, pose: Pose, curve: FocusCurve, by_contrast: bool) -> Iterator[Finding]:
    """Yield what is to be said of blur that rises otherwise than the lens's data tell."""
    camera = photo.camera
    if camera.focal_length_mm is None or camera.f_number is None:
        return
    aperture_mm = camera.focal_length_mm / camera.f_number
    times = _over_optics(curve, blur_slope_px_per_mm(aperture_mm, pose.focal_px, pose.distance_mm))
    # What vignetting and contrast curves take away is no contradiction; neither adds blur.
    usual = min(USUAL_RISE, USUAL_RISE_WIDE + RISE_PER_STOP * math.log2((camera.f_number / WIDE) ** 2))
    times = times if times > 1.0 else min(times / max(usual, LEAST_USUAL), 1.0)
    message = f"At the ends of the sheet blur is {times:.2f} times what f/{camera.f_number:g} makes."
    is_plain = not by_contrast and not Findings.DEPTH_RANGE_TOO_SMALL.crossed(_shorter_side(curve))
    yield from (
        Findings.BLUR_NOT_DEFOCUS.if_crossed(times, message)
        or (() if is_plain else Findings.BLUR_OVER_APERTURE.if_crossed(times, message))
        or Findings.BLUR_CONTRADICTS_OPTICS.if_crossed(times, message)
    )


def _shorter_side(curve: FocusCurve) -> float:
    """Return the depth that is seen on the shorter side of focus, over that in which defocus equals the floor."""
    low, high = curve.depth_range_mm
    return min(curve.offset_mm - low, high - curve.offset_mm) * curve.slope_px_per_mm / curve.floor_px


def of_the_motion(shake_px: float, *, is_determined: bool) -> Iterator[Finding]:
    """Yield what is to be said of a picture that moved by `shake_px` while it was taken.

    Args:
        shake_px: length of the motion at the AF mark.
        is_determined: whether the edges show it apart from defocus.
    """
    if is_determined:
        yield from Findings.MOTION_BLUR.if_crossed(
            shake_px,
            f"The picture moved by about {shake_px:.0f} px while it was taken; the edges show how, "
            "and the measurement takes that into account.",
        )
    elif Findings.MOTION_BLUR.crossed(shake_px):
        yield Findings.MOTION_UNDETERMINED.finding()


def _over_optics(curve: FocusCurve, slope_px_per_mm: float) -> float:
    """Return how the blur at the ends of the seen depth compares to what an aperture makes there.

    More blur is compared by its rise alone, so that the sharpest plane's own does not hide it. Less is compared as
    a whole, as a rise that this outweighs is badly known.
    """
    ends = np.array(curve.depth_range_mm)
    defocus = (1.0 / (curve.mark_mm + curve.offset_mm) - 1.0 / (curve.mark_mm + ends)) * curve.mark_mm**2
    expected2 = float(((slope_px_per_mm * defocus) ** 2).sum())
    floor2, seen2 = len(ends) * curve.floor_px**2, float((curve.blur_px(ends) ** 2).sum())
    whole = math.sqrt(seen2 / (expected2 + floor2))
    if whole < 1.0:
        return whole
    return math.sqrt(max(seen2 - floor2, 0.0) / (expected2 + LEAST_RISE**2 * floor2))


def _of_the_blur(samples: EdgeSamples, curve: FocusCurve, by_contrast: bool) -> Iterator[Finding]:
    if not (curve.motion.may_be_the_lens and (by_contrast or curve.motion.determined)):
        yield from of_the_motion(curve.shake_px, is_determined=curve.motion.determined)
    yield from Findings.SOFT_THROUGHOUT.if_crossed(
        curve.floor_px, f"Even the sharpest edges are blurred by {curve.floor_px:.1f} px."
    )
    halo = _halo(samples, curve)
    overshoot, too_sharp = Findings.SHARPENED.limits
    sharpest_px = samples.scale.sharpest_px
    if too_sharp.is_crossed(sharpest_px):
        message = f"The sharpest edges have a blur of {sharpest_px:.2f} px, less than optics leave."
        yield Findings.SHARPENED.finding(message, sharpest_px, too_sharp)
    elif overshoot.is_crossed(halo):
        message = f"Edges overshoot by {halo:.0%} of their contrast."
        yield Findings.SHARPENED.finding(message, halo, overshoot)
    width_px = float(np.median(samples.clear_px))
    yield from Findings.CHART_TOO_SMALL.if_crossed(
        width_px,
        f"The bars are only {width_px:.0f} px wide in the picture; "
        f"{Findings.CHART_TOO_SMALL.limit.value:.0f} are needed.",
    )


def _halo(samples: EdgeSamples, curve: FocusCurve) -> float:
    """Return how far sharp edges overshoot, over their contrast: mean beside the edge less that farther out."""
    sharp = samples.take(samples.blur_px < SHARP_BLURS * curve.floor_px)
    fits, profiles = sharp.strips.fits, sharp.strips.profiles
    if len(sharp.blur_px) == 0:
        return 0.0
    away = np.abs(profiles.distance_px) / sharp.blur_px[:, None]
    level = (profiles.light - fits.dark[:, None]) / (fits.bright - fits.dark)[:, None]
    overshoot = np.where(profiles.distance_px > 0, level - 1.0, -level)
    near, far = (away > HALO_BLURS[0]) & (away < HALO_BLURS[1]), away > PLAIN_BLURS
    weights = profiles.pixels
    if (weights * near).sum() == 0 or (weights * far).sum() == 0:
        return 0.0
    return float(np.average(overshoot, weights=weights * near) - np.average(overshoot, weights=weights * far))


def _of_the_focus(pose: Pose, curve: FocusCurve, by_contrast: bool) -> Iterator[Finding]:
    """Yield what is amiss with where and how the plane of focus lies."""
    low, high = curve.depth_range_mm
    side_mm = min(curve.offset_mm - low, high - curve.offset_mm)
    if side_mm > 0:
        yield from Findings.FOCUS_AT_END.if_crossed(
            side_mm / (high - low), f"Sharpest {side_mm:.0f} mm from the end of what is seen of the sheet."
        ) or Findings.DEPTH_RANGE_TOO_SMALL.if_crossed(
            _shorter_side(curve),
            f"Only {side_mm:.0f} mm of the sheet's depth lie on one side of the sharpest plane.",
        )
    if by_contrast:
        # Coma looks the same: three of eight still photos at f/1.4 and f/1.5 were called turned.
        return
    half_diagonal_mm = math.hypot(*pose.image_size) / 2 * pose.distance_mm / pose.focal_px
    turned_deg = math.degrees(math.atan2(abs(curve.tilt_mm), half_diagonal_mm))
    yield from Findings.FOCUS_TURNED_FAR.if_crossed(
        turned_deg, f"The plane of focus seems turned by {turned_deg:.0f}° against the picture."
    ) or Findings.FOCUS_TURNED.if_crossed(
        turned_deg, f"The plane of focus is turned by {turned_deg:.1f}° against the picture."
    )


def _of_the_setup(photo: Photo, sighting: Sighting, pose: Pose) -> Iterator[Finding]:
    """Yield what is amiss with lens and distance, by the metadata."""
    camera, exif_px = photo.camera, photo.exif_focal_px
    # A picture that was cut by its size tells that already.
    if exif_px and not photo.off_axis_px and is_contradicted(pose, exif_px):
        times = pose.focal_px / exif_px
        yield from Findings.PERSPECTIVE_CONTRADICTS.if_crossed(
            times,
            f"The sheet is seen as by a lens of {(camera.focal_length_mm or 0.0) * times:.0f} mm, "
            f"the metadata tell {camera.focal_length_mm:g} mm.",
        )
    needed = {"focal length": camera.focal_length_mm, "aperture": camera.f_number, "sensor": camera.sensor_width_mm}
    if missing := [name for name, value in needed.items() if value is None]:
        yield Findings.DISTANCE_UNKNOWN.finding(f"The photo does not tell its {' and '.join(missing)}.")
    if camera.f_number is not None and camera.widest_f_number:
        yield from Findings.NOT_WIDE_OPEN.if_crossed(
            camera.f_number / camera.widest_f_number,
            f"Taken at f/{camera.f_number:g}; the lens opens to f/{camera.widest_f_number:g}.",
        )
    if camera.focus_distance_m:
        told_mm = 1000.0 * camera.focus_distance_m
        yield from Findings.SCALE_DOUBTFUL.if_crossed(
            max(pose.distance_mm / told_mm, told_mm / pose.distance_mm),
            f"By the chart's size it is {pose.distance_mm / 1000:.2f} m away, by the lens {told_mm / 1000:.2f} m.",
        )
    if camera.focal_length_mm is None:
        return
    ratio, widest = pose.distance_mm / camera.focal_length_mm, sighting.chart.widest_distance_over_focal_length
    yield from Findings.DISTANCE_TOO_SHORT.if_crossed(ratio, f"The sheet is only {ratio:.0f} focal lengths away.")
    yield from Findings.BEYOND_QUIET_ZONE.if_crossed(
        ratio / widest,
        f"The sheet is {ratio:.0f} focal lengths away, its quiet zone is made for up to {widest:.0f}.",
    )


def _with_causes(reason: Finding, found: Iterable[Finding], f_number: float | None) -> Finding:
    if reason.code not in (Findings.NO_MINIMUM.code, Findings.POOR_FIT.code):
        return reason
    codes = {each.code for each in found}
    causes = [kind.title[0].lower() + kind.title[1:] for kind in HIDES_FOCUS if kind.code in codes]
    # Few photos tell how far the lens opens; its user knows.
    if reason.code == Findings.NO_MINIMUM.code and f_number is not None:
        causes.insert(0, f"taken at f/{f_number:g}")
    return replace(reason, message=f"{reason.message} Seen on the way: {'; '.join(causes)}.") if causes else reason
