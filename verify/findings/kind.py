"""What an entry in the registry of findings consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "critical"]
"""`info`: worth knowing. `warning`: the number stands, but look. `critical`: the number is not to be trusted."""


@dataclass(frozen=True)
class FindingKind:
    """One entry of the registry, in words that hold for every photo."""

    code: str
    severity: Severity
    title: str
    cause: str
    remedy: str
