"""The pages before the photos: what to print, and how to shoot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backfocus.targets import PAPERS, Chart, build_chart
from backfocus.targets.errors import UserError
from backfocus.targets.ids import DESIGNS
from backfocus.targets.protocol import (
    LEAST,
    NEAREST,
    USUAL,
    distances,
    metres_and_feet,
    others,
    steps,
)

from .rendering import page

if TYPE_CHECKING:
    from backfocus.verify.tuning.plan import Plan

PREVIEW_DPI = 80.0
"""A4 becomes 660 pixels wide: twice what the page shows it at."""
NAMES = {
    "flat": "Flat sheet, leaned back",
    "zfold": "Folded card that stands by itself",
    "wall": "Upright sheet, for comparing settings",
}
SENSOR_NAMES = {
    "full-frame": "full frame",
    "aps-c": "APS-C",
    "aps-c-canon": "APS-C of Canon",
    "micro-four-thirds": "Micro Four Thirds",
    "1-inch": "1 inch",
}
_INSTEAD = {
    "copy the photos into a folder and run `backfocus tune FOLDER`": "drop the photos on the next page",
    "name others +10_001.jpg": "of others type it beside the photo, or name them +10_001.jpg",
    "`backfocus cameras` tells which have a setting; without one": "some have a setting; without one",
    "; name the camera with --camera": "; name the camera",
    "; --scatter)": ")",
}
"""What plan and protocol say to somebody who types commands, and what a page says."""
_CALLED = {"lens": "The focal length", "aperture": "The f-number", "metres": "The distance"}
_NUMBERS = {"lens": (4.0, 2000.0), "aperture": (0.7, 32.0), "metres": (0.05, 200.0)}


@dataclass(frozen=True)
class Wish:
    """What somebody filled in on the page Print; None where nothing."""

    lens: float | None = None
    aperture: float | None = None
    metres: float | None = None
    camera: str = ""
    sensor: str = ""
    design: str = ""
    paper: str = "a4"

    @property
    def query(self) -> str:
        """The same as the end of an address."""
        from urllib.parse import urlencode

        told = {name: value for name, value in vars(self).items() if value not in (None, "")}
        return urlencode(
            {name: f"{value:g}" if isinstance(value, float) else value for name, value in told.items()}
        )


def wish_of(query: QueryParams) -> Wish:
    """Return what a form asks for.

    Raises:
        UserError: a value that cannot be.
    """
    numbers = {name: _number(query.get(name, ""), name, *ends) for name, ends in _NUMBERS.items()}
    paper, design = query.get("paper") or "a4", query.get("design") or ""
    if paper not in PAPERS or (design and design not in DESIGNS):
        raise UserError("There is no such chart.", "Choose one of the list.")
    sensor = query.get("sensor") or ""
    if sensor and sensor not in SENSOR_NAMES:
        raise UserError("There is no such sensor.", "Choose one of the list.")
    return Wish(camera=query.get("camera", "").strip()[:80], sensor=sensor, design=design, paper=paper, **numbers)


async def show_print(request: Request) -> Response:
    """Show what to print for a lens, a camera and a room."""
    try:
        wish, complaint = wish_of(request.query_params), None
        plan = await to_thread.run_sync(planned, wish) if wish.lens and wish.aperture else None
        chart = chart_for(wish, plan)
    except UserError as error:
        wish, plan, complaint, chart = Wish(), None, error, build_chart()
    values: dict[str, Any] = {
        "wish": wish,
        "plan": plan,
        "complaint": complaint,
        "chart": chart,
        "papers": PAPERS,
        "designs": NAMES,
    }
    told = () if plan is None else plan_rows(plan)
    kept = {name: value for name, value in request.query_params.items() if isinstance(value, str)}
    values |= {"sensors": SENSOR_NAMES, "rows": told, "typed": kept, "address": address_of(chart)}
    return page(request, "print.html.j2", **values)


async def show_shoot(request: Request) -> Response:
    """Show the protocol for a chart, with distances for a lens."""
    wish = wish_of(request.query_params)
    plan = await to_thread.run_sync(planned, wish) if wish.lens and wish.aperture else None
    chart = chart_for(wish, plan)
    nearest, farthest = distances(chart, wish.aperture or 1.0)
    span = None
    if wish.lens:
        usual = USUAL if nearest <= USUAL <= farthest else farthest
        span = [metres_and_feet(wish.lens * times) for times in (nearest, farthest, usual)]
    return page(
        request,
        "shoot.html.j2",
        wish=wish,
        chart=chart,
        plan=plan,
        steps=[(step.word, in_page_words(step.text)) for step in steps(chart)],
        others=[(step.word, in_page_words(step.text)) for step in others()],
        span=span,
        designs=NAMES,
        papers=PAPERS,
        address=address_of(chart),
    )


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


def planned(wish: Wish) -> Plan:
    """Return the planner's advice.

    Raises:
        UserError: the camera is not known, or the distance too short.
    """
    from backfocus.verify.cameras.names import find_makers
    from backfocus.verify.tuning.plan import make_plan
    from backfocus.verify.tuning.precision import SENSORS_MM, Setup, pixels_of

    assert wish.lens is not None and wish.aperture is not None
    distance_mm = USUAL * wish.lens if wish.metres is None else 1000.0 * wish.metres
    if distance_mm < LEAST * wish.lens:
        raise UserError(
            f"{metres_and_feet(distance_mm)} is too near for a lens of {wish.lens:g} mm.",
            f"Plan with {metres_and_feet(NEAREST * wish.lens)} or more.",
        )
    found = next((each for each in find_makers(wish.camera) if each.maker.kind in ("camera", "class")), None)
    body = None if found is None else found.body
    own = SENSORS_MM["full-frame"] if body is None else body.sensor_mm
    sensor = SENSORS_MM[wish.sensor] if wish.sensor else own
    pixels = body.long_px if body is not None and body.long_px else pixels_of(24.0, sensor)
    return make_plan(Setup(wish.lens, wish.aperture, sensor, distance_mm, pixels), found, wish.paper)


def plan_rows(plan: Plan) -> list[tuple[str, str]]:
    """Return a plan as labels and sentences."""
    from backfocus.verify.tuning.plan import rows_of

    return [
        (label, in_page_words(text))
        for label, text in rows_of(plan)
        if "backfocus chart" not in text and label != "Then"
    ]


def in_page_words(text: str) -> str:
    """Return a sentence of plan or protocol without commands, which a page has no use for."""
    for command, words in _INSTEAD.items():
        text = text.replace(command, words)
    return text.replace("`", "")


def chart_for(wish: Wish, plan: Plan | None) -> Chart:
    """Return the chart of a plan, or the one that was chosen."""
    if plan is not None and not wish.design:
        return plan.sheet.chart
    return build_chart(wish.design or "flat", wish.paper)


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
        raise UserError(f"{_CALLED.get(name, name.capitalize())} must be a number from {low:g} to {high:g}.")
    return number


ROUTES: list[Any] = [
    Route("/print", show_print),
    Route("/print/chart.pdf", pdf),
    Route("/print/chart.png", preview),
    Route("/shoot", show_shoot),
]
