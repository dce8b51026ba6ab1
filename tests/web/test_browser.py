"""The pages in a real browser: Debian's Chromium, driven by Playwright.

`apt-get install chromium` and `pip install ".[test]"` bring what this needs; without the browser it is skipped.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from backfocus.web.app import build_app
from backfocus.web.guard import Access

CHROMIUM = shutil.which("chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright, for tests in a browser")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium, for tests in a browser")

WIDTHS = (360, 768, 1280)
ADVICE = "/print?lens=85&aperture=1.4&camera=Nikon+D850"
PAGES = ("/print", ADVICE, "/shoot?lens=85&aperture=1.4", "/measure", "/history", "/workshop", "/phone")
LARGEST_SHIFT = 0.1
"""Of what moves while results arrive, by Chromium's own measure: up to there Google's web.dev calls a page good."""
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as found:
        chromium = found.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a free port of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKFOCUS_DATA", str(tmp_path_factory.mktemp("browser")))
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(build_app(Access(port), jobs=1), log_level="warning"))
        server.config.timeout_graceful_shutdown = 1
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page on which no error may appear."""
    found = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    yield found
    found.close()
    assert complaints == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_and_serve_everybody(page: Any, address: str, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = axe.Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_photos_dropped_become_an_answer(page: Any, address: str, back_focused_photo: Path) -> None:
    page.add_init_script(SHIFTS)
    page.goto(f"{address}/measure")
    content = back_focused_photo.read_bytes()
    files = [
        {"name": f"{setting}_{number}.jpg", "mimeType": "image/jpeg", "buffer": content + bytes(index + 1)}
        for index, (setting, number) in enumerate([("0", 1), ("0", 2), ("+10", 1), ("<b>x</b>", 1)])
    ]
    page.set_input_files("#photos", files)
    page.wait_for_selector(".photo.measured >> nth=3", timeout=60_000)
    assert "/sessions/" in page.url
    assert page.locator(".badge.back-focus").count() == 4
    assert page.locator("#answer .dial").inner_text() != "No photo yet."
    assert page.locator("#setting-1").input_value() in ("0", "+10", "")
    assert page.locator(".photo b").count() == 0
    assert page.evaluate("window.shifted") < LARGEST_SHIFT
    assert axe.Axe().run(page).response["violations"] == []


def test_by_keyboard_alone(page: Any, address: str, back_focused_photo: Path) -> None:
    page.goto(f"{address}/measure")
    page.set_input_files("#photos", [back_focused_photo])
    page.wait_for_selector(".photo.measured", timeout=60_000)
    page.reload()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        if seen[-1].startswith("setting-"):
            break
    assert seen[-1] == "setting-1"
    page.keyboard.type("+5")
    with page.expect_response(lambda answer: answer.url.endswith("/setting")) as told:
        page.keyboard.press("Enter")
    assert told.value.status == 204
    page.wait_for_function("document.getElementById('setting-1').defaultValue === '+5'")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#details-1").get_attribute("open") is not None
    page.wait_for_selector("#details-1 image[href]")


def test_without_scripts_forms_do_all_of_it(browser: Any, address: str, back_focused_photo: Path) -> None:
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{address}/measure")
    page.set_input_files("#photos", [back_focused_photo])
    page.get_by_role("button", name="Measure", exact=True).click()
    for _ in range(100):
        if page.locator(".photo.measured").count():
            break
        page.wait_for_timeout(300)
        page.goto(page.url)
    page.fill("#setting-1", "-3")
    page.get_by_role("button", name="Set", exact=True).click()
    assert page.locator("#setting-1").input_value() == "-3"
    page.get_by_role("button", name="Keep the result in the history").click()
    assert page.url.endswith("/history")
    assert page.locator("td").first.inner_text()
    plain.close()


def test_a_workshop_by_mouse(page: Any, address: str, back_focused_photo: Path) -> None:
    page.goto(f"{address}/workshop")
    page.fill("#names", "Ada\nGrace <b>Hopper</b>")
    page.get_by_role("button", name="Make the charts").click()
    page.wait_for_load_state()
    assert page.locator("tbody th a").all_inner_texts() == ["Ada", "Grace <b>Hopper</b>"]
    page.set_input_files("#photos", [back_focused_photo])
    page.wait_for_selector("#owner-1", timeout=60_000)
    page.select_option("#owner-1", label="Ada")
    page.locator("#photo-1").get_by_role("button", name="Set").click()
    page.wait_for_selector("#photo-1", state="detached")
    assert "set AF fine-tune to" in page.locator("tbody td").first.inner_text()
    with page.expect_download() as pack:
        page.get_by_role("link", name="List of who has which").click()
    assert pack.value.suggested_filename == "backfocus-workshop.csv"
    assert axe.Axe().run(page).response["violations"] == []


def test_the_language_changes_all_of_a_page(page: Any, address: str) -> None:
    page.goto(f"{address}/shoot")
    page.get_by_role("button", name="Deutsch").click()
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.url.endswith("/shoot")
    assert page.locator("h1").inner_text() == "So wird fotografiert"
    steps = page.locator(".steps").inner_text()
    assert " the " not in steps
