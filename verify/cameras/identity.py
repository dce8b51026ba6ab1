"""What a body with a lens is called, and how two of a kind are told apart without telling their serial numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from ..photo.metadata import CameraInfo

_MARK_DIGITS = 4
"""65 536 marks: a mark stands for hundreds of the millions of serial numbers that a maker gives, so that it names
none; two bodies of one owner get the same one in 1 of 65 536 cases."""


class Identity(NamedTuple):
    """One body with one lens; marks tell two of a name apart, None where no number is known."""

    body: str | None
    body_mark: str | None
    lens: str | None
    lens_mark: str | None

    def may_be(self, other: Identity) -> bool:
        """Whether both may be the same body and lens: the same names, and no marks that differ."""
        return (self.body, self.lens) == (other.body, other.lens) and all(
            one is None or two is None or one == two
            for one, two in ((self.body_mark, other.body_mark), (self.lens_mark, other.lens_mark))
        )


class Identified(Protocol):
    """Whatever says of which body and lens it is."""

    @property
    def body(self) -> str | None:
        """Name of the body."""

    @property
    def body_mark(self) -> str | None:
        """What tells it from others of that name."""

    @property
    def lens(self) -> str | None:
        """Name of the lens."""

    @property
    def lens_mark(self) -> str | None:
        """What tells it from others of that name."""


def identity_of(camera: CameraInfo, body: str | None) -> Identity:
    """Return what a body and its lens are called; a lens without a name by the maker's number, if there is one."""
    lens = camera.lens or (f"lens {camera.lens_id}" if camera.lens_id else None)
    numbers = [number for number in (camera.lens_id, camera.lens_serial) if number is not None]
    return Identity(body, _mark([camera.body_serial] if camera.body_serial else []), lens, _mark(numbers))


def _mark(numbers: Sequence[str]) -> str | None:
    return hashlib.sha256("/".join(numbers).encode()).hexdigest()[:_MARK_DIGITS].upper() if numbers else None


def identity(it: Identified) -> Identity:
    """Return the body and lens of a result, an entry or a record."""
    return Identity(it.body, it.body_mark, it.lens, it.lens_mark)


def owners(found: Iterable[Identity]) -> dict[Identity, Identity]:
    """Return for each the one that it counts as: one without a mark as the only one of its names that has one."""
    whole = list(dict.fromkeys(found))
    owner: dict[Identity, Identity] = {}
    for it in whole:
        fuller = [other for other in whole if other != it and it.may_be(other) and _marks(other) > _marks(it)]
        owner[it] = fuller[0] if len(fuller) == 1 else it
    return owner


def _marks(it: Identity) -> int:
    return sum(mark is not None for mark in (it.body_mark, it.lens_mark))


def title(it: Identity, others: Iterable[Identity]) -> str:
    """Return what to call a body with its lens; with marks where others of the same names have other ones."""
    same = [other for other in others if (other.body, other.lens) == (it.body, it.lens)]
    body = _with_mark(it.body, "body", it.body_mark, {other.body_mark for other in same})
    lens = _with_mark(it.lens, "lens", it.lens_mark, {other.lens_mark for other in same})
    return ", ".join(filter(None, (body, lens)))


def _with_mark(name: str | None, kind: str, mark: str | None, marks: set[str | None]) -> str:
    if len(marks) < 2:
        return name or ""
    return " ".join(filter(None, (name, f"({kind} {mark or 'unknown'})")))
