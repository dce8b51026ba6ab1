"""`backfocus chart`: a printable PDF; `backfocus check-print`: was the sheet printed to scale."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backfocus.targets import PAPERS
from backfocus.targets.designs import SCALE_RANGE
from backfocus.targets.errors import ExitCode, UserError, printable
from backfocus.targets.ids import DESIGNS

from . import options
from .options import write_file

if TYPE_CHECKING:
    from backfocus.targets import Chart
    from backfocus.verify.prints.check import PrintCheck

DPI_RANGE = (20, 600)
"""Of a preview: below, nothing is made out; above, the largest chart would not fit into memory."""


@click.command("chart")
@click.argument("design", type=click.Choice(DESIGNS), default="flat")
@click.option("--paper", type=click.Choice(list(PAPERS)), default="a4", show_default=True)
@click.option(
    "--scale",
    type=float,
    default=1.0,
    show_default=True,
    help="Printed over nominal size; the page grows with it.",
)
@click.option(
    "--angle",
    "angle_deg",
    type=float,
    help="Tilt of a flat sheet or fold of a folded one, degrees, that the numbers are for; 45 unless given.",
)
@click.option(
    "--id", "chart_id", help="The chart's own id, seven capital letters and digits; else it follows from the rest."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="PDF to write, - for standard output; else backfocus-DESIGN-PAPER.pdf.",
)
@click.option("--geometry", type=click.Path(path_type=Path), help="Also write what is printed where, as JSON.")
@click.option("--preview", type=click.Path(path_type=Path), help="Also write a picture of the chart, as PNG.")
@click.option(
    "--dpi",
    type=click.IntRange(*DPI_RANGE),
    default=150,
    show_default=True,
    help="Dots per inch of the preview.",
)
@click.option("--force", is_flag=True, help="Overwrite existing files.")
def chart(
    design: str,
    paper: str,
    scale: float,
    angle_deg: float | None,
    chart_id: str | None,
    output: Path | None,
    geometry: Path | None,
    preview: Path | None,
    dpi: int,
    force: bool,
) -> None:
    """Make a chart to print: a PDF with the chart and a page on how to set it up.

    flat leans back and goes with every lens; zfold is folded twice and stands by itself, with a target for
    autofocus that faces the camera; wall hangs upright, for comparing shots at several AF settings.

    \b
    Example: backfocus chart flat --paper letter -o chart.pdf
    Example: backfocus chart zfold --paper a3 --preview chart.png
    """
    from backfocus.targets import build_chart
    from backfocus.targets.printing.pdf import geometry_json, pdf_bytes, preview_png
    from backfocus.targets.protocol import distance_words

    chart = build_chart(design, paper, scale, angle_deg, chart_id)
    output = output or Path(f"backfocus-{design}-{paper}.pdf")
    pdf = pdf_bytes(chart)
    if geometry is not None:
        write_file(geometry, geometry_json(chart).encode(), force)
    if preview is not None:
        write_file(preview, preview_png(pdf, dpi), force)
    if str(output) == "-":
        click.echo(pdf, nl=False)
        return
    write_file(output, pdf, force)
    click.echo(
        f"{printable(output)}: {design} chart {chart.id}, {chart.page_mm[0]:g} x {chart.page_mm[1]:g} mm, "
        f"good for {distance_words(chart)}. "
        "Print it at 100 %, not 'fit to page'.",
        err=True,
    )


def _lengths(_ctx: click.Context, _option: click.Parameter, value: str | None) -> tuple[float, float] | None:
    """Return width and height in WIDTHxHEIGHT."""
    if value is None:
        return None
    match = re.fullmatch(r"\s*([0-9.]+)\s*[xX\N{MULTIPLICATION SIGN}]\s*([0-9.]+)\s*(?:mm)?\s*", value)
    try:
        lengths = (float(match[1]), float(match[2])) if match else None
    except ValueError:
        lengths = None
    if lengths is None or min(lengths) <= 0:
        raise click.BadParameter(f"{value!r} is not WIDTHxHEIGHT in mm, as 99.2x100.1.")
    return lengths


@click.command("check-print")
@click.argument("file", metavar="[SCAN|CHART.pdf]", type=click.Path(path_type=Path), required=False)
@click.option(
    "--dpi", type=click.FloatRange(50, 5000), help="Resolution of the scan; else what the file says is taken."
)
@click.option(
    "--printed-mm",
    metavar="WxH",
    callback=_lengths,
    help="Instead of a scan: lengths of the two check bars by a ruler, the one across the page first.",
)
@click.option(
    "--chart-id", metavar="ID", callback=options.chart_id, help="The chart's id, at the sheet's top right."
)
@click.option(
    "--scale",
    metavar="S",
    type=click.FloatRange(*SCALE_RANGE),
    help="The --scale that the chart was made with, where no QR code tells.",
)
@click.option("--keep", "is_kept", is_flag=True, help="Keep the result; measure then uses it for this chart id.")
@click.option("--force", is_flag=True, help="Replace what was kept for this chart id.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def check_print(
    ctx: click.Context,
    file: Path | None,
    dpi: float | None,
    printed_mm: tuple[float, float] | None,
    chart_id: str | None,
    scale: float | None,
    is_kept: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Measure a printed chart's scale, skew and sharpness on a flatbed scan, or its scale with a ruler.

    \b
    Example: backfocus check-print scan.png --dpi 600 --keep
    Example: backfocus check-print --printed-mm 99.2x100.1 --chart-id K7Q2XZ9 --keep

    Exit code: 0 measured, 2 the file could not be read, 3 it cannot be measured.
    """
    from backfocus.verify.report.text import print_text

    if printed_mm and dpi:
        raise click.UsageError("--dpi is for scans, --printed-mm for a ruler; give one of them.")
    check = _by_ruler(file, printed_mm, chart_id, scale) if printed_mm else _by_scan(file, dpi, chart_id, scale)
    # Before the result, which a script would take for done.
    kept = _keep(check, force) if is_kept and check.status == "measured" else None
    click.echo(json.dumps(check.to_dict()) if as_json else print_text(check))
    if kept is not None:
        click.echo(f"Kept for chart {check.chart_id}: {printable(kept)}", err=True)
    ctx.exit(ExitCode.DONE if check.status == "measured" else ExitCode.NOT_TRUSTWORTHY)


def _by_scan(file: Path | None, dpi: float | None, chart_id: str | None, scale: float | None) -> PrintCheck:
    from backfocus.verify.prints.scan import ScanHints, check_scan

    if file is None:
        raise click.UsageError("Give a scan, or what a ruler says: --printed-mm WxH.")
    return check_scan(file, ScanHints(dpi, chart_id, scale))


def _by_ruler(
    file: Path | None, printed_mm: tuple[float, float], chart_id: str | None, scale: float | None
) -> PrintCheck:
    from backfocus.verify.prints.scan import check_readings

    chart = None if file is None else _chart_of(file, chart_id)
    known_id = chart_id if chart is None else chart.id
    if known_id is None:
        raise click.UsageError("--printed-mm needs the chart: its PDF, or --chart-id.")
    return check_readings(printed_mm, known_id, chart, scale or 1.0)


def _chart_of(file: Path, chart_id: str | None) -> Chart:
    from backfocus.verify.findings import Refusal
    from backfocus.verify.prints.scan import chart_of_pdf

    try:
        chart = chart_of_pdf(file)
    except Refusal as refusal:
        raise UserError(f"{refusal.finding.message} {refusal.finding.remedy}") from None
    if chart_id not in (None, chart.id):
        raise UserError(f"{printable(file)} is chart {chart.id}, not {chart_id}; leave one of them out.")
    return chart


def _keep(check: PrintCheck, force: bool) -> Path:
    from backfocus.verify.prints.calibration import keep, kept_path

    if check.calibration is None or check.chart_id is None:
        raise UserError("The QR code cannot be read, so that the chart is not known; give its --chart-id.")
    path = kept_path(check.chart_id)
    if path.exists() and not force:
        raise UserError(f"A calibration is kept for chart {check.chart_id} already; --force replaces it.")
    return keep(check.calibration)
