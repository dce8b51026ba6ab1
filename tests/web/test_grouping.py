"""Photos in groups: by setting and focal length, in an order that stays; every exposure counted once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from series_shots import D850, shots
from small_photos import jpeg_bytes
from starlette.testclient import TestClient
from web_client import send, wait_measured

from backfocus.verify.photo.exposures import Capture
from backfocus.verify.tuning.shots import LeftOut, Shot
from backfocus.web.comparing import before_and_after
from backfocus.web.grouping import Group, Sureness, outcome_of, sureness_of
from backfocus.web.kept import Kept

BACK = shots(10.0, 0.0, scatter=(0.5, -0.5, 0.0))
RIGHT = shots(1.0, 10.0, scatter=(0.5, -0.5, 0.0))


def kept(*found: Shot | LeftOut | None) -> list[Kept]:
    """Photos of a session, numbered from 1 on; None for one that waits."""
    photos = []
    for number, each in enumerate(found, 1):
        name = f"{number}.jpg" if each is None else each.photo
        shot, left_out = (each if isinstance(each, kind) else None for kind in (Shot, LeftOut))
        state = "waiting" if each is None else "left-out" if left_out else "measured"
        photos.append(Kept(number, name, str(number), state, shot=shot, left_out=left_out, outline={"width": 1}))
    return photos


def told(groups: tuple[Group, ...]) -> list[tuple[str, float | None, tuple[int, ...]]]:
    return [(group.kind, group.setting, group.numbers) for group in groups]


def test_groups_come_in_the_order_of_their_first_photos() -> None:
    lost = LeftOut("x.jpg", "No chart.", "Take it again.")
    groups = outcome_of(kept(lost, *RIGHT[:2], BACK[0], None, RIGHT[2], *BACK[1:])).groups
    assert told(groups) == [
        ("setting", 10.0, (2, 3, 6)),
        ("setting", 0.0, (4, 7, 8)),
        ("waiting", None, (5,)),
        ("aside", None, (1,)),
    ]
    assert [group.counted for group in groups] == [3, 3, 0, 0]
    assert (groups[1].mean_mm or 0.0) > (groups[0].mean_mm or 0.0) > 0.0
    assert {group.place for group in groups} == {""}


def test_a_photo_that_is_measured_anew_stays_in_its_group() -> None:
    photos = kept(*BACK, *RIGHT)
    again = [replace(photos[0], state="waiting"), *photos[1:]]
    assert told(outcome_of(again).groups) == told(outcome_of(photos).groups)
    assert outcome_of(again).found.photos == 5


def test_a_zoom_has_groups_by_focal_length() -> None:
    wide = shots(10.0, 0.0, camera=replace(D850, focal_length_mm=24.0), scatter=(0.0, 0.1))
    groups = outcome_of(kept(*BACK[:2], *wide)).groups
    assert [(group.setting, group.numbers) for group in groups] == [(0.0, (1, 2)), (0.0, (3, 4))]
    assert [group.place for group in groups] == ["85 mm, f/1.4, 1.50 m", "24 mm, f/1.4, 1.50 m"]


def test_settings_that_nobody_tells_are_a_group_until_they_are_typed() -> None:
    unknown = [replace(shot, setting=None) for shot in BACK]
    photos = kept(*unknown)
    assert told(outcome_of(photos).groups) == [("unknown", None, (1, 2, 3))]
    typed = [replace(photo, setting=5.0) for photo in photos[:2]]
    assert told(outcome_of([*typed, photos[2]]).groups) == [("setting", 5.0, (1, 2)), ("unknown", None, (3,))]


def test_a_copy_counts_with_its_exposure_and_brings_its_setting() -> None:
    capture = Capture("a", ("nikon", "d850"), None, None, None, "tail", "pixels")
    first, copy, other = kept(replace(BACK[0], setting=None), BACK[1], BACK[2])
    photos = [
        replace(first, capture=replace(capture, name="IMG_1 (1).jpg"), name="IMG_1 (1).jpg"),
        replace(copy, capture=replace(capture, name="IMG_1.jpg"), name="IMG_1.jpg", setting=-3.0),
        replace(other, capture=replace(capture, tail="x", pixels="y")),
    ]
    outcome = outcome_of(photos)
    assert outcome.copy_of == {1: 2}
    assert outcome.found.photos == 2
    assert told(outcome.groups) == [("setting", -3.0, (2,)), ("setting", 0.0, (3,)), ("aside", None, (1,))]


def test_the_page_says_when_enough_have_been_taken_and_the_answer_sharpens() -> None:
    series = shots(10.0, 0.0)
    told = [sureness_of(outcome_of(kept(*series[:count])).found) for count in (0, 1, 3, 8)]
    assert told[0] is None
    assert [sure.is_enough for sure in told[1:] if sure] == [False, True, True]
    widths = [sure.within or 0.0 for sure in told[1:] if sure]
    assert widths[-1] < widths[-2]
    page = outcome_of(kept(*series, *shots(1.0, 10.0, camera=replace(D850, focal_length_mm=50.0)))).found
    assert sureness_of(page) == Sureness(True, None)


def test_before_and_after_begin_with_another_setting_and_the_newest_of_the_best() -> None:
    photos = kept(*RIGHT, *BACK)
    assert [photo.number for photo in before_and_after(photos, outcome_of(photos))] == [4, 3]
    photos = kept(*BACK)
    assert [photo.number for photo in before_and_after(photos, outcome_of(photos))] == [1, 3]
    assert len(before_and_after(photos[:1], outcome_of(photos[:1]))) == 1


def test_copies_by_content_are_named_on_the_page_and_two_photos_can_be_compared(
    client: TestClient, back_focused_photo: Path
) -> None:
    # Another model in the metadata: another file, the same pixels.
    edited = back_focused_photo.read_bytes().replace(b"NIKON D850", b"NIKON D851")
    where = send(client, "/sessions", back_focused_photo, ("export.jpg", edited)).headers["location"]
    session = where.removeprefix("/sessions/")
    wait_measured(client, session)
    assert client.get(f"/api/v1/series/{session}/answer").json()["photos"] == 1
    page = client.get(where).text
    assert "The same exposure as back focus.jpg" in page
    assert "Not counted" in page

    compared = client.get(f"{where}/compare").text
    assert compared.count('class="focus"') == compared.count('class="mark"') == 2
    for number in (1, 2):
        assert f"{where}/photos/{number}/mark.jpg" in compared
        assert client.get(f"{where}/photos/{number}/mark.jpg").content[:2] == b"\xff\xd8"
    assert f"{where}/photos/1.jpg" in client.get(f"{where}/compare?part=sheet&first=2&second=1&zoom=x").text


def test_the_setting_of_several_is_typed_once(client: TestClient) -> None:
    photos = [(f"{number}.jpg", jpeg_bytes() + bytes(number)) for number in (1, 2, 3)]
    where = send(client, "/sessions", *photos).headers["location"]
    session = where.removeprefix("/sessions/")
    wait_measured(client, session)
    assert client.post(f"{where}/settings", data={"setting": "+5", "photo": ["1", "3"]}).status_code == 303
    assert [photo["setting"] for photo in wait_measured(client, session)["photos"]] == [5, None, 5]
    assert client.post(f"{where}/settings", data={"setting": "5"}).status_code == 422
    assert client.post(f"{where}/settings", data={"setting": "x", "photo": "1"}).status_code == 422
