"""Camera, lens and exposure from a photo's EXIF data, every value checked before it is believed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, BinaryIO

from backfocus.verify.findings import Finding
from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.photo.metadata.maker_notes.autofocus import AutofocusNote
from backfocus.verify.photo.metadata.maker_notes.reading import has_maker_note, read_maker_note
from backfocus.verify.photo.metadata.sensor import sensor_width_mm
from backfocus.verify.photo.metadata.whole_picture import missing_px, size_findings

# Ordinary EXIF data take a few hundred reads. Crafted data can send the parser around in circles for hours; it
# stops here, within a quarter of a second.
_MAX_READS = 100_000
_MAX_BYTES = 16_000_000


@dataclass(frozen=True)
class Metadata:
    """What the photo's EXIF data say, checked.

    Attributes:
        camera: camera, lens and exposure, overridden by what the user gave.
        orientation: 1 to 8, as in EXIF; 1 is upright.
        is_adobe_rgb: saved in Adobe RGB, as cameras mark it (DCF option file, interoperability index R03).
        findings: disagreement between the data and the picture.
        missing_px: by how much the picture is less wide and high than what the camera took.
        has_unread_note: there is a maker's note that this program cannot read.
    """

    camera: CameraInfo
    orientation: int
    is_adobe_rgb: bool
    findings: tuple[Finding, ...]
    has_unread_note: bool = False
    missing_px: tuple[float, float] = (0.0, 0.0)


def read_metadata(exif: BinaryIO, image_size: tuple[int, int], given: CameraInfo | None = None) -> Metadata:
    """Return what is known about the camera. Broken or missing data give None for what they would have told.

    Args:
        exif: a TIFF file, or the TIFF block of EXIF data taken out of another file; may be empty.
        image_size: of the picture in pixels, either way round.
        given: what the user says about camera and lens; overrides the data.
    """
    given = given or CameraInfo()
    tags = _tags(exif)
    focal_length_mm = _number(tags, "EXIF FocalLength", 1.0, 5000.0)
    f_number = _number(tags, "EXIF FNumber", 0.5, 64.0)
    make = given.make or _text(tags, "Image Make")
    model = given.model or _text(tags, "Image Model")
    note = read_maker_note(exif, _text(tags, "Image Make"), _text(tags, "Image Model"))
    camera = CameraInfo(
        make=make,
        model=model,
        lens=_text(tags, "EXIF LensModel"),
        focal_length_mm=focal_length_mm,
        f_number=f_number,
        widest_f_number=_widest_f_number(tags, f_number),
        sensor_width_mm=given.sensor_width_mm
        or sensor_width_mm(
            image_size,
            make,
            model,
            focal_plane_width_mm=None if given.model else _focal_plane_width_mm(tags, image_size),
            crop_factor=None if given.model else _crop_factor(tags, focal_length_mm),
        ),
        **asdict(note or AutofocusNote()),
    )
    if camera.focus_distance_m is None:
        # Zero is "unknown" in the tag, the largest number "infinity".
        camera = replace(camera, focus_distance_m=_number(tags, "EXIF SubjectDistance", 0.01, 10_000.0))
    return Metadata(
        camera=replace(camera, **{f.name: v for f in fields(given) if (v := getattr(given, f.name)) is not None}),
        orientation=int(_number(tags, "Image Orientation", 1, 8) or 1),
        is_adobe_rgb=_text(tags, "Interoperability InteroperabilityIndex") == "R03",
        findings=size_findings(_recorded_size(tags), image_size),
        has_unread_note=note is None and has_maker_note(exif),
        missing_px=missing_px(_recorded_size(tags), image_size),
    )


class _RationedFile:
    """Lets a parser read only so often and so much, since crafted EXIF data would keep it busy for ever."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._reads_left = _MAX_READS
        self._bytes_left = _MAX_BYTES

    def read(self, count: int = -1) -> bytes:
        data = self._file.read(min(count, self._bytes_left) if count >= 0 else self._bytes_left)
        self._reads_left -= 1
        self._bytes_left -= len(data)
        if self._reads_left <= 0 or self._bytes_left <= 0:
            raise ValueError("EXIF data do not end")
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _tags(exif: BinaryIO) -> Mapping[str, Any]:
    import exifread

    try:
        tags: Mapping[str, Any] = exifread.process_file(
            _RationedFile(exif),  # type: ignore[arg-type]
            details=False,
            extract_thumbnail=False,
        )
    # The parser raises whatever its arithmetic on broken offsets happens to raise, RecursionError included.
    except Exception:
        return {}
    return tags


def _number(tags: Mapping[str, Any], name: str, low: float, high: float, place: int = 0) -> float | None:
    """Return a value within its believable range, or None."""
    try:
        value = float(tags[name].values[place])
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        return None
    return value if math.isfinite(value) and low <= value <= high else None


def _text(tags: Mapping[str, Any], name: str) -> str | None:
    value = getattr(tags.get(name), "values", None)
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return None
    # No field of a camera is longer; and a terminal should not obey what a file says.
    text = "".join(c for c in value[:200] if c.isprintable()).strip()
    return text[:80] or None


def _widest_f_number(tags: Mapping[str, Any], f_number: float | None) -> float | None:
    # EXIF 2.32: MaxApertureValue is in APEX units, N = 2^(A/2). LensSpecification holds the two ends of a zoom,
    # which say nothing about the focal lengths between unless they agree.
    apex = _number(tags, "EXIF MaxApertureValue", -2.0, 12.0)
    wide_end = _number(tags, "EXIF LensSpecification", 0.5, 64.0, place=2)
    tele_end = _number(tags, "EXIF LensSpecification", 0.5, 64.0, place=3)
    if apex is not None and not (apex == 0.0 and f_number is not None and f_number > 1.4):
        widest: float | None = 2.0 ** (apex / 2.0)
    elif wide_end is not None and wide_end == tele_end:
        widest = wide_end
    else:
        return None
    # A shot cannot be wider open than the lens allows.
    return min(widest, f_number) if widest is not None and f_number is not None else widest


def _recorded_size(tags: Mapping[str, Any]) -> tuple[float, float] | None:
    width = _number(tags, "EXIF ExifImageWidth", 16, 100_000)
    height = _number(tags, "EXIF ExifImageLength", 16, 100_000)
    return None if width is None or height is None else (width, height)


def _focal_plane_width_mm(tags: Mapping[str, Any], image_size: tuple[int, int]) -> float | None:
    # EXIF 2.32, tag 0xA20E: pixels per unit on the sensor; units 2 inch, 3 cm, and in practice 4 mm and 5 µm.
    pixels_per_unit = _number(tags, "EXIF FocalPlaneXResolution", 1e-3, 1e9)
    unit = _number(tags, "EXIF FocalPlaneResolutionUnit", 2, 5) or 2
    if pixels_per_unit is None:
        return None
    long_side = max(_recorded_size(tags) or image_size)
    return long_side / pixels_per_unit * {2: 25.4, 3: 10.0, 4: 1.0, 5: 1e-3}[int(unit)]


def _crop_factor(tags: Mapping[str, Any], focal_length_mm: float | None) -> float | None:
    # Zero stands for "unknown" in the tag.
    equivalent_mm = _number(tags, "EXIF FocalLengthIn35mmFilm", 1.0, 20_000.0)
    return None if equivalent_mm is None or focal_length_mm is None else equivalent_mm / focal_length_mm
