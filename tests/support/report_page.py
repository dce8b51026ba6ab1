"""What a browser would make of a report: its elements and the words on it, and that none of them does harm."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from click.testing import Result

from backfocus.verify.scoring.columns import Row, row_of

SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"><img src=x onerror=alert(1)>'"
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """What a browser would make of a page: elements, their attributes, and the words on it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.strong: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words += data
        if self.open[-1:] == ["strong"]:
            self.strong.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def assert_harmless(html: str) -> Page:
    page = Page(html)
    assert not page.open
    allowed = {"html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer", "div", "p"}
    allowed |= {"h1", "h2", "bdi", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "img", "br"}
    allowed |= {"strong", "em", "code", "svg", "g", "defs", "path", "use", "rect", "text", "clippath"}
    assert {name for name, _ in page.elements} <= allowed
    for element, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcset")]
        assert "href" not in attributes or (element == "use" and (attributes["href"] or "").startswith("#"))
        assert (attributes.get("src") or "data:image/jpeg;base64,").startswith("data:image/jpeg;base64,")
    return page


def a_row(number: int = 1, **cells: object) -> Row:
    usual: dict[str, object] = {
        "path": f"IMG_{number}.jpg",
        "status": "measured",
        "trustworthy": True,
        "verdict": "back-focus",
        "offset_mm": 3.0 + 0.1 * number,
        "offset_ci95_low_mm": 2.8,
        "offset_ci95_high_mm": 3.6,
        "chart_id": "K7Q2XZ9",
        "participant": "Ada",
    }
    return row_of(usual | cells)


def page_of(run: Callable[..., Result], file: Path, *options: object) -> Page:
    result = run(file, "-o", "-", *options)
    assert result.exit_code == 0, result.stderr
    return assert_harmless(result.stdout)
