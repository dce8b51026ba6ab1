"""Compares results that compare_versions.py gathered: values as in JSON, and pictures, but for rounding."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

RELATIVE, ABSOLUTE, GREY_LEVELS = 1e-6, 1e-12, 2
"""What numbers and grey levels may differ by; the absolute one is for what would be zero but for rounding."""
MISSING = "(nothing)"


@dataclass(frozen=True)
class Difference:
    """What differs: in which result, and where in it."""

    result: str
    path: str
    old: object
    new: object

    @property
    def field(self) -> str:
        """The same for all results of a command and all places in a list."""
        return field_of(self.result, self.path)


def field_of(result: str, path: str) -> str:
    inside = re.sub(r"\[\d+\]", "[]", path)
    return f"{result.split()[0]}: {inside}"


class Comparison:
    """Finds the differences between the results of two versions, by name."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any], ignored: list[str]) -> None:
        self.old, self.new, self.ignored = old, new, ignored
        decimals, decimals_new = _decimals(old), _decimals(new)
        self.half_digit = {
            field: 0.501 * 10.0 ** -min(decimals[field], decimals_new[field])
            for field in decimals.keys() & decimals_new.keys()
        }

    def differences(self) -> Iterator[Difference]:
        for name in dict.fromkeys((*self.old, *self.new)):
            yield from self._between(name, "", self.old.get(name, MISSING), self.new.get(name, MISSING))

    def _between(self, name: str, path: str, old: Any, new: Any) -> Iterator[Difference]:
        if isinstance(old, dict) and isinstance(new, dict):
            for key in dict.fromkeys((*old, *new)):
                inner = f"{path}.{key}" if path else key
                if not self._is_ignored(inner):
                    yield from self._between(name, inner, old.get(key, MISSING), new.get(key, MISSING))
        elif isinstance(old, list) and isinstance(new, list):
            for place, pair in enumerate(itertools.zip_longest(old, new, fillvalue=MISSING)):
                yield from self._between(name, f"{path}[{place}]", *pair)
        elif isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
            if said := _unlike(old, new):
                yield Difference(name, path, "picture", said)
        elif not self._is_same(field_of(name, path), old, new):
            yield Difference(name, path, old, new)

    def _is_ignored(self, path: str) -> bool:
        field = re.sub(r"\[\d+\]", "", path)
        return any(f".{field}".endswith(f".{ignored}") for ignored in self.ignored)

    def _is_same(self, field: str, old: Any, new: Any) -> bool:
        if not (_is_number(old) and _is_number(new)):
            return type(old) is type(new) and bool(old == new)
        off, larger = abs(float(old) - float(new)), max(abs(float(old)), abs(float(new)))
        return off <= max(ABSOLUTE, RELATIVE * larger, self.half_digit.get(field, 0.0)) or str(old) == str(new)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _unlike(old: npt.NDArray[np.uint8], new: npt.NDArray[np.uint8]) -> str | None:
    """How far a picture differs from another, or None."""
    if old.shape != new.shape:
        return f"another size, {new.shape[1]} x {new.shape[0]} pixels"
    off = np.abs(old.astype(np.int16) - new).max(axis=2)
    return f"{(off > GREY_LEVELS).sum()} pixels off, by up to {off.max()}" if off.max() > GREY_LEVELS else None


def _decimals(results: dict[str, Any]) -> dict[str, int]:
    """The most decimals of each field: a zero at the end is not printed."""
    most: dict[str, int] = {}
    for name, result in results.items():
        for path, value in _leaves("", result):
            if _is_number(value):
                exponent = Decimal(value).as_tuple().exponent
                field = field_of(name, path)
                most[field] = max(most.get(field, 0), -exponent if isinstance(exponent, int) else 0)
    return most


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(f"{path}[{place}]", inner)
    else:
        yield path, value
