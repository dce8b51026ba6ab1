"""A report as one HTML page that needs nothing else: no network, no script, no font."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from backfocus.verify.report.html.contents import Report

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
