"""Papers, marker ids and the text of the QR code: what is printed to tell charts apart."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

# Paper sizes that charts are designed for.


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
PAPERS_BY_CODE = {paper.code: paper for paper in PAPERS.values()}


# ArUco markers: which ids belong to which chart, and what a marker looks like.
#
# The ids alone tell design and paper, so that a photo whose QR code is too blurred can still be measured.

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

DICTIONARY = "DICT_4X4_250"
"""The fewest and so the largest cells, which survive most blur; 250 ids hold twelve charts."""
IDS_PER_CHART = 20
CELLS = 6
"""Cells along a marker's side: four of the code and a black border of one."""


def first_marker_id(design: str, paper: str) -> int:
    """Return the lowest marker id of a chart."""
    return (DESIGNS.index(design) * len(PAPERS) + list(PAPERS).index(paper)) * IDS_PER_CHART


def chart_of_marker(marker_id: int) -> tuple[str, str] | None:
    """Return (design, paper) of the charts that a marker id belongs to; None for an id of no chart."""
    block = marker_id // IDS_PER_CHART
    if not 0 <= block < len(DESIGNS) * len(PAPERS):
        return None
    return DESIGNS[block // len(PAPERS)], list(PAPERS)[block % len(PAPERS)]


def marker_cells(marker_id: int) -> npt.NDArray[np.bool_]:
    """Return the marker as (CELLS, CELLS) booleans, row 0 at the top, True where there is ink."""
    import cv2
    import numpy as np

    dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, DICTIONARY))
    image = cv2.aruco.generateImageMarker(dictionary, marker_id, CELLS, borderBits=1)
    return np.asarray(image) < 128


# The line of text in a chart's QR code: which chart this is, at what scale and for what angle.
#
# `BF1/FLAT/A4/S1.000/A45.0/K7Q2XZ9/3F1C`: format version, design, paper code, scale, tilt angle, chart id and a
# check sum (CRC-16/XMODEM of all that stands before it). Only characters of the QR alphanumeric mode are used, and
# at most 38 of them, so that a version 2 code of level M holds the text.

FORMAT_VERSION = 1
MAX_LENGTH = 38
QR_VERSION = 2
QR_MODULES, QR_QUIET_MODULES = 25, 4
"""Modules a side in a code of that version, and plain ones around it that readers need (ISO/IEC 18004)."""
DESIGNS = ("flat", "zfold", "wall")
ID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Capital letters and digits without I, L, O and U, which are misread (Crockford's base 32)."""
ID_LENGTH = 7

_PATTERN = re.compile(
    r"BF(?P<version>[0-9]{1,2})/(?P<design>[A-Z]{1,5})/(?P<paper>[A-Z0-9]{2})"
    r"/S(?P<scale>[0-9]\.[0-9]{3})/A(?P<angle>[0-9]{2}\.[0-9])"
    rf"/(?P<id>[{ID_ALPHABET}]{{{ID_LENGTH}}})/(?P<check>[0-9A-F]{{4}})"
)
_VERSION = re.compile(r"BF(?P<version>[0-9]{1,2})/.{1,200}")


class QrTextError(ValueError):
    """The text is not that of a backfocus chart, or it is damaged."""


class UnknownFormatVersionError(QrTextError):
    """The text is that of a backfocus chart of a format version that this program does not know."""


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
        if self.design not in DESIGNS or self.paper not in PAPERS:
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
        raise UnknownFormatVersionError(f"chart format version {int(version['version'])}")
    if match is None:
        raise QrTextError("not a backfocus chart text")
    if _check_sum(text.rpartition("/")[0]) != match["check"]:
        raise QrTextError("check sum does not agree")
    design = match["design"].lower()
    if design not in DESIGNS or match["paper"] not in PAPERS_BY_CODE:
        raise QrTextError("unknown design or paper")
    parsed = QrText(
        design=design,
        paper=PAPERS_BY_CODE[match["paper"]].name,
        scale=float(match["scale"]),
        angle_deg=float(match["angle"]),
        id=match["id"],
    )
    if parsed.encode() != text:
        raise QrTextError("not in the canonical form")
    return parsed


def _check_sum(body: str) -> str:
    return f"{binascii.crc_hqx(body.encode('ascii', 'replace'), 0):04X}"
