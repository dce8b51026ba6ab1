"""A photo of a session as it is kept, and how it is written down and read back."""

from __future__ import annotations

import datetime
import zlib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from backfocus.verify.photo.exposures import Capture
from backfocus.verify.tuning.labels import MAX_STEPS, Approach
from backfocus.verify.tuning.shots import LeftOut, Shot

from .told import FIELDS, NOTHING, Told

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Part = TypeVar("Part")
State = Literal["waiting", "measuring", "measured", "left-out"]


@dataclass(frozen=True)
class Kept:
    """A photo of a session, as it is kept.

    Attributes:
        number: from 1 on, in the order in which photos came.
        digest: of its file's content: the same file sent again is the same photo.
        setting: AF fine-tune setting that the user typed; over what name or file tell.
        told: what the user typed of lens and camera for this photo.
        used: all that it was measured with besides its file.
        asks: fields of `Told` that the file does not tell.
        doubts: those that the picture speaks against.
        capture: what tells whether two files are of one exposure.
        outline, closeup: lines for its two pictures, see `SheetPicture`, and their sizes.
        owner: of a workshop: the chart's id that its leader gave the photo; over what the photo tells.
    """

    number: int
    name: str
    digest: str
    state: State = "waiting"
    headline: str = ""
    setting: float | None = None
    approach: Approach | None = None
    shot: Shot | None = None
    left_out: LeftOut | None = None
    measurement: dict[str, Any] | None = None
    outline: dict[str, Any] | None = None
    owner: str | None = None
    closeup: dict[str, Any] | None = None
    told: Told = NOTHING
    used: Told = NOTHING
    asks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    capture: Capture | None = None

    @property
    def is_done(self) -> bool:
        """Whether it is measured, or left out."""
        return self.state in ("measured", "left-out")

    @property
    def picture_key(self) -> str:
        """What changes with its pictures, for addresses that browsers keep: measured anew they are cut anew."""
        return f"{self.digest[:8]}{zlib.crc32(repr(self.used).encode()):08x}"

    @property
    def open_fields(self) -> tuple[str, ...]:
        """The fields that may be typed for it; while there are any its file is kept."""
        return tuple(name for name in FIELDS if name in (*self.asks, *self.doubts))

    @property
    def used_shot(self) -> Shot | None:
        """The shot with what the user typed."""
        if self.shot is None or self.setting is None:
            return self.shot
        return replace(self.shot, setting=self.setting)


def checked_setting(text: str) -> float | None:
    """Return a setting that a user typed; None for an empty field.

    Raises:
        ValueError: it is none that a camera has.
    """
    typed = text.strip().replace(",", ".").replace("\u2212", "-")
    if not typed:
        return None
    setting = float(typed)
    if not abs(setting) <= MAX_STEPS:
        raise ValueError(text)
    return setting


@cache
def form_of(kind: type[Part]) -> TypeAdapter[Part]:
    """Return what reads a part of a session back; ValueError is what it raises for a form that is not ours."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def plain(value: object) -> str:
    """Return what JSON has no form for, as text."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
