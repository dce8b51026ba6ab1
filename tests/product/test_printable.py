"""Nothing that came from outside is obeyed by a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from backfocus.targets.errors import printable


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("two\r\nlines\u2028three", r"two\r\nlines\u2028three"),
        ("C1: \x9b2J", r"C1: \x9b2J"),
        ("gpj\u202ejpg\u2066", r"gpj\u202ejpg\u2066"),
        ("half \udce4", r"half \udce4"),
        (Path("fold\ter/IMG\n1.jpg"), r"fold\ter/IMG\n1.jpg"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(foreign: str | Path, shown: str) -> None:
    assert printable(foreign) == shown


@pytest.mark.parametrize("name", ["Grüße 1.JPG", "写真.jpg", "سارة", "Nikkor 85mm f/1.4 · ½"])
def test_letters_of_any_language_stay(name: str) -> None:
    assert printable(name) == name
