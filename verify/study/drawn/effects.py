"""What real lenses, sheets, light and cameras add to a photo, one effect at a time and in measured strength."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from backfocus.verify.camera import Print, Shadow
from backfocus.verify.study.shots import StudyShot

Apply = Callable[[StudyShot, float, float], StudyShot]


@dataclass(frozen=True)
class Effect:
    """One effect.

    Attributes:
        name: short, in plain words.
        full: what strength 1 is.
        signed: whether the strength may be negative.
        add: takes a shot, a strength up to 1 and a direction in degrees (0 = right, 90 = down, for those that
            have one), and returns the shot with the effect.
    """

    name: str
    full: str
    signed: bool
    add: Apply


def _lens(**full: float | tuple[float, float]) -> Apply:
    def add(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
        changes: dict[str, Any] = {
            name: value * strength if isinstance(value, float) else tuple(strength * part for part in value)
            for name, value in full.items()
        }
        return replace(shot, lens=replace(shot.lens, **changes))

    return add


def _sag(bent_along: Literal["width", "height"]) -> Apply:
    def add(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
        return replace(shot, pose=replace(shot.pose, sag_mm=4.0 * strength, bent_along=bent_along))

    return add


def _motion(shot: StudyShot, strength: float, towards_deg: float) -> StudyShot:
    return replace(shot, exposure=replace(shot.exposure, motion_px=6.0 * strength, motion_deg=towards_deg))


def _shadow(shot: StudyShot, strength: float, towards_deg: float) -> StudyShot:
    return replace(shot, exposure=replace(shot.exposure, shadow=Shadow(0.7 * strength, towards_deg)))


def _noise(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
    return replace(shot, exposure=replace(shot.exposure, noise_fraction=0.05 * strength))


def _soft_print(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
    printing = shot.printing or Print()
    return replace(shot, printing=replace(printing, softness_mm=0.1 * strength, gain_mm=0.1 * strength))


def _dirt(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
    printing = shot.printing or Print()
    return replace(shot, printing=replace(printing, specks=round(200 * strength), speck_mm=2.0))


def _sharpening(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
    changed = replace(shot.development, sharpening_radius_px=2 * strength, sharpening_amount=2 * strength)
    return replace(shot, development=changed)


def _noise_reduction(shot: StudyShot, strength: float, towards_deg: float) -> StudyShot:
    noisy = _noise(shot, strength, towards_deg)
    return replace(noisy, development=replace(shot.development, noise_reduction=0.06 * strength))


def _jpeg(shot: StudyShot, strength: float, _towards_deg: float) -> StudyShot:
    return replace(shot, development=replace(shot.development, jpeg_quality=round(90 - 20 * strength)))


EFFECTS = (
    Effect("spherical aberration", "100 µm", True, _lens(spherical_um=100.0)),
    Effect("field curvature", "100 µm", True, _lens(field_curvature_um=100.0)),
    Effect("lateral colour", "0.1 %", True, _lens(lateral_colour_percent=(0.1, -0.1))),
    Effect("longitudinal colour", "red 30 µm, blue 40 µm", False, _lens(longitudinal_colour_um=(30.0, 40.0))),
    Effect("cat eye", "0.4", False, _lens(cat_eye=0.4)),
    Effect("distortion", "3 %", True, _lens(distortion_percent=3.0)),
    Effect("vignetting", "3 stops", False, _lens(vignetting_stops=3.0)),
    Effect("motion", "6 px", False, _motion),
    Effect("soft print", "0.1 mm, ink gain 0.1 mm", False, _soft_print),
    Effect("sag along the height", "4 mm", True, _sag("height")),
    Effect("sag along the width", "4 mm", True, _sag("width")),
    Effect("shadow edge", "0.7 of the light", False, _shadow),
    Effect("sharpening", "radius 2 px, amount 2", False, _sharpening),
    Effect("noise", "5 %", False, _noise),
    Effect("noise reduction", "0.06, with 5 % noise", False, _noise_reduction),
    Effect("JPEG", "quality 70", False, _jpeg),
    Effect("dirt", "200 specks up to 2 mm", False, _dirt),
)
"""At strength 1 as strong as real photos have it, or somewhat stronger."""
