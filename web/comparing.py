"""Pictures of photos, and two of them beside each other: before and after."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from .grouping import Outcome
from .kept import Kept
from .pages import desk_of, photo_of, session_of
from .rendering import page

PARTS = ("mark", "sheet")
ZOOMS = (1, 2, 4)


async def compare(request: Request) -> Response:
    """Show the same part of the chart in two photos: at first in the first setting's and in the best one's."""
    session, asked = session_of(request), request.query_params
    outcome = await desk_of(request).outcome(session)
    shown_part = asked.get("part") if asked.get("part") in PARTS else PARTS[0]
    zoom = next((zoom for zoom in ZOOMS if str(zoom) == asked.get("zoom")), ZOOMS[0])
    photos = [photo for photo in list(session.photos.values()) if photo.outline and photo.shot]
    chosen = before_and_after(photos, outcome)
    if len(chosen) == 2:
        by_number = {str(photo.number): photo for photo in photos}
        second = by_number.get(asked.get("second", ""), chosen[1])
        other = chosen[1] if second is chosen[0] else chosen[0]
        chosen = (by_number.get(asked.get("first", ""), other), second)
    pictures = [_picture(photo, shown_part == "mark") for photo in chosen]
    values: dict[str, Any] = {"session": session, "photos": photos, "pictures": pictures}
    return page(request, "compare.html.j2", part=shown_part, zoom=zoom, zooms=ZOOMS, **values)


def before_and_after(photos: Sequence[Kept], outcome: Outcome) -> tuple[Kept, ...]:
    """Return the photos to begin with: of the first other setting, and the newest of the best; fewer if need be."""
    by_number = {photo.number: photo for photo in photos}
    groups = [
        (group, [by_number[number] for number in group.numbers if number in by_number])
        for group in outcome.groups
        if group.kind in ("setting", "unknown")
    ]
    groups = [(group, found) for group, found in groups if found]
    if not groups:
        return tuple(photos[:2])
    known = [(abs(group.mean_mm), found) for group, found in groups if group.mean_mm is not None]
    best = min(known, key=lambda each: each[0])[1] if known else groups[-1][1]
    before = next((found for _, found in groups if found is not best), best)
    if before[0] is not best[-1]:
        return before[0], best[-1]
    return (best[0], *[photo for photo in photos if photo is not best[0]][-1:])


async def sheet(request: Request) -> Response:
    """Return the picture of a photo's sheet."""
    return _file(session_of(request).picture(photo_of(request).number))


async def mark(request: Request) -> Response:
    """Return the picture of what is around the AF mark, pixel by pixel."""
    return _file(session_of(request).closeup(photo_of(request).number))


def _picture(photo: Kept, is_close: bool) -> dict[str, Any]:
    """Return what is shown of a photo; of one measured by an older version the whole sheet at any rate."""
    close = photo.closeup if is_close else None
    shot = photo.used_shot
    return {
        "photo": photo,
        "file": "/mark.jpg" if close else ".jpg",
        "outline": close or photo.outline,
        "setting": None if shot is None else shot.setting,
    }


def _file(path: Path) -> Response:
    if not path.is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND, "This photo has no picture.")
    return FileResponse(path, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600"})


ROUTES = [
    Route("/sessions/{session}/compare", compare),
    Route("/sessions/{session}/photos/{number:int}.jpg", sheet),
    Route("/sessions/{session}/photos/{number:int}/mark.jpg", mark),
]
