"""Numbers as they stand in JSON files."""

from __future__ import annotations

import math
from typing import Any

DIGITS = 4


def rounded(value: Any) -> Any:
    """Return numbers rounded, also those in tuples, lists and dicts; null for what is not finite."""
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return value
