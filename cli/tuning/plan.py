"""`backfocus plan`: what to print, where to stand, what to expect."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import click

from backfocus.cli.files import UserError
from backfocus.cli.tuning.named import makers_named
from backfocus.targets import PAPERS

if TYPE_CHECKING:
    from backfocus.verify.planning.setup import Setup
    from backfocus.verify.tuning.lookup import Found

MM_OF_UNIT = {"": 1.0, "mm": 1.0, "cm": 10.0, "m": 1000.0}


def _distance(_ctx: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """Return a distance in mm: "2550", "2550 mm", "255cm", "2.55 m"."""
    if value is None:
        return None
    parts = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(mm|cm|m|)\s*", value.lower())
    if parts is None or float(parts[1]) == 0.0:
        raise click.BadParameter(f"{value!r} is no distance; give 2550, 2550mm, 255cm or 2.55m.")
    return float(parts[1]) * MM_OF_UNIT[parts[2]]


def _sensor(_ctx: click.Context, _option: click.Parameter, value: str) -> tuple[float, float]:
    """Return long and short side in mm of a sensor by its name or width."""
    from backfocus.verify.planning.setup import SENSORS_MM, sensor_of_width

    if value.lower() in SENSORS_MM:
        return SENSORS_MM[value.lower()]
    number = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:mm)?", value.lower())
    if number is None or not 3.0 <= float(number[1]) <= 70.0:
        raise click.BadParameter(f"{value!r} is neither {', '.join(SENSORS_MM)} nor a width of 3 to 70 mm.")
    return sensor_of_width(float(number[1]))


@click.command("plan")
@click.option(
    "--lens",
    "focal_length_mm",
    type=click.FloatRange(4, 2000),
    required=True,
    help="Focal length in mm, no equivalent.",
)
@click.option("--aperture", "f_number", type=click.FloatRange(0.7, 32), required=True, help="Widest f-number.")
@click.option(
    "--sensor",
    "sensor_mm",
    callback=_sensor,
    default="full-frame",
    show_default=True,
    help="full-frame, aps-c, aps-c-canon, micro-four-thirds, 1-inch, or its width in mm.",
)
@click.option(
    "--distance",
    "distance_mm",
    callback=_distance,
    help="From the lens to the AF mark, in mm or as 2.5m. Default: 30 focal lengths.",
)
@click.option("--camera", help="Maker or model, for the size of an AF step.")
@click.option("--paper", type=click.Choice(list(PAPERS)), help="The only paper to use. Default: A4 or A3.")
@click.option(
    "--scatter",
    "scatter_steps",
    type=click.FloatRange(0, 50),
    help="Standard deviation of autofocus, in AF steps. Default: what cameras usually have.",
)
@click.option("--megapixels", type=click.FloatRange(1, 500), default=24.0, show_default=True, help="Of the camera.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    focal_length_mm: float,
    f_number: float,
    sensor_mm: tuple[float, float],
    distance_mm: float | None,
    camera: str | None,
    paper: str | None,
    scatter_steps: float | None,
    megapixels: float,
    as_json: bool,
) -> None:
    """Plan a test: the chart to print, the distance, and how precise it will be.

    \b
    Example: backfocus plan --lens 85 --aperture 1.4 --sensor full-frame --camera "Nikon D850"
    """
    from backfocus.verify.planning.plan import USUAL_DISTANCE, make_plan
    from backfocus.verify.planning.setup import USUAL_SCATTER_STEPS, Setup, pixels_of
    from backfocus.verify.planning.text import plan_text

    distance = USUAL_DISTANCE * focal_length_mm if distance_mm is None else distance_mm
    setup = Setup(focal_length_mm, f_number, sensor_mm, distance, pixels_of(megapixels, sensor_mm))
    _check_distance(setup)
    scatter = USUAL_SCATTER_STEPS if scatter_steps is None else scatter_steps
    plan = make_plan(setup, None if camera is None else _camera(camera), paper, scatter)
    click.echo(json.dumps(plan.to_dict(), indent=2, ensure_ascii=False) if as_json else plan_text(plan))


def _check_distance(setup: Setup) -> None:
    from backfocus.verify.planning.setup import NEAREST

    nearest_mm = NEAREST * setup.focal_length_mm
    if setup.distance_mm < nearest_mm:
        meant = (
            f" For {setup.distance_mm:g} metres write {setup.distance_mm:g}m." if setup.distance_mm < 100 else ""
        )
        raise UserError(
            f"{setup.distance_mm:g} mm is too near for a lens of {setup.focal_length_mm:g} mm; "
            f"plan with {nearest_mm:g} mm or more.{meant}"
        )


def _camera(name: str) -> Found:
    found = makers_named(name)
    if len(found) > 1:
        raise UserError(
            f"{name!r} may be {' or '.join(entry.maker.name for entry in found)}; add the maker's name."
        )
    return found[0]
