"""Sessions: what came in is measured and kept, whatever becomes of the program."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2 as httpx
import pytest
from small_photos import jpeg_bytes, png_bytes
from starlette.testclient import TestClient
from web_client import send, wait_measured

from backfocus.web.inbox import ending_of, shown_name
from backfocus.web.kept import Kept, checked_setting
from backfocus.web.sessions import Shelf
from backfocus.web.told import NOTHING, Told

SCRIPT = "<script>alert(1)<b><img src=x onerror=alert(1)>.jpg"


def new(client: TestClient) -> str:
    return str(client.post("/api/v1/series").json()["id"])


def test_photos_become_an_answer(client: TestClient, back_focused_photo: Path, front_focused_photo: Path) -> None:
    begun = send(client, "/sessions", back_focused_photo, front_focused_photo)
    session = begun.headers["location"].removeprefix("/sessions/")
    assert begun.status_code == 303
    told = wait_measured(client, session)
    verdicts = [photo["measurement"]["verdict"] for photo in told["photos"]]
    assert verdicts == ["back-focus", "front-focus"]
    page = client.get(f"/sessions/{session}").text
    assert page.index('class="dial"') < page.index("back focus.jpg")
    assert "backfocus tune" not in page
    assert client.get(f"/sessions/{session}/photos/1.jpg").content[:2] == b"\xff\xd8"
    assert client.get(f"/sessions/{session}/report").status_code == 200


def test_the_file_goes_but_not_the_result(client: TestClient, data_folder: Path, back_focused_photo: Path) -> None:
    session = new(client)
    assert send(client, f"/api/v1/series/{session}/photos", back_focused_photo).status_code == 201
    assert sorted(path.name for path in (data_folder / "sessions" / session).rglob("*") if path.is_file()) == [
        "1-mark.jpg",
        "1.jpg",
        "1.json",
        "session.json",
    ]
    assert list((data_folder / "incoming").iterdir()) == []
    kept = Shelf().get(session)
    assert kept is not None
    assert kept.photos[1].shot is not None
    assert kept.photos[1].shot.offset_mm == pytest.approx(8.0, abs=0.5)


def test_the_same_file_again_is_the_same_photo(client: TestClient, back_focused_photo: Path) -> None:
    where = f"/api/v1/series/{new(client)}/photos"
    first, second = (send(client, where, back_focused_photo) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_a_setting_that_was_typed_counts(client: TestClient, back_focused_photo: Path) -> None:
    session = new(client)
    send(client, f"/api/v1/series/{session}/photos", back_focused_photo)
    where = f"/sessions/{session}/photos/1/setting"
    assert client.post(where, data={"setting": "\N{MINUS SIGN}5"}).status_code == 303
    assert client.get(f"/api/v1/series/{session}/photos/1").json()["setting"] == -5
    answer = client.get(f"/api/v1/series/{session}/answer").json()
    assert answer["lenses"][0]["series"][0]["shots"][0]["setting"] == -5
    assert client.post(where, data={"setting": "many"}).status_code == 422
    assert client.post(where, data={"setting": "101"}).status_code == 422
    client.post(where, data={"setting": ""})
    assert client.get(f"/api/v1/series/{session}/photos/1").json()["setting"] is None


def test_all_can_be_deleted(client: TestClient, data_folder: Path, back_focused_photo: Path) -> None:
    session = new(client)
    send(client, f"/api/v1/series/{session}/photos", back_focused_photo)
    assert client.delete(f"/api/v1/series/{session}/photos/1").status_code == 204
    assert client.get(f"/api/v1/series/{session}").json()["count"] == 0
    assert client.post(f"/sessions/{session}/delete").status_code == 303
    assert list((data_folder / "sessions").iterdir()) == []


def test_a_number_is_never_used_again(data_folder: Path, tmp_path: Path) -> None:
    del data_folder
    session = Shelf().new()
    for number in (1, 2):
        file = tmp_path / f"{number}.jpg"
        file.write_bytes(b"x")
        session.add("x.jpg", str(number), file)
    session.drop(2)
    (tmp_path / "3.jpg").write_bytes(b"x")
    photo, _ = session.add("x.jpg", "3", tmp_path / "3.jpg")
    assert photo.number == 3
    session.change(2, state="measured")
    assert sorted(session.photos) == [1, 3]
    session.delete()
    session.change(1, state="measured")
    assert not session.folder.exists()


def test_a_file_goes_with_the_result_and_no_other_does(data_folder: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    session = shelf.new(session_id="a" * 16)

    def sent(name: str, told: Told = NOTHING) -> Kept:
        (tmp_path / name).write_bytes(b"x")
        photo, _ = session.add(name, "same", tmp_path / name, told)
        return photo

    def files() -> list[str]:
        return [path.name for path in (data_folder / "sessions" / session.id / "files").iterdir()]

    sent("1.jpg")
    # Sent twice, it is in the queue twice, and measured once.
    assert [session.begin(1), session.begin(1)] == [True, False]
    # What is said of it meanwhile counts.
    assert sent("1.jpeg", Told(f_number=2.0)).state == "measuring"
    assert not session.finish(1, NOTHING, NOTHING, state="measured")
    assert session.finish(1, Told(f_number=2.0), NOTHING, state="measured", asks=("f_number",))
    assert sent("1.jpeg", Told(f_number=4.0)).state == "waiting"
    assert files() == ["1.jpg"]
    session.begin(1)
    assert session.finish(1, Told(f_number=4.0), NOTHING, state="measured", asks=())
    assert files() == []

    # A session that begins anew under the same id keeps what the old one would remove.
    old = session
    sent("1.jpg", Told(f_number=8.0))
    shelf.delete(old.id)
    session = shelf.new(session_id=old.id)
    sent("1.jpg")
    assert old.finish(1, Told(f_number=8.0), NOTHING, state="measured")
    assert not old.begin(1)
    assert files() == ["1.jpg"]


def test_a_series_that_begins_anew_has_nothing_of_the_old(client: TestClient, back_focused_photo: Path) -> None:
    key = {"idempotency-key": "today"}
    where = f"/api/v1/series/{client.post('/api/v1/series', headers=key).json()['id']}"
    send(client, f"{where}/photos", back_focused_photo)
    assert client.get(f"{where}/answer").json()["photos"] == 1
    client.delete(where)
    assert client.post("/api/v1/series", headers=key).status_code == 201
    assert client.get(f"{where}/answer").json()["photos"] == 0


def test_damaged_records_of_a_session_cost_only_themselves(data_folder: Path, tmp_path: Path) -> None:
    session = Shelf().new()
    for number in (1, 2):
        (tmp_path / "x.jpg").write_bytes(b"x")
        session.add("x.jpg", str(number), tmp_path / "x.jpg")
    (session.folder / "1.json").write_text("{")
    (data_folder / "sessions" / "other").mkdir()
    (data_folder / "sessions" / "other" / "session.json").write_text("[]")
    (kept,) = Shelf().all()
    assert sorted(kept.photos) == [2]


@pytest.mark.parametrize(
    "content",
    [jpeg_bytes()[:400], b"GIF89a", b"", png_bytes(30_000, 30_000, 8, 2), b"\xff\xd8\xff" + bytes(5000)],
    ids=["truncated", "other kind", "empty", "bomb", "no picture"],
)
def test_hostile_files_are_named_and_nothing_stays(client: TestClient, data_folder: Path, content: bytes) -> None:
    answer = send(client, "/api/v1/measure", ("../../etc/x.jpg", content))
    assert answer.status_code == 422
    assert set(answer.json()) == {"type", "title", "status", "detail", "remedy"}
    assert list((data_folder / "incoming").iterdir()) == []


def test_a_script_in_a_name_stays_text(client: TestClient) -> None:
    session = new(client)
    send(client, f"/api/v1/series/{session}/photos", (SCRIPT, jpeg_bytes()))
    for path in (f"/sessions/{session}", "/measure", f"/sessions/{session}/report"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;" in client.get(f"/sessions/{session}").text


@pytest.mark.parametrize(
    ("sent", "shown", "ending"),
    [
        ("../../../etc/passwd", "passwd", ""),
        (r"C:\Users\me\IMG_1.NEF", "IMG_1.NEF", ".nef"),
        ("a\x1b[31m\u202eb.jpg", "a\\x1b[31m\\u202eb.jpg", ".jpg"),
        ("", "photo", ""),
        ("..", "photo", ""),
        ("x.jpg/../../y", "y", ""),
        ("x.PNG\x00.exe", "x.PNG\\x00.exe", ""),
    ],
)
def test_names_of_files_are_never_paths(sent: str, shown: str, ending: str) -> None:
    assert (shown_name(sent), ending_of(shown_name(sent))) == (shown, ending)


@pytest.mark.parametrize("path", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd"])
def test_no_path_leads_out(client: TestClient, path: str) -> None:
    for start in ("/static/", "/sessions/", "/api/v1/series/", "/workshop/"):
        assert client.get(start + path).status_code == 404


@pytest.mark.parametrize(
    ("typed", "setting"), [("", None), (" +5 ", 5.0), ("\N{MINUS SIGN}3", -3.0), ("1,5", 1.5), ("0", 0.0)]
)
def test_settings_are_read_as_people_write_them(typed: str, setting: float | None) -> None:
    assert checked_setting(typed) == setting


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_a_killed_server_loses_no_photo(tmp_path: Path, back_focused_photo: Path) -> None:
    environment = os.environ | {"BACKFOCUS_DATA": str(tmp_path)}
    names = [f"{setting}_{number}.jpg" for setting in ("0", "+10") for number in range(3)]
    content = back_focused_photo.read_bytes()
    with _server(environment) as (process, address):
        session = httpx.post(f"{address}api/v1/series").json()["id"]
        for number, name in enumerate(names):
            # A few bytes behind the picture: another file, the same photo.
            files = {"photo": (name, content + bytes(number + 1))}
            sent = httpx.post(
                f"{address}sessions/{session}/photos", files=files, headers={"accept": "application/json"}
            )
            assert sent.status_code == 202
        process.send_signal(signal.SIGKILL)
        process.wait()
    with _server(environment) as (_, address):
        for _ in range(300):
            told = httpx.get(f"{address}api/v1/series/{session}").json()
            if not told["waiting"]:
                break
            time.sleep(0.2)
        assert [photo["photo"] for photo in told["photos"]] == names
        assert {photo["state"] for photo in told["photos"]} == {"measured"}
        assert [photo["setting"] for photo in told["photos"]] == [0, 0, 0, 10, 10, 10]
        # A page from before the end gets all that it may have missed, whatever it had seen.
        parts = _parts(f"{address}sessions/{session}/events", {"last-event-id": "0123abcd-999"}, count=10)
        assert {name for name in parts if name.startswith("photo-")} == {f"photo-{n}" for n in range(1, 7)}
        assert "6 photos measured" in parts["answer"]
        assert httpx.get(f"{address}api/v1/series/{session}/answer").json()["photos"] == 6
    assert list(tmp_path.rglob("files/*")) == []
    assert list(tmp_path.rglob("*.part*")) == []


def _parts(address: str, headers: dict[str, str], count: int) -> dict[str, str]:
    """The first parts of a page that a stream sends."""
    parts: dict[str, str] = {}
    with httpx.stream("GET", address, headers=headers, timeout=60.0) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                told = json.loads(line.removeprefix("data: "))
                parts[told["part"]] = told["html"]
            if len(parts) == count:
                break
    return parts


def test_results_come_as_they_are_measured(tmp_path: Path, back_focused_photo: Path) -> None:
    parts: dict[str, list[str]] = {}
    with _server(os.environ | {"BACKFOCUS_DATA": str(tmp_path)}) as (_, address):
        files = {"photo": (SCRIPT, back_focused_photo.read_bytes())}
        where = httpx.post(f"{address}sessions", files=files).headers["location"]
        with httpx.stream("GET", f"{address}{where[1:]}/events", timeout=60.0) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    told = json.loads(line.removeprefix("data: "))
                    parts.setdefault(told["part"], []).append(told["html"])
                if {"answer", "photo-1", "plots"} <= parts.keys() and "back focus" in parts["photo-1"][-1].lower():
                    break
    assert 'aria-live="polite"' in parts["answer"][-1]
    assert any("measuring" in html or "waiting" in html for html in parts["photo-1"])
    assert not any("<script>" in html for told in parts.values() for html in told)


class _server:  # noqa: N801 - used like a function
    """`backfocus app` as a program, and its address, in a `with` block."""

    def __init__(self, environment: dict[str, str]) -> None:
        program = "from backfocus.cli import main; main()"
        command = [sys.executable, "-c", program, "app", "--no-browser"]
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)

    def __enter__(self) -> tuple[subprocess.Popen[str], str]:
        assert self.process.stderr is not None
        found = re.search(r"http://\S+", self.process.stderr.readline())
        assert found is not None
        for _ in range(200):
            try:
                httpx.get(f"{found[0]}print")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        return self.process, found[0]

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=20)
