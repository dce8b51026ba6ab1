"""Opening a photo file without trusting it: what it is, by its content, and how large, before any decoding."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from backfocus.verify.photo.pixels.jpeg_parts import why_costly
from backfocus.verify.photo.pixels.quiet import quiet_libraries

EXPORT = "Give the photo as JPEG, PNG, TIFF or RAW file; the camera maker's program can export others as JPEG."

# What a JPEG can have at most, and what the reader of QR codes takes.
_MAX_SIDE = 65_535
# 16-bit colour takes six bytes a pixel: this is 116 MP of it, or 200 MP with 8 bits. Far larger is only what a
# small, crafted file unpacks to.
_MAX_DECODED_BYTES = 700_000_000
# A photo of 61 MP is 40 MB as JPEG and 370 MB as 16-bit TIFF; what is far larger is no photo of a chart.
_MAX_FILE_BYTES = 1_000_000_000

# A JPEG decoder shows a damaged picture, pieces of it out of place, and complains on standard error only. A few
# bytes too many before a marker are some writers' padding; damage leaves hundreds.
# LibRaw, too, goes on behind damage and only writes about it.
_DAMAGE = re.compile(
    "bad Huffman code|[Pp]remature end|found marker|[Ii]nconsistent progression|[0-9]{3} extraneous"
    "|data corrupted|[Uu]nexpected end of file"
)

# Left out are 32-bit integers and floating point, whose white is not known, and L*a*b*.
_MODES = ("1", "L", "P", "PA", "LA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "I;16", "I;16B", "I;16L", "I;16N")


class UnreadablePhotoError(Exception):
    """The file is no photo that can be read; `message` says why in one line, `remedy` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def printable_name(path: str | Path) -> str:
    """Return the file's name for one line of text: control characters and broken Unicode are escaped."""
    name = os.fspath(path)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)


def raw_mode(picture: ImageFile.ImageFile) -> str:
    """Return how the file holds its pixels, in Pillow's words: RGB;16B for 16-bit colours, although read as RGB."""
    arguments = picture.tile[0].args if picture.tile else ""
    return str(arguments[0] if isinstance(arguments, tuple) and arguments else arguments)


@contextmanager
def opened_file(path: Path, name: str) -> Iterator[BinaryIO]:
    """Open a photo file for reading, while image libraries are kept quiet.

    Errors while it is in use are turned into UnreadablePhotoError: whatever a decoder raises on a hostile file, it
    is the file's fault.

    Args:
        path: the file.
        name: its name, safe to print.
    """
    with _file(path, name) as file, quiet_libraries() as complaints:
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
    """Return the JPEG, PNG or TIFF picture in a file, read up to its header; nothing is decoded yet."""
    picture = _header(file, name)
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


def _header(file: BinaryIO, name: str) -> ImageFile.ImageFile:
    start = file.read(16)
    file.seek(0)
    # The plugin is called by name, since Pillow's search would also take dozens of other formats for a photo.
    if start.startswith(b"\xff\xd8\xff"):
        _check_cost(file, name)
        return JpegImageFile(file)
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile(file)
    if start.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return _tiff_header(file, name)
    if start[4:8] == b"ftyp":
        raise UnreadablePhotoError(f"{name}: this is a HEIC or AVIF file.", EXPORT)
    raise UnreadablePhotoError(
        f"{name}: this is no photo, whatever its name: neither JPEG, PNG nor TIFF, nor a RAW file.", EXPORT
    )


def _tiff_header(file: BinaryIO, name: str) -> TiffImageFile:
    try:
        return TiffImageFile(file)
    except SyntaxError as error:  # how Pillow says that it does not know the kind of pixels
        raise UnreadablePhotoError(f"{name}: the file is damaged or incomplete, or a RAW file.", EXPORT) from error


def _check_cost(file: BinaryIO, name: str) -> None:
    cost = why_costly(file.read())
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
    return len(picture.getbands()) * (2 if ";16" in raw_mode(picture) else 1)


def _check_kind(picture: ImageFile.ImageFile, name: str) -> None:
    if picture.mode not in _MODES:
        raise UnreadablePhotoError(
            f"{name}: pixels of the kind {picture.mode} cannot be read.",
            "Save it as grey or RGB with 8 or 16 bits.",
        )
