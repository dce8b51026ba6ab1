"""What makers' notes tell, as one value, and what the readers of several makers' notes have in common."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

AfMethod = Literal["phase", "contrast/live view"]
CENTER = "center"
PHASE: AfMethod = "phase"
LIVE_VIEW: AfMethod = "contrast/live view"
PRIVATE = {"private": True}
"""Marks a field that points at a person's own camera: it stands in no output unless that is asked for."""
_WIDEST_F_NUMBERS = (0.7, 64.0)
"""From the fastest lens that there is to a pinhole."""
_MOST_SERIAL = 32
_NO_SERIAL = frozenset("0- ")


@dataclass(frozen=True)
class MakerNote:
    """What was found, None where the note does not tell. The fields are those of `CameraInfo`."""

    af_setting: float | None = None
    af_setting_on: bool | None = None
    af_setting_wide: float | None = None
    af_setting_tele: float | None = None
    focus_distance_m: float | None = None
    af_method: AfMethod | None = None
    af_point: str | None = None
    lens: str | None = None
    lens_id: str | None = None
    widest_f_number: float | None = None
    body_serial: str | None = field(default=None, metadata=PRIVATE)
    lens_serial: str | None = field(default=None, metadata=PRIVATE)

    def believed(self, most_steps: float) -> MakerNote:
        """Return it without the setting where that is beyond what the maker's cameras can have."""
        values = (self.af_setting, self.af_setting_wide, self.af_setting_tele)
        if all(value is None or abs(value) <= most_steps for value in values):
            return self
        return replace(self, **AfSetting()._asdict())


class AfSetting(NamedTuple):
    """An AF fine-tune setting: the first fields of `MakerNote`."""

    af_setting: float | None = None
    af_setting_on: bool | None = None
    af_setting_wide: float | None = None
    af_setting_tele: float | None = None


SWITCHED_OFF = AfSetting(0.0, False)


def point_at(x: float, y: float) -> str:
    """Return the name of an AF point by its place from the picture's centre, in its width and height, y up."""
    # The neighbours of the central point are some 5 % of the picture away.
    return CENTER if abs(x) < 0.02 and abs(y) < 0.03 else f"x {x:+.2f} y {y:+.2f}"


def area_at(width: int, height: int, x: int, y: int) -> str | None:
    """Return the name of an AF area by its place from the picture's top left corner, in pixels."""
    return point_at(x / width - 0.5, 0.5 - y / height) if 0 < x < width and 0 < y < height else None


def serial(text: str) -> str | None:
    """Return a serial number as it is compared; None for blanks and zeros, which stand for none."""
    plain = "".join(c for c in text[:_MOST_SERIAL].partition("\0")[0] if c.isascii() and c.isprintable()).strip()
    return None if set(plain) <= _NO_SERIAL else plain


def lens_name(text: str) -> str | None:
    """Return a lens's name as a camera writes it; None for what cameras write where they know none ("----")."""
    # No field of a camera is longer; and a terminal should not obey what a file says.
    name = "".join(c for c in text[:200] if c.isprintable()).strip()[:80]
    digits = {c for c in name if c.isdigit()}
    # Dashes, "n/a", "None", and the "0.0mm f/0.0" of lenses that tell nothing.
    return name if digits - {"0"} or (len([c for c in name if c.isalpha()]) > 4 and not digits) else None


def described(
    shortest: float, longest: float, widest: float, widest_at_longest: float, kind: str = ""
) -> str | None:
    """Return what a lens is called by its numbers, such as "18-105mm f/3.5-5.6 G VR"; None if they tell nothing.

    Args:
        shortest, longest: ends of the range of focal lengths, mm.
        widest, widest_at_longest: f-numbers wide open at the two ends; 0 or NaN where unknown.
        kind: what is known besides.
    """
    if not 1.0 <= shortest <= longest <= 5000.0:
        return None
    focal = f"{shortest:g}" if shortest == longest else f"{shortest:g}-{longest:g}"
    ends = dict.fromkeys(f"{value:.2g}" for value in (widest, widest_at_longest) if is_f_number(value))
    return " ".join(filter(None, (f"{focal}mm", f"f/{'-'.join(ends)}" if ends else "", kind)))


def is_f_number(value: float) -> bool:
    """Whether a number can be the widest f-number of a lens."""
    return _WIDEST_F_NUMBERS[0] <= value <= _WIDEST_F_NUMBERS[1]


def f_number(value: float) -> float | None:
    """Return a widest f-number if a lens can have it."""
    return value if is_f_number(value) else None
