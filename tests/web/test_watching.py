"""Folders named when starting: what comes into them is measured, and nothing else is read."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from web_client import wait_measured

from backfocus.web import watching
from backfocus.web.app import build_app
from backfocus.web.guard import Access


def test_photos_that_come_are_measured(
    data_folder: Path, tmp_path: Path, back_focused_photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LOOK_S", 0.1)
    looks: list[dict[Path, watching.State]] = []
    look = watching._states
    monkeypatch.setattr(watching, "_states", lambda folder: looks.append(look(folder)) or looks[-1])
    folder = tmp_path / "tethered"
    (folder / "DCIM").mkdir(parents=True)
    shutil.copy(back_focused_photo, folder / "old.jpg")
    app = build_app(Access(8472), jobs=1, watched=[folder])
    with TestClient(app, base_url="http://127.0.0.1:8472", client=("127.0.0.1", 1)) as client:
        # What is there at the first look is old; by the third it would be taken, were it new.
        for _ in range(600):
            if len(looks) >= 4:
                break
            time.sleep(0.05)
        assert client.get("/api/v1/series").json() == {"series": []}
        (folder / "link.jpg").symlink_to(back_focused_photo)
        (folder / "out").symlink_to(back_focused_photo.parent)
        (folder / "notes.txt").write_text("no photo")
        (folder / "DCIM" / "+10_1.jpg").write_bytes(back_focused_photo.read_bytes() + b"x")
        for _ in range(100):
            found = client.get("/api/v1/series").json()["series"]
            if found:
                break
            time.sleep(0.1)
        told = wait_measured(client, found[0]["id"])
        assert [(photo["photo"], photo["setting"]) for photo in told["photos"]] == [("+10_1.jpg", 10)]
        assert "tethered" in client.get("/measure").text
    assert list((data_folder / "sessions").rglob("files/*")) == []
    assert sorted(path.name for path in folder.iterdir()) == ["DCIM", "link.jpg", "notes.txt", "old.jpg", "out"]
