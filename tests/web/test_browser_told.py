"""A session in a real browser: what files do not tell, photos in groups, before and after."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image


def messenger(photo: Path) -> bytes:
    """A photo as a messenger hands it on: without metadata."""
    content = io.BytesIO()
    with Image.open(photo) as picture:
        picture.save(content, "JPEG", quality=92)
    return content.getvalue()


def test_what_files_do_not_tell_is_typed_and_photos_go_to_their_groups(
    page: Any, address: str, back_focused_photo: Path, front_focused_photo: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
    page.goto(f"{address}/measure")
    contents = {
        "0_1.jpg": back_focused_photo.read_bytes(),
        "+10_1.jpg": front_focused_photo.read_bytes(),
        "IMG-WA0001.jpg": messenger(back_focused_photo),
        "IMG-WA0002.jpg": messenger(front_focused_photo),
    }
    page.set_input_files(
        "#photos",
        [{"name": name, "mimeType": "image/jpeg", "buffer": content} for name, content in contents.items()],
    )
    page.wait_for_selector(".photo.measured >> nth=3", timeout=60_000)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert axe.Axe().run(page).response["violations"] == []

    form = page.locator("#asks form").first
    form.get_by_label("Focal length").fill("85 mm")
    form.get_by_label("F-number").fill("f/1,4")
    form.get_by_label("Camera, maker and model").fill("d850")
    form.get_by_label("Camera, maker and model").press("Enter")
    page.locator(".group", has_text="NIKON D850: 85 mm").wait_for(timeout=60_000)
    page.locator("#asks", has_text="What you typed counts for 2 photos").wait_for()

    unknown = page.locator(".group", has=page.get_by_role("heading", name="Setting not known"))
    details = unknown.locator("[id^=details-]").first
    opened = details.get_attribute("id")
    details.locator("summary").click()
    unknown.get_by_label("Choose all").check()
    page.get_by_label("Setting of the chosen photos").fill("+5")
    page.get_by_label("Setting of the chosen photos").press("Enter")
    group = page.locator(".group", has=page.get_by_role("heading", name="Setting +5"))
    group.locator(".photo >> nth=1").wait_for()
    assert group.locator(f"#{opened}").get_attribute("open") is not None
    assert page.locator("input[name=photo]:checked").count() == 0

    page.get_by_role("link", name="Before and after").click()
    assert axe.Axe().run(page).response["violations"] == []
    page.get_by_label("Enlarged").select_option("4")
    page.wait_for_url("**zoom=4**")
    first = page.locator(".stage").first
    place = "(stage) => [stage.scrollLeft, stage.scrollTop]"
    before = first.evaluate(place)
    assert before != [0, 0]
    first.focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "(before) => { const [one, two] = document.querySelectorAll('.stage');"
        " return one.scrollLeft + one.scrollTop !== before && one.scrollLeft === two.scrollLeft"
        " && one.scrollTop === two.scrollTop; }",
        arg=sum(before),
    )
    assert page.locator(".lines .focus").count() == 2
    page.get_by_label("Show what was measured").uncheck()
    assert page.locator(".lines").first.evaluate("(lines) => getComputedStyle(lines).visibility") == "hidden"


def test_a_setting_that_was_refused_can_be_mended(browser: Any, address: str) -> None:
    # Of its own: the refusal is an error on the browser's console.
    page = browser.new_page()
    page.goto(f"{address}/measure")
    page.set_input_files("#photos", [{"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}])
    page.locator(".photo.left-out").wait_for(timeout=60_000)
    field = page.locator("#setting-1")
    for typed, status in (("101", 422), ("5", 204)):
        field.fill(typed)
        # Enter sends twice, as a change and as a form.
        with page.expect_response(lambda answer, wanted=status: answer.status == wanted):
            field.press("Enter")
    page.close()
