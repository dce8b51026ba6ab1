"""Axes and curves as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from markupsafe import Markup, escape

from ..measure import Analysis

# Axes of a plot, drawn as SVG by hand: its colours are those of the page's style, in light and in dark.
#
# Whatever a plot shows is told by form and by words beside it, not by colour alone.

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 58, 18, 26, 48
CHARACTER = 7.8
"""Width of a letter of the labels, in units of the drawing."""
Range = tuple[float, float]
Mark = Literal["dot", "circle", "cross", "diamond"]
Anchor = Literal["start", "middle", "end"]


@dataclass
class Axes:
    """A plot in the making.

    Attributes:
        x, y: lowest and highest value shown.
        left: room for what stands left of the plot.
        counts: whether x only has whole numbers.
    """

    x: Range
    y: Range
    x_label: str
    y_label: str
    height: float = HEIGHT
    left: float = LEFT
    counts: bool = False
    parts: list[Markup] = field(default_factory=list)

    def frame(self, y_ticks: bool = True) -> None:
        """Draw grid, numbers and names of the axes."""
        bottom, right = self.height - BOTTOM, WIDTH - RIGHT
        for value in nice_ticks(self.x, 8, whole=self.counts):
            x = self.px(value)
            self._add('<path class="grid" d="M{x:.1f} {top}V{bottom}"/>', x=x, top=TOP, bottom=bottom)
            self.words(tick_text(value), x, bottom + 17, "middle")
        for value in nice_ticks(self.y, 6) if y_ticks else ():
            y = self.py(value)
            self._add('<path class="grid" d="M{left} {y:.1f}H{right}"/>', left=self.left, y=y, right=right)
            self.words(tick_text(value), self.left - 6, y + 4, "end")
        self._add(
            '<path class="axis" d="M{left} {top}V{bottom}H{right}"/>',
            left=self.left,
            top=TOP,
            bottom=bottom,
            right=right,
        )
        self.words(self.x_label, (self.left + right) / 2, self.height - 10, "middle")
        self.words(self.y_label, 6, 15, "start")

    def mark(self, xs: Iterable[float], ys: Iterable[float], kind: Mark, style: str) -> None:
        """Draw a mark at every point."""
        shapes = {
            "dot": "m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0",
            "circle": "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
            "cross": "m-4-4l8 8m0-8l-8 8",
            "diamond": "m0-6l6 6l-6 6l-6-6z",
        }
        points = [f"M{self.px(x):.1f} {self.py(y):.1f}{shapes[kind]}" for x, y in zip(xs, ys, strict=True)]
        if points:
            self._add('<path class="{style}" d="{path}"/>', style=f"mark {kind} {style}", path="".join(points))

    def line(self, xs: Sequence[float], ys: Sequence[float], style: str) -> None:
        """Draw a line through points; parts outside of the plot are cut off."""
        points = " ".join(f"{self.px(x):.1f},{self.py(y):.1f}" for x, y in zip(xs, ys, strict=True))
        self._add(
            '<polyline class="line {style}" clip-path="url(#{clip})" points="{points}"/>',
            clip=self._clip,
            style=style,
            points=points,
        )

    def upright(self, x: float, style: str) -> None:
        """Draw a line from bottom to top."""
        self.line((x, x), self.y, style)

    def level(self, y: float, style: str) -> None:
        """Draw a line from left to right."""
        self.line(self.x, (y, y), style)

    def band(self, xs: Range, ys: Range, style: str) -> None:
        """Fill a rectangle."""
        left, right = (min(max(self.px(x), self.left), WIDTH - RIGHT) for x in xs)
        top, bottom = (min(max(self.py(y), TOP), self.height - BOTTOM) for y in (max(ys), min(ys)))
        self._add(
            '<rect class="band {style}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>',
            style=style,
            left=left,
            top=top,
            width=max(right - left, 1.0),
            height=max(bottom - top, 1.0),
        )

    def bar(self, x: float, low: float, high: float, style: str) -> None:
        """Draw an upright bar with short ends, from low to high."""
        at, bottom, top = self.px(x), self.py(low), self.py(high)
        path = f"M{at:.1f} {bottom:.1f}V{top:.1f}M{at - 4:.1f} {bottom:.1f}h8M{at - 4:.1f} {top:.1f}h8"
        self._add(
            '<path class="line {style}" clip-path="url(#{clip})" d="{path}"/>',
            clip=self._clip,
            style=style,
            path=path,
        )

    def note(self, text: str, x: float, y: float, anchor: Anchor = "start", style: str = "") -> None:
        """Write words at a place of the data, kept inside of the drawing."""
        width = CHARACTER * len(text)
        at = self.px(x)
        before = {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        at = min(max(at, self.left + 4 + before), WIDTH - 4 - (width - before))
        self.words(text, at, self.py(y), anchor, style)

    def words(self, text: str, x: float, y: float, anchor: Anchor, style: str = "") -> None:
        """Write words at a place of the drawing."""
        self._add(
            '<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>',
            style=style,
            x=x,
            y=y,
            anchor=anchor,
            text=text,
        )

    def px(self, value: float) -> float:
        """Return the place of a value across the drawing."""
        return self.left + (value - self.x[0]) / (self.x[1] - self.x[0]) * (WIDTH - RIGHT - self.left)

    def py(self, value: float) -> float:
        """Return the place of a value down the drawing."""
        return TOP + (self.y[1] - value) / (self.y[1] - self.y[0]) * (self.height - BOTTOM - TOP)

    def svg(self, summary: str) -> Markup:
        """Return the drawing; `summary` is read aloud in its place."""
        head = Markup(
            '<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{summary}">'
            '<clipPath id="{clip}"><rect x="{left}" y="{top}" width="{inner}" height="{tall:.0f}"/></clipPath>'
        ).format(
            clip=self._clip,
            width=WIDTH,
            height=self.height,
            summary=summary,
            left=self.left,
            top=TOP,
            inner=WIDTH - RIGHT - self.left,
            tall=self.height - BOTTOM - TOP,
        )
        return Markup(head + Markup("").join(self.parts) + Markup("</svg>"))

    @property
    def _clip(self) -> str:
        """Name of the shape that lines are cut to; plots of the same form on one page share it."""
        return f"inside-{self.left:.0f}-{self.height:.0f}"

    def _add(self, form: str, **values: object) -> None:
        self.parts.append(Markup(form).format(**{name: _safe(value) for name, value in values.items()}))


def _safe(value: object) -> object:
    """Return a number as it is, so that it can be rounded, and anything else escaped."""
    return value if isinstance(value, (int, float)) else escape(value)


def around(values: Iterable[float], *, margin: float = 0.08, least: float = 1.0) -> Range:
    """Return a range that shows all values with some air, at least `least` wide."""
    found = list(values)
    low, high = min(found), max(found)
    air = max(margin * (high - low), (least - (high - low)) / 2)
    return (low - air, high + air)


def nice_ticks(shown: Range, most: int, *, whole: bool = False) -> list[float]:
    """Return round values inside of a range."""
    from matplotlib.ticker import MaxNLocator

    values = MaxNLocator(most, steps=[1, 2, 5, 10], integer=whole).tick_values(*shown)
    return [float(value) for value in values if shown[0] <= value <= shown[1]]


def tick_text(value: float) -> str:
    """Return a number without noise in its last digits, with a true minus sign."""
    return f"{round(value, 9):g}".replace("-", "\N{MINUS SIGN}")


# What a report says, before it is put on a page. All texts are plain; the page escapes them.

Outcome = Literal["good", "act", "unsure"]
"""Nothing to do; something to do; not known well enough."""

OUTCOME_OF_VERDICT: dict[str | None, Outcome] = {
    "in-focus": "good",
    "front-focus": "act",
    "back-focus": "act",
    None: "unsure",
}


@dataclass(frozen=True)
class Figure:
    """A plot; `summary` says in words what it shows."""

    svg: Markup
    summary: str


@dataclass(frozen=True)
class Picture:
    """A photo; `uri` holds the picture itself."""

    uri: str
    name: str
    caption: str


@dataclass(frozen=True)
class Note:
    """A finding; `count` is how many photos have it."""

    severity: str
    code: str
    message: str
    remedy: str
    count: int = 1

    @property
    def word(self) -> str:
        """How bad it is, in a word."""
        return {"info": "Note", "warning": "Warning", "critical": "Problem"}.get(self.severity, "Note")


@dataclass(frozen=True)
class Table:
    """A table; the first `texts` columns are words, the others numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1


@dataclass(frozen=True)
class Section:
    """A part of the page, in this order: words, plots, table, findings, photos."""

    heading: str
    lines: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    table: Table | None = None
    notes: tuple[Note, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Report:
    """A page.

    Attributes:
        subject: what it is about: a photo, a lens, a table.
        verdict: the answer in a sentence or two.
        details: what goes with the answer, a line each.
        method: how it was measured, and what it cannot say.
    """

    title: str
    subject: str
    outcome: Outcome
    verdict: str
    details: tuple[str, ...]
    sections: tuple[Section, ...]
    method: tuple[str, ...]


def notes_of(findings: Iterable[Mapping[str, Any]]) -> tuple[Note, ...]:
    """Return findings as they stand in JSON, the gravest first."""
    order = ("critical", "warning", "info")
    notes = [Note(f["severity"], f["code"], f["message"], f["remedy"]) for f in findings]
    return tuple(sorted(notes, key=lambda note: order.index(note.severity) if note.severity in order else 3))


def place_words(offset_mm: float) -> str:
    """Return where the sharpest plane is, with the direction in words."""
    if round(abs(offset_mm), 1) == 0:
        return "at the AF mark"
    return f"{abs(offset_mm):.1f} mm {'behind' if offset_mm > 0 else 'in front of'} the AF mark"


def side_words(offset_mm: float) -> str:
    """Return the same in few words, for a column of a table that names the AF mark."""
    if round(abs(offset_mm), 1) == 0:
        return "0.0 mm"
    return f"{abs(offset_mm):.1f} mm {'behind' if offset_mm > 0 else 'in front'}"


# The blur curve of one photo.

MOST_PIECES = 700
"""Shown, evenly chosen: more would only make the page larger."""


def blur_curve(analysis: Analysis) -> Figure | None:
    """Return blur against depth with the fitted curve and the interval; None where none was fitted."""
    samples, curve, pose = analysis.samples, analysis.curve, analysis.pose
    if samples is None or curve is None or pose is None:
        return None
    measurement = analysis.measurement
    depth = pose.depth_mm(samples.sheet_mm) - curve.mark_mm
    shown = np.unique(np.linspace(0, len(depth) - 1, min(len(depth), MOST_PIECES)).astype(int))
    top = 1.15 * float(np.percentile(samples.blur_px, 99.5))
    axes = Axes(
        (float(depth.min()), float(depth.max())),
        (0.0, top),
        "depth from the AF mark, mm (minus: closer to the camera, plus: farther away)",
        "blur, pixels of the photo",
    )
    axes.frame()
    inside = shown[samples.blur_px[shown] <= top]
    axes.mark(depth[inside].tolist(), samples.blur_px[inside].tolist(), "dot", "faint")
    along = np.linspace(*axes.x, 160)
    axes.line(along.tolist(), np.asarray(curve.blur_px(along), float).tolist(), "fit")
    axes.upright(0.0, "zero")
    offset, interval = measurement.offset_mm, measurement.offset_ci95_mm
    is_behind = offset is not None and offset > 0
    axes.note("AF mark", 0.0, 0.93 * top, "end" if is_behind else "start", "zero")
    summary = "Blur of the printed edges against their depth, with the fitted curve."
    if offset is not None and interval is not None:
        axes.band(interval, axes.y, "interval")
        axes.upright(offset, "focus")
        label = f"sharpest {offset:+.1f} mm ({interval[0]:+.1f} to {interval[1]:+.1f})"
        axes.note(label, offset, 0.86 * top, "start" if is_behind else "end", "focus")
        summary += (
            f" It is lowest {place_words(offset)}; the shaded strip is the 95 % interval, "
            f"{interval[0]:+.2f} to {interval[1]:+.2f} mm."
        )
    return Figure(axes.svg(summary), f"{summary} Every dot is a piece of a printed edge.")
