"""Options that several commands share, and writing without losing the user's files."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from backfocus.targets.errors import UserError, printable
from backfocus.targets.ids import ID_LENGTH, is_chart_id

Point = tuple[float, float]


def write_file(path: Path, content: bytes, force: bool) -> None:
    """Write a file; one that is there already stays unless it is the same or `force` is given.

    Raises:
        UserError: the file exists or cannot be written.
    """
    from backfocus.verify.storage import not_written, write_whole

    try:
        if not force and path.exists() and (not path.is_file() or path.read_bytes() != content):
            raise _exists(path)
    except OSError as error:
        raise not_written(path, error) from None
    write_whole(path, content)


def check_free(path: Path, force: bool) -> None:
    """Refuse a file that is there already, before the work whose result it is to hold.

    Raises:
        UserError: the file exists and `force` is not given.
    """
    from backfocus.verify.storage import not_written

    try:
        if path.exists() and not force:
            raise _exists(path)
    except OSError as error:
        raise not_written(path, error) from None


def _exists(path: Path) -> UserError:
    if not path.name:
        return UserError("The output's name is empty; give it one.")
    return UserError(f"{printable(path)} exists already; give another name, or --force to overwrite it.")


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


OPTIONS = (
    click.option(
        "--camera",
        "camera_name",
        metavar="NAME",
        help="Maker and model, as in 'Nikon D850'; overrides the metadata.",
    ),
    click.option("--focal-length", metavar="MM", type=click.FloatRange(1, 5000), help="Focal length."),
    click.option("--aperture", metavar="N", type=click.FloatRange(0.5, 64), help="F-number of the shot."),
    click.option("--sensor-width", metavar="MM", type=click.FloatRange(2, 100), help="Long side of the sensor."),
)


serials_option = click.option(
    "--serials",
    is_flag=True,
    help="Tell the serial numbers of body and lens too; without it they are in no output.",
)


def camera_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options; what they say reaches it as one argument `camera`, a CameraInfo."""

    @wraps(command)
    def with_camera(
        *arguments: Any,
        camera_name: str | None,
        focal_length: float | None,
        aperture: float | None,
        sensor_width: float | None,
        **others: Any,
    ) -> None:
        from backfocus.verify.photo.metadata import CameraInfo

        camera = CameraInfo(
            make=camera_name.split()[0] if camera_name and camera_name.split() else None,
            model=camera_name,
            focal_length_mm=focal_length,
            f_number=aperture,
            sensor_width_mm=sensor_width,
        )
        command(*arguments, camera=camera, **others)

    for option in reversed(OPTIONS):
        with_camera = option(with_camera)
    return with_camera
