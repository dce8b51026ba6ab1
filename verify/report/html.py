"""Self-contained report pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from backfocus.targets.errors import UnreadablePhotoError, printable

from ..formats import as_json
from ..measure import Analysis, analyse
from ..photo.opening import is_photo
from ..scoring.ledger import file_of
from .annotate import annotated_photo
from .plots import OUTCOME_OF_VERDICT, Picture, Report, Section, blur_curve, notes_of
from .text import finding_lines, headline, measurement_text

# A report as one HTML page that needs nothing else: no network, no script, no font.

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER = Path(__file__).parent


def page_html(report: Report) -> str:
    """Return the page.

    Every text is escaped by the template. Should one slip through all the same, the page's security policy allows
    no script at all, no style but its own (by hash) and no picture but those inside of it.
    """
    return _template().render(report=report, style=_style(), policy=_policy())


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_style().encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _style() -> str:
    return (_FOLDER / "page.css").read_text(encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    surroundings = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return surroundings.get_template("page.html.j2")


# How it is measured and what it cannot say, in a few lines.

METHOD = (
    "The blur of the printed edges is measured across every edge, in the pixels of the original photo. Each piece "
    "of edge has a depth, from the markers and the sheet's perspective. The curve of a thin lens through all of "
    "them tells the depth that is sharpest.",
    "The offset is that depth minus the depth of the AF mark, along the optical axis. Plus is farther from the "
    "camera: back focus. Minus is closer: front focus. The 95 % interval covers the scatter of the edges, the pose "
    "of the sheet and the print.",
)
METHOD_OF_ONE = (
    "One photo shows where this shot focused. Autofocus scatters from shot to shot: judge a lens by several.",
)
METHOD_OF_MANY = (
    "Scatter is the standard deviation of single shots. Offsets and settings hold for one body and lens, at this "
    "focal length and distance, in this light.",
)


# Photos for a report: small pictures with what was measured drawn on them, held in the page itself.

THUMBNAIL_PX, WHOLE_PX = 640, 1100
"""Longest side of one of many pictures, and of the only one: some 40 and 100 kB."""

Progress = Callable[[str], None]


def picture_of(analysis: Analysis, longest_px: int) -> Picture:
    """Return the annotated photo."""
    content = annotated_photo(analysis, longest_px)
    uri = "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")
    return Picture(uri, analysis.measurement.photo, headline(analysis.measurement))


def pictures_of(names: Iterable[str], folder: Path, most: int, progress: Progress) -> tuple[Picture, ...]:
    """Return the first `most` of these photos that are still there, measured again to be drawn on.

    Args:
        names: as tables and series name photos: relative to the folder.
        folder: where the photos are; nothing outside of it is read, whatever a name says.
        progress: called with the name of every photo before it is measured.
    """
    found: list[Picture] = []
    for name in names:
        if len(found) >= most:
            break
        file = _inside(name, folder)
        if file is None:
            continue
        progress(printable(name))
        try:
            found.append(picture_of(analyse(file), THUMBNAIL_PX))
        except (UnreadablePhotoError, OSError):
            continue
    return tuple(found)


def _inside(name: str, folder: Path) -> Path | None:
    """Return a photo of the folder; None for what is not there, is no photo, or lies elsewhere."""
    try:
        file = file_of(name, folder).resolve()
        inside = file.is_relative_to(folder.resolve()) and file.is_file() and is_photo(file)
    except (OSError, ValueError):
        return None
    return file if inside else None


# The report of one photo.


def report_of_photo(analysis: Analysis) -> Report:
    """Return what one photo says."""
    measurement = analysis.measurement
    curve = blur_curve(analysis)
    notes = notes_of(as_json(measurement.findings))
    sections = [
        Section("Blur along the sheet", figures=(curve,)) if curve is not None else None,
        Section("Findings", notes=notes) if notes else None,
        Section("The photo", pictures=(picture_of(analysis, WHOLE_PX),)),
    ]
    is_sure = measurement.status != "refused" and measurement.trustworthy
    return Report(
        title=f"Focus of {measurement.photo}",
        subject=measurement.photo,
        outcome=OUTCOME_OF_VERDICT[measurement.verdict] if is_sure else "unsure",
        verdict=headline(measurement),
        details=_details(analysis),
        sections=tuple(section for section in sections if section is not None),
        method=(*METHOD, *METHOD_OF_ONE),
    )


def _details(analysis: Analysis) -> tuple[str, ...]:
    """Return the lines of the text that are neither its first, the answer, nor findings, which have a section."""
    measurement = analysis.measurement
    findings = {" ".join(line.split()) for found in measurement.findings for line in finding_lines(found)}
    lines: list[str] = []
    for line in measurement_text(measurement).splitlines()[1:]:
        # Lines are wrapped for a terminal; continued ones are indented further.
        if line.startswith("      ") and lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.strip())
    return tuple(line for line in lines[1:] if line not in findings)
