"""The application without a network or in a real browser, and a folder of its own for what it keeps.

The browser is Debian's Chromium, driven by Playwright: `apt-get install chromium` and `pip install ".[test]"` bring
what that needs; without the browser those tests are skipped.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from backfocus.web.addresses import own_addresses
from backfocus.web.app import build_app
from backfocus.web.guard import Access, Limits

PORT = 8472
HERE = f"http://127.0.0.1:{PORT}"
CHROMIUM = shutil.which("chromium")


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright, for tests in a browser")
    if CHROMIUM is None:
        pytest.skip("apt-get install chromium, for tests in a browser")
    with playwright.sync_playwright() as found:
        chromium = found.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a free port, as `backfocus app --phone` starts it: open to the network, by token."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKFOCUS_DATA", str(tmp_path_factory.mktemp("browser")))
        listener = socket.create_server(("0.0.0.0", 0))
        port = listener.getsockname()[1]
        app = build_app(Access(port, is_open=True, addresses=own_addresses), jobs=1)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        server.config.timeout_graceful_shutdown = 1
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """A function that opens a page in a browser of its own, on which no error may appear."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def opened(width: int = 1280, height: int = 900, **options: Any) -> Any:
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda told: complaints.append(told.text) if _is_ours(told) else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    return open_page()


def _is_ours(told: Any) -> bool:
    """Whether a console message tells of a mistake; that an unencrypted page's opener policy is ignored is none."""
    return told.type == "error" and "Cross-Origin-Opener-Policy" not in told.text
