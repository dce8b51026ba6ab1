"""Findings about the photo itself: its light, its blur, and where it is sharpest."""

from __future__ import annotations

from .kind import FindingKind


class FocusFindings:
    """Light, blur and focus."""

    PHOTO_RESIZED = FindingKind(
        "photo-resized",
        "warning",
        "Not the picture that the camera took",
        "A program has cropped or scaled it, which changes the blur; a crop also makes the sensor seem larger "
        "than the part that is shown.",
        "Measure the file as it comes from the camera.",
    )
    PERSPECTIVE_CONTRADICTS = FindingKind(
        "perspective-contradicts",
        "warning",
        "The sheet's perspective contradicts the focal length",
        "A program has kept a part of the picture, or focal length or sensor width are not what metadata or "
        "options tell. Depth of field, defocus and AF steps are reckoned with these.",
        "Measure the file as it comes from the camera; --focal-length and --sensor-width correct its metadata.",
    )
    TOO_FEW_EDGES = FindingKind(
        "too-few-edges",
        "critical",
        "Too few sharp edges to measure blur",
        "The sheet is too small in the picture, covered, or badly lit.",
        "Move closer, uncover the sheet, or light it evenly.",
    )
    OUT_OF_RANGE = FindingKind(
        "out-of-range",
        "critical",
        "The lens focused outside of the sheet",
        "Blur still falls towards the end of the sheet, so the sharpest plane lies beyond it.",
        "Check that AF locked on the mark; use a larger sheet or a longer distance.",
    )
    NO_MINIMUM = FindingKind(
        "no-minimum",
        "critical",
        "No plane of least blur on the sheet",
        "The blur hardly changes with depth: the aperture is closed down, or the camera moved.",
        "Open the aperture fully, use a tripod, and move closer.",
    )
    POOR_FIT = FindingKind(
        "poor-fit",
        "critical",
        "The blur does not follow the optics",
        "Something else than defocus blurs the picture: motion, a bent sheet, strong processing.",
        "Use a tripod and a stiff board, and switch sharpening and noise reduction to low.",
    )
    FOCUS_TURNED = FindingKind(
        "focus-turned",
        "warning",
        "The plane of focus is turned",
        "The picture was cropped far from its middle, or the lens is out of centre. The measurement allows for "
        "it across the sheet; along the direction in which the sheet leans it cannot be told.",
        "Measure the whole picture as the camera took it. If that shows the same, have the lens checked.",
    )
    FOCUS_TURNED_FAR = FindingKind(
        "focus-turned-far",
        "critical",
        "The plane of focus seems far turned",
        "The camera moved, or the picture was cropped far from its middle: blur differs from side to side as no "
        "lens's does.",
        "Use a tripod and self-timer, and measure the whole picture as the camera took it.",
    )
    FOCUS_AT_END = FindingKind(
        "focus-at-end",
        "critical",
        "Focus is at the very end of the sheet",
        "Nothing shows that blur rises again behind the sharpest plane that was found.",
        "Check that AF locked on the mark; use a larger sheet, or lean it more.",
    )
    CLIPPED_THROUGHOUT = FindingKind(
        "clipped-throughout",
        "critical",
        "The paper is overexposed throughout",
        "Where the paper is as bright as the file can tell, its edges look sharper and displaced, by how much is "
        "not known.",
        "Expose less: the paper should be light grey, not white.",
    )
    CLIPPED = FindingKind(
        "clipped",
        "warning",
        "The paper is overexposed",
        "Where the paper is as bright as the file can tell, its edges look sharper and displaced.",
        "Expose less: the paper should be light grey, not white.",
    )
    LOW_CONTRAST = FindingKind(
        "low-contrast",
        "warning",
        "Little contrast between ink and paper",
        "Glare on glossy paper, fog, a weak toner, or a strongly compressed tone curve.",
        "Use matte paper, light from the side, and a full ink cartridge.",
    )
    MOTION_BLUR = FindingKind(
        "motion-blur",
        "warning",
        "The picture is shaken",
        "The camera or the sheet moved while the picture was taken: edges across the motion are more blurred.",
        "Use a tripod, self-timer and a shorter exposure.",
    )
    SOFT_THROUGHOUT = FindingKind(
        "soft-throughout",
        "warning",
        "Blurred throughout",
        "The lens is very soft, the camera moved along the edges, or a program has smoothed the picture.",
        "Use a tripod and self-timer; measure the file as it comes from the camera.",
    )
    SHARPENED = FindingKind(
        "sharpened",
        "info",
        "The camera has sharpened the picture",
        "In-camera sharpening leaves halos along edges and bends the blur curve near its minimum.",
        "The measurement allows for it; sharpening off, or a raw file, gives a narrower interval.",
    )
    DEPTH_RANGE_TOO_SMALL = FindingKind(
        "depth-range-too-small",
        "warning",
        "Focus is near the end of the sheet",
        "On one side of the sharpest plane hardly any sheet is left, and nothing shows the blur rise again.",
        "Check that AF locked on the mark; use a larger sheet, or lean it more.",
    )
    NOT_WIDE_OPEN = FindingKind(
        "not-wide-open",
        "warning",
        "Not taken wide open",
        "A smaller aperture blurs the ends of the sheet less, and shifts focus with many lenses.",
        "Open the aperture fully: AF works there, and the setting is meant for it.",
    )
    DISTANCE_UNKNOWN = FindingKind(
        "distance-unknown",
        "info",
        "Focal length or sensor size unknown",
        "The photo has no such metadata, so that distance, depth of field and steps cannot be given.",
        "Give --focal-length, --aperture and --sensor-width.",
    )
    JPEG_COLOURS = FindingKind(
        "jpeg-colours",
        "info",
        "The colours of a JPEG file lie closer together than those of the lens",
        "JPEG stores the differences of colours coarsely, and mostly at half resolution.",
        "For colours that can be trusted to the tenth of a millimetre, export the photo as TIFF.",
    )
