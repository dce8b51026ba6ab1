"""What a page says where the program's sentences name commands and options, which a page has no use for."""

from __future__ import annotations

import re
from functools import cache

from backfocus.verify.findings import KINDS

_COMMAND = re.compile(r",? then:(?: backfocus .*)?$")
"""With which the next step of an answer ends."""
_INSTEAD = {
    " into one folder": "",
    ", into a new folder": ", for a new session",
    "Give each its own folder.": "Begin a session for each.",
    "Try backfocus measure on one of them.": "Each photo below says why.",
    "For a number: backfocus tune FOLDER --focal-length MM --sensor-width MM": "For a number, type "
    "focal length and camera below.",
    "copy the photos into a folder and run `backfocus tune FOLDER`": "drop the photos on the next page",
    "name others +10_001.jpg": "of others type it beside the photo, or name them +10_001.jpg",
    "`backfocus cameras` tells which have a setting; without one": "some have a setting; without one",
    "; name the camera with --camera": "",
    " (--scatter)": "",
}


def in_page_words(text: str) -> str:
    """Return a sentence, or several, in the words of a page."""
    for command, words in _INSTEAD.items():
        text = text.replace(command, words)
    return _remedies().get(text, _COMMAND.sub(".", text))


@cache
def _remedies() -> dict[str, str]:
    return {kind.remedy: kind.on_page for kind in KINDS.values() if kind.on_page is not None}
