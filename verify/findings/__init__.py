"""The registry of findings: everything that the program may observe about a photo, with cause and remedy.

Text, JSON and documentation all take their words from here. A place in the code that observes something adds the
numbers, by `finding(code, message)`.
"""

from __future__ import annotations

from dataclasses import dataclass

from backfocus.verify.findings.kind import FindingKind, Severity
from backfocus.verify.findings.of_blur import BLUR_KINDS
from backfocus.verify.findings.of_chart import CHART_KINDS
from backfocus.verify.findings.of_print import PRINT_KINDS
from backfocus.verify.findings.of_series import SERIES_KINDS
from backfocus.verify.findings.of_sheet import SHEET_KINDS


@dataclass(frozen=True)
class Finding:
    """An observation about one photo: its kind's code and severity, the message with the numbers, the remedy."""

    code: str
    severity: Severity
    message: str
    remedy: str

    def to_dict(self) -> dict[str, str]:
        """Return the finding as it stands in the JSON."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "remedy": self.remedy,
        }


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """The photo cannot be measured; carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


KINDS: dict[str, FindingKind] = {
    kind.code: kind for kind in (*CHART_KINDS, *SHEET_KINDS, *BLUR_KINDS, *PRINT_KINDS, *SERIES_KINDS)
}


def finding(code: str, message: str | None = None) -> Finding:
    """Return the finding of a code; `message` adds this photo's numbers to the title."""
    kind = KINDS[code]
    return Finding(kind.code, kind.severity, message or f"{kind.title}.", kind.remedy)


def refusal(code: str, message: str | None = None) -> Refusal:
    """Return the refusal to raise for a finding."""
    return Refusal(finding(code, message))
