"""`backfocus chart`: a printable PDF."""

from __future__ import annotations

from pathlib import Path

import click

from backfocus.cli.files import UserError, printable_path, write_file
from backfocus.targets import PAPERS
from backfocus.targets.qrtext import DESIGNS

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
def command(
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
    from backfocus.targets import ChartError, build_chart
    from backfocus.targets.printing.geometry import geometry_json
    from backfocus.targets.printing.pdf import pdf_bytes
    from backfocus.targets.printing.preview import preview_png

    try:
        chart = build_chart(design, paper, scale, angle_deg, chart_id)
    except ChartError as error:
        raise UserError(f"{error}.") from None
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
    farthest = chart.widest_distance_over_focal_length
    reach = f"from 25 to {farthest:.0f}" if farthest >= 26 else f"up to {farthest:.0f}"
    click.echo(
        f"{printable_path(output)}: {design} chart {chart.id}, {chart.page_mm[0]:g} x {chart.page_mm[1]:g} mm, "
        f"good {reach} focal lengths. "
        "Print it at 100 %, not 'fit to page'.",
        err=True,
    )
