"""The columns of a table of results: name, kind, meaning and order, for every format from this one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

ROW_SCHEMA = "backfocus/score/1"

Cell = str | int | float | bool | None
Row = dict[str, Cell]
"""One photo: a cell for every column, in their order; None where unknown."""
Kind = Literal["text", "number", "integer", "boolean"]


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        meaning: in a few words, for the documentation.
        source: where the value stands in `measure --json`, as in "chart.id"; None for what only a table has.
        may_vary: differs between two runs over the same photos.
    """

    name: str
    kind: Kind
    meaning: str
    source: str | None = None
    may_vary: bool = False


def _same(name: str, kind: Kind, meaning: str) -> Column:
    return Column(name, kind, meaning, source=name)


def _part(name: str, kind: Kind, meaning: str, source: str) -> Column:
    return Column(name, kind, meaning, source=source)


FIELD = "how much farther focus is 20 mm beside the optical axis, for edges that spread {} the way to it"
UNREADABLE = "unreadable"
STATUSES = ("measured", "sharpness", "out-of-range", "refused", UNREADABLE, "crashed", "timed-out")

COLUMNS: tuple[Column, ...] = (
    Column("path", "text", "file, relative to the folder, with /; control characters escaped as in Python"),
    Column("participant", "text", "name that goes with the chart's id, from --names"),
    _same("status", "text", ", ".join(STATUSES)),
    _same("trustworthy", "boolean", "whether the offset can be relied on"),
    _same("verdict", "text", "in-focus, front-focus or back-focus"),
    _same("offset_mm", "number", "sharpest plane minus AF mark; positive is back focus"),
    _part("offset_ci95_low_mm", "number", "lower end of the offset's 95 % interval", "offset_ci95_mm.0"),
    _part("offset_ci95_high_mm", "number", "upper end of it", "offset_ci95_mm.1"),
    _part("offset_at_least_mm", "number", "out of range: the offset is at least this", "offset_bound_mm.0"),
    _part("offset_at_most_mm", "number", "out of range: the offset is at most this", "offset_bound_mm.1"),
    _part("interval_fit_mm", "number", "half width from the fit", "interval_budget_mm.fit"),
    _part("interval_pose_mm", "number", "half width from the sheet's tilt", "interval_budget_mm.pose"),
    _part("interval_print_mm", "number", "half width from the print", "interval_budget_mm.print"),
    _part(
        "interval_model_mm",
        "number",
        "half width from the curve's form and the lens's errors",
        "interval_budget_mm.model",
    ),
    _part("in_focus_front_mm", "number", "in focus as far as this in front of the AF mark", "in_focus_mm.0"),
    _part("in_focus_behind_mm", "number", "and as far as this behind it; empty if infinite", "in_focus_mm.1"),
    _same("offset_in_dof", "number", "offset over the depth of field"),
    _part("depth_of_field_front_mm", "number", "in front of the AF mark", "depth_of_field_mm.0"),
    _part("depth_of_field_behind_mm", "number", "behind it; empty if infinite", "depth_of_field_mm.1"),
    _same("defocus_um", "number", "focus error at the sensor"),
    _same("blur_at_mark_px", "number", "blur at the AF mark, standard deviation in pixels"),
    _same("blur_at_focus_px", "number", "the same in the sharpest plane"),
    _same("sharpness_lost", "number", "part of the sharpest plane's MTF50 that the AF mark lacks, 0 to 1"),
    _part("picture_width_px", "integer", "width of the photo, held upright", "picture_px.0"),
    _part("picture_height_px", "integer", "its height", "picture_px.1"),
    _part("upright_blur_px", "number", "upright chart: of upright edges near the AF mark", "sharpness.upright_px"),
    _part("level_blur_px", "number", "upright chart: of level edges near the AF mark", "sharpness.level_px"),
    _part("left_blur_px", "number", "upright chart: of the leftmost edges", "sharpness.left_px"),
    _part("right_blur_px", "number", "upright chart: of the rightmost edges", "sharpness.right_px"),
    _part("top_blur_px", "number", "upright chart: of the topmost edges", "sharpness.top_px"),
    _part("bottom_blur_px", "number", "upright chart: of the lowest edges", "sharpness.bottom_px"),
    _same("sharpest_by", "text", "what the sharpest plane was found by: width or contrast"),
    _same("coarse_offset_mm", "number", "by contrast: offset for coarse detail"),
    _same("astigmatism_mm", "number", "plane of edges along the depth direction less that of edges across it"),
    _part("astigmatism_ci95_low_mm", "number", "lower end of its 95 % interval", "astigmatism_ci95_mm.0"),
    _part("astigmatism_ci95_high_mm", "number", "upper end of it", "astigmatism_ci95_mm.1"),
    _part("field_curvature_along_mm", "number", FIELD.format("along"), "field_curvature_mm.0"),
    _part("field_curvature_across_mm", "number", FIELD.format("across"), "field_curvature_mm.1"),
    _same("mtf50_cycles_px", "number", "where half of the contrast is left in the sharpest plane, cycles a pixel"),
    _same("mtf50_lp_mm", "number", "the same on the sensor, line pairs a millimetre"),
    _same("tilt_deg", "number", "measured tilt of the sheet"),
    _part("fold_forward_deg", "number", "by how much a folded sheet's nearer wing is turned", "fold_deg.forward"),
    _part("fold_back_deg", "number", "the same of its farther wing", "fold_deg.back"),
    _same("distance_mm", "number", "from the camera to the AF mark"),
    _part("chart_id", "text", "id of the chart, from its QR code", "chart.id"),
    _part("chart_design", "text", "design of the chart", "chart.design"),
    _part("chart_paper", "text", "its paper", "chart.paper"),
    _part("chart_scale", "number", "printed over nominal size", "chart.scale"),
    _part("chart_angle_deg", "number", "angle that the chart was made for", "chart.angle_deg"),
    _part("chart_read_from", "text", "qr, markers or user", "chart.read_from"),
    _part("answer", "text", "what to dial, in a sentence", "answer.dial"),
    _part("answer_why", "text", "why, in a sentence", "answer.why"),
    _part("answer_next", "text", "what to do next", "answer.next"),
    _part("answer_kind", "text", "dial, leave, no-setting, more-shots or check-setup", "answer.kind"),
    _part("answer_setting", "integer", "the setting that it names", "answer.setting"),
    _part("suggested_setting", "integer", "AF fine-tune setting to dial", "suggestion.setting"),
    _part("suggested_change", "integer", "its difference from the one in force", "suggestion.change"),
    _part("suggested_lowest", "integer", "lowest plausible setting", "suggestion.range.0"),
    _part("suggested_highest", "integer", "highest plausible setting", "suggestion.range.1"),
    _part("suggested_direction", "text", "which way that moves focus", "suggestion.direction"),
    _part("suggestion_basis", "text", "where sign and step come from", "suggestion.basis"),
    _part("suggestion_text", "text", "the suggestion in words", "suggestion.text"),
    _part("suggestion_kind", "text", "what it comes to: dial, leave, no-setting or more-shots", "suggestion.kind"),
    _part("suggestion_headline", "text", "in one sentence", "suggestion.headline"),
    _part("suggestion_helps", "text", "what helps where there is nothing to dial", "suggestion.helps"),
    _part("camera_make", "text", "maker", "camera.make"),
    _part("camera_model", "text", "model", "camera.model"),
    _part("lens", "text", "lens", "camera.lens"),
    _part("lens_id", "text", "the maker's own number of it", "camera.lens_id"),
    _part("body_serial", "text", "serial number of the body, only with --serials", "camera.body_serial"),
    _part("lens_serial", "text", "that of the lens, only with --serials", "camera.lens_serial"),
    _part("focal_length_mm", "number", "focal length", "camera.focal_length_mm"),
    _part("f_number", "number", "aperture of the shot", "camera.f_number"),
    _part("widest_f_number", "number", "widest aperture of the lens", "camera.widest_f_number"),
    _part("sensor_width_mm", "number", "width of the sensor that the picture shows", "camera.sensor_width_mm"),
    _part("format_width_mm", "number", "long side of the body's sensor", "camera.format_width_mm"),
    _part("picture", "text", "whole, crop mode, digital zoom, resized or cut", "camera.picture"),
    _part("af_setting", "number", "AF fine-tune setting in force", "camera.af_setting"),
    _part("af_setting_on", "boolean", "whether AF fine-tune was on", "camera.af_setting_on"),
    _part("af_setting_wide", "number", "setting at a zoom's wide end", "camera.af_setting_wide"),
    _part("af_setting_tele", "number", "setting at a zoom's tele end", "camera.af_setting_tele"),
    _part("lens_distance_m", "number", "as the lens reports it, in coarse steps", "camera.focus_distance_m"),
    _part("af_method", "text", "what focused", "camera.af_method"),
    _part("af_point", "text", "which AF point", "camera.af_point"),
    Column("worst_finding", "text", "greatest severity among the findings: critical, warning or info"),
    Column("findings", "text", 'codes of the findings, with "; " between them', "findings"),
    Column("finding_messages", "text", 'what they say, with " | " between them', "findings"),
    Column("error", "text", "why there is no measurement: unreadable, crashed or timed out"),
    Column("size_bytes", "integer", "size of the file"),
    Column("modified", "text", "when the file was changed, UTC, to the nanosecond", may_vary=True),
    _same("blake2b", "text", "BLAKE2b hash of the file's content, 128 bits in hexadecimal"),
    Column("duration_s", "number", "time that the photo took", may_vary=True),
    Column("version", "text", "of the program that measured it"),
    Column("schema", "text", f"always {ROW_SCHEMA}"),
)

KIND_OF: dict[str, Kind] = {column.name: column.kind for column in COLUMNS}
NOT_IN_ROWS = frozenset({"schema", "photo", "channels_mm"})
"""Fields of `measure --json` without a column: a row has its own schema and path, and colours are not measured."""

_LARGEST_NUMBER = 1e12
"""Of millimetres, micrometres and seconds: sums of squares of such numbers stay finite."""
_LARGEST_INTEGER = 2**63 - 1
"""That databases and Parquet can hold."""
_SEVERITIES = ("critical", "warning", "info")
_DIRECT = {column.name: column.source for column in COLUMNS if column.source and column.source != "findings"}


def row_of(cells: Mapping[str, object]) -> Row:
    """Return a whole row of some cells: in order, of the right kinds, None for those that are missing."""
    return {column.name: _named(cells.get(column.name), column) for column in COLUMNS} | {"schema": ROW_SCHEMA}


def cells_of_measurement(measured: Mapping[str, Any]) -> dict[str, object]:
    """Return the cells that the JSON of a measurement fills."""
    if measured["status"] == UNREADABLE:
        why = " ".join(f"{finding['message']} {finding['remedy']}" for finding in measured["findings"])
        return {"status": UNREADABLE, "trustworthy": False, "error": why, "blake2b": measured.get("blake2b")}
    found = measured["findings"]
    severities = {finding["severity"] for finding in found}
    return {
        **{name: _at(measured, source) for name, source in _DIRECT.items()},
        "worst_finding": next((severity for severity in _SEVERITIES if severity in severities), None),
        "findings": "; ".join(finding["code"] for finding in found),
        "finding_messages": " | ".join(finding["message"] for finding in found),
    }


def _at(data: Mapping[str, Any], source: str) -> object:
    """Return what stands at a place like "offset_ci95_mm.0"; None where a part of the way is null."""
    place: Any = data
    for step in source.split("."):
        if place is None:
            return None
        place = place[int(step)] if isinstance(place, Sequence) else place.get(step)
    found: object = place
    return found


def _named(value: object, column: Column) -> Cell:
    try:
        return _cell(value, column.kind)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{column.name}: {error}") from None


def _cell(value: object, kind: Kind) -> Cell:
    if value is None:
        return None
    match kind:
        case "number":
            return _finite(value)
        case "integer":
            return _integer(value)
        case "boolean":
            if not isinstance(value, bool):
                raise ValueError(f"{value!r} is neither true nor false")
            return value
        case "text":
            # A lone half of a surrogate pair, from a hostile EXIF text, has no place in UTF-8.
            return str(value).encode("utf-8", "backslashreplace").decode("utf-8") or None


def _finite(value: object) -> float:
    number = float(str(value))
    if not abs(number) <= _LARGEST_NUMBER:
        raise ValueError(f"{number} is nothing that is measured")
    return number


def _integer(value: object) -> int:
    text = str(value)
    if "." in text and _finite(text).is_integer():
        # So do spreadsheets and pandas write them, where a column has gaps.
        text = text.split(".")[0]
    number = int(text)
    if abs(number) > _LARGEST_INTEGER:
        raise ValueError(f"{number} is too large")
    return number
