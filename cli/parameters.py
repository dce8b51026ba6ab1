"""Kinds of option values that click does not have."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import click

from backfocus.targets.qrtext import ID_ALPHABET, ID_LENGTH

Point = tuple[float, float]


class PageCorners(click.ParamType):
    """Eight numbers with commas between them: four corners in pixels, clockwise from the top left."""

    name = "corners"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Point, ...]:
        """Return the four corners."""
        try:
            numbers = [float(part) for part in str(value).split(",")]
        except ValueError:
            numbers = []
        if len(numbers) != 8 or not all(math.isfinite(number) for number in numbers):
            self.fail(f"{value!r} is not eight numbers x1,y1,x2,y2,x3,y3,x4,y4.", param, ctx)
        corners = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        if not _is_clockwise(corners):
            self.fail(
                "the corners must run clockwise: top left, top right, bottom right, bottom left as printed.",
                param,
                ctx,
            )
        return corners


def _is_clockwise(corners: tuple[Point, ...]) -> bool:
    """Whether the outline turns right, with y down, at every corner."""
    sides = [
        (after[0] - before[0], after[1] - before[1])
        for before, after in pairwise((*corners, corners[0], corners[1]))
    ]
    return all(one[0] * other[1] - one[1] * other[0] > 0 for one, other in pairwise(sides))


class ChartId(click.ParamType):
    """The id that is printed on a chart."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the id in capital letters."""
        chart_id = str(value).upper()
        if len(chart_id) != ID_LENGTH or not set(chart_id) <= set(ID_ALPHABET):
            self.fail(
                f"{value!r} is no chart id; it is printed at the top right, {ID_LENGTH} characters.", param, ctx
            )
        return chart_id
