"""The record of each body and lens: when it was checked, and what was found."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backfocus.verify.series.dialled import dialled
from backfocus.verify.series.records.keeping import Record
from backfocus.verify.series.table import table


@dataclass(frozen=True)
class Entry:
    """One check of one lens at one focal length and aperture.

    Attributes:
        n: shots used.
        setting, mean_mm: setting with the least error, and that error; positive is back focus.
        advice: kind of the advice, and the setting it gave.
    """

    date: datetime.datetime
    body: str | None
    lens: str | None
    focal_length_mm: float | None
    f_number: float | None
    n: int
    setting: float | None
    mean_mm: float | None
    advice: str | None
    advised_setting: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        return {"schema": "backfocus/check/1"} | self.__dict__ | {"date": self.date.isoformat()}


def entries(records: Sequence[Record]) -> list[Entry]:
    """Return the checks in records, in their order."""
    return [
        _entry(record, lens, series)
        for record in records
        for lens in record.data["lenses"]
        for series in lens["series"]
        if series["advice"] is not None
    ]


def _entry(record: Record, lens: dict[str, Any], series: dict[str, Any]) -> Entry:
    best = min(series["groups"], key=lambda group: abs(group["mean_mm"]), default=None)
    return Entry(
        date=record.date,
        body=lens["body"],
        lens=lens["lens"],
        focal_length_mm=series["focal_length_mm"],
        f_number=series["f_number"],
        n=sum(group["n"] for group in series["groups"] or series["sweep"]),
        setting=best["setting"] if best else None,
        mean_mm=best["mean_mm"] if best else None,
        advice=series["advice"]["kind"],
        advised_setting=series["advice"]["setting"],
    )


def history_text(found: Sequence[Entry]) -> str:
    """Return a table for each body and lens, that of the latest check first, the latest check on top."""
    by_lens: dict[tuple[str | None, str | None], list[Entry]] = {}
    for entry in sorted(found, key=lambda entry: entry.date, reverse=True):
        by_lens.setdefault((entry.body, entry.lens), []).append(entry)
    return "\n\n".join("\n".join(_lens(body, lens, checks)) for (body, lens), checks in by_lens.items())


_HEAD = ("date", "focal length", "aperture", "shots", "at setting", "error mm", "advice")


def _lens(body: str | None, lens: str | None, checks: Sequence[Entry]) -> list[str]:
    name = ", ".join(word for word in (body, lens) if word) or "Unknown camera"
    last = checks[0].date.astimezone().date().isoformat()
    return [f"{name}: last checked on {last}", *(f"  {line}" for line in table(_HEAD, [_row(c) for c in checks]))]


def _row(check: Entry) -> tuple[str, ...]:
    advice = check.advice or "-"
    if check.advised_setting is not None:
        advice += f" {dialled(check.advised_setting)}"
    return (
        check.date.astimezone().strftime("%Y-%m-%d %H:%M"),
        "-" if check.focal_length_mm is None else f"{check.focal_length_mm:g} mm",
        "-" if check.f_number is None else f"f/{check.f_number:g}",
        str(check.n),
        "-" if check.setting is None else dialled(check.setting),
        "-" if check.mean_mm is None else f"{check.mean_mm:+.1f}",
        advice,
    )
