"""Results as text, picture and page."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .annotate import annotated_png
    from .html import Report, page_html, report_of_photo
    from .pages import report_of_file
    from .text import measurement_text, print_text, tune_text

__all__ = [
    "Report",
    "annotated_png",
    "measurement_text",
    "page_html",
    "print_text",
    "report_of_file",
    "report_of_photo",
    "tune_text",
]
_PLACES = {
    "annotated_png": "annotate",
    "Report": "html",
    "page_html": "html",
    "report_of_photo": "html",
    "report_of_file": "pages",
    "measurement_text": "text",
    "print_text": "text",
    "tune_text": "text",
}
"""Loaded when used: pages and pictures take 0.3 s of libraries that text has no use for."""


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_PLACES[name]}", __name__), name)
