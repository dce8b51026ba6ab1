"""Papers, marker ids and the text of the QR code: what is printed to tell charts apart.

The marker ids alone tell design and paper, so that a photo whose QR code is too blurred can still be measured.
The QR code says more, in one line: `BF2/FLAT/A4/S1.000/A45.0/K7Q2XZ9/3F1C` is format version, design, paper code,
scale, tilt angle, chart id and a check sum (CRC-16/XMODEM of all that stands before it).
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import QrTextError, UnknownFormatVersionError

if TYPE_CHECKING:
    import cv2
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True)
class Paper:
    """A paper format in portrait orientation: `name` on the command line, `code` in the QR text."""

    name: str
    code: str
    width_mm: float
    height_mm: float


PAPERS = {
    paper.name: paper
    for paper in (
        Paper("a4", "A4", 210.0, 297.0),
        Paper("letter", "LT", 215.9, 279.4),
        Paper("a3", "A3", 297.0, 420.0),
        Paper("tabloid", "TB", 279.4, 431.8),
    )
}
MARKER_IDS = {
    ("flat", "a4"): range(20),
    ("flat", "letter"): range(20, 40),
    ("flat", "a3"): range(40, 60),
    ("flat", "tabloid"): range(60, 80),
    ("zfold", "a4"): range(80, 100),
    ("zfold", "letter"): range(100, 120),
    ("zfold", "a3"): range(120, 140),
    ("zfold", "tabloid"): range(140, 160),
    ("wall", "a4"): range(160, 180),
    ("wall", "letter"): range(180, 200),
    ("wall", "a3"): range(200, 220),
    ("wall", "tabloid"): range(220, 240),
}
"""Ids that belong to the charts of a design and paper; a sheet prints the first of them. Frozen, as sheets hang on
walls: rows may be added, with ids from 240 to 390, but none may change. A chart needs 6 to 14 ids. Up to 390, all
differ in three or more of their 16 cells, however turned, so that one misread cell makes no other marker."""
DESIGNS = tuple(dict.fromkeys(design for design, _ in MARKER_IDS))

CELLS = 6
"""Cells along a marker's side: four of the code, the fewest and so the largest, and a black border of one."""
DICTIONARY = "DICT_4X4_1000"
"""Its first 50, 100 and 250 markers are OpenCV's smaller dictionaries of the same cells."""
MISREAD_CELLS = 1
"""Cells that the reader may correct; OpenCV allows 1 for its first 250 markers, but none for all 1000."""

FORMAT_VERSION = 2
"""Sheets of version 1 had one direction of edges, and nobody but us printed any."""
MAX_LENGTH = 38
"""Characters of the QR alphanumeric mode that a code of version 2, level M holds."""
QR_VERSION = 2
QR_MODULES, QR_QUIET_MODULES = 25, 4
"""Modules a side in a code of that version, and plain ones around it that readers need (ISO/IEC 18004)."""
ID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Capital letters and digits without I, L, O and U, which are misread (Crockford's base 32)."""
ID_LENGTH = 7


def chart_of_marker(marker_id: int) -> tuple[str, str] | None:
    """Return (design, paper) of the charts that a marker id belongs to; None for an id of no chart."""
    return next((chart for chart, ids in MARKER_IDS.items() if marker_id in ids), None)


def marker_cells(marker_id: int) -> npt.NDArray[np.bool_]:
    """Return the marker as (CELLS, CELLS) booleans, row 0 at the top, True where there is ink."""
    import cv2
    import numpy as np

    return np.asarray(cv2.aruco.generateImageMarker(_all_markers(), marker_id, CELLS, borderBits=1)) < 128


def marker_dictionary() -> tuple[cv2.aruco.Dictionary, tuple[int, ...]]:
    """Return a dictionary of the charts' markers and no others, and the ids by their places in it.

    What OpenCV's detector calls ids are those places. The fewer markers, the fewer things are taken for one.
    """
    import cv2

    ids = tuple(marker_id for block in MARKER_IDS.values() for marker_id in block)
    every = _all_markers()
    return cv2.aruco.Dictionary(every.bytesList[list(ids)], every.markerSize, MISREAD_CELLS), ids


def _all_markers() -> cv2.aruco.Dictionary:
    import cv2

    return cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY))


_PATTERN = re.compile(
    r"BF(?P<version>[0-9]{1,2})/(?P<design>[A-Z]{1,5})/(?P<paper>[A-Z0-9]{2})"
    r"/S(?P<scale>[0-9]\.[0-9]{3})/A(?P<angle>[0-9]{2}\.[0-9])"
    rf"/(?P<id>[{ID_ALPHABET}]{{{ID_LENGTH}}})/(?P<check>[0-9A-F]{{4}})"
)
_VERSION = re.compile(r"BF(?P<version>[0-9]{1,2})/.{1,200}")


@dataclass(frozen=True)
class QrText:
    """What a chart's QR code says; `paper` is the paper's name, not its code."""

    design: str
    paper: str
    scale: float
    angle_deg: float
    id: str

    def encode(self) -> str:
        """Return the line of text, with version and check sum.

        Raises:
            QrTextError: a field cannot be written in the format.
        """
        if (self.design, self.paper) not in MARKER_IDS:
            raise QrTextError(f"no chart design {self.design!r} for paper {self.paper!r}")
        body = (
            f"BF{FORMAT_VERSION}/{self.design.upper()}/{PAPERS[self.paper].code}"
            f"/S{self.scale:.3f}/A{self.angle_deg:04.1f}/{self.id}"
        )
        text = f"{body}/{_check_sum(body)}"
        if _PATTERN.fullmatch(text) is None or len(text) > MAX_LENGTH:
            raise QrTextError(f"a field is outside of what the QR text can hold: {text!r}")
        return text


def is_chart_id(text: str) -> bool:
    """Whether a text can be the id of a chart."""
    return len(text) == ID_LENGTH and set(text) <= set(ID_ALPHABET)


def id_from_digest(digest: bytes) -> str:
    """Return the id that follows from a digest of at least `ID_LENGTH` bytes."""
    return "".join(ID_ALPHABET[byte % len(ID_ALPHABET)] for byte in digest[:ID_LENGTH])


def parse_qr_text(text: str) -> QrText:
    """Return what a QR text says.

    Raises:
        UnknownFormatVersionError: a backfocus text of another format version.
        QrTextError: any other text that `QrText.encode` does not write.
    """
    match = _PATTERN.fullmatch(text)
    version = _VERSION.fullmatch(text)
    if version is not None and int(version["version"]) != FORMAT_VERSION:
        raise UnknownFormatVersionError(int(version["version"]), FORMAT_VERSION)
    if match is None:
        raise QrTextError("not a backfocus chart text")
    if _check_sum(text.rpartition("/")[0]) != match["check"]:
        raise QrTextError("check sum does not agree")
    paper = next((paper.name for paper in PAPERS.values() if paper.code == match["paper"]), "")
    parsed = QrText(
        design=match["design"].lower(),
        paper=paper,
        scale=float(match["scale"]),
        angle_deg=float(match["angle"]),
        id=match["id"],
    )
    if parsed.encode() != text:
        raise QrTextError("not in the canonical form")
    return parsed


def _check_sum(body: str) -> str:
    return f"{binascii.crc_hqx(body.encode('ascii', 'replace'), 0):04X}"
