"""Pages: what a person is shown, in either language."""

from __future__ import annotations

import html
import re

import pytest
from starlette.testclient import TestClient

ADVICE = "/print?lens=85&aperture=1.4&camera=Nikon+D850"
PAGES = (
    "/print",
    ADVICE,
    "/shoot",
    "/measure",
    "/history",
    "/workshop",
    "/phone",
)


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_what_a_screen_reader_needs(client: TestClient, path: str) -> None:
    page = client.get(path).text
    assert page.count("<h1>") == 1
    assert '<html lang="en">' in page
    assert 'href="#main"' in page
    fields = re.findall(r"<(?:input|select|textarea)(?![^>]*type=\"hidden\")[^>]*>", page)
    labelled = page.count("<label")
    assert labelled >= len(fields)
    for picture in re.findall(r"<img[^>]*>", page):
        assert 'alt="' in picture and 'width="' in picture and 'height="' in picture
    for drawing in re.findall(r"<svg[^>]*>", page):
        assert 'aria-label="' in drawing


def test_a_newcomer_begins_with_the_printer(client: TestClient) -> None:
    assert client.get("/").headers["location"] == "/print"
    client.post("/api/v1/series")
    assert client.get("/").headers["location"] == "/measure"


@pytest.mark.parametrize("design", ["flat", "zfold", "wall"])
def test_the_protocol_without_commands(client: TestClient, design: str) -> None:
    page = client.get(f"/shoot?design={design}&lens=50&aperture=1.8").text
    assert "backfocus tune" not in page
    assert "backfocus cameras" not in page
    assert "quiet zone" in page


def test_a_deleted_session_tells_nothing_more(client: TestClient) -> None:
    where = client.post("/sessions", data={"x": ""}).headers["location"]
    client.post(f"{where}/delete")
    assert client.get(where).status_code == client.get(f"{where}/events").status_code == 404


def test_the_language_changes_the_same_page(client: TestClient) -> None:
    page = client.get(f"{ADVICE}&metres=3").text
    (back,) = re.findall(r'name="back" value="([^"]*)"', page)
    answer = client.post("/language", data={"language": "de", "back": html.unescape(back)})
    assert answer.headers["location"] == f"{ADVICE}&metres=3"


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_no_form_leads_to_another_site(client: TestClient, back: str) -> None:
    assert client.post("/language", data={"language": "de", "back": back}).headers["location"] == "/"
