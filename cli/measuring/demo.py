"""`backfocus demo`: the whole way without a camera."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import click

from backfocus.cli.files import printable_path, write_file


@click.command("demo")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the files. Default: backfocus-demo, or the next that is free.",
)
@click.option(
    "--offset",
    "offset_mm",
    type=click.FloatRange(-40, 40),
    default=8.0,
    show_default=True,
    help="Focus error of the simulated lens in mm, plus is back focus.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of noise and background.")
def command(output: Path | None, offset_mm: float, seed: int) -> None:
    """Make a chart, take a simulated photo of it, measure it, say what to dial.

    \b
    Example: backfocus demo --offset -12
    """
    from backfocus.targets import build_chart
    from backfocus.targets.printing.pdf import pdf_bytes
    from backfocus.verify.camera import ExifNames, Lens, SheetPose, rasterise_pdf, shoot
    from backfocus.verify.measuring import analyse
    from backfocus.verify.report.annotate import annotated_png
    from backfocus.verify.report.text import measurement_text

    folder = output or _free_folder(Path("backfocus-demo"))
    shown = Path(printable_path(folder))
    chart = build_chart()
    pdf = pdf_bytes(chart)
    write_file(folder / "chart.pdf", pdf, force=False)
    click.echo(f"1. The chart to print: {shown / 'chart.pdf'}")

    click.echo(f"2. A simulated 85 mm f/1.4 lens that focuses {offset_mm:+g} mm off takes a photo of it ...")
    photo = folder / "photo.jpg"
    shot = shoot(
        rasterise_pdf(pdf),
        chart,
        SheetPose(tilt_deg=44.0, yaw_deg=1.5, roll_deg=-1.0, af_mark_distance_mm=2550.0),
        Lens(85.0, 1.4),
        offset_mm=offset_mm,
        seed=seed,
        names=ExifNames("NIKON CORPORATION", "NIKON D850", "Simulated 85mm f/1.4"),
    )
    folder.mkdir(parents=True, exist_ok=True)
    shot.save(photo)
    click.echo(f"   {shown / 'photo.jpg'}")

    click.echo("3. backfocus measure says:\n")
    analysis = analyse(photo, as_designed=True)
    click.echo(measurement_text(analysis.measurement))
    write_file(
        folder / "measurement.json", json.dumps(analysis.measurement.to_dict(), indent=2).encode(), force=False
    )
    write_file(folder / "annotated.png", annotated_png(analysis), force=False)
    click.echo(f"\n4. Drawn on the photo, with the blur curve: {shown / 'annotated.png'}")


def _free_folder(wanted: Path) -> Path:
    """Return `wanted`, or wanted-2, wanted-3 …, whichever is not there yet."""
    if not wanted.exists():
        return wanted
    return next(
        candidate for number in count(2) if not (candidate := wanted.with_name(f"{wanted.name}-{number}")).exists()
    )
