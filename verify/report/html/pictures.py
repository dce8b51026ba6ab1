"""Photos for a report: small pictures with what was measured drawn on them, held in the page itself."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from pathlib import Path

from backfocus.verify.measuring import Analysis, analyse
from backfocus.verify.photo.naming import is_photo
from backfocus.verify.photo.opening import printable_name
from backfocus.verify.photo.reading import UnreadablePhotoError
from backfocus.verify.report.annotate import annotated_photo
from backfocus.verify.report.html.contents import Picture
from backfocus.verify.report.text import headline
from backfocus.verify.scoring.tree import file_of

THUMBNAIL_PX, WHOLE_PX = 640, 1100
"""Longest side of one of many pictures, and of the only one: some 40 and 100 kB."""

Progress = Callable[[str], None]


def picture_of(analysis: Analysis, longest_px: int) -> Picture:
    """Return the annotated photo."""
    content = annotated_photo(analysis, longest_px)
    uri = "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")
    return Picture(uri, analysis.measurement.photo, headline(analysis.measurement))


def pictures_of(names: Iterable[str], folder: Path, most: int, progress: Progress) -> tuple[Picture, ...]:
    """Return the first `most` of these photos that are still there, measured again to be drawn on.

    Args:
        names: as tables and series name photos: relative to the folder.
        folder: where the photos are; nothing outside of it is read, whatever a name says.
        progress: called with the name of every photo before it is measured.
    """
    found: list[Picture] = []
    for name in names:
        if len(found) >= most:
            break
        file = _inside(name, folder)
        if file is None:
            continue
        progress(printable_name(name))
        try:
            found.append(picture_of(analyse(file), THUMBNAIL_PX))
        except (UnreadablePhotoError, OSError):
            continue
    return tuple(found)


def _inside(name: str, folder: Path) -> Path | None:
    """Return a photo of the folder; None for what is not there, is no photo, or lies elsewhere."""
    try:
        file = file_of(name, folder).resolve()
        inside = file.is_relative_to(folder.resolve()) and file.is_file() and is_photo(file)
    except (OSError, ValueError):
        return None
    return file if inside else None
