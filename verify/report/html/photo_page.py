"""The report of one photo."""

from __future__ import annotations

from backfocus.verify.measuring import Analysis
from backfocus.verify.report.html.contents import OUTCOME_OF_VERDICT, Report, Section, notes_of
from backfocus.verify.report.html.method import METHOD, METHOD_OF_ONE
from backfocus.verify.report.html.pictures import WHOLE_PX, picture_of
from backfocus.verify.report.html.plots.curve import blur_curve
from backfocus.verify.report.text import finding_lines, headline, measurement_text


def report_of_photo(analysis: Analysis) -> Report:
    """Return what one photo says."""
    measurement = analysis.measurement
    curve = blur_curve(analysis)
    notes = notes_of(found.to_dict() for found in measurement.findings)
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
