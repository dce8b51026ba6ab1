"""Errors for programs: problem+json (RFC 9457), and what each type of problem means to who asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse

API = "/api/"
TYPES = "/api/v1/problems"
"""Address that lists the types; a type is this with `#` and its name."""
MEDIA = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """A type of problem: its status, its name in words, and what a program can do about it."""

    status: int
    title: str
    meaning: str


PROBLEMS = {
    "bad-request": Problem(400, "The request is damaged", "Build it as the description says."),
    "no-token": Problem(401, "Not let in", "Open the address with the token once, and send the cookie it sets."),
    "foreign-site": Problem(403, "Not for other sites", "Ask without a browser, or from the server's own page."),
    "not-found": Problem(404, "Nothing of that name", "Look in the list; a series may have been deleted."),
    "wrong-method": Problem(405, "Not that way", "The header Allow has the methods that this address takes."),
    "too-slow": Problem(408, "The upload took too long", "Send it again over a faster way."),
    "gone": Problem(410, "Taken out meanwhile", "Somebody deleted the photo while it was measured."),
    "too-large": Problem(413, "Too large", "Send less in one request."),
    "long-address": Problem(414, "Too long an address", "No address of the description is so long."),
    "wrong-kind": Problem(415, "Not that kind of content", "Send the form that the description names."),
    "foreign-name": Problem(421, "Not this server's name", "Ask under the address that backfocus app tells."),
    "bad-value": Problem(422, "A value that cannot be", "`detail` names it, and what it may be."),
    "unreadable-photo": Problem(422, "No photo that can be read", "Sending it again changes nothing."),
    "broken": Problem(500, "A fault of the program", "Please report it; the terminal tells more."),
    "busy": Problem(503, "Too much at once", "Send it again after the seconds in Retry-After."),
    "no-room": Problem(507, "Cannot be kept", "Make room on the disk of the data folder."),
}
"""By name; of several with one status, the first is the usual one."""
_USUAL = {problem.status: name for name, problem in reversed(PROBLEMS.items())}


def problem(
    status: int, message: str, remedy: str = "", headers: Mapping[str, str] | None = None, name: str = ""
) -> JSONResponse:
    """Return an error for a program.

    Args:
        status: of HTTP; one without a type of its own is told as `about:blank`.
        message: what is wrong, as a sentence.
        remedy: what to do about it, as a sentence; empty where the message says it.
        headers: of the answer, besides those that all have.
        name: of the type, where the status has several.
    """
    chosen = name or _USUAL.get(status, "")
    told: dict[str, Any] = {
        "type": f"{TYPES}#{chosen}" if chosen else "about:blank",
        "title": PROBLEMS[chosen].title if chosen else message,
        "status": status,
        "detail": message,
        "remedy": remedy or None,
    }
    return JSONResponse(told, status, headers, media_type=MEDIA)


def listed() -> list[dict[str, Any]]:
    """Return all types as they stand in the JSON."""
    return [
        {"type": f"{TYPES}#{name}", "title": it.title, "status": it.status, "meaning": it.meaning}
        for name, it in PROBLEMS.items()
    ]
