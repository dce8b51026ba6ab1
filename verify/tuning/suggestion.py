"""From an offset to the setting to dial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Suggestion:
    """What to dial in; `setting`, `change` and `range` are None where sign or step are unknown.

    Attributes:
        setting: the new AF fine-tune setting, in the camera's own steps.
        change: new setting minus the one in force.
        range: lowest and highest setting that the measurement's interval and the step's uncertainty allow.
        direction: which way focus moves, "closer to the camera" or "farther from the camera".
        basis: where sign and step come from.
        text: the suggestion, or why there is none, in a sentence.
    """

    setting: int | None
    change: int | None
    range: tuple[int, int] | None
    direction: str | None
    basis: str | None
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        return {
            "setting": self.setting,
            "change": self.change,
            "range": None if self.range is None else list(self.range),
            "direction": self.direction,
            "basis": self.basis,
            "text": self.text,
        }
