"""The pages of many checks and many people: history and workshop."""

from __future__ import annotations

import asyncio
import datetime
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from series_shots import CANON, at_settings, shots
from starlette.testclient import TestClient
from web_client import send, wait_measured

from backfocus.verify.report.table_page import report_of_rows
from backfocus.verify.tuning.records import keep_record
from backfocus.verify.tuning.saved import saved
from backfocus.verify.tuning.shots import Shot
from backfocus.verify.tuning.tune import tune
from backfocus.web.desk import Board
from backfocus.web.grouping import tuned
from backfocus.web.people import _changes, _counted_rows
from backfocus.web.sessions import Shelf

NAMES = "Ada\n  <script>Grace</script>  \n\n=1+1"


def begin(client: TestClient, **changes: str) -> str:
    """The address of a new workshop."""
    fields = {"names": NAMES, "design": "zfold", "paper": "a4", "title": "Club <b>evening</b>", "day": "2026-11-27"}
    begun = client.post("/workshop", data=fields | changes)
    assert begun.status_code == 303
    return str(begun.headers["location"])


def logo(size: tuple[int, int] = (3000, 30)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, "red").save(content, "JPEG")
    return content.getvalue()


def test_a_workshop_gives_everybody_a_chart(client: TestClient, data_folder: Path) -> None:
    fields = {"names": NAMES, "design": "flat", "paper": "letter", "title": "Graz", "spare": "2", "setup": "each"}
    files = {"logo": ("../../logo.jpg", logo(), "image/jpeg")}
    where = client.post("/workshop", data=fields, files=files).headers["location"]
    assert client.get(f"{where}/pack.pdf").content.startswith(b"%PDF")
    rows = client.get(f"{where}/names.csv").content.decode("utf-8-sig").splitlines()
    assert [row.split(",")[2] for row in rows] == ["name", "Ada", "<script>Grace</script>", "'=1+1", "", ""]
    [kept] = data_folder.rglob("logo*")
    with Image.open(kept) as picture:
        assert (picture.format, picture.width) == ("PNG", 1200)
    told = json.loads((kept.parent / "session.json").read_bytes())
    assert (told["heading"], told["setup_each"], told["paper"]) == ("Graz", True, "letter")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"names": " "}, "There is no name."),
        ({"design": "x"}, "There is no such chart."),
        ({"names": "\U0001f600"}, "Write them in other letters."),
        ({"names": "A\n" * 201}, "201 charts are too many"),
        ({"spare": "51"}, "from 0 to 50"),
        ({"day": "31 June"}, "There is no such day."),
    ],
)
def test_what_will_not_do_is_told_above_what_was_typed(
    client: TestClient, changes: dict[str, str], said: str
) -> None:
    fields = {"names": NAMES, "design": "zfold", "paper": "a4", "title": "Typed already"}
    answer = client.post("/workshop", data=fields | changes)
    assert answer.status_code == 422
    assert said in answer.text and "Typed already" in answer.text
    assert "Kept workshops" not in answer.text


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n damaged", b"<svg/>", b"%PDF-1.7"])
def test_a_logo_that_is_no_picture_is_refused(client: TestClient, data_folder: Path, content: bytes) -> None:
    fields = {"names": NAMES, "design": "zfold", "paper": "a4"}
    answer = client.post("/workshop", data=fields, files={"logo": ("logo.png", content, "image/png")})
    assert answer.status_code == 422 and "no PNG or JPEG picture" in answer.text
    assert not [*data_folder.rglob("*.png"), *data_folder.rglob("session.json")]


def test_a_person_has_a_row_and_a_page_of_their_photos(client: TestClient, back_focused_photo: Path) -> None:
    where = begin(client)
    session = where.removeprefix("/workshop/")
    send(client, f"/sessions/{session}/photos", back_focused_photo)
    wait_measured(client, session)
    page = client.get(where).text
    assert "is not on the list" in page and "3 without a photo" in page
    assert "<script>Grace" not in page and "&lt;script&gt;Grace" in page and "<b>evening" not in page

    rows = client.get(f"{where}/names.csv").content.decode("utf-8-sig").splitlines()
    grace = rows[2].split(",")[1]
    assert client.post(f"{where}/photos/1/owner", data={"owner": "AAAAAAA"}).status_code == 422
    assert client.post(f"{where}/photos/1/owner", data={"owner": grace}).status_code == 303
    page = client.get(where).text
    assert "is not on the list" not in page and "Best guess: set AF fine-tune to -6 (one shot)." in page
    assert client.get(f"/sessions/{session}").headers["location"] == where

    own = f"{where}/people/{grace}"
    assert "back focus.jpg" in client.get(own).text
    assert client.get(f"{where}/people/AAAAAAA").status_code == 404
    report = client.get(f"{own}/report").text
    assert "&lt;script&gt;Grace&lt;/script&gt;: NIKON D850" in report and "backfocus tune" not in report
    assert "&lt;script&gt;Grace" in client.get(f"{where}/report").text
    lines = client.get(f"{where}/people.csv").content.decode("utf-8-sig").splitlines()
    assert lines[1] == f"Ada,{rows[1].split(',')[1]},0,0,,,,,,"
    assert lines[2].startswith(f"<script>Grace</script>,{grace},1,0,,more-shots,-6,Best guess")
    assert lines[3].startswith("'=1+1,")
    table = client.get(f"{where}/photos.csv").content.decode("utf-8-sig").splitlines()
    assert table[1].startswith("back focus.jpg,<script>Grace</script>,measured,true,back-focus,8.")
    client.post(f"{own}/name", data={"name": "Grace  Hopper"})
    assert "<h1>Grace Hopper</h1>" in client.get(own).text
    assert client.post(f"/sessions/{session}/delete").headers["location"] == "/workshop"
    assert client.get(own).status_code == 404


def test_the_report_of_all_counts_as_the_rows_do(client: TestClient, back_focused_photo: Path) -> None:
    where = begin(client)
    session = where.removeprefix("/workshop/")
    content = back_focused_photo.read_bytes()
    # Of the same pixels, one exposure; then three others of a phone, which calls all the same.
    exported = ("export.jpg", content.replace(b"NIKON D850", b"NIKON D851"))
    send(client, f"/sessions/{session}/photos", back_focused_photo, exported)
    wait_measured(client, session)
    kept = Shelf().get(session)
    assert kept is not None
    first = kept.photos[1]
    assert first.capture is not None and first.measurement is not None
    for number in range(3, 6):
        capture = replace(first.capture, name="image.jpg", tail=str(number), pixels=str(number), time=None)
        measurement = first.measurement | {"blake2b": str(number)}
        kept.photos[number] = replace(
            first, number=number, name="image.jpg", capture=capture, measurement=measurement
        )
    rows = _counted_rows(kept)
    assert [row["path"] for row in rows] == ["back focus.jpg", *["image.jpg"] * 3]
    assert report_of_rows(rows, "", lambda _: []).subject.endswith("4 photos of 1 chart")
    assert tuned(list(kept.photos.values())).photos == 4


def test_what_changes_while_a_page_connects_reaches_it(data_folder: Path) -> None:
    del data_folder
    session = Shelf().new("workshop")
    board = Board()
    desk: Any = SimpleNamespace(board=lambda _: board)
    shown = {"person-A": "no photo", "photo-1": "Ada's?"}
    parts_since = _changes(desk, session, lambda: dict(shown))

    def told(version: int) -> list[tuple[str, str]]:
        async def collected() -> list[tuple[str, str]]:
            return [each async for each in parts_since(version)]

        # In a thread: the browser of other tests keeps a loop in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, collected()).result()

    board.change("photo-1")
    # Measured already, but not told yet: the page may have been made before.
    shown["person-A"] = "1 photo"
    assert told(1) == []
    board.change("photo-2")
    assert told(1) == [("photo-2", ""), *shown.items()]
    shown.pop("photo-1")
    board.change("photo-1")
    assert told(2) == [("photo-1", "")]


def test_a_result_is_kept_in_the_history(client: TestClient, back_focused_photo: Path) -> None:
    assert "Nothing kept yet." in client.get("/history").text
    where = send(client, "/sessions", back_focused_photo).headers["location"]
    wait_measured(client, where.removeprefix("/sessions/"))
    assert client.post(f"{where}/record").headers["location"] == "/history"
    page = client.get("/history").text
    assert "NIKON D850" in page
    assert "8.0 mm behind" in page

    client.post(f"{where}/photos/1/setting", data={"setting": "-3"})
    client.post(f"{where}/record")
    kept = re.findall(r'href="/history/([^"]*)/delete"', client.get("/history").text)
    assert len(kept) == 1
    empty = client.post("/sessions", data={"x": ""}).headers["location"]
    assert "No photo of this session tells where focus is yet." in client.post(f"{empty}/record").text


def keep(found: list[Shot], day: str) -> None:
    """Keep a check of these shots as of a day."""
    when = datetime.datetime.fromisoformat(day).replace(hour=12, tzinfo=datetime.UTC)
    keep_record(saved(tune(found), when))


def test_the_history_tells_how_a_lens_moved(client: TestClient) -> None:
    keep(at_settings(-4.0), "2026-03-09")
    assert "How it moves shows from the second check on." in client.get("/history").text
    keep(at_settings(-7.0), "2026-11-20")
    page = client.get("/history").text
    assert "Since 2026-03-09 focus at setting 0 has moved 4.2 mm farther from the camera (± 0.6 mm): more" in page
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) == 2
    assert all("<title" in drawing and "<desc" in drawing and "style=" not in drawing for drawing in drawings)
    assert "2026-03-09: 5.6 mm behind" in drawings[0] and "2026-11-20: -7.0" in drawings[1]
    german = client.get("/history", headers={"accept-language": "de"}).text
    assert "um 4,2 mm weiter von der Kamera weg" in german and " the " not in re.sub(r"<[^>]*>", "", german)
    report = client.get("/history/report?save=1")
    assert report.headers["content-disposition"] == 'attachment; filename="backfocus-history.html"'
    assert "has moved 4.2 mm farther" in report.text and report.text.count("<svg") == 2
    german = client.get("/history/report", headers={"accept-language": "de"}).text
    assert "Ein Gehäuse mit Objektiv, zuletzt geprüft am 2026-11-20." in german
    assert "History" not in german


def test_a_check_is_deleted_after_a_question(client: TestClient, data_folder: Path) -> None:
    keep(at_settings(-4.0), "2026-03-09")
    keep(shots(20.0, camera=CANON), "2026-05-01")
    (data_folder / "series" / "torn.json").write_text("{")
    page = client.get("/history").text
    records = re.findall(r'href="(/history/[^"]*)/delete"', page)
    assert len(records) == 3 and records[0] == "/history/torn"
    report = client.get(f"{records[2]}/report").text
    assert "Set AF fine-tune to -4." in report and "backfocus tune" not in report and "By itself" not in report
    for number, record in enumerate(records):
        asked = client.get(f"{record}/delete")
        assert "Delete this check?" in asked.text and "Keep it" in asked.text
        assert len(list((data_folder / "series").iterdir())) == 3 - number
        assert client.post(f"{record}/delete").headers["location"] == "/history"
        assert client.get(f"{record}/delete").status_code == 404
    assert "Nothing kept yet." in client.get("/history").text


@pytest.mark.parametrize("name", ["..%2Fsession", "%2Fetc%2Fpasswd", "x" * 200])
def test_no_file_but_a_record_is_deleted(client: TestClient, data_folder: Path, name: str) -> None:
    begin(client)
    assert client.post(f"/history/{name}/delete").status_code == 404
    assert list(data_folder.rglob("session.json"))
