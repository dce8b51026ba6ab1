"""The page of the history, to save or print: every body and lens, how it moved, and all its checks."""

from __future__ import annotations

from collections.abc import Iterable

from ..cameras.identity import title
from ..formats import dialled
from ..tuning.drift import Check, lines_of, tracks_of
from ..tuning.records import Kept
from .html import Report, Section, Table
from .text import place_of, side_words
from .timeline import Say, plots_of

HEAD = ("date", "focal length and aperture", "shots", "setting", "focus from the AF mark", "95 %, mm", "advice")


def report_of_history(records: Iterable[Kept], say: Say = str) -> Report:
    """Return what the kept records say; `say` tells what stands in plots in the reader's language."""
    lenses = tracks_of(records)
    checks = sorted(track.last.day for tracks in lenses.values() for track in tracks)
    sections = []
    for number, (it, tracks) in enumerate(lenses.items()):
        plots = [plot for at, track in enumerate(tracks) for plot in plots_of(track, f"lens-{number}-{at}", say)]
        rows = [_row(check) for track in tracks for check in reversed(track.checks)]
        heading = title(it, lenses) or "Unknown camera"
        sections.append(Section(heading, lines_of(tracks), plots=plots, table=Table(HEAD, rows, texts=2)))
    count = "One body and lens" if len(lenses) == 1 else f"{len(lenses)} bodies with lenses"
    told = f"{count}, last checked on {checks[-1]}." if checks else "Nothing kept yet."
    return Report("History of autofocus checks", told, [], sections)


def _row(check: Check) -> tuple[str, ...]:
    series, group = check.series, check.nearest
    ends = None if group is None else group.mean_ci95_mm
    return (
        check.when.astimezone().strftime("%Y-%m-%d %H:%M"),
        place_of(series.focal_length_mm, series.f_number, series.distance_mm),
        str(check.n),
        "" if group is None or group.setting is None else dialled(group.setting),
        "" if group is None else side_words(group.mean_mm),
        "" if ends is None else f"{ends[0]:+.1f} to {ends[1]:+.1f}",
        f"{check.advice} {check.advised}".strip(),
    )
