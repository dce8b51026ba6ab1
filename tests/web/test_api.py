"""The API: what the command line prints, and errors that a program can read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from small_photos import jpeg_bytes
from starlette.testclient import TestClient
from web_client import send, wait_measured

from backfocus.verify.measure import measure
from backfocus.verify.scoring.columns import COLUMNS
from backfocus.web.app import build_app
from backfocus.web.guard import Access

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


def test_a_photo_gives_the_command_lines_json(client: TestClient, back_focused_photo: Path) -> None:
    told = send(client, "/api/v1/measure", back_focused_photo).json()
    jsonschema.validate(told, schema("measurement-1"))
    expected = measure(back_focused_photo).to_dict()
    for changed in (told, expected):
        # The command line names the folder there.
        changed.pop("answer")
    assert told == expected


def test_what_is_said_of_the_camera_counts(client: TestClient, back_focused_photo: Path) -> None:
    told = send(client, "/api/v1/measure", back_focused_photo, f_number="2", setting="3").json()
    assert told["camera"]["f_number"] == 2
    assert told["suggestion"]["setting"] == told["suggestion"]["change"] + 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("f_number", "0"),
        ("f_number", "nan"),
        ("scale", "x"),
        ("setting", "1e9"),
        ("chart_id", "no"),
    ],
)
def test_what_cannot_be_is_told(client: TestClient, back_focused_photo: Path, name: str, value: str) -> None:
    answer = send(client, "/api/v1/measure", back_focused_photo, **{name: value})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert name in answer.json()["detail"]


def test_a_series_gives_the_command_lines_json(client: TestClient, back_focused_photo: Path) -> None:
    session = client.post("/api/v1/series").json()["id"]
    send(client, f"/api/v1/series/{session}/photos", back_focused_photo)
    jsonschema.validate(client.get(f"/api/v1/series/{session}/answer").json(), schema("series-1"))
    rows = [json.loads(line) for line in client.get(f"/api/v1/series/{session}/table").text.splitlines()]
    jsonschema.validate(rows[0], schema("score-1"))
    assert rows[0]["path"] == back_focused_photo.name


def test_many_photos_are_sent_without_waiting_and_scored_in_one_table(client: TestClient) -> None:
    series = f"/api/v1/series/{client.post('/api/v1/series').json()['id']}"
    for number in range(3):
        files = {"photo": (f"{number}.jpg", jpeg_bytes() + bytes(number))}
        sent = client.post(f"{series}/photos", files=files, headers={"prefer": "respond-async, wait=9"})
        assert (sent.status_code, sent.headers["location"]) == (202, f"{series}/photos/{number + 1}")
        assert sent.json()["number"] == number + 1
    wait_measured(client, series.rpartition("/")[2])
    rows = [json.loads(line) for line in client.get(f"{series}/table").text.splitlines()]
    assert [(row["path"], row["status"]) for row in rows] == [(f"{number}.jpg", "refused") for number in range(3)]
    table = client.get(f"{series}/table?format=csv").content.decode("utf-8-sig").splitlines()
    assert table[0] == ",".join(column.name for column in COLUMNS)
    assert len(table) == 4 and set(rows[0]) == {column.name for column in COLUMNS}


def test_one_key_begins_one_series(client: TestClient) -> None:
    ids = [client.post("/api/v1/series", headers={"Idempotency-Key": key}) for key in ("a", "a", "b")]
    assert [answer.status_code for answer in ids] == [201, 200, 201]
    assert ids[0].json()["id"] == ids[1].json()["id"] != ids[2].json()["id"]
    assert client.post("/api/v1/series", headers={"Idempotency-Key": "x" * 201}).status_code == 422


def test_a_retry_after_a_restart_has_the_effect_of_one(data_folder: Path, back_focused_photo: Path) -> None:
    del data_folder
    told: list[tuple[int, Any]] = []
    for _ in range(2):
        with TestClient(
            build_app(Access(8472), jobs=1), base_url="http://127.0.0.1:8472", client=("127.0.0.1", 1)
        ) as it:
            begun = it.post("/api/v1/series", headers={"Idempotency-Key": "85mm-today"})
            where = f"/api/v1/series/{begun.json()['id']}"
            added = send(it, f"{where}/photos", back_focused_photo)
            told.append((begun.status_code + added.status_code, it.get(where).json()))
    assert [status for status, _ in told] == [2 * 201, 2 * 200]
    assert told[0][1] == told[1][1]


def test_charts_and_cameras(client: TestClient) -> None:
    assert client.get("/api/v1/charts/pdf?design=zfold&paper=letter").content.startswith(b"%PDF")
    assert client.get("/api/v1/charts/preview").content.startswith(b"\x89PNG")
    jsonschema.validate(client.get("/api/v1/charts/geometry?id=K7Q2XZ9").json(), schema("chart-1"))
    jsonschema.validate(client.get("/api/v1/cameras?name=D850").json(), schema("cameras-1"))
    for wrong in ("design=round", "paper=a9", "scale=99", "scale=nan", "angle=-3", "id=x", "paper=a4&angle=1e999"):
        assert client.get(f"/api/v1/charts/pdf?{wrong}").status_code == 422
    # Each value could be, but not all together.
    for wrong in ("charts/pdf?design=wall&angle=45", "cameras?name=nobody"):
        assert client.get(f"/api/v1/{wrong}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/series/none", 404),
        ("GET", "/api/v1/series/none/photos/1", 404),
        ("DELETE", "/api/v1/series/none", 404),
        ("PATCH", "/api/v1/series", 405),
        ("POST", "/api/v1/measure", 415),
    ],
)
def test_errors_are_problems(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=a", b"--a\r\nno header"),
        (
            "multipart/form-data; boundary=a",
            b'--a\r\ncontent-disposition: form-data; name="photo"\r\n\r\nt\r\n--a--',
        ),
        ("application/json", b"{}"),
        ("", b""),
    ],
)
def test_damaged_forms_are_told(client: TestClient, kind: str, body: bytes) -> None:
    answer = client.post("/api/v1/measure", content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 415, 422)
    assert answer.headers["content-type"] == "application/problem+json"
