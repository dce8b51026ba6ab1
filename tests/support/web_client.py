"""What tests of the web send and wait for."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient


def send(client: TestClient, url: str, *photos: Path | tuple[str, bytes], **fields: str) -> Any:
    """Send photos, by their own names or others."""
    told = [(photo.name, photo.read_bytes()) if isinstance(photo, Path) else photo for photo in photos]
    return client.post(url, files=[("photo", file) for file in told], data=fields)


def wait_measured(client: TestClient, session: str) -> dict[str, Any]:
    """Wait until nothing in a session waits, and return it."""
    for _ in range(600):
        told: dict[str, Any] = client.get(f"/api/v1/series/{session}").json()
        if not told["waiting"]:
            return told
        time.sleep(0.1)
    raise AssertionError("not measured within a minute")
