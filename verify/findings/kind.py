"""What a finding consists of: its entry in the registry, its limit, and the finding as raised for one photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "critical"]
"""`info`: worth knowing. `warning`: the number stands, but look. `critical`: the number is not to be trusted."""


@dataclass(frozen=True)
class Finding:
    """An observation about one photo, print or series.

    Attributes:
        code: its entry in the registry.
        severity: that of the entry.
        message: what was observed, with the numbers.
        remedy: what to do.
        value: what was measured, in the unit of the entry's limit; None where the finding has no number.
        limit: what `value` was held against, so that stored results can be judged again by another limit.
    """

    code: str
    severity: Severity
    message: str
    remedy: str
    value: float | None = None
    limit: float | None = None


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """The photo cannot be measured; carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True)
class Limit:
    """Where a finding begins.

    Attributes:
        value: the limit itself; a value equal to it is still on the silent side.
        unit: of the value, with what is measured: "px of motion", "of the paper's light".
        reason: why it lies there, and what was measured.
        fires: on which side of the limit the finding is raised.
    """

    value: float
    unit: str
    reason: str
    fires: Literal["above", "below"]

    def is_crossed(self, value: float) -> bool:
        """Whether a value lies on the side on which the finding is raised."""
        return value > self.value if self.fires == "above" else value < self.value


def above(value: float, unit: str, reason: str) -> Limit:
    """Return a limit above which a finding is raised."""
    return Limit(value, unit, reason, "above")


def below(value: float, unit: str, reason: str) -> Limit:
    """Return a limit below which a finding is raised."""
    return Limit(value, unit, reason, "below")


@dataclass(frozen=True)
class FindingKind:
    """An entry of the registry, in words that hold for every photo, with the limit that it is raised at, if any.

    Attributes:
        remedy: what to do, for somebody who types commands.
        on_page: the same for somebody at the web page, which takes no options; None where `remedy` serves both.
    """

    code: str
    severity: Severity
    title: str
    cause: str
    remedy: str
    limits: tuple[Limit, ...] = ()
    on_page: str | None = None

    @property
    def limit(self) -> Limit:
        """The limit of a finding that has just one."""
        (limit,) = self.limits
        return limit

    def crossed(self, value: float) -> Limit | None:
        """Return which of its limits a value is beyond; of a finding whose limits are all of one quantity."""
        return next((limit for limit in self.limits if limit.is_crossed(value)), None)

    def if_crossed(self, value: float, message: str | None = None) -> tuple[Finding, ...]:
        """Return the finding if the value is beyond its limit, else nothing; the message has the numbers."""
        limit = self.crossed(value)
        return () if limit is None else (self.finding(message, value, limit),)

    def finding(
        self, message: str | None = None, value: float | None = None, limit: Limit | None = None
    ) -> Finding:
        """Return the finding for one photo.

        Args:
            message: what was observed, with the numbers; None: the title says it.
            value: what was measured.
            limit: what it was held against; None: the only one that there is, where there is a value.
        """
        if value is not None and limit is None:
            limit = self.limit
        return Finding(
            self.code,
            self.severity,
            message or f"{self.title}.",
            self.remedy,
            None if value is None else float(value),
            None if limit is None else limit.value,
        )

    def refusal(
        self, message: str | None = None, value: float | None = None, limit: Limit | None = None
    ) -> Refusal:
        """Return the refusal to raise, for a photo that cannot be measured; arguments as for `finding`."""
        return Refusal(self.finding(message, value, limit))

    def refuse_if_crossed(self, value: float, message: str | None = None) -> None:
        """Raise the refusal if the value is beyond the limit."""
        for found in self.if_crossed(value, message):
            raise Refusal(found)
