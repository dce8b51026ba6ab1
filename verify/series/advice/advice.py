"""What to do, in one of a few kinds, with the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["leave", "dial", "more-shots", "check-setup", "inconsistent", "service", "no-setting"]


@dataclass(frozen=True)
class Advice:
    """What to do about a series.

    Attributes:
        kind: "leave" the setting alone; "dial" another; "more-shots"; "check-setup"; "inconsistent" autofocus;
            "service" of body and lens; "no-setting" for bodies that have none.
        setting: the best whole setting as far as is known, within the camera's range, whatever the kind.
        range: lowest and highest plausible setting, within the camera's range.
        change: `setting` minus the one that the shots were taken with (the best of them, if several).
        direction: which way that moves focus: "closer to the camera" or "farther from the camera".
        more_shots: how many more to take for a setting known within a step; 0 if enough, None if unknown.
        f_number: from which on the depth of field covers the error, where there is nothing to dial.
        text: all of it in a few sentences.
    """

    kind: Kind
    text: str
    setting: int | None = None
    range: tuple[int, int] | None = None
    change: int | None = None
    direction: str | None = None
    more_shots: int | None = None
    f_number: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        return {
            "kind": self.kind,
            "setting": self.setting,
            "range": None if self.range is None else list(self.range),
            "change": self.change,
            "direction": self.direction,
            "more_shots": self.more_shots,
            "f_number": self.f_number,
            "text": self.text,
        }
