"""The registry of findings: everything that the program may observe about a photo, with cause, remedy and limit.

Text, JSON and documentation all take their words from here. A place in the code that observes something adds the
numbers: `Findings.CLIPPED.finding(message, value)`, or raises `Findings.TOO_DARK.refusal(message, value)`.
"""

from __future__ import annotations

from .chart import ChartFindings, SheetFindings
from .focus import FocusFindings
from .kind import Finding, FindingKind, Limit, Refusal, Severity
from .picture import PictureFindings
from .prints import PrintFindings
from .series import SeriesFindings

__all__ = ["KINDS", "Finding", "FindingKind", "Findings", "Limit", "Refusal", "Severity"]

_SUBJECTS = (ChartFindings, SheetFindings, FocusFindings, PictureFindings, PrintFindings, SeriesFindings)


class Findings(ChartFindings, SheetFindings, FocusFindings, PictureFindings, PrintFindings, SeriesFindings):
    """Every finding by its name, which is its code in capitals."""


KINDS: dict[str, FindingKind] = {
    kind.code: kind for subject in _SUBJECTS for kind in vars(subject).values() if isinstance(kind, FindingKind)
}
"""Every finding by its code, in the order of the documentation."""
