"""The limits of all findings as numbers: a contract, as stored results can be judged again by them."""

from __future__ import annotations

from backfocus.verify.findings import KINDS

LIMITS = {
    "beyond-quiet-zone": (1.05,),
    "beyond-range": (0.75,),
    "blown-out": (0.3,),
    "blur-contradicts-optics": (
        1.25,
        0.8,
    ),
    "blur-not-defocus": (
        1.8,
        0.5,
    ),
    "blur-over-aperture": (1.15,),
    "card-askew": (3.0,),
    "chart-too-small": (9.0,),
    "clipped": (0.2,),
    "clipped-throughout": (0.9,),
    "corners-doubtful": (
        0.75,
        0.85,
    ),
    "depth-range-too-small": (1.0,),
    "distance-too-short": (15.0,),
    "focus-at-end": (0.05,),
    "focus-turned": (1.5,),
    "focus-turned-far": (2.5,),
    "half-covered": (0.5,),
    "inconsistent-af": (
        2.4,
        0.125,
    ),
    "lean-ambiguous": (9.0,),
    "light-flickers": (0.04,),
    "low-contrast": (0.5,),
    "motion-blur": (2.0,),
    "no-minimum": (
        1.1,
        0.25,
    ),
    "no-single-plane": (
        0.2,
        0.48,
    ),
    "not-a-scan": (0.002,),
    "not-wide-open": (1.12,),
    "one-sided-edges": (0.2,),
    "paper-scale": (0.01,),
    "perspective-contradicts": (
        1.1,
        0.82,
    ),
    "photo-resized": (0.03,),
    "poor-fit": (0.12,),
    "picture-of-two": (0.18,),
    "pose-poor": (
        1.0,
        0.6,
        3.0,
    ),
    "print-scale-off": (0.01,),
    "print-skewed": (0.005,),
    "print-soft": (0.1,),
    "print-stretched": (0.005,),
    "scale-doubtful": (1.6,),
    "sharpened": (0.03, 0.5),
    "sheet-bent": (0.5,),
    "sheet-too-bent": (6.0,),
    "soft-throughout": (2.0,),
    "step-contradicts-maker": (2.0,),
    "tilt-off-nominal": (3.0,),
    "too-blurred": (0.002,),
    "too-dark": (0.02,),
    "too-few-edges": (
        60,
        40,
    ),
    "too-flat-on": (12.0,),
    "card-misfolded": (-5.0,),
    "two-humps": (4.2,),
    "wing-hidden": (0.05,),
}
"""In the order and the units of the registry."""


def test_the_limits_of_findings_are_moved_knowingly() -> None:
    """Whoever moves one says so in docs/findings.md and CHANGELOG: the same photo is then judged otherwise."""
    found = {code: tuple(limit.value for limit in kind.limits) for code, kind in KINDS.items()}
    assert {code: values for code, values in found.items() if values} == LIMITS
