"""Every page in a real browser: that it fits, serves everybody, and works without scripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import double_text, scrolls_sideways, tab_to, violations

WIDTHS = (360, 768, 1280)
ADVICE = "/print?lens=85&aperture=1.4&camera=Nikon+D850"
PAGES = ("/print", ADVICE, "/shoot?lens=85&aperture=1.4", "/measure", "/history", "/workshop", "/phone")


@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_and_serve_everybody(page: Any, address: str, path: str) -> None:
    page.goto(address + path)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert not scrolls_sideways(page), width
    assert violations(page, "dark") == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert violations(page, "light") == []
    double_text(page)
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("path", ["/print", "/measure", "/workshop"])
def test_every_stop_of_the_keyboard_is_seen_and_named_and_they_follow_the_page(
    page: Any, address: str, path: str
) -> None:
    page.goto(address + path)
    names = tab_to(page, "footer button[lang=de]")
    assert names[0] == "Skip to the content"
    tops = page.evaluate(
        "[...document.querySelectorAll('main :is(a, button, input, select, textarea)')]"
        ".filter((each) => each.checkVisibility()).map((each) => each.getBoundingClientRect().bottom)"
    )
    assert tops == sorted(tops)
    assert page.locator("[tabindex]:not([tabindex='0'], [tabindex='-1'])").count() == 0


def test_without_scripts_forms_do_all_of_it(
    open_page: Callable[..., Any], address: str, back_focused_photo: Path
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{address}/measure")
    assert page.locator("label", has_text="Choose a folder").is_hidden()
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


def test_the_language_changes_all_of_a_page(page: Any, address: str) -> None:
    page.goto(f"{address}/shoot")
    page.get_by_role("button", name="Deutsch").click()
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.url.endswith("/shoot")
    assert page.locator("h1").inner_text() == "So wird fotografiert"
    steps = page.locator(".steps").inner_text()
    assert " the " not in steps
