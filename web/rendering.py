"""Pages from their templates: every text escaped, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from backfocus.verify.formats import dialled

from .catalogue import catalogue_of, in_page_words, languages

TABS = (
    ("/print", "Print"),
    ("/shoot", "Shoot"),
    ("/measure", "Measure"),
    ("/history", "History"),
    ("/workshop", "Workshop"),
)
"""The tasks, in the order of the work."""
_FOLDER = Path(__file__).parent / "templates"


def page(
    request: Request, name: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """Return a page."""
    return HTMLResponse(part(request, name, **values), status, headers)


def part(request: Request, name: str, **values: Any) -> str:
    """Return a template's text, for a page or a part of one.

    Templates have `_` and `count` for their own texts, `said` for the program's sentences (`plain` in attributes),
    and `numbers` for what is written with digits; `here` is the page's own path, `back` that with what was asked.
    """
    texts = catalogue_of(request)

    def said(text: str) -> Markup:
        return texts.markup(in_page_words(text))

    def plain(text: str) -> str:
        return texts.sentence(in_page_words(text))

    known = {
        "_": texts,
        "count": texts.count,
        "said": said,
        "plain": plain,
        "numbers": texts.numbers,
        "language": texts.language,
        "languages": languages(),
        "tabs": TABS,
        "here": request.url.path,
        "back": f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
        "dialled": lambda setting: texts.numbers(dialled(setting)),
    }
    return _environment().get_template(name).render(known | values)


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return found
