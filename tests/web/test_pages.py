"""Pages: what a person is shown, in either language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from web_client import send, wait_measured

from backfocus.web.catalogue import catalogue, read_po

WEB = Path(__file__).parents[2] / "web"
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


def test_results_come_as_they_are_measured(client: TestClient, back_focused_photo: Path) -> None:
    begun = send(client, "/sessions", back_focused_photo)
    where = begun.headers["location"]
    wait_measured(client, where.removeprefix("/sessions/"))
    client.post(f"{where}/delete")
    assert client.get(f"{where}/events").status_code == 404


def test_the_language_is_the_readers(client: TestClient) -> None:
    assert '<html lang="de">' in client.get("/measure", headers={"accept-language": "de-AT,en;q=0.5"}).text
    assert '<html lang="en">' in client.get("/measure", headers={"accept-language": "fr"}).text
    kept = client.post("/language", data={"language": "de", "back": "/shoot"})
    assert kept.headers["location"] == "/shoot"
    assert '<html lang="de">' in client.get("/measure").text


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_no_form_leads_to_another_site(client: TestClient, back: str) -> None:
    assert client.post("/language", data={"language": "de", "back": back}).headers["location"] == "/"


def test_every_text_of_the_pages_is_in_german() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (WEB / "templates").glob("*.j2"))
    texts = {text for pair in re.findall(r"_\(\"([^\"]*)\"|_\('([^']*)'", sources) for text in pair if text}
    german = read_po((WEB / "de.po").read_text(encoding="utf-8"))
    assert sorted(texts - german.keys()) == []
    fields = re.compile(r"\{(\w+)\}")
    assert {
        text for text, told in german.items() if set(fields.findall(text)) != set(fields.findall(told))
    } == set()


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Set AF fine-tune to -4.", "AF-Feinabstimmung auf -4 stellen."),
        ("Leave AF fine-tune at 0.", "AF-Feinabstimmung auf 0 lassen."),
        (
            "Back focus of 13.9 ± 0.2 mm: what you focus on loses 11% of its sharpness.",
            "Backfokus von 13.9 ± 0.2 mm: was Sie scharf stellen, verliert 11% seiner Schärfe.",
        ),
        ("A sentence that nobody knows.", "A sentence that nobody knows."),
    ],
)
def test_sentences_of_the_core_are_told_in_german(english: str, german: str) -> None:
    assert catalogue("de").sentence(english) == german
    assert catalogue("en").sentence(english) == english
