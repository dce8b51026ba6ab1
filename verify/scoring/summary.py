"""A tally in words: photos by status, then chart by chart."""

from __future__ import annotations

from backfocus.verify.photo.opening import printable_name
from backfocus.verify.scoring.tally import ChartTally, Offsets, Tally

_HEAD = ("chart", "name", "photos", "back focus", "in focus", "front focus", "mean offset", "scatter")
_LEFT = 2
"""Columns of words; the others are numbers, aligned on the right."""


def summary_text(tally: Tally) -> str:
    """Return what a table comes to, in a few lines."""
    return "\n".join([_statuses(tally), *_charts(tally)])


def offsets_text(offsets: Offsets) -> str:
    """Return mean and scatter as in "mean +8.0 mm, scatter 0.4 mm, 5 photos"."""
    scatter = "" if offsets.scatter_mm is None else f", scatter {offsets.scatter_mm:.2f} mm"
    return f"mean {offsets.mean_mm:+.2f} mm{scatter}, {_photos(offsets.n)}"


def _photos(n: int) -> str:
    return f"{n} photo" if n == 1 else f"{n} photos"


def _statuses(tally: Tally) -> str:
    measured = f"{tally.statuses['measured']} measured, {tally.trustworthy} of them trustworthy"
    said = [f"{_photos(tally.photos)}: {measured}"]
    said += [f"{count} {status}" for status, count in sorted(tally.statuses.items()) if status != "measured"]
    return "; ".join(said) + "."


def _charts(tally: Tally) -> list[str]:
    read = sorted((chart_id, chart) for chart_id, chart in tally.charts.items() if chart_id is not None)
    lines = [_HEAD, *(_line(chart_id, chart) for chart_id, chart in read)]
    if None in tally.charts:
        lines.append(_line("not read", tally.charts[None]))
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return ["  ".join(map(_aligned, line, widths, range(len(_HEAD)))).rstrip() for line in lines]


def _line(chart_id: str, chart: ChartTally) -> tuple[str, ...]:
    offsets = chart.offsets
    return (
        # From files of anybody's, and a terminal should not obey them.
        printable_name(chart_id),
        printable_name(chart.participant or ""),
        str(chart.photos),
        *(str(chart.verdicts[verdict]) for verdict in ("back-focus", "in-focus", "front-focus")),
        f"{offsets.mean_mm:+.2f} mm" if offsets.n else "",
        "" if offsets.scatter_mm is None else f"{offsets.scatter_mm:.2f} mm",
    )


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column < _LEFT else cell.rjust(width)
