"""`backfocus cameras`: what is known of each maker's AF fine-tune, with sources."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from backfocus.cli.tuning.named import makers_named

if TYPE_CHECKING:
    from rich.table import Table

    from backfocus.verify.tuning.lookup import Found
    from backfocus.verify.tuning.makers import Evidence, Maker, Step

CAMERAS_SCHEMA = "backfocus/cameras/1"
NOT_KNOWN = "not known"
WIDTH_WITHOUT_TERMINAL = 116
"""Characters a line where the output goes to a file or another program."""

APERTURE_HELPS = "`backfocus measure` names the aperture from which on the depth of field covers the error."


@click.command("cameras")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(name: str | None, as_json: bool) -> None:
    """Show what is known of AF fine-tune on each maker's cameras, or of one maker or model, with sources.

    \b
    Example: backfocus cameras "Canon EOS 5D Mark IV"
    """
    from backfocus.verify.tuning.lookup import Found
    from backfocus.verify.tuning.makers import makers

    found = [Found(maker, None) for maker in makers()] if name is None else makers_named(name)
    if as_json:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    elif name is None:
        _print([_overview([entry.maker for entry in found])])
        click.echo("\nGrades and sources: backfocus cameras NAME, with a maker's or a camera's name.")
    else:
        _print([_everything(entry) for entry in found])
        _print_grades()


def _as_json(found: list[Found]) -> dict[str, Any]:
    from backfocus.verify.tuning.makers import evidence_grades

    return {
        "schema": CAMERAS_SCHEMA,
        "evidence_grades": evidence_grades(),
        "makers": [
            {
                **asdict(entry.maker),
                "model": entry.model,
                "model_offers_it": entry.maker.offers(entry.model) if entry.model else None,
            }
            for entry in found
        ],
    }


def _print(tables: list[Table]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)
    for table in tables:
        console.print(table)


def _print_grades() -> None:
    from backfocus.verify.tuning.makers import evidence_grades

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
        facts.append(_this_model(maker, found.model))
    facts.append(("Menu item", _menu(maker), maker.menu_evidence))
    if maker.menu is not None:
        facts += [
            ("Range", _range(maker), maker.range_evidence),
            ("What is kept", maker.entries or NOT_KNOWN, maker.entries_evidence),
            ("Plus moves focus", _sign(maker), maker.sign_evidence),
            *(("One step", f"{_step(step)}. {step.basis}", step.evidence) for step in maker.steps),
        ]
        facts += [] if maker.steps else [("One step", NOT_KNOWN, maker.step_evidence)]
    facts += [("Have it", ", ".join(bodies.models), bodies.evidence) for bodies in maker.bodies_with]
    facts += [
        ("Have none", f"{bodies.names}: {bodies.reason}. {bodies.instead}", bodies.evidence)
        for bodies in maker.bodies_without
    ]
    return facts + [("Remark", remark.text, remark.evidence) for remark in maker.remarks]


def _this_model(maker: Maker, model: str) -> tuple[str, str, Evidence | None]:
    without = maker.without(model)
    if without is not None:
        text = f"Nothing to dial: {without.reason}. {without.instead} {APERTURE_HELPS}"
        return model, text, without.evidence
    if maker.offers(model) == "unknown":
        return model, "Not on record; look in its menu for the item below.", None
    kept = " It keeps a wide and a tele value for a zoom." if maker.keeps_wide_and_tele(model) else ""
    evidence = next(bodies.evidence for bodies in maker.bodies_with if model in bodies.models)
    return model, f"Has {maker.menu}.{kept}", evidence


def _no_menu(maker: Maker) -> str:
    return "none known" if maker.bodies_without else NOT_KNOWN


def _menu(maker: Maker) -> str:
    return _no_menu(maker) if maker.menu is None else f"{maker.menu}: {maker.menu_path or NOT_KNOWN}"


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
