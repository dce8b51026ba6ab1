"""The pages before the photos: what to print, and how to shoot."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from anyio import to_thread
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backfocus.targets import PAPERS, Chart, build_chart
from backfocus.targets.errors import UserError
from backfocus.targets.protocol import others, steps

from .advice import SENSOR_NAMES, Advice, Wish, advise, span_of, wish_of
from .rendering import page

PREVIEW_DPI = 80.0
"""A4 becomes 660 pixels wide: twice what the page shows it at."""
NAMES = {
    "flat": "Flat sheet, leaned back",
    "zfold": "Folded card that stands by itself",
    "wall": "Upright sheet, for comparing settings",
}


async def show_print(request: Request) -> Response:
    """Show what to print for a lens, a camera and a room; what cannot be is told above what was typed."""
    wish, complaint = Wish(), None
    try:
        wish = wish_of(request.query_params)
        advice = await to_thread.run_sync(advise, wish)
    except UserError as error:
        advice, complaint = Advice(build_chart(wish.design or "flat", wish.paper)), error
    kept = {name: value for name, value in request.query_params.items() if isinstance(value, str)}
    values: dict[str, Any] = {"wish": wish, "complaint": complaint, "chart": advice.chart, "rows": advice.rows}
    values |= {"papers": PAPERS, "designs": NAMES, "sensors": SENSOR_NAMES, "typed": kept}
    values |= {"address": address_of(advice.chart), "sheet": paper_of(advice.chart)}
    return page(request, "print.html.j2", **values)


async def show_shoot(request: Request) -> Response:
    """Show the protocol for a chart, with distances for a lens."""
    wish, complaint = Wish(), None
    try:
        wish = wish_of(request.query_params)
        chart = (await to_thread.run_sync(advise, wish)).chart
    except UserError as error:
        chart, complaint = build_chart(wish.design or "flat", wish.paper), error
    kept = {name: value for name, value in request.query_params.items() if isinstance(value, str)}
    values: dict[str, Any] = {"wish": wish, "complaint": complaint, "chart": chart, "typed": kept}
    values |= {"designs": NAMES, "papers": PAPERS, "span": [] if complaint else span_of(wish, chart)}
    return page(request, "shoot.html.j2", steps=steps(chart), others=others(), **values)


async def pdf(request: Request) -> Response:
    """Return a chart to print."""
    return await pdf_of(chart_of_query(request.query_params))


async def preview(request: Request) -> Response:
    """Return a picture of a chart."""
    return await preview_of(chart_of_query(request.query_params))


async def pdf_of(chart: Chart) -> Response:
    """Return a chart as a PDF."""
    from backfocus.targets.printing.pdf import pdf_bytes

    name = f"backfocus-{chart.design}-{chart.paper}.pdf"
    headers = {"content-disposition": f'inline; filename="{name}"'}
    return Response(await to_thread.run_sync(pdf_bytes, chart), media_type="application/pdf", headers=headers)


async def preview_of(chart: Chart) -> Response:
    """Return a chart as a picture."""
    picture = await to_thread.run_sync(_preview, chart.design, chart.paper, chart.scale, chart.angle_deg, chart.id)
    return Response(picture, media_type="image/png", headers={"cache-control": "private, max-age=86400"})


def paper_of(chart: Chart) -> str:
    """Return what paper a chart takes: its name, or width and height."""
    width, height = chart.page_mm
    same = (
        paper.name.capitalize()
        for paper in PAPERS.values()
        if {round(paper.width_mm), round(paper.height_mm)} == {round(width), round(height)}
    )
    return next(same, f"{width:.0f} \N{MULTIPLICATION SIGN} {height:.0f} mm")


def address_of(chart: Chart) -> str:
    """Return the end of the addresses of a chart's PDF and picture."""
    return f"design={chart.design}&paper={chart.paper}&scale={chart.scale:g}"


def chart_of_query(query: QueryParams) -> Chart:
    """Return the chart that an address asks for.

    Raises:
        UserError: there is none like it.
    """
    scale, angle = (_number(query.get(name, ""), name, 0.0, 100.0) for name in ("scale", "angle"))
    chart_id = query.get("id") or None
    return build_chart(
        query.get("design") or "flat", query.get("paper") or "a4", 1.0 if scale is None else scale, angle, chart_id
    )


@lru_cache(maxsize=16)
def _preview(design: str, paper: str, scale: float, angle_deg: float, chart_id: str) -> bytes:
    from backfocus.targets.printing.pdf import pdf_bytes, preview_png

    return preview_png(
        pdf_bytes(build_chart(design, paper, scale, angle_deg, chart_id)), PREVIEW_DPI / max(scale, 1.0)
    )


def _number(text: str, name: str, low: float, high: float) -> float | None:
    """Return a number that was typed; None for nothing.

    Raises:
        UserError: it is none, or out of bounds.
    """
    typed = text.strip().replace(",", ".")
    if not typed:
        return None
    try:
        number = float(typed)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise UserError(f"{name.capitalize()} must be a number from {low:g} to {high:g}.")
    return number


ROUTES: list[Any] = [
    Route("/print", show_print),
    Route("/print/chart.pdf", pdf),
    Route("/print/chart.png", preview),
    Route("/shoot", show_shoot),
]
