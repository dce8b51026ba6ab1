"""What rows of traced photos come to: a table by class, and aperture series.

python docs/studies/traced_table.py ROWS.jsonl [...]

prints the page of rows that were made before.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backfocus.verify.fit.ridge import MOSAIC_LEAD

MOST_HALF_WIDTHS = 3.0
LEAST_OF_FIELD = 0.01
"""Silently wrong: trusted, and off by more than so many half widths and such a part of the depth of field."""
NO_SINGLE_PLANE = "no-single-plane"
MOTION = ("motion-blur", "motion-undetermined")
APERTURES = {"f/1.4 to f/1.5": (0.0, 1.7), "f/2": (1.7, 2.4), "f/2.8": (2.4, 3.4), "f/4 to f/5.6": (3.4, math.inf)}
DESIGNS = ("flat", "zfold")
PAIRS = (("planar50", "retro35"), ("sonnar85", "tessar50"))
"""Of the bench's lenses, each with a faster and a slower one: what is tuned on one pair is shown on the other."""
LENSES = PAIRS[0] + PAIRS[1]
HEAD = """## Photos through traced lenses

{count} photos, seed {seed}, of the product's own charts: 20 to 36 focal lengths, sheet leaned by 40° to 50° or card folded by 40° to
50°, A4 or A3; mosaic, noise, contrast curve, sharpening, JPEG. `python docs/studies/traced_photos.py TRACER OUT --photos {count} --seed {seed}`

The truth is the plane of most contrast at 30 lp/mm at the AF mark. Trusted: measured, without a critical finding. Held: of the trusted
ones; where the lens is said to have no single plane, the interval touches the range between the planes of 30 and of 10 lp/mm. Silently
wrong: trusted, and off by more than three half widths and 1 % of the depth of field (DOF). Wrong side: a verdict of front or back focus
where the truth is the other. Errors in % of the DOF, of trusted photos of lenses with a single plane. Half width over needed: how many
times wider than the errors need for 95 %.

| class | photos | trusted | held | silently wrong | wrong side | median error | 90 % of errors | half width / needed | \
no single plane | said to be moved | not trusted, for |
|---|---|---|---|---|---|---|---|---|---|---|---|"""
PAIRS_HEAD = """
### The lead for lost colours, set on two lenses and shown on the other two

Of what the contrast of a file is corrected by, only this depends on the lenses that were looked at. Set on a pair: the median of what
its photos at f/2.8 and slower need, over z²/f. Errors and intervals as above, of the pair it is shown on.

| set on | lead | shown on | f-numbers | trusted | held | median error |
|---|---|---|---|---|---|---|"""
SERIES_HEAD = """
### The aperture closed, lens and chart unmoved

| lens | aperture | plane of 30 lp/mm | measured | shift of the plane since the stop before | measured | within |
|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Row:
    """One photo: what `traced_photos` wrote of it."""

    known: dict[str, Any]

    @property
    def truth(self) -> float:
        return float(self.known["true"]["fine"])

    @property
    def interval(self) -> tuple[float, float] | None:
        return self.known.get("offset_ci95_mm")

    @property
    def trusted(self) -> bool:
        return bool(self.known.get("trustworthy")) and self.interval is not None

    @property
    def offset(self) -> float:
        found = self.known.get("offset_mm")
        return math.nan if found is None else float(found)

    @property
    def half(self) -> float:
        return math.nan if self.interval is None else (self.interval[1] - self.interval[0]) / 2

    @property
    def colour_mm(self) -> float:
        """z²/f, which the lead for lost colours is in proportion to."""
        return float(self.known["distance_true"]) * self.known["distance_f"]

    def led_by(self, lead: float) -> Row:
        """Return the row as with another lead for lost colours, over z²/f."""
        by = (lead - MOSAIC_LEAD) * self.colour_mm
        low, high = self.known["offset_ci95_mm"]
        return Row(self.known | {"offset_mm": self.offset + by, "offset_ci95_mm": (low + by, high + by)})

    @property
    def has_no_plane(self) -> bool:
        """Whether the program says so of the lens."""
        return NO_SINGLE_PLANE in self.known["findings"]

    @property
    def range(self) -> tuple[float, float]:
        """Planes that count as true."""
        coarse = float(self.known["true"]["coarse"]) if self.has_no_plane else self.truth
        return min(self.truth, coarse), max(self.truth, coarse)

    @property
    def held(self) -> bool:
        return self.interval is not None and self.interval[0] <= self.range[1] and self.range[0] <= self.interval[1]

    @property
    def gap(self) -> float:
        """How far the offset is from what is true, mm."""
        return max(self.range[0] - self.offset, self.offset - self.range[1], 0.0)

    @property
    def is_silently_wrong(self) -> bool:
        return self.trusted and self.gap > max(MOST_HALF_WIDTHS * self.half, LEAST_OF_FIELD * self.known["dof"])

    @property
    def is_on_wrong_side(self) -> bool:
        side = {"back-focus": 1, "front-focus": -1}.get(self.known.get("verdict") or "", 0)
        return side * self.truth < 0

    @property
    def reasons(self) -> list[str]:
        """Why it is not trusted."""
        return [] if self.trusted else self.known["critical"] or [self.known["status"]]


def page(rows: Sequence[Row], seed: int | str) -> str:
    """Return both tables, the photos that are silently wrong, and those that crashed."""
    single = [row for row in rows if not row.known["series"]]
    lines = [HEAD.format(count=len(single), seed=seed)]
    for each in classes():
        chosen = [row for row in single if each.holds(row)]
        lines += [class_row(each.name, chosen)] if chosen else []
    for row in rows:
        if row.is_silently_wrong or row.is_on_wrong_side:
            what = "Silently wrong" if row.is_silently_wrong else "Wrong side"
            lines.append(f"\n{what}: {_told(row)}")
    lines += [
        f"\nCrashed: {_told(row)} {row.known['problem']}." for row in rows if row.known["status"] == "crashed"
    ]
    lines.append(PAIRS_HEAD)
    for tuned, shown in (PAIRS, PAIRS[::-1]):
        lines += pair_rows(tuned, shown, single)
    lines.append(SERIES_HEAD)
    lines += series_rows([row for row in rows if row.known["series"]])
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Class:
    """Photos that belong together: of some designs and lenses, with f-numbers from the first to below the second."""

    name: str
    designs: tuple[str, ...] = DESIGNS
    lenses: tuple[str, ...] = LENSES
    f_numbers: tuple[float, float] = (0.0, math.inf)

    def holds(self, row: Row) -> bool:
        known, (least, most) = row.known, self.f_numbers
        return known["design"] in self.designs and known["lens"] in self.lenses and least <= known["N"] < most


def classes() -> Iterator[Class]:
    """Yield the classes of the table."""
    yield Class("all")
    yield from (Class(name, f_numbers=between) for name, between in APERTURES.items())
    for design in DESIGNS:
        yield Class(design, (design,))
        yield from (Class(f"{design}, {name}", (design,), f_numbers=each) for name, each in APERTURES.items())
    yield from (Class(" and ".join(pair), lenses=pair) for pair in PAIRS)


def class_row(name: str, rows: Sequence[Row]) -> str:
    """Return one line of the table."""
    trusted = [row for row in rows if row.trusted]
    errors = [100 * abs(row.offset - row.truth) / row.known["dof"] for row in trusted if not row.has_no_plane]
    of_half = np.array([row.gap / row.half for row in trusted])
    moved = sum(any(code in MOTION for code in row.known["findings"]) for row in rows)
    reasons = Counter(code for row in rows for code in row.reasons)
    median, most, wide, held = ("-",) * 4
    if errors:
        median, most = f"{np.median(errors):.1f}", f"{np.percentile(errors, 90):.1f}"
    if trusted:
        needed = float(np.percentile(of_half, 95))
        wide = f"{1 / needed:.2f}" if needed > 0 else "-"
        held = f"{np.mean([row.held for row in trusted]):.0%}"
    return (
        f"| {name} | {len(rows)} | {len(trusted)} | {held} | {sum(row.is_silently_wrong for row in rows)} "
        f"| {sum(row.is_on_wrong_side for row in rows)} | {median} | {most} | {wide} "
        f"| {sum(row.has_no_plane for row in rows)} | {moved} "
        f"| {', '.join(f'{code} {number}' for code, number in reasons.most_common()) or '-'} |"
    )


def pair_rows(tuned: tuple[str, ...], shown: tuple[str, ...], rows: Sequence[Row]) -> Iterator[str]:
    """Yield a line for each aperture with the lead that a pair of lenses needs, measured through another pair."""
    needs = [
        (row.truth - float(row.known["true"]["file"])) / row.colour_mm
        for row in rows
        if row.known["lens"] in tuned and row.known["N"] >= APERTURES["f/2.8"][0]
    ]
    lead = float(np.median(needs)) if needs else math.nan
    for name, (least, most) in APERTURES.items():
        chosen = [
            row for row in rows if row.known["lens"] in shown and least <= row.known["N"] < most and row.trusted
        ]
        moved = [row.led_by(lead) for row in chosen if row.known["sharpest_by"] == "contrast"]
        single = [100 * abs(row.offset - row.truth) / row.known["dof"] for row in moved if not row.has_no_plane]
        if single:
            yield (
                f"| {' and '.join(tuned)} | {lead:.2g} | {' and '.join(shown)} | {name} | {len(moved)} "
                f"| {np.mean([row.held for row in moved]):.0%} | {np.median(single):.1f} |"
            )


def series_rows(rows: Sequence[Row]) -> list[str]:
    """Return a line for each stop of each lens; a shift's interval is that of two independent offsets."""
    lines, before = [], None
    for row in sorted(rows, key=lambda row: (row.known["series"], row.known["N"])):
        known = row.known
        start = f"| {known['series']} | f/{known['N']:g} | {row.truth:+.2f} | {_number(row)} "
        if before is None or before.known["series"] != known["series"]:
            lines.append(start + "| | | |")
        else:
            true, found = row.truth - before.truth, row.offset - before.offset
            half = math.hypot(row.half, before.half)
            within = "-" if math.isnan(half) else ("yes" if abs(found - true) <= half else "**no**")
            told = "-" if math.isnan(half) else f"{found:+.2f} ± {half:.2f}"
            lines.append(start + f"| {true:+.2f} | {told} | {within} |")
        before = row
    return lines


def _number(row: Row) -> str:
    return (
        "-"
        if math.isnan(row.half)
        else f"{row.offset:+.2f} ± {row.half:.2f}" + ("" if row.trusted else " (doubted)")
    )


def _told(row: Row) -> str:
    known = row.known
    return (
        f"`{known['name']}`, {known['lens']} f/{known['N']:g}, {known['design']} {known['paper']}, {row.truth:+.2f} mm "
        f"({known['true']['coarse']:+.2f} at 10 lp/mm), measured {_number(row)}, DOF {known['dof']:.0f} mm, "
        f"{known.get('verdict') or 'no verdict'} ({', '.join(known['findings']) or 'no finding'})."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="+", type=Path)
    files = parser.parse_args().rows
    every = {row["name"]: Row(row) for file in files for row in map(json.loads, file.read_text().splitlines())}
    print(page(list(every.values()), ", ".join(sorted({name.split("-")[0][1:] for name in every}))))
