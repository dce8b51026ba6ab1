"""Finds the maker's note in EXIF data and has it read by the maker's module.

Checked, where the reference could, on exiv2's sample files of a dozen bodies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from backfocus.verify.photo.metadata.maker_notes import canon, nikon, pentax, sony
from backfocus.verify.photo.metadata.maker_notes.autofocus import AutofocusNote
from backfocus.verify.photo.metadata.tag_table import (
    DNG_PRIVATE_DATA,
    EXIF_TABLE,
    MAKER_NOTE,
    BrokenTable,
    TagTable,
)

_READERS: dict[str, Callable[[TagTable, int, str], AutofocusNote]] = {
    "canon": canon.read,
    "nikon": nikon.read,
    "sony": sony.read,
    "hasselblad": sony.read,
    "pentax": pentax.read,
    "ricoh": pentax.read,
}


def has_maker_note(exif: BinaryIO) -> bool:
    """Whether there is a maker's note, readable or not.

    Args:
        exif: a TIFF file, or the TIFF block of EXIF data taken out of another file; may be empty or broken.
    """
    try:
        _place_of_note(TagTable(exif))
    except BrokenTable:
        return False
    return True


def read_maker_note(exif: BinaryIO, make: str | None, model: str | None) -> AutofocusNote | None:
    """Return what the maker's note says about autofocus; None without one that can be read.

    Args:
        exif: as for `has_maker_note`.
        make, model: of the camera, as they stand in the EXIF data.
    """
    reader = _READERS.get(((make or "").lower().split() or [""])[0])
    if reader is None:
        return None
    try:
        table = TagTable(exif)
        return reader(table, _place_of_note(table), model or "")
    except BrokenTable:
        return None


def _place_of_note(table: TagTable) -> int:
    try:
        return table.table_in(EXIF_TABLE).place_of(MAKER_NOTE)[0]
    except KeyError:
        # Where Pentax's own DNG files have it.
        return table.place_of(DNG_PRIVATE_DATA)[0]
