"""Findings about a series of photos."""

from __future__ import annotations

from backfocus.targets.protocol import AUTOFOCUS, REFERENCE_SHOTS, SHOOT_BOTH, SWEEP

from .kind import FindingKind, above


class SeriesFindings:
    """A series of photos."""

    OUTLIERS_LEFT_OUT = FindingKind(
        "outliers-left-out",
        "info",
        "Shots that stand apart are left out",
        "Autofocus missed once, or something moved: these shots lie farther from the others than chance allows.",
        "Nothing, if there are few; their names are listed. If they come again, look for a cause.",
    )
    LIVE_VIEW_LEFT_OUT = FindingKind(
        "live-view-left-out",
        "info",
        "Shots in live view are left out",
        "In live view the camera focuses on the picture itself, without the AF module that the setting corrects.",
        "Focus through the viewfinder; give shots in live view as --reference.",
        on_page="Focus through the viewfinder.",
    )
    LIVE_VIEW_ONLY = FindingKind(
        "live-view-only",
        "critical",
        "All shots were focused in live view",
        "In live view the camera focuses on the picture itself: AF fine-tune has no effect there, and what the "
        "shots show is not the error that it corrects.",
        "Take the shots again through the viewfinder. Those in live view are of use as --reference.",
        on_page="Take the shots again through the viewfinder.",
    )
    TWO_HUMPS = FindingKind(
        "two-humps",
        "critical",
        "The shots make two groups at one setting",
        "Two lenses or two bodies are in the series; or camera or sheet moved between; or focus came from near "
        "for some shots and from far for others.",
        "Give each lens and each body a folder of its own; where there is only one, look what moved, and name "
        "the shots by approach (near_1.jpg, far_1.jpg).",
        limits=(
            above(
                4.2,
                "standard deviations between the two groups, less 30 over the number of shots",
                "Series of one hump (normal, even, skewed, heavy-tailed, one miss in ten) of 8 to 32 shots cross "
                "it in under 2 %. Those of two lenses do in half of the cases where 32 shots are 5 standard "
                "deviations apart, 16 shots 6 and 8 shots 7.5 (docs/studies/two_humps.py).",
            ),
        ),
        on_page="Begin a session for each lens and each body; where there is only one, look what moved between "
        "the shots.",
    )
    SAME_EXPOSURE = FindingKind(
        "same-exposure",
        "info",
        "Files of one exposure count once",
        "RAW and JPEG of one shot, copies of a file, or a photo imported twice, told by names, pixels, or capture "
        "time and body: counted as several shots they would make the interval too narrow.",
        "Nothing: of each exposure, the file named first was measured.",
    )
    SETTING_UNKNOWN = FindingKind(
        "setting-unknown",
        "info",
        "The setting in force is not known",
        "Neither the photos nor their names tell it; it was taken as 0.",
        "Name the photos by setting (+5_001.jpg), or give --setting or a table with --labels.",
        on_page="Type the setting beside each photo.",
    )
    SETTING_DISAGREES = FindingKind(
        "setting-disagrees",
        "info",
        "Name or table and the camera's own data tell different settings",
        "The user's word was taken. A dock's value is not in the camera's data; else the name is wrong.",
        "Check the setting of these photos.",
    )
    NEAR_FAR_BIAS = FindingKind(
        "near-far-bias",
        "warning",
        "Focus depends on where it came from",
        "Coming from near, autofocus stops elsewhere than coming from far: backlash, or a coarse focus drive.",
        "Nothing if the difference is small; shoot as many from near as from far, as was done here.",
    )
    INCONSISTENT_AF = FindingKind(
        "inconsistent-af",
        "warning",
        "Autofocus scatters too much for a setting to help",
        "The same scene is focused differently each time, by more than the setting can make good.",
        "Clean the contacts of lens and body, charge the battery, give more light, use a "
        f"{AUTOFOCUS}; update the firmware; if it stays, have body and lens serviced.",
        limits=(
            above(
                2.4,
                "steps, standard deviation of single shots",
                "Good lenses repeat within a step; a bad one gave -2, +1, +2, +7, +8 (FoCal). At 16 shots the "
                "geometric mean of 2 and 3 steps tells the two apart as well as can be; see docs/tuning.md.",
            ),
            above(
                1 / 8,
                "of the shots stand apart",
                "One in several dozen is usual, one in seven a bad lens (LensTip).",
            ),
        ),
    )
    STEP_CONTRADICTS_MAKER = FindingKind(
        "step-contradicts-maker",
        "warning",
        "The camera's own step differs from what is known of its maker",
        "Bodies differ from the published figure, or focal length, aperture or sensor size are not the real ones.",
        "The measured step is used; check focal length and sensor size.",
        limits=(
            above(
                2.0,
                "standard uncertainties between the camera's step and the maker's",
                "A difference that chance makes in one of twenty cameras.",
            ),
        ),
    )
    SIGN_CONTRADICTS_MAKER = FindingKind(
        "sign-contradicts-maker",
        "warning",
        "Plus moves focus the other way than is known of the maker",
        "The settings of the two groups were swapped, or this body differs.",
        "Check which photos belong to which setting; if they are right, trust the measured sign.",
    )
    SETTING_WITHOUT_EFFECT = FindingKind(
        "setting-without-effect",
        "critical",
        "The setting made no difference",
        "The function is switched off, or belongs to another lens, or the photos were taken in live view.",
        f"Switch the function on for this lens, focus through the viewfinder, and take {SHOOT_BOTH}.",
    )
    NO_LEAST_BLUR = FindingKind(
        "no-least-blur",
        "warning",
        "No setting of least blur in the sweep",
        "The sweep covers too little, has fewer than four settings, or focus scatters too much.",
        f"Take {SWEEP}.",
    )
    BEYOND_RANGE = FindingKind(
        "beyond-range",
        "warning",
        "The error is near or beyond the end of what the camera can correct",
        "Over three quarters of the range are needed, which leaves no room for other distances and zoom positions.",
        "Have body and lens adjusted together by a workshop.",
        limits=(
            above(
                0.75, "of the range", "Beyond 15 of 20 steps little is left for other distances and zoom positions."
            ),
        ),
    )
    FOCUS_SHIFT = FindingKind(
        "focus-shift",
        "info",
        "Focus shifts with the aperture",
        "Rays through the rim of the lens focus elsewhere than those through its middle (spherical aberration).",
        "Set AF fine-tune for the aperture that you use; it cannot be right for all.",
    )
    REFERENCE_MISSING = FindingKind(
        "reference-missing",
        "warning",
        "No reference shot for this focal length",
        "The reference folder has no measurable photo at this focal length, so its zero is the chart's.",
        f"Take {REFERENCE_SHOTS} magnified live-view shots of the unmoved chart at each focal length.",
    )
