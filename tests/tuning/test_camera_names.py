"""Cameras found by their names as people write them, and near names for what is not found."""

from __future__ import annotations

import pytest

from backfocus.verify.cameras.names import find_makers, near_names
from backfocus.verify.photo.bodies import Body, bodies


@pytest.mark.parametrize(
    ("name", "maker", "model", "offers"),
    [
        ("canon", "Canon", None, None),
        ("NIKON CORPORATION", "Nikon", None, None),
        ("5d mark iv", "Canon", "EOS 5D Mark IV", "yes"),
        ("k1", "Pentax", "K-1", "yes"),
        ("Canon EOS R5", "Canon", "EOS R5", "no"),
        ("x-t3", "Fujifilm", "X-T3", "no"),
        ("LEICA Q2", "Leica", "Q2", "no"),
        ("LEICA S (Typ 007)", "Leica", "S (Typ 007)", "unknown"),
        *(
            (name, "Sony", "ILCE-7M4", "no")
            for name in ("a7iv", "A7 IV", "alpha 7 iv", "sony a7 mark 4", "ILCE-7M4")
        ),
        *((name, "Sony", "ILCE-7RM5", "no") for name in ("a7rv", "A7R V", "\u03b17R V")),
        *((name, "Canon", "EOS 5D Mark IV", "yes") for name in ("5D4", "5d mk iv", "EOS 5D IV", "canon 5d4")),
        *((name, "Canon", "EOS 6D Mark II", "yes") for name in ("6D Mark II", "6d2", "6DII")),
        *((name, "Canon", "EOS R5m2", "no") for name in ("r5ii", "EOS R5 Mark II", "Canon EOS R5m2")),
        ("7D", "Canon", "EOS 7D", "yes"),
        ("rebel t7i", "Canon", "EOS 800D", "no"),
        *((name, "Nikon", "Z 9", "yes") for name in ("z9", "Z 9", "NIKON Z 9")),
        *((name, "Nikon", "Z6_3", "yes") for name in ("z6iii", "Z 6 III", "Z6_3")),
        ("d850", "Nikon", "D850", "yes"),
        ("k1ii", "Pentax", "K-1 Mark II", "yes"),
        ("OM SYSTEM OM-1 Mark II", "Olympus / OM System", "OM-1MarkII", "yes"),
        ("s5ii", "Panasonic", "DC-S5M2", "unknown"),
        ("griiix", "Pentax", "GR IIIx", "no"),
        ("iphone 15", "Phones", "iphone 15", "no"),
        ("Apple iPhone 15", "Phones", "Apple iPhone 15", "no"),
        *((name, "Canon", "EOS 800D", "no") for name in ("t7i", "Kiss X9i", "800D")),
        ("T7", "Canon", "EOS 2000D", "no"),
        ("canon c70", "Canon", "c70", "no"),
        *((name, "Canon", None, None) for name in ("eos", "EOS")),
        *((name, "Tamron TAP-in", None, None) for name in ("tap-in", "TAP-in")),
        ("galaxy s23", "Samsung", "galaxy s23", "no"),
        ("dji mavic 3", "Drones", "dji mavic 3", "no"),
        ("gopro hero 11", "Action cameras", "gopro hero 11", "no"),
        *((name, "Sigma MC-11, MC-21", None, None) for name in ("MC-11", "mc11")),
        ("ftz ii", "Nikon FTZ", None, None),
        ("LA-EA4", "Sony LA-EA", None, None),
        ("EF-EOS R", "Canon EF-EOS R", None, None),
        ("tamron", "Tamron TAP-in", None, None),
        ("om-1", "Olympus / OM System", "OM-1", "yes"),
    ],
)
def test_maker_is_found_by_any_name(name: str, maker: str, model: str | None, offers: str | None) -> None:
    (found,) = find_makers(name)
    assert (found.maker.name, found.model) == (maker, model)
    assert model is None or found.maker.offers(model) == offers


def test_a_name_that_two_makers_have_finds_both() -> None:
    found = [(entry.maker.name, entry.model) for entry in find_makers("m10")]
    assert found == [("Canon", "EOS M10"), ("Leica", "M10")]
    assert [found.maker.name for found in find_makers("sigma")] == ["Sigma", "Sigma USB Dock"]


@pytest.mark.parametrize("body", bodies(), ids=lambda body: body.model)
def test_every_body_is_found_by_its_names(body: Body) -> None:
    for name in body.names:
        assert body in [found.body for found in find_makers(name)], name


def test_unknown_name_is_not_found_but_near_ones_are() -> None:
    assert find_makers("Nikn") == find_makers("  ") == find_makers("...") == []
    assert near_names("Nikn")[0] == "Nikon"
    assert near_names("D851")[0] == "D850"
