"""The pages beside a single series: what was found earlier, an evening with many people, and the phone."""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .guard import Access
from .rendering import page


async def show_history(request: Request) -> Response:
    """Show bodies and lenses, the latest check first, and how they moved."""
    from backfocus.verify.cameras.identity import Identity, identity, owners, title
    from backfocus.verify.tuning.records import Entry, entries, kept_records

    records, complaints = await to_thread.run_sync(kept_records)
    found = entries(records)
    owner = owners(map(identity, found))
    lenses: dict[Identity, list[Entry]] = {}
    for entry in sorted(found, key=lambda entry: entry.date, reverse=True):
        lenses.setdefault(owner[identity(entry)], []).append(entry)
    told = [(title(it, lenses) or "", checks) for it, checks in lenses.items()]
    return page(request, "history.html.j2", lenses=told, complaints=complaints)


async def show_phone(request: Request) -> Response:
    """Show the code that lets a phone in, if the server listens to the network."""
    access: Access = request.app.state.access
    places = await to_thread.run_sync(access.places)
    values: dict[str, Any] = {"places": places, "is_open": access.is_open}
    return page(request, "phone.html.j2", code=qr_path(places[0]) if places else None, **values)


def qr_path(text: str) -> tuple[str, int]:
    """Return the dark modules of a QR code as the path of an SVG drawing, and how many modules wide that is."""
    import qrcode

    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return dark, len(rows)


ROUTES: list[Any] = [
    Route("/history", show_history),
    Route("/phone", show_phone),
]
