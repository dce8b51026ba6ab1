"""Option values that click does not know: callbacks that check and convert them."""

from __future__ import annotations

import math
from itertools import pairwise

import click

from backfocus.targets.qrtext import ID_LENGTH, is_chart_id

Point = tuple[float, float]


def page_corners(_ctx: click.Context, _option: click.Parameter, value: str | None) -> tuple[Point, ...] | None:
    """Return the four corners in eight numbers with commas between them: pixels, clockwise from the top left."""
    if value is None:
        return None
    try:
        numbers = [float(part) for part in value.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 8 or not all(math.isfinite(number) for number in numbers):
        raise click.BadParameter(f"{value!r} is not eight numbers X1,Y1,X2,Y2,X3,Y3,X4,Y4.")
    corners = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    if not _is_clockwise(corners):
        raise click.BadParameter(
            "they must run clockwise: top left, top right, bottom right, bottom left as printed."
        )
    return corners


def _is_clockwise(corners: tuple[Point, ...]) -> bool:
    """Whether the outline turns right, with y down, at every corner."""
    closed = (*corners, corners[0], corners[1])
    sides = [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(closed)]
    return all(one[0] * other[1] - one[1] * other[0] > 0 for one, other in pairwise(sides))


def chart_id(_ctx: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Return the id of a chart, in capital letters as it is printed."""
    if value is None:
        return None
    name = value.upper()
    if not is_chart_id(name):
        raise click.BadParameter(f"{value!r} is no chart id: {ID_LENGTH} characters, at the sheet's top right.")
    return name
