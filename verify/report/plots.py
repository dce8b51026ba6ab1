"""Plots by Matplotlib: the blur of one photo, and of several the offsets by shot, setting and camera, and
the sharpness by setting.

As SVG they go into the page, whose style names the colours, in light, in dark and on paper. Whatever a plot shows
is told by form and by words beside it, not by colour alone.
"""

from __future__ import annotations

import io
import math
import re
import statistics
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from backfocus.targets.errors import printable

from ..formats import dialled
from ..lens import SHARP
from ..measure import Analysis
from .text import place_words
from .timeline import Plot, Say

COLOURS = {
    "#1b1b1b": "ink",
    "#5c5c5c": "soft",
    "#d4d4d4": "rule",
    "#b34700": "focus",
    "#0060a0": "mark",
    "#e69f00": "band",
    "#ffffff": "paper",
}
"""Those of the light page, with their names in its style. Vermilion, blue and orange are told apart by colour-blind
people (Okabe and Ito); the first two are darkened for lines and letters on white."""
INK, SOFT, RULE, FOCUS, MARK, BAND, PAPER = COLOURS
STYLE: Any = {
    "svg.fonttype": "none",  # Letters stay letters: of any alphabet, as large as the reader wants, and to be found.
    "svg.hashsalt": "backfocus",
    "text.parse_math": False,
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "legend.fontsize": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "lines.markeredgewidth": 0.0,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.4,
    "legend.frameon": False,
}
WIDTH, HEIGHT, ROW = 4.5, 3.2, 0.24
"""Inches, of the plot and of a chart's row: on a phone 390 px wide, letters of 10 points are 11 px high."""
MOST_PIECES = 500
"""Pieces of edges shown, evenly chosen: more would only make the page larger."""
MOST_SHOTS, MOST_BARS, MOST_MEANS, MOST_ROWS, LONGEST_NAME = 400, 60, 6, 120, 22
"""Shots in one plot, shots with intervals, settings with means in words, charts, letters of a name: more would
overlap."""
OFFSET = "offset, mm (plus: back focus)"
DEPTH = "depth from the AF mark, mm (plus: farther)"
SETTING = "AF fine-tune setting"
SHARPNESS = "sharpness, % of the best"
LEAST_SHOWN, STEP_SHOWN = 0.8, 0.1
"""Part of the sharpness down to which a plot goes at least, so that 1 % is no abyss; and in what steps further."""
Interval = tuple[float, float]


@dataclass(frozen=True)
class ShotPoint:
    """One shot; `is_used` if it counts for the mean."""

    offset_mm: float
    ci95_mm: Interval | None = None
    setting: float | None = None
    is_used: bool = True


@dataclass(frozen=True)
class SettingPoint:
    """The mean of the shots at one setting, with its interval if known."""

    setting: float
    mean_mm: float
    ci95_mm: Interval | None


@dataclass(frozen=True)
class FittedLine:
    """The offset against the setting: zero at `crossing`, with its interval, and `step_mm` more with every step."""

    crossing: float
    ci95: Interval
    step_mm: float | None


@dataclass(frozen=True)
class SettingMark:
    """A setting that matters, what it is in a word, and the part of the best sharpness that it leaves."""

    word: str
    setting: float
    kept: float


@dataclass(frozen=True)
class SharpnessCurve:
    """Sharpness (MTF50) at the AF mark over the setting, as parts of what the best setting gives.

    Attributes:
        settings, kept: the curve; empty where only the shots tell it.
        tried: settings with the mean of their shots.
        marks: three at most.
        best_ci95: where the best setting lies.
    """

    settings: Sequence[float]
    kept: Sequence[float]
    tried: Sequence[tuple[float, float]]
    marks: Sequence[SettingMark]
    best_ci95: Interval | None


@mpl.rc_context(STYLE)
def blur_curve(analysis: Analysis) -> Plot | None:
    """Return blur against depth with the fitted curve and the interval; None where none was fitted."""
    axes = _axes()
    if not draw_blur_curve(axes, analysis):
        return None
    axes.set_xlabel(DEPTH)
    summary = "Blur of the printed edges against their depth, with the fitted curve."
    offset, interval = analysis.measurement.offset_mm, analysis.measurement.offset_ci95_mm
    if offset is not None and interval is not None:
        summary += (
            f" It is lowest {place_words(offset)}; the shaded strip is the 95 % interval, "
            f"{interval[0]:+.2f} to {interval[1]:+.2f} mm."
        )
    return _plot(axes, summary, " Every dot is a piece of a printed edge.")


def draw_blur_curve(axes: Axes, analysis: Analysis) -> bool:
    """Draw blur against depth; return False where no curve was fitted."""
    samples, curve, pose = analysis.samples, analysis.curve, analysis.pose
    if samples is None or curve is None or pose is None:
        return False
    depth = pose.depth_mm(samples.sheet_mm) - curve.mark_mm
    shown = np.unique(np.linspace(0, len(depth) - 1, min(len(depth), MOST_PIECES)).astype(int))
    along = np.linspace(depth.min(), depth.max(), 160)
    axes.plot(depth[shown], samples.blur_px[shown], ".", color=SOFT, alpha=0.55, label="piece of an edge")
    axes.plot(along, curve.blur_px(along), color=INK, label="fitted curve")
    axes.axvline(0.0, color=MARK, label="AF mark")
    offset, interval = analysis.measurement.offset_mm, analysis.measurement.offset_ci95_mm
    if offset is not None and interval is not None:
        axes.axvspan(*interval, color=BAND, alpha=0.28, linewidth=0)
        label = f"sharpest {offset:+.1f} mm ({interval[0]:+.1f} to {interval[1]:+.1f})"
        axes.axvline(offset, color=FOCUS, linestyle="--", label=label)
    axes.set_xlabel("depth from the AF mark, mm (minus: closer to the camera, plus: farther)")
    axes.set_ylabel("blur, pixels of the photo")
    axes.set_xlim(depth.min(), depth.max())
    axes.set_ylim(0.0, 1.15 * float(np.percentile(samples.blur_px, 99.5)))
    return True


@mpl.rc_context(STYLE)
def offset_by_shot(shots: Sequence[ShotPoint], say: Say = str) -> Plot | None:
    """Return the offsets one by one, setting by setting, with mean and scatter; None for fewer than two."""
    if sum(shot.is_used for shot in shots) < 2:
        return None
    shown = sorted(shots, key=lambda shot: shot.setting or 0.0)[:MOST_SHOTS]
    axes = _axes()
    _draw_zero(axes, [shot.offset_mm for shot in shown])
    if len(shown) <= MOST_BARS:
        for number, shot in enumerate(shown, 1):
            if shot.ci95_mm is not None:
                axes.vlines(number, *shot.ci95_mm, color=SOFT, linewidth=1.0)
    used = {number: shot.offset_mm for number, shot in enumerate(shown, 1) if shot.is_used}
    axes.plot(list(used), list(used.values()), "o", color=INK, mfc=PAPER, mew=1.4, ms=5, label="shot")
    apart = {number: shot.offset_mm for number, shot in enumerate(shown, 1) if not shot.is_used}
    if apart:
        axes.plot(list(apart), list(apart.values()), "x", color=SOFT, mew=1.4, label="shot that does not count")
    summary = f"Offsets of {len(used)} shots.{_draw_groups(axes, shown)}"
    more = " Shaded: mean plus and minus the scatter."
    more += f" Crosses: {len(apart)} that do not count." if apart else ""
    more += f" {len(shown)} of {len(shots)} shots are shown." if len(shots) > len(shown) else ""
    return _plot(axes, summary, more, say)


def _draw_groups(axes: Axes, shown: Sequence[ShotPoint]) -> str:
    """Draw mean and scatter of the shots at every setting, and return them in words."""
    numbers = {id(shot): number for number, shot in enumerate(shown, 1)}
    by_setting = [(at, list(group)) for at, group in groupby(shown, lambda shot: shot.setting)]
    alone = len(by_setting) == 1
    words, ticks = "", {}
    for setting, group in by_setting:
        used = [shot.offset_mm for shot in group if shot.is_used]
        if not used:
            continue
        mean, scatter = statistics.fmean(used), statistics.stdev(used) if len(used) > 1 else 0.0
        ends = (numbers[id(group[0])] - 0.5, numbers[id(group[-1])] + 0.5)
        axes.fill_between(ends, mean - scatter, mean + scatter, color=BAND, alpha=0.28, linewidth=0)
        label = f"mean {mean:+.1f} mm" if alone else "" if words else "mean"
        axes.plot(ends, (mean, mean), color=FOCUS, linestyle="--", label=label or "_")
        name = "no setting" if setting is None else f"at {dialled(setting)}"
        is_written = len(by_setting) <= MOST_MEANS
        ticks[sum(ends) / 2] = f"{name}:\nmean {mean:+.1f} mm" if is_written else name.removeprefix("at ")
        words += f" {'Mean' if alone else f'{name[0].upper()}{name[1:]}: mean'} {place_words(mean)}, "
        words += f"scatter {scatter:.1f} mm."
    if alone:
        axes.set_xlabel("shot")
        axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10], integer=True))
    else:
        axes.set_xticks(list(ticks), list(ticks.values()))
        axes.grid(visible=False, axis="x")
    return words


@mpl.rc_context(STYLE)
def offset_by_setting(
    means: Sequence[SettingPoint], shots: Sequence[ShotPoint], line: FittedLine | None, say: Say = str
) -> Plot | None:
    """Return the offset against the AF fine-tune setting with the fitted line; None for fewer than two settings."""
    if len({point.setting for point in means}) < 2:
        return None
    placed = [(shot.setting, shot.offset_mm) for shot in shots if shot.setting is not None]
    settings = [point.setting for point in means]
    axes = _axes(SETTING)
    _draw_zero(axes, [*(offset for _, offset in placed), *(point.mean_mm for point in means)])
    for point in means:
        if point.ci95_mm is not None:
            axes.vlines(point.setting, *point.ci95_mm, color=SOFT)
    if placed:
        axes.plot(*zip(*placed, strict=True), ".", color=SOFT, alpha=0.55, label="shot")
    axes.plot(settings, [point.mean_mm for point in means], "D", color=INK, ms=6, label="mean")
    summary = f"Offset at {len(means)} settings."
    if line is not None:
        low, high = line.ci95
        axes.axvspan(low, high, color=BAND, alpha=0.28, linewidth=0)
        axes.axvline(line.crossing, color=FOCUS, linestyle="--", label=f"zero at {line.crossing:+.1f}")
        summary += f" It is zero at {line.crossing:+.1f} (95 %: {low:+.1f} to {high:+.1f})."
        if line.step_mm is not None:
            axes.axline((line.crossing, 0.0), slope=line.step_mm, color=INK)
            way = "farther away" if line.step_mm > 0 else "closer"
            summary += f" One step moves focus {abs(line.step_mm):.2f} mm {way}."
    return _plot(axes, summary, " Dots: shots. Diamonds: means with 95 % intervals.", say)


@mpl.rc_context(STYLE)
def sharpness_by_setting(curve: SharpnessCurve, say: Say = str) -> Plot | None:
    """Return the sharpness at the AF mark over the setting, with the settings that matter; None without any."""
    parts = [*curve.kept, *(part for _, part in curve.tried), *(mark.kept for mark in curve.marks)]
    if not parts or min(parts) == max(parts) == 1.0:
        return None
    axes = _axes(SETTING, SHARPNESS)
    axes.axhline(100.0 * (1.0 - SHARP), color=RULE, linestyle=":", label=f"in focus from {1.0 - SHARP:.0%}")
    if curve.best_ci95 is not None:
        axes.axvspan(*curve.best_ci95, color=BAND, alpha=0.28, linewidth=0)
    if curve.settings:
        axes.plot(curve.settings, [100.0 * part for part in curve.kept], color=INK, label="_")
    if curve.tried:
        at, kept = zip(*curve.tried, strict=True)
        axes.plot(at, [100.0 * part for part in kept], "D", color=SOFT, ms=5, label="mean of shots")
    for mark, (colour, form) in zip(curve.marks, ((MARK, "o"), (FOCUS, "s"), (INK, "^")), strict=False):
        line = "--" if form == "s" else ":"
        axes.axvline(mark.setting, color=colour, linestyle=line, linewidth=1.0)
        label = f"{mark.word}, {dialled(mark.setting)}: {mark.kept:.0%}"
        axes.plot(mark.setting, 100.0 * mark.kept, form, color=colour, ms=8, label=label)
    down = math.floor((min(parts) - STEP_SHOWN / 2.0) / STEP_SHOWN) * STEP_SHOWN
    axes.set_ylim(100.0 * max(0.0, min(down, LEAST_SHOWN)), 102.0)
    told = ", ".join(f"{mark.kept:.0%} at {dialled(mark.setting)} ({mark.word})" for mark in curve.marks)
    summary = f"Sharpness at the AF mark (MTF50), as a part of the best: {told or 'by setting'}."
    if curve.best_ci95 is not None:
        low, high = curve.best_ci95
        summary += f" The best setting lies between {low:+.1f} and {high:+.1f} (shaded, 95 %)."
    return _plot(axes, summary, "", say)


@mpl.rc_context(STYLE)
def offset_by_camera(cameras: Sequence[tuple[str, Sequence[float]]], say: Say = str) -> Plot | None:
    """Return the offsets of every camera's photos in a row of its own, with the mean; None where there are none."""
    rows = [(name, list(offsets)) for name, offsets in cameras if offsets][:MOST_ROWS]
    if not rows:
        return None
    values = [offset for _, offsets in rows for offset in offsets]
    names = [name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…" for name, _ in rows]
    axes = _axes(OFFSET, "", height=1.1 + ROW * max(3, len(rows)))
    axes.axvline(0.0, color=MARK, label="AF mark")
    for row, (_, offsets) in enumerate(rows):
        axes.hlines(row, min(offsets), max(offsets), color=SOFT, linewidth=1.0)
        axes.plot(offsets, [row] * len(offsets), ".", color=SOFT, label="_" if row else "photo")
        axes.plot(statistics.fmean(offsets), row, "D", color=FOCUS, ms=5, label="_" if row else "mean")
    axes.set_yticks(range(len(rows)), [printable(name) for name in names])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    summary = (
        f"Offsets of {len(values)} photos by camera, each at its first setting: {min(values):+.1f} to "
        f"{max(values):+.1f} mm."
    )
    return _plot(axes, summary, " Dots: photos. Diamonds: the mean of each camera.", say)


def _draw_zero(axes: Axes, offsets: Sequence[float]) -> None:
    """Draw the AF mark's depth in a plot that shows all offsets, whatever their intervals reach to."""
    axes.axhline(0.0, color=MARK, label="AF mark")
    low, high = min(0.0, *offsets), max(0.0, *offsets)
    air = max(0.1 * (high - low), 0.5)
    axes.set_ylim(low - air, high + air)


def _axes(x_label: str = "", y_label: str = OFFSET, height: float = HEIGHT) -> Axes:
    axes = Figure(figsize=(WIDTH, height)).subplots()
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    if x_label == SETTING:
        axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: dialled(value))
    return axes


def _plot(axes: Axes, summary: str, more: str = "", say: Say = str) -> Plot:
    """Return the drawing with its legend above; `summary` is read aloud in its place."""
    _speak(axes, say)
    figure = axes.get_figure(root=True)
    assert figure is not None
    legend = figure.legend(loc="outside upper left", ncols=2)
    if legend.get_window_extent().width > figure.bbox.width:
        legend.remove()
        figure.legend(loc="outside upper left")
    return Plot(_svg_for_page(saved(figure, "svg").decode("utf-8"), say(summary)), summary + more)


class _Spoken(Formatter):
    """Labels of ticks as another formatter makes them, in the reader's language."""

    def __init__(self, inner: Formatter, say: Say) -> None:
        self._inner, self._say = inner, say

    def set_axis(self, axis: Any) -> None:
        self._inner.set_axis(axis)

    def set_locs(self, locs: Any) -> None:
        self._inner.set_locs(locs)

    def __call__(self, x: float, pos: int | None = None) -> str:
        return "\n".join(map(self._say, self._inner(x, pos).split("\n")))


def _speak(axes: Axes, say: Say) -> None:
    """Put all words and numbers of a drawing into the reader's language, before it is laid out around them."""
    if say is str:
        return
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(_Spoken(axis.get_major_formatter(), say))
        axis.set_label_text(say(axis.get_label_text()))
    for artist in axes.get_children():
        label = artist.get_label()
        if isinstance(label, str) and label and not label.startswith("_"):
            artist.set_label(say(label))


def saved(figure: Figure, form: str, **options: Any) -> bytes:
    """Return a drawing as a file of a form, such as "svg"."""
    content = io.BytesIO()
    with warnings.catch_warnings():
        # Not every alphabet that a name may be written in is in Matplotlib's font.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(content, format=form, **options)
    return content.getvalue()


def _svg_for_page(drawn: str, summary: str) -> Markup:
    """Return Matplotlib's SVG as the page's security policy allows it: attributes instead of styles.

    Colours are named, so that the page's style sets them; letters are those of the page.
    """
    root = ElementTree.fromstring(drawn)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for child in [child for child in element if child.tag.endswith(("}metadata", "}style"))]:
            element.remove(child)
        attributes = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
        styles = (style.partition(":") for style in attributes.pop("style", "").split(";") if style)
        attributes |= {name.strip(): value.strip() for name, _, value in styles}
        attributes.pop("font-family", None)
        if element.tag == "g":
            attributes.pop("id", None)
        element.attrib.clear()
        element.attrib.update({name: _short(value) for name, value in attributes.items()})
        element.tail = None
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": summary}
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=False))


def _short(value: str) -> str:
    """Return an attribute with its colour named, and without digits that nobody sees."""
    if value in COLOURS:
        return f"var(--{COLOURS[value]})"
    return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.1f}", " ".join(value.split()))
