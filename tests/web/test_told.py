"""What files do not tell is asked for, and measured with; a wrong entry gives no number."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient
from web_client import send, wait_measured

from backfocus.targets.errors import UserError
from backfocus.web.kept import Kept
from backfocus.web.sessions import Shelf
from backfocus.web.told import Told, read_told

TRUE = {"focal_length_mm": "85 mm", "f_number": "f/1,4", "camera": " nikon  d850"}


@pytest.fixture(scope="module")
def bare_photo(back_focused_photo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo that went through a messenger: no metadata."""
    path = tmp_path_factory.mktemp("messenger") / "IMG-WA0001.jpg"
    with Image.open(back_focused_photo) as picture:
        content = io.BytesIO()
        picture.save(content, "JPEG", quality=92)
    path.write_bytes(content.getvalue())
    return path


def dialled(client: TestClient, session: str) -> int | None:
    """The setting that the only photo suggests."""
    (photo,) = wait_measured(client, session)["photos"]
    suggestion = photo["measurement"]["suggestion"]
    return None if suggestion is None else suggestion["setting"]


def test_what_the_file_does_not_tell_is_typed_and_measured_with(
    client: TestClient, data_folder: Path, bare_photo: Path
) -> None:
    where = send(client, "/sessions", bare_photo).headers["location"]
    session = where.removeprefix("/sessions/")
    files = data_folder / where[1:] / "files"
    assert dialled(client, session) is None
    assert "does not tell: focal length, f-number, camera, sensor width" in client.get(where).text
    assert [path.name for path in files.iterdir()] == ["1.jpg"]

    assert client.post(f"{where}/told", data=TRUE).status_code == 303
    true = dialled(client, session)
    assert true is not None
    kept = Shelf().get(session)
    assert kept is not None
    assert kept.photos[1].used == Told(85.0, 1.4, "nikon d850")
    assert kept.told == kept.photos[1].used

    # The photo's own counts over that of all; what the picture contradicts gives no number.
    client.post(f"{where}/photos/1/told", data={"focal_length_mm": "50"})
    assert dialled(client, session) is None
    assert "perspective-contradicts" in str(client.get(f"/api/v1/series/{session}/photos/1").json())
    client.post(f"{where}/photos/1/told", data={"focal_length_mm": ""})
    assert dialled(client, session) == true

    client.post(f"{where}/forget")
    assert list(files.iterdir()) == []
    assert client.post(f"{where}/photos/1/told", data=TRUE).status_code == 422
    assert dialled(client, session) == true


def test_programs_say_what_the_file_does_not_tell_with_it(client: TestClient, bare_photo: Path) -> None:
    where = f"/api/v1/series/{client.post('/api/v1/series').json()['id']}/photos"
    said = {"focal_length_mm": "85", "f_number": "1.4", "camera": "Nikon D850"}
    sent = [send(client, where, bare_photo, **fields) for fields in (said, {}, said, said | {"f_number": "2"})]
    assert [answer.status_code for answer in sent] == [201, 200, 200, 200]
    cameras = [answer.json()["measurement"]["camera"] for answer in sent]
    assert [camera["f_number"] for camera in cameras] == [1.4, 1.4, 1.4, 2.0]
    assert cameras[0]["model"] == "NIKON D850"


def test_a_file_that_tells_all_is_not_asked_of(client: TestClient, back_focused_photo: Path) -> None:
    where = send(client, "/sessions", back_focused_photo).headers["location"]
    wait_measured(client, where.removeprefix("/sessions/"))
    assert "does not tell" not in client.get(where).text
    assert client.post(f"{where}/photos/1/told", data=TRUE).status_code == 422


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, Told()),
        ({"focal_length_mm": " 85,5mm "}, Told(85.5)),
        ({"f_number": "F2"}, Told(f_number=2.0)),
        ({"sensor_width_mm": "23.5", "camera": "  "}, Told(sensor_width_mm=23.5)),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: dict[str, str], told: Told) -> None:
    assert read_told(typed) == told


@pytest.mark.parametrize(
    "typed",
    [
        {"focal_length_mm": "eighty"},
        {"focal_length_mm": "0.5"},
        {"focal_length_mm": "1e3"},
        {"focal_length_mm": "nan"},
        {"focal_length_mm": "24-70"},
        {"f_number": "-2"},
        {"f_number": "65"},
        {"sensor_width_mm": "1"},
        {"camera": "?!"},
        {"camera": "N" * 101},
    ],
)
def test_what_cannot_be_is_refused_in_plain_words(typed: dict[str, str]) -> None:
    with pytest.raises(UserError) as refused:
        read_told(typed)
    assert refused.value.message[0].isupper() and refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("camera", "model", "is_strange"),
    [
        ("D850", "NIKON D850", False),
        ("nikon d850", "NIKON D850", False),
        ("Nikon D9999", "Nikon D9999", False),
        ("Nikno D850x", "Nikno D850x", True),
    ],
)
def test_a_camera_is_known_in_any_spelling(camera: str, model: str, is_strange: bool) -> None:
    told = Told(camera=camera)
    found: Any = told.info.model
    assert (found, told.is_strange) == (model, is_strange)


def test_no_old_picture_lies_under_new_lines() -> None:
    """Browsers keep a picture by its address, and what is told changes where the sheet is cut out."""
    photo = Kept(1, "a.jpg", "0123456789abcdef")
    assert replace(photo, used=Told(focal_length_mm=85.0)).picture_key != photo.picture_key
