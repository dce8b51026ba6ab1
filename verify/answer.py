"""The answer in three lines, the same for a photo and a series: what to dial, why, what next; and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .lens import SHARP, SLIGHTLY_OFF

Kind = Literal["dial", "leave", "more-shots", "no-setting", "inconsistent", "service", "check-setup", "several"]
FOLDER = "FOLDER"


@dataclass(frozen=True)
class Answer:
    """What a person has ten seconds for.

    Attributes:
        kind: "dial" a setting, "leave" it, take "more-shots", "no-setting" to dial on this body, "inconsistent"
            autofocus, "service" by a workshop, "check-setup" as there is no answer yet; or "several" lenses.
        dial: what to dial, in a sentence.
        why: front or back focus, how much, how sure, and what it is worth.
        next: what to do now, with one command where there is one.
        setting: what `dial` names; None where that is no one number.
    """

    kind: Kind
    dial: str
    why: str
    next: str
    setting: int | None = None

    @property
    def lines(self) -> tuple[str, str, str]:
        """The three lines."""
        return self.dial, self.why, self.next


def as_guess(line: str, shots: int) -> str:
    """Return a line that says what to dial as that of shots which are too few to be sure."""
    few = "one shot" if shots == 1 else f"{shots} shots"
    return f"Best guess: {line[0].lower()}{line[1:].rstrip('.')} ({few})."


def error_words(offset_mm: float, half_mm: float | None) -> str:
    """Return an offset in words, with the half width of its interval where that is known."""
    size = f"{abs(offset_mm):.1f}"
    side = "A focus error" if float(size) == 0.0 else "Back focus" if offset_mm > 0 else "Front focus"
    return f"{side} of {size}{'' if half_mm is None else f' ± {half_mm:.1f}'} mm"


def worth(lost: float, steps: float | None = None) -> str:
    """Return what a loss of sharpness at the AF mark amounts to.

    Args:
        lost: part of the sharpest plane's MTF50.
        steps: of the setting, that would cure it.
    """
    if lost < SHARP:
        return "what you focus on is sharp"
    cure = "" if steps is None or round(abs(steps)) == 0 else f", worth {_count(round(abs(steps)), 'step')}"
    little = "only " if lost < SLIGHTLY_OFF else ""
    return f"what you focus on loses {little}{lost:.0%} of its sharpness{cure}"


def sharper(lost: float, left: float) -> str:
    """Return by how much sharper (MTF50) it gets where `left` is lost instead of `lost`."""
    return f"{(1.0 - left) / (1.0 - lost) - 1.0:.0%}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
