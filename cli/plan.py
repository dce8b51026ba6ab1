"""`backfocus plan`, what to print, where to stand, what to expect, and `backfocus cameras`, what is known."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import click

from backfocus.targets import PAPERS
from backfocus.targets.errors import UserError

if TYPE_CHECKING:
    from rich.table import Table

    from backfocus.verify.cameras.makers import Evidence, Maker, Step
    from backfocus.verify.cameras.names import Found
    from backfocus.verify.photo.bodies import Body
    from backfocus.verify.tuning.precision import Setup

MM_OF_UNIT = {"": 1.0, "mm": 1.0, "cm": 10.0, "m": 1000.0}
NOT_KNOWN = "not known"
USUAL_MEGAPIXELS = 24.0
WIDTH_WITHOUT_TERMINAL = 116
"""Characters a line where the output goes to a file or another program."""
APERTURE_HELPS = "`backfocus measure` names the aperture from which on the depth of field covers the error."


def _distance(_ctx: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """Return a distance in mm: "2550", "2550 mm", "255cm", "2.55 m"."""
    if value is None:
        return None
    parts = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(mm|cm|m|)\s*", value.lower())
    if parts is None or float(parts[1]) == 0.0:
        raise click.BadParameter(f"{value!r} is no distance; give 2550, 2550mm, 255cm or 2.55m.")
    return float(parts[1]) * MM_OF_UNIT[parts[2]]


def _sensor(_ctx: click.Context, _option: click.Parameter, value: str | None) -> tuple[float, float] | None:
    """Return long and short side in mm of a sensor by its name or width."""
    from backfocus.verify.tuning.precision import SENSORS_MM, sensor_of_width

    if value is None:
        return None
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
    help="full-frame, aps-c, aps-c-canon, micro-four-thirds, 1-inch, or its width in mm. Default: the camera's, "
    "if --camera names one on record, else full-frame.",
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
    "--design",
    type=click.Choice(["flat", "zfold"]),
    default="flat",
    show_default=True,
    help="Of the chart: leaned back, or folded and standing by itself.",
)
@click.option(
    "--scatter",
    "scatter_steps",
    type=click.FloatRange(0, 50),
    help="Standard deviation of autofocus, in AF steps. Default: what cameras usually have.",
)
@click.option(
    "--megapixels",
    type=click.FloatRange(1, 500),
    help="Of the camera. Default: those of the camera, if --camera names one on record, else 24.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plan_command(
    focal_length_mm: float,
    f_number: float,
    sensor_mm: tuple[float, float] | None,
    distance_mm: float | None,
    camera: str | None,
    paper: str | None,
    design: str,
    scatter_steps: float | None,
    megapixels: float | None,
    as_json: bool,
) -> None:
    """Plan a test: the chart to print, the distance, and how precise it will be.

    \b
    Example: backfocus plan --lens 85 --aperture 1.4 --sensor full-frame --camera "Nikon D850"
    """
    from backfocus.targets.protocol import USUAL
    from backfocus.verify.tuning.plan import make_plan, plan_text
    from backfocus.verify.tuning.precision import SENSORS_MM, USUAL_SCATTER_STEPS, Setup

    distance = USUAL * focal_length_mm if distance_mm is None else distance_mm
    found = None if camera is None else _camera(camera)
    body = None if found is None else found.body
    sensor = sensor_mm or (SENSORS_MM["full-frame"] if body is None else body.sensor_mm)
    setup = Setup(focal_length_mm, f_number, sensor, distance, _pixels(megapixels, sensor, body))
    _check_distance(setup)
    scatter = USUAL_SCATTER_STEPS if scatter_steps is None else scatter_steps
    plan = make_plan(setup, found, paper, scatter, design)
    click.echo(json.dumps(plan.to_dict(), indent=2, ensure_ascii=False) if as_json else plan_text(plan))


def _pixels(megapixels: float | None, sensor_mm: tuple[float, float], body: Body | None) -> int:
    from backfocus.verify.tuning.precision import pixels_of

    if megapixels is None and body is not None and body.long_px is not None:
        return body.long_px
    return pixels_of(USUAL_MEGAPIXELS if megapixels is None else megapixels, sensor_mm)


def _check_distance(setup: Setup) -> None:
    from backfocus.verify.tuning.precision import NEAREST

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
    from backfocus.verify.cameras.names import makers_named

    named = makers_named(name)
    found = [entry for entry in named if entry.maker.kind in ("camera", "class")] or named
    if len(found) > 1:
        raise UserError(
            f"{name!r} may be {' or '.join(entry.maker.name for entry in found)}; add the maker's name."
        )
    if found[0].maker.kind == "adapter":
        raise UserError(f"{name!r} is an adapter; name the camera. What is known: backfocus cameras {name!r}")
    return found[0]


@click.command("cameras")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cameras(name: str | None, as_json: bool) -> None:
    """Show what is known of AF fine-tune on each maker's cameras, or of one maker or model, with sources.

    \b
    Example: backfocus cameras "Canon EOS 5D Mark IV"
    """
    from backfocus.verify.cameras.makers import makers
    from backfocus.verify.cameras.names import Found, cameras_json, makers_named

    found = [Found(maker, None) for maker in makers()] if name is None else makers_named(name)
    if as_json:
        click.echo(json.dumps(cameras_json(found), ensure_ascii=False, indent=2))
    elif name is None:
        _print([_overview([entry.maker for entry in found])])
        click.echo("\nGrades and sources: backfocus cameras NAME, with a maker's or a camera's name.")
    else:
        _print([_everything(entry) for entry in found])
        _print_grades()


def _print(tables: list[Table]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)
    for table in tables:
        console.print(table)


def _print_grades() -> None:
    from backfocus.verify.cameras.makers import evidence_grades

    grades = "; ".join(f"{grade} {meaning}" for grade, meaning in evidence_grades().items() if grade != "none")
    click.echo(f"\nGrades: {grades}.")


def _overview(all_makers: list[Maker]) -> Table:
    from rich.box import HORIZONTALS
    from rich.table import Table
    from rich.text import Text

    table = Table(box=HORIZONTALS)
    for heading in ("Maker", "Menu item, where", "Range", "Plus moves focus", "One step, evidence"):
        table.add_column(heading, overflow="fold")
    for maker in all_makers:
        sign = _sign(maker) + ("" if maker.sign is None else f" ({maker.sign_evidence.grade})")
        table.add_row(*map(Text, (maker.name, _menu(maker), _range(maker), sign, "\n".join(_steps(maker)))))
    return table


def _everything(found: Found) -> Table:
    """Return a table of all facts about a maker, each with its grade and source."""
    from rich.box import HORIZONTALS
    from rich.table import Table
    from rich.text import Text

    table = Table(box=HORIZONTALS, show_lines=True)
    for heading in ("Fact", found.maker.name, "Grade", "Source"):
        table.add_column(heading, overflow="fold")
    for fact, text, evidence in _facts(found):
        grade = "-" if evidence is None or evidence.grade == "none" else evidence.grade
        table.add_row(*map(Text, (fact, text, grade, "" if evidence is None else evidence.source)))
    return table


def _facts(found: Found) -> list[tuple[str, str, Evidence | None]]:
    maker = found.maker
    facts: list[tuple[str, str, Evidence | None]] = []
    if found.model is not None:
        facts.append(_this_model(found))
    if found.body is not None:
        facts.append(("Sensor", _sensor_of(found.body), None))
    if found.model is not None and maker.offers(found.model) == "no":
        return facts
    facts.append(("Menu item", _menu(maker), maker.menu_evidence))
    if maker.menu is not None:
        facts += [
            ("Range", _range(maker), maker.range_evidence),
            ("What is kept", maker.entries or NOT_KNOWN, maker.entries_evidence),
            ("Plus moves focus", _sign(maker), maker.sign_evidence),
            *(("One step", f"{_step(step)}. {step.basis}", step.evidence) for step in _steps_of(found)),
        ]
        facts += [] if maker.steps else [("One step", NOT_KNOWN, maker.step_evidence)]
    if found.model is None:
        facts += [("Have it", ", ".join(bodies.models), bodies.evidence) for bodies in maker.bodies_with]
        facts += [
            ("Have none", f"{bodies.names}: {bodies.reason}. {bodies.instead}", bodies.evidence)
            for bodies in maker.bodies_without
        ]
    return facts + [("Remark", remark.text, remark.evidence) for remark in maker.remarks]


def _steps_of(found: Found) -> tuple[Step, ...]:
    """Return the steps of a maker's bodies; of one on record only its own."""
    own = None if found.body is None else found.maker.step_for(found.body.width_mm)
    return found.maker.steps if own is None else (own,)


def _this_model(found: Found) -> tuple[str, str, Evidence | None]:
    from backfocus.verify.cameras.makers import Evidence

    maker, model, title = found.maker, found.model, found.title or ""
    without = maker.without(model)
    if without is not None:
        aperture = f" {APERTURE_HELPS}" if without.can_stop_down else ""
        return title, f"Nothing to dial: {without.reason}. {without.instead}{aperture}", without.evidence
    if maker.offers(model) == "unknown":
        look = "look in its menu for the item below." if maker.menu else "look in its menu."
        if found.body is not None:
            return title, f"Whether it has such a setting is not known; {look}", None
        return title, f"Not on record; {look}{_names_like(found)}", None
    kept = " It keeps a wide and a tele value for a zoom." if maker.keeps_wide_and_tele(model) else ""
    assert found.body is not None
    return title, f"Has {maker.menu}.{kept}", Evidence(found.body.grade, found.body.source)


def _names_like(found: Found) -> str:
    from backfocus.verify.cameras.names import find_makers, near_names

    near = [name for name in near_names(found.model or "") if found.maker in [f.maker for f in find_makers(name)]]
    return f" On record with a name like it: {', '.join(near)}." if near else ""


def _sensor_of(body: Body) -> str:
    pixels = "" if body.long_px is None else f", {body.long_px} x {body.short_px} pixels"
    return f"{body.width_mm:g} mm wide{pixels}"


def _menu(maker: Maker) -> str:
    if maker.menu is not None:
        return f"{maker.menu}: {maker.menu_path or NOT_KNOWN}"
    if maker.kind == "adapter":
        return "none of its own"
    if maker.kind == "class":
        return "none: nothing to dial"
    return "none known" if maker.bodies_without else NOT_KNOWN


def _range(maker: Maker) -> str:
    if maker.range is None:
        return NOT_KNOWN if maker.menu else "-"
    low, high = maker.range
    return f"{low:+d} to {high:+d}" + ("" if maker.granularity is None else f" in steps of {maker.granularity}")


def _sign(maker: Maker) -> str:
    if maker.plus_moves_focus is None:
        return NOT_KNOWN if maker.menu else "-"
    where = {"farther": "farther from the camera", "closer": "closer to the camera"}[maker.plus_moves_focus]
    cure = "minus" if maker.sign == 1 else "plus"
    return f"{where}, so back focus needs {cure}; confidence {maker.sign_confidence}"


def _steps(maker: Maker) -> list[str]:
    if not maker.steps:
        return [NOT_KNOWN if maker.menu else "-"]
    return [f"{_step(step)} ({step.evidence.grade})" for step in maker.steps]


def _step(step: Step) -> str:
    size = f"{step.um:g}" if step.um_low == step.um_high else f"{step.um:g} ({step.um_low:g} to {step.um_high:g})"
    times = " x widest f-number" if step.per_f_number else ""
    wide = f", sensors from {step.sensor_width_from_mm:g} mm" if step.sensor_width_from_mm else ""
    return f"{size} µm{times}{wide}"
