"""Findings about the photo itself: its light, its blur, and where it is sharpest."""

from __future__ import annotations

from .kind import FindingKind, above, below

_UNTOLD = "If what it tells of lens and camera is wrong, type it beside the photo."


class FocusFindings:
    """Light, blur and focus."""

    PERSPECTIVE_CONTRADICTS = FindingKind(
        "perspective-contradicts",
        "warning",
        "The sheet's perspective contradicts the focal length",
        "A program has kept a part of the picture, or focal length or sensor width are not what metadata or "
        "options tell. Depth of field, defocus and AF steps are reckoned with these.",
        "Measure the file as it comes from the camera; --focal-length and --sensor-width correct its metadata.",
        limits=(
            above(
                1.1,
                "times the told focal length",
                "Nominal focal lengths are rounded by up to 5 %. A picture of which a program has kept a part "
                "seems to be taken by a longer lens. Of 120 simulated photos all have 0.99 to 1.02.",
            ),
            below(0.82, "times the told focal length", "Lenses that focus inside are shorter up close."),
        ),
        on_page=f"Send the file as the camera wrote it, not one that a program has cut or scaled. {_UNTOLD}",
    )
    TOO_FEW_EDGES = FindingKind(
        "too-few-edges",
        "critical",
        "Too few sharp edges to measure blur",
        "The sheet is too small in the picture, covered, or badly lit.",
        "Move closer, uncover the sheet, or light it evenly.",
        limits=(
            below(
                60,
                "pieces of edges measured",
                "A sheet offers 300 to 2000; below 60 a few wrong pieces decide the answer.",
            ),
            below(
                40,
                "pieces of edges measured, of an upright chart",
                "A sheet offers 400 and more; a direction or a side then has ten.",
            ),
        ),
    )
    ONE_SIDED_EDGES = FindingKind(
        "one-sided-edges",
        "critical",
        "Edges on one side of the mark only",
        "The part of the chart in front of the AF mark, or that behind it, is hidden, cut off or lost in the file.",
        "Show the whole chart, evenly lit, and check that the file is complete.",
        limits=(
            below(
                0.2,
                "of the measured depth lies on the side of the mark that has less",
                "Whole sheets have 0.35 to 0.5.",
            ),
        ),
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
        limits=(
            below(
                1.1,
                "times the least blur, at the blurrier end of the sheet",
                "Less says nothing of where the least is.",
            ),
            above(
                0.25,
                "of the sheet's depth range, as half width of the interval",
                "Wider, a half of the sheet and more is in question.",
            ),
        ),
    )
    POOR_FIT = FindingKind(
        "poor-fit",
        "critical",
        "The blur does not follow the optics",
        "Something else than defocus blurs the picture: motion, a bent sheet, strong processing.",
        "Use a tripod and a stiff board, and switch sharpening and noise reduction to low.",
        limits=(
            above(
                0.12,
                "of the blur, as rms of the samples about the curve",
                "0.02 in good photos, 0.05 at 5 % noise.",
            ),
        ),
    )
    NO_SINGLE_PLANE = FindingKind(
        "no-single-plane",
        "warning",
        "The lens has no single plane of focus here",
        "Fine and coarse detail are sharpest at different distances, or nothing is sharp anywhere: lenses do that "
        "wide open, by spherical aberration or astigmatism.",
        "Nothing is wrong with photo or autofocus. Choose the plane that matters for your pictures (both are "
        "given), or set AF at the next smaller aperture.",
        limits=(
            below(
                0.2,
                "of full contrast at 30 lp/mm, in the sharpest plane",
                "A double Gauss 58 mm at f/1.4 has 0.16, its planes for 30 and 10 lp/mm 60 to 100 mm apart.",
            ),
            below(
                0.48,
                "of the contrast for coarse detail in its plane, that fine detail has in its own",
                "A traced 85 mm lens at f/1.5 and f/2, its planes 60 mm apart, has 0.28 to 0.45; three others have "
                "0.51 and more.",
            ),
        ),
    )
    BLUR_CONTRADICTS_OPTICS = FindingKind(
        "blur-contradicts-optics",
        "warning",
        "Blur rises over depth otherwise than the lens's data tell",
        "Aperture, focal length or sensor size are not what metadata or options say, the lens vignettes or is "
        "aberrated, or a program has changed the blur.",
        "Check --aperture, --focal-length and --sensor-width; measure the file as it comes from the camera.",
        limits=(
            above(
                1.25,
                "times the blur that the aperture makes at the ends of the sheet",
                "Vignetting and contrast curves only take blur away; plain simulated photos have 0.96 to 1.00.",
            ),
            below(
                0.8,
                "times the blur that the aperture makes at the ends of the sheet",
                "Real lenses have less, 0.6 at f/1.4 to 0.86 from f/2.8 on; that is allowed for.",
            ),
        ),
        on_page="Send the file as the camera wrote it.",
    )
    BLUR_NOT_DEFOCUS = FindingKind(
        "blur-not-defocus",
        "critical",
        "The blur is not that of this lens out of focus",
        "It rises over depth at twice or half the rate that focal length, aperture and distance give, or less: "
        "computed blur (portrait mode), several pictures in one, or data of another lens or aperture.",
        "Switch portrait mode, stacking and multiple exposure off. If the picture is a plain one, give the true "
        "--aperture, --focal-length and --sensor-width.",
        limits=(
            above(
                1.8,
                "times the blur that the aperture makes at the ends of the sheet",
                "An f-number told twice too large gives 1.8 to 2, blur by a program 2.3.",
            ),
            below(
                0.5,
                "times the blur that the aperture makes at the ends of the sheet",
                "Half is what an f-number told twice too small leaves.",
            ),
        ),
        on_page="Switch portrait mode, stacking and multiple exposure off, and send the file as the camera wrote "
        f"it. {_UNTOLD}",
    )
    BLUR_OVER_APERTURE = FindingKind(
        "blur-over-aperture",
        "critical",
        "More blur than the aperture makes, and not the plain rise of defocus",
        "One side of focus is hardly seen, or edges are blurred as by no ideal lens, and errors of lenses only "
        "take blur away. A program may have added blur, which looks like defocus and moves the sharpest plane; or "
        "the lens's data are wrong.",
        "Switch portrait mode off and show more of the sheet on both sides of focus. If the picture is plain, give "
        "the true --aperture, --focal-length and --sensor-width.",
        limits=(
            above(
                1.15,
                "times the blur that the aperture makes at the ends of the sheet",
                "49 photos of the virtual camera and 24 traced ones have up to 1.00, four with computed blur that "
                "were trusted and wrong 1.2 to 1.8.",
            ),
        ),
        on_page="Switch portrait mode off, show more of the sheet on both sides of focus, and send the file as the "
        f"camera wrote it. {_UNTOLD}",
    )
    FOCUS_TURNED = FindingKind(
        "focus-turned",
        "warning",
        "The plane of focus is turned",
        "The picture was cropped far from its middle, or the lens is out of centre. The measurement allows for it "
        "across the sheet; along the direction in which the sheet leans it cannot be told.",
        "Measure the whole picture as the camera took it. If that shows the same, have the lens checked.",
        limits=(
            above(
                1.5,
                "degrees between the plane of focus and the picture",
                "Photos without cause stay below 0.3; a crop whose middle is 950 of 6000 px from that of the "
                "photo has 3.9.",
            ),
        ),
    )
    FOCUS_TURNED_FAR = FindingKind(
        "focus-turned-far",
        "critical",
        "The plane of focus seems far turned",
        "The camera moved, or the picture was cropped far from its middle: blur differs from side to side as no "
        "lens's does.",
        "Use a tripod and self-timer, and measure the whole picture as the camera took it.",
        limits=(
            above(
                2.5,
                "degrees between the plane of focus and the picture",
                "Of 1000 hard photos 7 over it were off by 6 to 33 mm and called trustworthy, most of them shaken "
                "by 6 px.",
            ),
        ),
    )
    FOCUS_AT_END = FindingKind(
        "focus-at-end",
        "critical",
        "Focus is at the very end of the sheet",
        "Nothing shows that blur rises again behind the sharpest plane that was found.",
        "Check that AF locked on the mark; use a larger sheet, or lean it more.",
        limits=(
            below(
                0.05,
                "of the depth that was seen lies on the shorter side of focus",
                "Blur is hardly seen to rise again.",
            ),
        ),
    )
    CLIPPED_THROUGHOUT = FindingKind(
        "clipped-throughout",
        "critical",
        "The paper is overexposed throughout",
        "Where the paper is as bright as the file can tell, its edges look sharper and displaced, by how much is "
        "not known.",
        "Expose less: the paper should be light grey, not white.",
        limits=(
            above(
                0.9,
                "of the edges lie beside paper of full white",
                "Chosen without a measurement: hardly an edge is left that is not displaced.",
            ),
        ),
    )
    CLIPPED = FindingKind(
        "clipped",
        "warning",
        "The paper is overexposed",
        "Where the paper is as bright as the file can tell, its edges look sharper and displaced.",
        "Expose less: the paper should be light grey, not white.",
        limits=(
            above(
                0.2,
                "of the edges lie beside paper of full white",
                "Chosen without a measurement: one edge in five.",
            ),
        ),
    )
    LOW_CONTRAST = FindingKind(
        "low-contrast",
        "warning",
        "Little contrast between ink and paper",
        "Glare on glossy paper, fog, a weak toner, or a strongly compressed tone curve.",
        "Use matte paper, light from the side, and a full ink cartridge.",
        limits=(
            below(
                0.5,
                "of the light that ink takes away, over what its grey should",
                "Black ink on white paper has 0.9 to 0.95; glare and fog take it away.",
            ),
        ),
    )
    LIGHT_FLICKERS = FindingKind(
        "light-flickers",
        "warning",
        "The light flickers",
        "Lamps on mains or dimmers pulse; where the shutter runs over the sensor they leave bands in the picture, "
        "whose slopes bend edges along them.",
        "Use daylight or steady lamps, or an exposure of 1/50 s and longer with the mechanical shutter.",
        limits=(
            above(
                0.04,
                "of the light, between bright and dark bands",
                "Photos in steady light have up to 0.011, simulated flicker that was seen 0.1 and more.",
            ),
        ),
    )
    MOTION_BLUR = FindingKind(
        "motion-blur",
        "warning",
        "The picture is shaken",
        "The camera or the sheet moved while the picture was taken: edges across the motion are more blurred.",
        "Use a tripod, self-timer and a shorter exposure.",
        limits=(
            above(
                2.0,
                "px, length of the motion",
                "Still photos seem to have up to 0.8 px; the offset is within its interval at 6 px.",
            ),
        ),
    )
    MOTION_UNDETERMINED = FindingKind(
        "motion-undetermined",
        "critical",
        "Shake cannot be told from defocus here",
        "The picture is shaken, and the edges that can be measured do not show in which way the camera moved.",
        "Use a tripod and self-timer, and show the whole chart.",
    )
    SOFT_THROUGHOUT = FindingKind(
        "soft-throughout",
        "warning",
        "Blurred throughout",
        "The lens is very soft, the camera moved along the edges, or a program has smoothed the picture.",
        "Use a tripod and self-timer; measure the file as it comes from the camera.",
        limits=(
            above(
                2.0, "px of blur at best focus", "Sharp photos have 0.6 to 0.9 px at best focus, soft lenses 1.5."
            ),
        ),
    )
    SHARPENED = FindingKind(
        "sharpened",
        "info",
        "The camera has sharpened the picture",
        "Sharpening leaves halos along edges, makes blur near focus noisy and less than optics leave, and moves "
        "the number by some tenths of a per cent of the depth of field.",
        "Switch sharpening off, or use a raw file, for a narrower interval.",
        limits=(
            above(0.03, "of the contrast, as overshoot", "Without sharpening 0.00 to 0.01."),
            below(
                0.5,
                "px of blur at the sharpest twentieth of the edges",
                "Lens, demosaicing and pixel leave 0.6 px. Where such edges scatter, the light is smoothed first.",
            ),
        ),
    )
    DEPTH_RANGE_TOO_SMALL = FindingKind(
        "depth-range-too-small",
        "warning",
        "Focus is near the end of the sheet",
        "On one side of the sharpest plane hardly any sheet is left, and nothing shows the blur rise again.",
        "Check that AF locked on the mark; use a larger sheet, or lean it more.",
        limits=(
            below(
                1.0,
                "times the depth in which defocus equals the least blur, on the shorter side of focus",
                "Less depth shows no rise of the blur on that side.",
            ),
        ),
    )
    NOT_WIDE_OPEN = FindingKind(
        "not-wide-open",
        "warning",
        "Not taken wide open",
        "A smaller aperture blurs the ends of the sheet less, and shifts focus with many lenses.",
        "Open the aperture fully: AF works there, and the setting is meant for it.",
        limits=(above(1.12, "times the lens's least f-number", "A third of a stop."),),
    )
    DISTANCE_UNKNOWN = FindingKind(
        "distance-unknown",
        "info",
        "Focal length, aperture or sensor size unknown",
        "Depth of field and the camera's steps need all three, the distance needs focal length and sensor.",
        "Give what is missing: --focal-length, --aperture, --sensor-width.",
        on_page="Type what is missing where the page asks for it.",
    )
