"""The page Print, for people with all sorts of lenses and rooms."""

from __future__ import annotations

import html
import re

import pytest
from starlette.testclient import TestClient

NIKON = {"camera": "Nikon D750"}


def asked(client: TestClient, **fields: str) -> str:
    """The page as it is read."""
    page = client.get("/print", params=fields)
    assert page.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text)))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"lens": "85", "aperture": "1.4", **NIKON}, "2.55 m (8.4 ft) from lens to AF mark"),
        ({"lens": "85 mm", "aperture": "f/1,4", **NIKON}, "30 focal lengths"),
        ({"lens": "50", "aperture": "1:1.4", "sensor": "aps-c", "metres": "3"}, "1.50 m (4.9 ft) from lens"),
        ({"lens": "200", "aperture": "2.8", "metres": "5 m", **NIKON}, "5.00 m (16.4 ft) from lens to AF mark"),
        ({"lens": "200", "aperture": "2.8", "metres": "12 ft", **NIKON}, "25 focal lengths would be better"),
        ({"lens": "70-200", "aperture": "2.8", **NIKON}, "70 mm: 2.10 m"),
        ({"lens": "70-200", "aperture": "2.8", **NIKON}, "200 mm: 6.00 m"),
        ({"lens": "18-55", "aperture": "3.5-5.6", **NIKON}, "A zoom is photographed at both ends"),
        ({"camera": "iPhone 15"}, "as near as the whole sheet fits"),
        ({"lens": "26", "aperture": "1.8", "camera": "iPhone 15"}, "as near as the whole sheet fits"),
        ({"lens": "85", "aperture": "1.4", "camera": "Fubar X"}, "This camera is not known here"),
        ({"lens": "85", "aperture": "1.4"}, "The sensor is taken as full frame"),
        ({"lens": "85", "aperture": "1.4", "design": "zfold", **NIKON}, "the middle faces it"),
        ({"lens": "85", "aperture": "1.4", "design": "wall", **NIKON}, "4 photos at each of 5 settings"),
        ({"lens": "50", "aperture": "8", **NIKON}, "must then measure 141.4 mm."),
        ({"lens": "50", "aperture": "8", **NIKON}, "Here A4 is too small: this sheet takes paper of A3."),
    ],
)
def test_everybody_gets_the_advice_for_what_they_have(
    client: TestClient, fields: dict[str, str], said: str
) -> None:
    page = asked(client, **fields)
    assert said in page
    assert "backfocus chart" not in page and "--" not in page and "evidence" not in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"lens": "400", "aperture": "5.6", "metres": "4"}, "needs 6.00 m (19.7 ft) at least, and better 10.0 m"),
        ({"lens": "100", "aperture": "2.8", "metres": "30 cm"}, "needs 1.50 m (4.9 ft) at least"),
        ({"lens": "85"}, "For advice the widest aperture is needed too."),
        ({"aperture": "1.4"}, "For advice the focal length is needed too."),
        ({"lens": "85", "aperture": "1.4-2"}, "Two f-numbers are those of a zoom."),
        ({"lens": "200-70", "aperture": "2.8"}, "goes from the smaller number to the larger"),
        ({"lens": "-1"}, "must be a number from 4 to 2000, such as 85 or 70-200."),
        ({"aperture": "\u0661"}, "must be a number from 0.7 to 32"),
        ({"metres": ".1"}, "must be a number from 0.05 to 200"),
        ({"paper": "a9"}, "There is no such chart."),
        ({"sensor": "huge"}, "There is no such sensor."),
    ],
)
def test_what_cannot_be_is_said_above_what_was_typed(client: TestClient, fields: dict[str, str], said: str) -> None:
    page = client.get("/print", params=fields).text
    assert 'role="alert"' in page and said in html.unescape(page)
    assert all(f'value="{value}"' in page for name, value in fields.items() if name not in ("paper", "sensor"))


def test_the_page_shoot_knows_the_lens_and_the_room(client: TestClient) -> None:
    page = client.get("/print", params={"lens": "70-200", "aperture": "2.8", "metres": "5", **NIKON}).text
    [address] = re.findall(r'href="(/shoot[^"]*)"', page.split("</header>")[1])
    shoot = client.get(html.unescape(address)).text
    assert "70 mm: Stand 2.10 m (6.9 ft)" in shoot and "200 mm: Stand 5.00 m (16.4 ft)" in shoot
    assert 'role="alert"' in client.get("/shoot?lens=x").text
