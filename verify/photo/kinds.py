"""What a file is by its first bytes, whatever its name: pictures that are read, and what others are called."""

from __future__ import annotations

from typing import Literal

from backfocus.targets.errors import UnreadablePhotoError

Kind = Literal["JPEG", "PNG", "TIFF", "HEIF", "AVIF", "WebP"]

START_BYTES = 256
"""How much of a file tells its kind."""
EXPORT = (
    "Give the photo as JPEG, HEIC, PNG, TIFF or RAW file; the camera maker's program can export others as JPEG."
)
_AS_PHOTO = "Take a still photo, not a video: focus of a video is no measure of the autofocus for photos."
_ORIGINAL = "Give the photo itself, as the camera wrote it."
_SEVERAL = "Give one photo, as JPEG or RAW file."

_PICTURES: tuple[tuple[tuple[bytes, ...], Kind], ...] = (
    ((b"\xff\xd8\xff",), "JPEG"),
    ((b"\x89PNG\r\n\x1a\n",), "PNG"),
    ((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "TIFF"),
)
_BOX_TYPES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""With which QuickTime files from before `ftyp` begin."""
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"msf1", b"hevc", b"hevx", b"hevm", b"hevs")
_AVIF_BRANDS = (b"avif", b"avis")
_JXL_STARTS = (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")
_JPEG_2000_STARTS = (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")
_PACKETS = ((0, 188), (4, 196))
"""Where the packets of an MPEG transport stream (ISO/IEC 13818-1) begin; AVCHD puts four bytes before each."""
_OTHERS = (
    ((b"GIF87a", b"GIF89a"), "a GIF picture", EXPORT),
    ((b"BM",), "a BMP picture", EXPORT),
    ((b"8BPS",), "a Photoshop file", EXPORT),
    ((b"gimp xcf",), "a GIMP file", EXPORT),
    ((b"II\xbc",), "a JPEG XR file", EXPORT),
    ((b"%PDF",), "a PDF", _ORIGINAL),
    ((b"PK\3\4",), "a ZIP archive, as EIP files of Capture One are", "Unpack it, and give the RAW file in it."),
    ((b"\x1a\x45\xdf\xa3",), "a video (Matroska)", _AS_PHOTO),
    (_JXL_STARTS, "a JPEG XL file, a kind that is not read", EXPORT),
    (_JPEG_2000_STARTS, "a JPEG 2000 file, a kind that is not read", EXPORT),
)


def kind_of(start: bytes, name: str) -> Kind:
    """Return what a file is that is no RAW file.

    Args:
        start: its first bytes, `START_BYTES` of them.
        name: its name, safe to print.

    Raises:
        UnreadablePhotoError: it is another kind, which the text names, or none that is known.
    """
    for starts, kind in _PICTURES:
        if start.startswith(starts):
            return kind
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "WebP"
    if start.startswith(b"RIFF") and start[8:12] == b"AVI ":
        raise UnreadablePhotoError(f"{name}: this is a video (AVI).", _AS_PHOTO)
    if start[4:8] == b"ftyp":
        return _boxed_kind(start, name)
    if start[4:8] in _BOX_TYPES:
        raise UnreadablePhotoError(f"{name}: this is a video (QuickTime).", _AS_PHOTO)
    if _is_stream(start):
        raise UnreadablePhotoError(f"{name}: this is a video (AVCHD).", _AS_PHOTO)
    for starts, what, remedy in _OTHERS:
        if start.startswith(starts):
            raise UnreadablePhotoError(f"{name}: this is {what}.", remedy)
    raise UnreadablePhotoError(
        f"{name}: this is no photo, whatever its name: no JPEG, HEIC, AVIF, WebP, PNG, TIFF or RAW file.", EXPORT
    )


def _is_stream(start: bytes) -> bool:
    return any(start[first : first + 1] == start[second : second + 1] == b"G" for first, second in _PACKETS)


def _boxed_kind(start: bytes, name: str) -> Kind:
    """Return which picture an ISO base media file (ISO/IEC 14496-12, section 4.3) holds, by its brands."""
    size = min(max(int.from_bytes(start[:4], "big"), 16), len(start))
    major = start[8:12]
    brands = [major, *(start[place : place + 4] for place in range(16, size - 3, 4))]
    # mif1 and msf1 say only that it is a picture; how that is coded is told by the others.
    if any(brand in _AVIF_BRANDS for brand in brands) and major not in _HEIF_BRANDS[:4]:
        return "AVIF"
    if major in _HEIF_BRANDS or any(brand in _HEIF_BRANDS for brand in brands):
        return "HEIF"
    shown = "QuickTime" if major == b"qt  " else "MP4"
    raise UnreadablePhotoError(f"{name}: this is a video ({shown}).", _AS_PHOTO)


def check_single(pictures: int, name: str) -> None:
    """Refuse a file with several pictures one after the other.

    Raises:
        UnreadablePhotoError: an animation.
    """
    if pictures > 1:
        raise UnreadablePhotoError(f"{name}: an animation of {pictures} pictures.", _SEVERAL)
