"""Opening a photo file without trusting it: what it is, by its content, and how large, before any decoding."""

from __future__ import annotations

import logging
import os
import re
import stat
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from backfocus.targets.errors import UnreadablePhotoError

from .kinds import EXPORT, START_BYTES, check_single, kind_of

if TYPE_CHECKING:
    from PIL import ImageFile

DRAWN_BY = "backfocus, a drawing of a measured photo"
"""What our own pictures of measurements are marked with: the chart in them would be measured, and wrong."""

# What a JPEG can have at most, and what the reader of QR codes takes.
_MAX_SIDE = 65_535
# 16-bit colour takes six bytes a pixel: this is 116 MP of it, or 200 MP with 8 bits. Far larger is only what a
# small, crafted file unpacks to.
_MAX_DECODED_BYTES = 700_000_000
# A photo of 61 MP is 40 MB as JPEG and 370 MB as 16-bit TIFF; what is far larger is no photo of a chart.
_MAX_FILE_BYTES = 1_000_000_000
_PIECE = 1 << 20
_WEBP_BYTES = 4
"""A pixel, as WebP's decoder keeps it."""

# A JPEG decoder shows a damaged picture, pieces of it out of place, and complains on standard error only. A few
# bytes too many before a marker are some writers' padding; damage leaves hundreds.
# LibRaw, too, goes on behind damage and only writes about it.
_DAMAGE = re.compile(
    "bad Huffman code|[Pp]remature end|found marker|[Ii]nconsistent progression|[0-9]{3} extraneous"
    "|data corrupted|[Uu]nexpected end of file"
)

# Left out are 32-bit integers and floating point, whose white is not known, and L*a*b*.
_MODES = ("1", "L", "P", "PA", "LA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "I;16", "I;16B", "I;16L", "I;16N")


@contextmanager
def spooled(stream: BinaryIO, name: str) -> Iterator[Path]:
    """Return a file of what a stream holds, which only this user may read, and which is gone afterwards.

    Args:
        stream: standard input; what decodes photos must be able to go back in them.
        name: that of the file.

    Raises:
        UnreadablePhotoError: the stream is a terminal, or empty, or no photo by its size; or the disk is full.
    """
    if stream.isatty():
        raise UnreadablePhotoError(f"{name}: standard input is a terminal.", "Lead a file into it: < IMG_0001.JPG")
    try:
        # Readable by nobody else: so are folders that this makes.
        with tempfile.TemporaryDirectory(prefix="backfocus-") as folder:
            file = Path(folder) / name
            _copy(stream, file, name)
            yield file
    except OSError as error:
        why = (error.strerror or "it cannot be copied").lower()
        raise UnreadablePhotoError(f"{name}: standard input: {why}.", "Give the file itself.") from error


def _copy(stream: BinaryIO, file: Path, name: str) -> None:
    size = 0
    with file.open("wb") as copy:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > _MAX_FILE_BYTES:
                raise UnreadablePhotoError(f"{name}: over 1 GB.", "Give a photo straight from the camera.")
            copy.write(piece)
    if not size:
        raise UnreadablePhotoError(f"{name}: standard input is empty.", "Lead a file into it: < IMG_0001.JPG")


@contextmanager
def opened_file(path: Path, name: str) -> Iterator[BinaryIO]:
    """Open a photo file for reading, while image libraries are kept quiet.

    Errors while it is in use are turned into UnreadablePhotoError: whatever a decoder raises on a hostile file, it
    is the file's fault.

    Args:
        path: the file.
        name: its name, safe to print.
    """
    with _file(path, name) as file, _quiet_libraries() as complaints:
        try:
            yield file
            if _DAMAGE.search(complaints()):
                raise OSError("damaged")
        except UnreadablePhotoError:
            raise
        except MemoryError as error:
            raise UnreadablePhotoError(
                f"{name}: not enough memory to read it.", "Use a smaller picture."
            ) from error
        except Exception as error:
            raise UnreadablePhotoError(
                f"{name}: the file is damaged or incomplete.",
                "Copy it from the camera again, or take another photo.",
            ) from error


def picture_in(file: BinaryIO, name: str, max_megapixels: float) -> ImageFile.ImageFile:
    """Return the picture in a file that is no RAW file, read up to its header; nothing is decoded yet."""
    picture = _header(file, name, max_megapixels)
    check_size(picture.size, _bytes_per_pixel(picture), name, max_megapixels)
    _check_kind(picture, name)
    return picture


@contextmanager
def _file(path: Path, name: str) -> Iterator[BinaryIO]:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadablePhotoError(
                f"{name}: this is a folder.", "Name the photos in it, for example FOLDER/*.JPG."
            )
        # A pipe or a device could block for ever or never end.
        if not stat.S_ISREG(status.st_mode):
            raise UnreadablePhotoError(f"{name}: not a regular file.", "Give the path of a photo.")
        if status.st_size == 0:
            raise UnreadablePhotoError(f"{name}: the file is empty.", "Copy it from the camera again.")
        if status.st_size > _MAX_FILE_BYTES:
            raise UnreadablePhotoError(f"{name}: the file is over 1 GB.", "Give a photo straight from the camera.")
        file = path.open("rb")
    except FileNotFoundError as error:
        raise UnreadablePhotoError(f"{name}: there is no such file.", "Check the path.") from error
    except PermissionError as error:
        raise UnreadablePhotoError(f"{name}: no permission to read it.", "Check the file's permissions.") from error
    except (OSError, ValueError) as error:
        raise UnreadablePhotoError(f"{name}: cannot be opened.", "Check the path and the disk.") from error
    with file:
        yield file


def _header(file: BinaryIO, name: str, max_megapixels: float) -> ImageFile.ImageFile:
    kind = kind_of(file.read(START_BYTES), name)
    file.seek(0)
    # The plugin is called by name, since Pillow's search would also take dozens of other formats for a photo.
    if kind == "JPEG":
        from PIL.JpegImagePlugin import JpegImageFile

        _check_cost(file, name)
        return JpegImageFile(file)
    if kind == "PNG":
        from PIL.PngImagePlugin import PngImageFile

        return PngImageFile(file)
    if kind == "TIFF":
        return _tiff_header(file, name)
    from .phones import avif_header, heif_header, webp_header

    if kind == "WebP":
        # Its decoder takes the memory for the whole picture when it is made.
        return webp_header(file, lambda size: check_size(size, _WEBP_BYTES, name, max_megapixels))
    return heif_header(file) if kind == "HEIF" else avif_header(file, name)


def _tiff_header(file: BinaryIO, name: str) -> ImageFile.ImageFile:
    from PIL.TiffImagePlugin import TiffImageFile

    try:
        return TiffImageFile(file)
    except SyntaxError as error:  # how Pillow says that it does not know the kind of pixels
        raise UnreadablePhotoError(f"{name}: the file is damaged or incomplete, or a RAW file.", EXPORT) from error


def _check_cost(file: BinaryIO, name: str) -> None:
    cost = _why_costly(file.read())
    file.seek(0)
    if cost is not None:
        raise UnreadablePhotoError(f"{name}: a JPEG with {cost}.", "Save it again as an ordinary JPEG.")


def check_size(size: tuple[int, int], bytes_per_pixel: int, name: str, max_megapixels: float) -> None:
    """Refuse a picture that is larger than photos are, before it is decoded.

    Raises:
        UnreadablePhotoError: too many megapixels, or too much memory.
    """
    columns, rows = size
    if columns * rows > max_megapixels * 1e6:
        raise UnreadablePhotoError(
            f"{name}: {columns} x {rows} pixels is more than {max_megapixels:g} megapixels.",
            "Give a photo straight from the camera, not a stitched or enlarged one.",
        )
    if max(columns, rows) > _MAX_SIDE:
        raise UnreadablePhotoError(f"{name}: {columns} x {rows} pixels are no photo.", "Give a whole photo.")
    if columns * rows * bytes_per_pixel > _MAX_DECODED_BYTES:
        raise UnreadablePhotoError(
            f"{name}: {columns} x {rows} pixels of {bytes_per_pixel} bytes need too much memory.",
            "Save the photo as a JPEG file.",
        )


def _bytes_per_pixel(picture: ImageFile.ImageFile) -> int:
    is_deep = ";16" in raw_mode(picture) or picture.info.get("bit_depth", 8) > 8
    return len(picture.getbands()) * (2 if is_deep else 1)


def _check_kind(picture: ImageFile.ImageFile, name: str) -> None:
    if picture.info.get("Software") == DRAWN_BY:
        raise UnreadablePhotoError(
            f"{name}: this is a drawing that backfocus made of a photo.", "Give the photo itself."
        )
    if picture.format in ("AVIF", "WEBP"):
        check_single(getattr(picture, "n_frames", 1), name)
    if picture.mode not in _MODES:
        raise UnreadablePhotoError(
            f"{name}: pixels of the kind {picture.mode} cannot be read.",
            "Save it as grey or RGB with 8 or 16 bits.",
        )


def raw_mode(picture: ImageFile.ImageFile) -> str:
    """Return how the file holds its pixels, in Pillow's words: RGB;16B for 16-bit colours, although read as RGB."""
    arguments = picture.tile[0].args if picture.tile else ""
    return str(arguments[0] if isinstance(arguments, tuple) and arguments else arguments)


_START_OF_SCAN, _END_OF_IMAGE, _PROGRESSIVE, _APP1 = 0xDA, 0xD9, 0xC2, 0xE1
# ITU-T T.81, B.1.1.2: within coded data, 0xFF is followed by a zero, or by a restart marker D0 to D7.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")

# Cameras write one block of EXIF data, of 64 kB at most. Pillow appends one block to the next, at a cost that grows
# with the square of their number: 1500 blocks took 52 s.
_MAX_EXIF_BLOCKS = 50
# Progressive JPEGs have about 10 scans. Each costs a pass over the whole picture.
_MAX_SCANS = 64
# Ordinary files have some dozens; a depth map in extended XMP adds one for each 64 kB.
_MAX_PARTS = 5000


def _why_costly(data: bytes) -> str | None:
    """Return what makes a JPEG file far costlier to read than its size tells, or None for an ordinary one."""
    exif_blocks = scans = 0
    for count, (marker, start) in enumerate(_parts(data)):
        exif_blocks += marker == _APP1 and data[start : start + 4] == b"Exif"
        scans += marker == _START_OF_SCAN
        if exif_blocks > _MAX_EXIF_BLOCKS:
            return f"more than {_MAX_EXIF_BLOCKS} blocks of metadata"
        if scans > _MAX_SCANS:
            return f"more than {_MAX_SCANS} scans"
        if count > _MAX_PARTS:
            return f"more than {_MAX_PARTS} parts"
    return None


def coded_picture(data: bytes) -> bytes:
    """Return a JPEG file from its first coded pixels on, without the metadata before them; others whole."""
    if not data.startswith(b"\xff\xd8\xff"):
        return data
    return data[next((start for marker, start in _parts(data) if marker == _START_OF_SCAN), 0) :]


def _parts(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield marker and place of the content of every part of the first picture, as far as it must be known."""
    is_progressive = False
    place = 2
    while found := _NEXT_MARKER.search(data, place):
        marker = data[found.start() + 1]
        start = found.end() + 2
        yield marker, start
        is_progressive |= marker == _PROGRESSIVE
        # Only progressive pictures may have more than one scan for each colour; the others need not be searched.
        if marker == _END_OF_IMAGE or (marker == _START_OF_SCAN and not is_progressive):
            return
        place = found.end() + max(int.from_bytes(data[found.end() : start], "big"), 2)


# All settings in here belong to the whole process, so that only one photo at a time may change them.
_one_at_a_time = threading.Lock()


@contextmanager
def _quiet_libraries() -> Iterator[Callable[[], str]]:
    """Silence warnings, log lines and what C libraries write past Python; lift Pillow's pixel limit.

    What is wrong with a photo is told by an exception or a finding, once and in the program's own words. The
    function handed out returns what has been written past Python so far.
    """
    from PIL import Image

    logger = logging.getLogger("PIL")
    level = logger.level
    pixel_limit = Image.MAX_IMAGE_PIXELS
    with _one_at_a_time, warnings.catch_warnings(), _standard_error_caught() as said:
        warnings.simplefilter("ignore")
        # Pillow warns from 89 MP on; sizes are checked from the header, by the caller.
        Image.MAX_IMAGE_PIXELS = None
        logger.setLevel(logging.CRITICAL + 1)
        try:
            yield said
        finally:
            Image.MAX_IMAGE_PIXELS = pixel_limit
            logger.setLevel(level)


@contextmanager
def _standard_error_caught() -> Iterator[Callable[[], str]]:
    if sys.stderr is None:  # the process was started without one, and descriptor 2 may be any file
        yield str
        return
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with _nameless_file() as caught:
            os.dup2(caught.fileno(), 2)
            yield lambda: _content(caught)
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _nameless_file() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile()
    except OSError:  # no folder to write to: what the libraries say is lost
        return Path(os.devnull).open("r+b")


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("ascii", "replace")
