"""The application without a network, and a folder of its own for what it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from backfocus.web.app import build_app
from backfocus.web.guard import Access, Limits

PORT = 8472
HERE = f"http://127.0.0.1:{PORT}"


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder for one test."""
    monkeypatch.setenv("BACKFOCUS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def client(data_folder: Path) -> Iterator[TestClient]:
    """A browser on the machine itself."""
    del data_folder
    app = build_app(Access(PORT), Limits(body_bytes=20_000_000), jobs=1)
    with TestClient(app, base_url=HERE, client=("127.0.0.1", 50_000), follow_redirects=False) as found:
        yield found
