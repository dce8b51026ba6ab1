"""Values as JSON, and settings and tables as text.

One conversion makes the JSON outputs of measuring: the fields of a frozen dataclass, by their names. The files in
docs/schemas/ are made from the same dataclasses, so that no field is written down twice.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

Key = TypeVar("Key")
Part = TypeVar("Part")
DECIMALS = {"distance_mm": 1, "mm": 4, "um": 2, "deg": 4, "px": 3, "dof": 4}
"""Of a number by the unit in its field's name; of several that fit, the first. The smallest thing told in mm is how
unsure the width of a printed edge is, near half a micrometre."""
DIGITS = 6
"""That count, of numbers without such a unit: ratios, scales, steps, parts of the picture."""


class FixedMap(Mapping[Key, Part]):
    """A mapping that nobody changes, so that results with one can be hashed; equal to a dict of the same parts."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Mapping[Key, Part]) -> None:
        self._parts = dict(parts)

    def __getitem__(self, key: Key) -> Part:
        return self._parts[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __hash__(self) -> int:
        return hash(frozenset(self._parts.items()))

    def __repr__(self) -> str:
        return repr(self._parts)


def fix_maps(value: Any, *names: str) -> None:
    """Make mappings in fields of a frozen dataclass fixed ones, while it is being made (`__post_init__`)."""
    for name in names:
        if (found := getattr(value, name)) is not None:
            object.__setattr__(value, name, FixedMap(found))


def as_json(value: Any, name: str = "", *, with_private: bool = False) -> Any:
    """Return a value as it stands in JSON: dataclasses by field, numbers rounded by the unit in their field's name.

    What is not finite becomes null. Parts whose own name has no unit are rounded like the field that holds them.

    Args:
        name: of the field that holds it.
        with_private: also what points at a person's own camera (serial numbers), which is null otherwise.
    """
    if is_dataclass(value):
        return {
            part.name: None
            if part.metadata.get("private") and not with_private
            else as_json(getattr(value, part.name), _unit(part.name) or name, with_private=with_private)
            for part in fields(value)
        }
    if isinstance(value, Mapping):
        return {key: as_json(part, name, with_private=with_private) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(part, name, with_private=with_private) for part in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return _rounded(value, _unit(name)) if isinstance(value, float) else value


def _unit(name: str) -> str:
    """Return the unit in a field's name, as in "offset_mm" and "mm_low"; empty if there is none."""
    return next((unit for unit in DECIMALS if f"_{unit}_" in f"_{name}_"), "")


def _rounded(number: float, unit: str) -> float | None:
    if not math.isfinite(number):
        return None
    return round(float(number), DECIMALS[unit]) if unit else float(f"{number:.{DIGITS}g}")


def dialled(setting: float) -> str:
    """Return a setting as cameras show it: with its sign, and zero without."""
    return f"{setting:+g}" if setting else "0"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the first column to the left, the others to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
