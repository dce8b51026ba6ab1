"""The page History: bodies and lenses, when last checked, how they moved; reports, and checks to be deleted."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backfocus.targets.errors import RecordError
from backfocus.verify.tuning.saved import SavedSeries, SavedTune

from . import work
from .catalogue import catalogue_of
from .desk import for_page
from .pages import desk_of, report_page
from .rendering import page


async def show_history(request: Request) -> Response:
    """Show bodies and lenses, the latest check first, and how they moved."""
    values = await to_thread.run_sync(_history, catalogue_of(request).sentence)
    return page(request, "history.html.j2", **values)


def _history(say: Any) -> dict[str, Any]:
    from backfocus.verify.cameras.identity import title
    from backfocus.verify.report.timeline import plots_of
    from backfocus.verify.tuning.drift import tracks_of
    from backfocus.verify.tuning.records import named_records

    records, unread = named_records()
    found = tracks_of(records)
    lenses = []
    for number, (it, tracks) in enumerate(found.items()):
        told = [
            {
                "moves": track.moves(),
                "plots": plots_of(track, f"lens-{number}-{at}", say),
                "checks": [*reversed(track.checks)],
            }
            for at, track in enumerate(tracks)
        ]
        lenses.append((title(it, found) or "", told))
    return {"lenses": lenses, "unread": unread, "place": _place}


def _place(series: SavedSeries) -> str:
    from backfocus.verify.report.text import place_of

    return place_of(series.focal_length_mm, series.f_number, series.distance_mm)


async def report(request: Request) -> Response:
    """Return all of the history to print or save."""
    language = catalogue_of(request).language
    return report_page(request, await desk_of(request).call(work.report_of_history, language), "backfocus-history")


async def check_report(request: Request) -> Response:
    """Return the report of one kept check."""
    found, language = await _record_of(request), catalogue_of(request).language
    return report_page(
        request, await desk_of(request).call(work.report_of, for_page(found), language), "backfocus-check"
    )


async def ask(request: Request) -> Response:
    """Ask before a check is deleted."""
    try:
        found = await _record_of(request)
    except RecordError as error:
        return page(request, "forget.html.j2", what=[error.message])
    day = found.when.astimezone().strftime("%Y-%m-%d %H:%M")
    lenses = [", ".join(filter(None, [lens.body, lens.lens])) for lens in found.lenses]
    return page(request, "forget.html.j2", what=[day, *lenses])


async def forget(request: Request) -> Response:
    """Delete a kept check."""
    path = await _file_of(request)
    await to_thread.run_sync(lambda: path.unlink(missing_ok=True))
    return RedirectResponse("/history", HTTPStatus.SEE_OTHER)


async def _file_of(request: Request) -> Path:
    from backfocus.verify.tuning.records import record_named

    path = await to_thread.run_sync(record_named, request.path_params["record"])
    if path is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such check; perhaps it was deleted.")
    return path


async def _record_of(request: Request) -> SavedTune:
    from backfocus.verify.tuning.saved import read_series

    return await to_thread.run_sync(read_series, await _file_of(request))


ROUTES: list[Any] = [
    Route("/history", show_history),
    Route("/history/report", report),
    Route("/history/{record}/report", check_report),
    Route("/history/{record}/delete", ask),
    Route("/history/{record}/delete", forget, methods=["POST"]),
]
