"""Offsets of several shots: one by one, against the setting, and by chart."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from ..formats import dialled
from .plots import BOTTOM, CHARACTER, TOP, WIDTH, Axes, Figure, Mark, around, place_words, tick_text

BEHIND, BEFORE = (
    "\N{BLACK UP-POINTING TRIANGLE} farther: back focus",
    "\N{BLACK DOWN-POINTING TRIANGLE} closer: front focus",
)
MOST_SHOTS = 400
MOST_BARS = 60
"""Shown one by one, and with their intervals; more would overlap."""
ROW, LONGEST_NAME = 20, 22
MOST_ROWS = 120


@dataclass(frozen=True)
class ShotPoint:
    """One shot; `is_used` if it counts for the mean."""

    offset_mm: float
    ci95_mm: tuple[float, float] | None = None
    setting: float | None = None
    is_used: bool = True


@dataclass(frozen=True)
class SettingPoint:
    """The mean of the shots at one setting, with its interval if known."""

    setting: float
    mean_mm: float
    ci95_mm: tuple[float, float] | None


@dataclass(frozen=True)
class FittedLine:
    """The offset against the setting: zero at `crossing`, with its interval, and `step_mm` more with every step."""

    crossing: float
    ci95: tuple[float, float]
    step_mm: float | None


def offset_by_shot(shots: Sequence[ShotPoint]) -> Figure | None:
    """Return the offsets one by one, setting by setting, with mean and scatter; None for fewer than two."""
    if sum(shot.is_used for shot in shots) < 2:
        return None
    shown = sorted(shots, key=lambda shot: shot.setting or 0.0)[:MOST_SHOTS]
    values = [shot.offset_mm for shot in shown]
    ends = [end for shot in shown if shot.ci95_mm for end in shot.ci95_mm]
    axes = Axes(
        (0.0, len(shown) + 1.0), around([0.0, *values, *_near(ends, values)]), "shot", "offset, mm", counts=True
    )
    axes.frame()
    groups = _groups(shown)
    for group in groups:
        axes.band(group.ends, (group.mean - group.scatter, group.mean + group.scatter), "interval")
    for number, shot in enumerate(shown, 1):
        if shot.ci95_mm is not None and len(shown) <= MOST_BARS:
            axes.bar(number, *shot.ci95_mm, "thin")
    _points(axes, shown, "circle", "shot", is_used=True)
    _points(axes, shown, "cross", "apart", is_used=False)
    _zero(axes, lines=[group.mean for group in groups])
    for group in groups:
        group.draw_mean(axes)
    told = " ".join(group.words for group in groups)
    apart = sum(not shot.is_used for shot in shown)
    summary = f"Offsets of {len(shown) - apart} shots. {told}"
    more = " Shaded: mean plus and minus the scatter."
    more += f" Crosses: {apart} that do not count." if apart else ""
    more += f" {len(shown)} of {len(shots)} shots are shown." if len(shots) > len(shown) else ""
    return Figure(axes.svg(summary), summary + more)


@dataclass(frozen=True)
class _Group:
    """Neighbouring shots at one setting; `ends` are those of its part of the plot, `highest` its highest offset.

    `name` is empty for the only group.
    """

    name: str
    ends: tuple[float, float]
    mean: float
    scatter: float
    highest: float

    def draw_mean(self, axes: Axes) -> None:
        axes.line(self.ends, (self.mean, self.mean), "focus")
        if not self.name:
            height = _beside(axes, self.mean, [0.0])
        elif _strikes(axes, 0.0, self.highest):
            height = _beside(axes, 0.0)
        else:
            height = _beside(axes, self.highest)
        name = f"{self.name}: " if self.name else ""
        axes.note(f"{name}mean {self.mean:+.1f} mm", self.ends[1], height, "end", "focus")

    @property
    def words(self) -> str:
        text = f"{self.name}: mean" if self.name else "mean"
        return f"{text[0].upper()}{text[1:]} {place_words(self.mean)}, scatter {self.scatter:.1f} mm."


def _groups(shown: Sequence[ShotPoint]) -> list[_Group]:
    """Return the shots by setting, leaving out settings at which none counts."""
    by_setting: dict[float | None, list[tuple[int, ShotPoint]]] = {}
    for number, shot in enumerate(shown, 1):
        by_setting.setdefault(shot.setting, []).append((number, shot))
    groups = []
    for setting, members in by_setting.items():
        used = [shot.offset_mm for _, shot in members if shot.is_used]
        if used:
            name = "no setting" if setting is None else f"at {dialled(setting)}"
            groups.append(
                _Group(
                    name if len(by_setting) > 1 else "",
                    (members[0][0] - 0.5, members[-1][0] + 0.5),
                    statistics.fmean(used),
                    statistics.stdev(used) if len(used) > 1 else 0.0,
                    max(shot.offset_mm for _, shot in members),
                )
            )
    return groups


def _points(axes: Axes, shown: Sequence[ShotPoint], kind: Mark, style: str, *, is_used: bool) -> None:
    points = [(number, shot.offset_mm) for number, shot in enumerate(shown, 1) if shot.is_used is is_used]
    axes.mark([number for number, _ in points], [offset for _, offset in points], kind, style)


def offset_by_setting(
    means: Sequence[SettingPoint], shots: Sequence[ShotPoint], line: FittedLine | None
) -> Figure | None:
    """Return the offset against the AF fine-tune setting with the fitted line; None for fewer than two settings."""
    if len({point.setting for point in means}) < 2:
        return None
    settings = [point.setting for point in means] + ([line.crossing] if line else [])
    values = [shot.offset_mm for shot in shots] + [point.mean_mm for point in means]
    axes = Axes(
        around(settings, margin=0.12, least=2.0), around([0.0, *values]), "AF fine-tune setting", "offset, mm"
    )
    axes.frame()
    if line is not None:
        axes.band(line.ci95, axes.y, "interval")
    _zero(axes)
    placed = [shot for shot in shots if shot.setting is not None]
    axes.mark([s.setting or 0.0 for s in placed], [s.offset_mm for s in placed], "dot", "faint")
    for point in means:
        if point.ci95_mm is not None:
            axes.bar(point.setting, *point.ci95_mm, "thin")
    axes.mark([point.setting for point in means], [point.mean_mm for point in means], "diamond", "shot")
    summary = f"Offset at {len(means)} settings."
    if line is not None:
        summary += f" It is zero at {line.crossing:+.1f} (95 %: {line.ci95[0]:+.1f} to {line.ci95[1]:+.1f})."
        if line.step_mm is not None:
            axes.line(axes.x, [line.step_mm * (x - line.crossing) for x in axes.x], "fit")
            way = "farther away" if line.step_mm > 0 else "closer"
            summary += f" One step moves focus {abs(line.step_mm):.2f} mm {way}."
        axes.upright(line.crossing, "focus")
        high = axes.y[1] - 0.06 * (axes.y[1] - axes.y[0])
        axes.note(f"zero at {line.crossing:+.1f}", line.crossing, high, "start", "focus")
    return Figure(axes.svg(summary), f"{summary} Dots: shots. Diamonds: means with 95 % intervals.")


def blur_by_setting(points: Sequence[tuple[float, float]], best: float | None) -> Figure | None:
    """Return the blur at the AF mark, over the least, against the setting; None for fewer than three points."""
    if len(points) < 3:
        return None
    least = min(blur for _, blur in points)
    blurs = [blur / least for _, blur in points]
    axes = Axes(
        around([setting for setting, _ in points], least=2.0),
        around([1.0, *blurs]),
        "AF fine-tune setting",
        "blur at the AF mark over the least",
    )
    axes.frame()
    axes.line([setting for setting, _ in points], blurs, "thin")
    axes.mark([setting for setting, _ in points], blurs, "diamond", "shot")
    summary = f"Blur at the AF mark at {len(points)} settings."
    if best is not None:
        axes.upright(best, "focus")
        axes.note(f"least at {best:+.1f}", best, axes.y[1] - 0.06 * (axes.y[1] - axes.y[0]), "start", "focus")
        summary += f" It is least at {best:+.1f}."
    return Figure(axes.svg(summary), summary)


def offset_by_chart(charts: Sequence[tuple[str, Sequence[float]]]) -> Figure | None:
    """Return the offsets of every chart's photos in a row of its own, with the mean; None where there are none."""
    rows = [(name, list(offsets)) for name, offsets in charts if offsets][:MOST_ROWS]
    values = [offset for _, offsets in rows for offset in offsets]
    if not values:
        return None
    names = [name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…" for name, _ in rows]
    left = 14 + CHARACTER * max(len(name) for name in names)
    axes = Axes(
        around([0.0, *values]),
        (len(rows) - 0.4, -0.6),
        "offset, mm (minus: front focus, plus: back focus)",
        "chart",
        height=TOP + BOTTOM + ROW * max(3, len(rows)),
        left=left,
    )
    axes.frame(y_ticks=False)
    axes.upright(0.0, "zero")
    axes.words("AF mark", min(max(axes.px(0.0), left + 30), WIDTH - 30), TOP - 8, "middle", "zero")
    for row, (name, (_, offsets)) in enumerate(zip(names, rows, strict=True)):
        axes.words(name, left - 8, axes.py(row) + 4, "end")
        axes.line((min(offsets), max(offsets)), (row, row), "thin")
        axes.mark(offsets, [row] * len(offsets), "dot", "shot")
        axes.mark([statistics.fmean(offsets)], [row], "diamond", "mean")
    low, high = (tick_text(round(end, 1)) for end in (min(values), max(values)))
    summary = (
        f"Offsets of {len(values)} photos of {len(rows)} charts: median {place_words(statistics.median(values))}, "
        f"{low} to {high} mm."
    )
    return Figure(axes.svg(summary), f"{summary} Dots: photos. Diamonds: the mean of each chart.")


def _zero(axes: Axes, lines: Sequence[float] = ()) -> None:
    """Draw the AF mark's depth, name it on the side where no line is near, and say which side is which."""
    axes.level(0.0, "zero")
    axes.note("AF mark", axes.x[0], _beside(axes, 0.0, lines), "start", "zero")
    axes.words(BEHIND, WIDTH - 18, TOP - 10, "end")
    axes.words(BEFORE, WIDTH - 18, axes.height - BOTTOM - 8, "end")


def _beside(axes: Axes, line: float, others: Sequence[float] = ()) -> float:
    """Return where to write beside a level line: above it, or below if another one would strike that through."""
    tall = axes.y[1] - axes.y[0]
    is_struck = any(_strikes(axes, other, line) for other in others)
    return line - 0.05 * tall if is_struck else line + 0.02 * tall


def _strikes(axes: Axes, other: float, line: float) -> bool:
    """Whether a level line goes through words above another one."""
    return line <= other < line + 0.07 * (axes.y[1] - axes.y[0])


def _near(ends: Sequence[float], values: Sequence[float]) -> list[float]:
    """Return those ends of intervals that do not stretch the plot out of all proportion."""
    low, high = min(values), max(values)
    reach = max(high - low, 2.0)
    return [end for end in ends if low - reach <= end <= high + reach]
