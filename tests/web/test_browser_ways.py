"""The whole way through the page, as four people take it: from the printed sheet to the number, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browsing import copies, double_text, scrolls_sideways, shifted, tab_to, violations, wait_measured, watch_shifts

from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.lens import offset_of_defocus_mm
from backfocus.verify.simulate import ExifNames, Lens, Sensor, SheetPose, VirtualShot, rasterise_pdf

Take = Callable[..., VirtualShot]
OpenPage = Callable[..., Any]


@dataclass(frozen=True)
class Taken:
    """How a photo was taken."""

    focal_mm: float
    f_number: float
    distance_mm: float
    names: ExifNames


CANON = ExifNames("Canon", "Canon EOS 5D Mark IV", "EF24-70mm f/2.8L II USM")
WIDE, TELE = Taken(24.0, 2.8, 430.0, CANON), Taken(70.0, 2.8, 1260.0, CANON)
PHONE = Taken(5.6, 1.8, 350.0, ExifNames("samsung", "SM-G991B"))
PHONE_SENSOR = Sensor(7.6, (2016, 1512), filter_sigma_px=0.45)
ZOOM_SENSOR = Sensor(pixels=(2400, 1600))


def taken(take: Take, how: Taken, error_um: float, sensor: Sensor) -> VirtualShot:
    pose = SheetPose(tilt_deg=45.0, yaw_deg=1.0, roll_deg=-1.0, af_mark_distance_mm=how.distance_mm)
    offset_mm = offset_of_defocus_mm(how.focal_mm, how.distance_mm, error_um)
    return take(offset_mm, pose=pose, lens=Lens(how.focal_mm, how.f_number), sensor=sensor, names=how.names)


def the_answer(page: Any) -> str:
    return str(page.locator("#answer p.dial").inner_text())


def keep_and_report(page: Any, lens: str) -> None:
    """Keep a session's result, find it in the history, and take the report along."""
    session = page.url
    page.get_by_role("button", name="Keep the result in the history").click()
    assert page.locator("h2", has_text=lens).count() == 1
    page.goto(session)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the report").click()
    assert lens in Path(saved.value.path()).read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [1280])
def test_a_dslr_owner_by_keyboard_alone(
    open_page: OpenPage, address: str, back_focused_photo: Path, front_focused_photo: Path, width: int
) -> None:
    page = open_page(width)
    watch_shifts(page)
    page.goto(f"{address}/print")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for field, typed in (("lens", "85"), ("aperture", "1,4"), ("camera", "Nikon D850"), ("metres", "1.5")):
        tab_to(page, f"[name={field}]")
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.wait_for_url("**/print?*#advice")
    # The advice is where the keyboard goes on.
    assert tab_to(page, ".button.main") == ["Open the PDF to print"]
    sheet = page.evaluate("document.activeElement.href")
    assert page.request.get(sheet).body().startswith(b"%PDF")
    tab_to(page, "a[href^='/shoot']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/shoot?*")
    assert page.locator("#distance").inner_text().startswith("Stand ")
    tab_to(page, "main .button.main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/measure")

    tab_to(page, "#photos")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(copies(back_focused_photo, "DSC_0001.JPG", "<b>2</b>.JPG"))
    wait_measured(page, 2)
    assert "/sessions/" in page.url
    assert page.evaluate("document.activeElement.id") == "photos"
    assert page.locator(".badge.back-focus").count() == 2
    assert page.locator(".photo b").count() == 0
    page.evaluate("window.told = document.querySelector('#answer [role=status]')")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(copies(front_focused_photo, "1 at -14.JPG", "2 at -14.JPG"))
    wait_measured(page, 4)
    for _ in range(4):
        name = tab_to(page, "[name=setting]")[-1]
        page.keyboard.type("-14" if name.endswith("at -14.JPG") else "0")
        with page.expect_response(lambda answer: answer.url.endswith("/setting")) as told:
            page.keyboard.press("Enter")
        assert told.value.status == 204
    page.locator("#answer p.dial", has_text="Set AF fine-tune to -6.").wait_for()
    # A screen reader tells of a region that has stayed since the first answer.
    assert page.evaluate("window.told.isConnected && window.told.innerText").startswith(the_answer(page))

    assert shifted(page) == []
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    page.wait_for_selector("details[open] image[href]")
    tab_to(page, ".lines-on")
    page.keyboard.press("Space")
    page.locator("details[open] .lines").wait_for(state="hidden")
    page.keyboard.press("Space")
    assert violations(page, "dark") == []
    tab_to(page, ".actions button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/history")
    assert "NIKON D850" in page.locator("main").inner_text()


@pytest.mark.parametrize("width", [360])
def test_a_phone_owner_by_touch(open_page: OpenPage, address: str, take: Take, tmp_path: Path, width: int) -> None:
    photo = taken(take, PHONE, 1.2, PHONE_SENSOR).save(tmp_path / "20260101_120000.jpg")
    computer = open_page(width)
    computer.goto(f"{address}/phone")
    place = computer.locator("code").first.inner_text()
    if not place.startswith("http"):
        pytest.skip("this machine is in no network")
    phone = open_page(width, 780, has_touch=True, is_mobile=True, device_scale_factor=2)
    watch_shifts(phone)
    phone.goto(place)
    phone.get_by_role("link", name="Print", exact=True).tap()
    phone.fill("[name=lens]", "5.6")
    phone.fill("[name=aperture]", "1.8")
    phone.fill("[name=camera]", "Samsung SM-G991B")
    phone.get_by_role("button", name="Advise me").tap()
    phone.wait_for_url("**/print?*")
    assert phone.locator("#advice dt").count() > 3
    phone.get_by_role("link", name="Next: how to shoot").tap()
    phone.get_by_role("link", name="Next: the photos").tap()
    with phone.expect_file_chooser() as chooser:
        phone.locator(".drop .button", has_text="Choose photos").tap()
    chooser.value.set_files(copies(photo, "20260101_120000.jpg", "20260101_120001.jpg"))
    wait_measured(phone, 2)
    assert the_answer(phone) == "Nothing needs to be done."
    assert not scrolls_sideways(phone)
    assert shifted(phone) == []
    # What the phone sent is on the computer too.
    computer.goto(f"{address}/sessions/{phone.url.rpartition('/')[2]}")
    assert the_answer(computer) == the_answer(phone)
    assert violations(phone, "dark") == []
    keep_and_report(phone, "SM-G991B")


@pytest.mark.parametrize("width", [768])
def test_a_zoom_owner_by_mouse(open_page: OpenPage, address: str, take: Take, tmp_path: Path, width: int) -> None:
    wide = taken(take, WIDE, 60.0, ZOOM_SENSOR).save(tmp_path / "wide.jpg")
    tele = taken(take, TELE, -50.0, ZOOM_SENSOR).save(tmp_path / "tele.jpg")
    page = open_page(width)
    watch_shifts(page)
    page.goto(f"{address}/measure")
    photos = [(wide, f"0_wide_{number}.jpg") for number in range(3)] + [
        (tele, f"0_tele_{number}.jpg") for number in range(3)
    ]
    page.set_input_files("#photos", [copies(*photo)[0] for photo in photos])
    wait_measured(page, 6)
    page.wait_for_function("document.querySelectorAll('#plots h2').length >= 2")
    headings = page.locator("#plots h2").all_inner_texts()
    assert [heading.split(",")[0] for heading in headings[:2]] == ["24 mm", "70 mm"]
    assert "wide" in the_answer(page) and "tele" in the_answer(page)
    assert page.locator(".badge.back-focus").count() == page.locator(".badge.front-focus").count() == 3
    assert not scrolls_sideways(page)
    assert shifted(page) == []
    assert violations(page, "light") == []
    page.set_viewport_size({"width": 360, "height": 900})
    double_text(page)
    assert not scrolls_sideways(page)
    keep_and_report(page, "EF24-70mm f/2.8L II USM")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete this session").click()
    page.wait_for_url("**/measure")
    assert page.locator("main", has_text="EF24-70mm").count() == 0


@pytest.mark.parametrize("width", [1280])
def test_a_workshop(
    open_page: OpenPage, address: str, take: Take, back_focused_photo: Path, tmp_path: Path, width: int
) -> None:
    page = open_page(width)
    watch_shifts(page)
    page.goto(f"{address}/workshop")
    page.fill("#names", "Ada\nGrace <b>Hopper</b>\nMargaret")
    page.select_option("[name=design]", "flat")
    page.get_by_role("button", name="Make the charts").click()
    page.wait_for_url("**/workshop/*")
    assert page.locator("tbody th a").all_inner_texts() == ["Ada", "Grace <b>Hopper</b>", "Margaret"]
    pack = page.get_by_role("link", name="Open the charts to print").get_attribute("href")
    assert page.request.get(address + pack).body().startswith(b"%PDF")

    ids = [row.get_attribute("id").removeprefix("person-") for row in page.locator("tbody tr").all()]
    chart = build_chart(chart_id=ids[1])
    own = take(-12.0, raster=rasterise_pdf(pdf_bytes(chart)), chart=chart).save(tmp_path / "photo.jpg")
    page.set_input_files("#photos", copies(own, "IMG_1.JPG", "IMG_2.JPG") + copies(back_focused_photo, "IMG_3.JPG"))
    page.wait_for_selector("#owner-3", timeout=60_000)
    page.wait_for_function("document.querySelector('progress').value === 3", timeout=60_000)
    rows = page.locator("tbody tr").all_inner_texts()
    assert "no photo yet" in rows[0] and "no photo yet" in rows[2]
    assert "Best guess: set AF fine-tune to +9 (2 shots)." in rows[1]
    page.select_option("#owner-3", label="Ada")
    page.locator("#photo-3").get_by_role("button", name="Set").click()
    page.wait_for_selector("#photo-3", state="detached")
    assert "Best guess: set AF fine-tune to -6 (one shot)." in page.locator("tbody tr").first.inner_text()
    assert not scrolls_sideways(page)
    assert shifted(page) == []
    assert violations(page, "dark") == []
    with page.expect_download() as table:
        page.get_by_role("link", name="Table of people (CSV)").click()
    assert (
        Path(table.value.path()).read_text(encoding="utf-8-sig").splitlines()[2].startswith("Grace <b>Hopper</b>")
    )
