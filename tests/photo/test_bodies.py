"""The table of bodies: what is in it, and by which names a body is found."""

from __future__ import annotations

import math

import lensfunpy
import pytest

from backfocus.verify.cameras.makers import evidence_grades
from backfocus.verify.photo.bodies import Body, bodies, known_body, plain

FULL_FRAME_DIAGONAL_MM = 43.267


def ids(body: Body) -> str:
    return body.model


@pytest.mark.parametrize(
    ("make", "model", "width_mm", "long_px"),
    [
        ("Canon", "Canon EOS 5D Mark IV", 36.0, 6720),
        ("Canon", "Canon EOS 6D Mark II", 35.9, 6240),
        ("Canon", "Canon EOS REBEL T7i", 22.3, 6000),
        ("Canon", "Canon EOS R5m2", 36.0, 8192),
        ("NIKON CORPORATION", "NIKON D850", 35.9, 8256),
        ("NIKON CORPORATION", "NIKON Z6_3", 35.9, 6048),
        ("SONY", "ILCE-7RM4A", 35.7, 9504),
        ("RICOH IMAGING COMPANY, LTD.", "PENTAX K-1", 35.9, 7360),
        ("OM Digital Solutions", "OM-1MarkII", 17.3, 5184),
        ("OLYMPUS IMAGING CORP.", "E-M1            ", 17.3, 4608),
        ("Hasselblad", "X2D 100C", 43.8, 11656),
    ],
)
def test_a_body_is_found_by_the_make_and_model_of_its_files(
    make: str, model: str, width_mm: float, long_px: int
) -> None:
    body = known_body(make, model)
    assert body is not None
    assert (body.width_mm, body.long_px) == (width_mm, long_px)


def test_a_body_is_found_without_its_maker_unless_two_makers_have_the_name() -> None:
    d850 = known_body(None, "D850")
    assert d850 is not None and d850.model == "NIKON D850"
    assert known_body(None, "Q") is None  # both Leica and Pentax have one
    leica, pentax = known_body("LEICA CAMERA AG", "LEICA Q"), known_body("PENTAX", "PENTAX Q")
    assert leica is not None and leica.width_mm == 36.0
    assert pentax is not None and pentax.width_mm < 7.0


@pytest.mark.parametrize(("make", "model"), [("Canon", "NIKON D850"), ("Canon", None), (None, None), ("", "5D")])
def test_what_is_not_on_record_is_no_body(make: str | None, model: str | None) -> None:
    assert known_body(make, model) is None


def test_a_name_belongs_to_one_body_of_a_maker() -> None:
    names = [(body.make.split()[0].lower(), name) for body in bodies() for name in {plain(n) for n in body.names}]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("body", bodies(), ids=ids)
def test_every_line_is_whole_and_believable(body: Body) -> None:
    assert body.kind in ("dslr", "mirrorless", "rangefinder", "compact", "cinema")
    assert body.af_setting in ("yes", "no", "adapter", "unknown")
    assert body.grade in evidence_grades() and body.source
    assert (body.af_setting == "unknown") <= (body.grade == "none")
    assert 6.0 < body.width_mm < 54.0
    if body.long_px is not None and body.short_px is not None:
        assert body.long_px / body.short_px == pytest.approx(4 / 3, rel=0.02) or (
            body.long_px / body.short_px == pytest.approx(3 / 2, rel=0.02)
        )
        # From the pitch of the smallest sensors' pixels to that of the first full frame bodies.
        assert 1.4 < 1000.0 * body.width_mm / body.long_px < 9.0


def test_widths_agree_with_lensfun_where_it_knows_the_body() -> None:
    by_name = {plain(camera.model): camera for camera in lensfunpy.Database().cameras}
    off = {}
    for body in bodies():
        camera = next((by_name[plain(name)] for name in body.names if plain(name) in by_name), None)
        if camera is not None:
            aspect = 1.5 if body.long_px is None or body.short_px is None else body.long_px / body.short_px
            by_lensfun_mm = FULL_FRAME_DIAGONAL_MM / camera.crop_factor * aspect / math.hypot(aspect, 1.0)
            off[body.model] = abs(by_lensfun_mm / body.width_mm - 1.0)
    assert len(off) > 300
    assert max(off.values()) < 0.03
