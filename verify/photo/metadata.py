"""What a photo's metadata tell of camera and lens."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import Any, BinaryIO

from ..findings import Finding, Findings
from . import makernotes, nikon
from .makernotes import AfMethod, AutofocusNote
from .tiff import DNG_PRIVATE_DATA, EXIF_TABLE, MAKER_NOTE, BrokenTable, TagTable

# What is known about the camera and lens that took a photo.


@dataclass(frozen=True)
class CameraInfo:
    """Camera, lens and exposure; None where unknown.

    Attributes:
        sensor_width_mm: length of the sensor's long side.
        f_number: aperture of the shot.
        widest_f_number: widest aperture of the lens at this focal length.
        af_setting: AF fine-tune setting in force, in the camera's own steps; 0 when the function is off.
        af_setting_on: whether the function is on, where the camera says so.
        af_setting_wide, af_setting_tele: settings in force at the two ends of a zoom, where the body has two. What
            is stored there while the function is off is left out.
        focus_distance_m: as the lens reports it, in coarse steps: no measure of the real distance.
        af_method: what focused: the AF module ("phase"), or live view ("contrast/live view").
        af_point: "center", or the maker's number or place of another AF point.
    """

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    focal_length_mm: float | None = None
    f_number: float | None = None
    widest_f_number: float | None = None
    sensor_width_mm: float | None = None
    af_setting: float | None = None
    af_setting_on: bool | None = None
    af_setting_wide: float | None = None
    af_setting_tele: float | None = None
    focus_distance_m: float | None = None
    af_method: AfMethod | None = None
    af_point: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they stand in the JSON."""
        return asdict(self)


# The sensor's width, from the best of three witnesses: the file's pixel pitch, a database, the crop factor.

_FULL_FRAME_DIAGONAL_MM = math.hypot(36.0, 24.0)
# From small phone sensors to medium format.
_MIN_WIDTH_MM, _MAX_WIDTH_MM = 3.0, 60.0
# Equivalent focal lengths are whole millimetres, so that the crop factor is good to some per cent; a body that
# crops (DX on FX) differs by 25 % and more.
_AGREES = 0.12
# An equivalent focal length that is the focal length itself settles it; loading the database takes 0.1 s.
_IS_FULL_FRAME = 0.01


def sensor_width_mm(
    image_size: tuple[int, int],
    make: str | None,
    model: str | None,
    *,
    focal_plane_width_mm: float | None = None,
    crop_factor: float | None = None,
) -> float | None:
    """Return the length of the sensor's long side in mm, as far as it made the picture; None if unknown.

    Args:
        image_size: of the picture in pixels, either way round; gives the aspect ratio.
        make, model: as in EXIF; matched exactly against lensfun's database, which is asked only when needed.
        focal_plane_width_mm: from the pixel pitch that the file states.
        crop_factor: full-frame diagonal over sensor diagonal, from the equivalent focal length of the file.
    """
    by_crop = None if crop_factor is None else _believable(_long_side_mm(crop_factor, image_size))
    for_full_picture = _believable(focal_plane_width_mm)
    if for_full_picture is None and crop_factor is not None and abs(crop_factor - 1.0) < _IS_FULL_FRAME:
        return by_crop
    if for_full_picture is None and model is not None:
        known = _known_crop_factor(make or "", model)
        for_full_picture = None if known is None else _long_side_mm(known, image_size)
    if for_full_picture is None:
        return by_crop
    # The crop factor knows when the body used only a part of its sensor.
    if by_crop is not None and abs(by_crop / for_full_picture - 1.0) > _AGREES:
        return by_crop
    return for_full_picture


def _believable(width_mm: float | None) -> float | None:
    return width_mm if width_mm is not None and _MIN_WIDTH_MM <= width_mm <= _MAX_WIDTH_MM else None


def _long_side_mm(crop_factor: float, image_size: tuple[int, int]) -> float:
    # Sensors are 4 : 3 or 3 : 2; a wider picture (16 : 9) has been trimmed above and below.
    aspect = min(max(max(image_size) / max(min(image_size), 1), 4 / 3), 3 / 2)
    return _FULL_FRAME_DIAGONAL_MM / crop_factor * aspect / math.hypot(aspect, 1.0)


@cache
def _known_crop_factor(make: str, model: str) -> float | None:
    import lensfunpy

    wanted = model.lower().split()
    for camera in lensfunpy.Database().find_cameras(make, model, loose_search=True):
        # A loose search also offers other cameras; only the same name, with or without the maker's, will do.
        name = camera.model.lower().split()
        if wanted in (name, name[1:]) or wanted[1:] == name:
            return float(camera.crop_factor)
    return None


# Whether a picture is the whole that the camera took, by its size and its proportions.

Size = tuple[float, float]
"""Width and height in pixels."""

_SAME_SIZE = 0.03
"""A picture that was only turned or trimmed by a few rows has its size within this of what the camera wrote."""
_PROPORTIONS = (1, 5 / 4, 4 / 3, 3 / 2, 16 / 9, 256 / 135, 2, 18.5 / 9, 19.5 / 9, 20 / 9, 21 / 9, 65 / 24)
"""Long side over short side, of photo cameras, phones and video."""
_SAME_PROPORTIONS = 0.015
"""Sizes of real sensors differ from these by up to 0.8 % (3032 x 2008)."""
_CUT_UNKNOWN = 0.4
"""Of what is left: with each side cut by up to 35 %, 95 % of the pictures have their axis within half of this."""


def missing_px(recorded: Size | None, image: Size) -> Size:
    """Return by how much a picture may be less wide and high than what the camera took.

    Args:
        recorded: size of the camera's picture, as its metadata say.
        image: size of this picture. With proportions that no camera has it was cut, nobody knows by how much.
    """
    whole = image if recorded is None else _turned_like(image, recorded)
    if _change(whole, image) <= _SAME_SIZE and not _has_usual_proportions(image):
        return _CUT_UNKNOWN * image[0], _CUT_UNKNOWN * image[1]
    return max(whole[0] - image[0], 0.0), max(whole[1] - image[1], 0.0)


def size_findings(recorded: Size | None, image: Size) -> tuple[Finding, ...]:
    """Return what is to be said about a picture that is not the whole, or not of its size."""
    sides = f"{max(image):.0f} x {min(image):.0f}"
    if recorded is not None and _change(_turned_like(image, recorded), image) > _SAME_SIZE:
        message = f"The picture has {sides} pixels, but the camera took {max(recorded):.0f} x {min(recorded):.0f}."
        return (Findings.PHOTO_RESIZED.finding(message),)
    if not _has_usual_proportions(image):
        return (Findings.PHOTO_RESIZED.finding(f"{sides} pixels are the proportions of no camera."),)
    return ()


def _turned_like(image: Size, other: Size) -> Size:
    """Return the other size the same way round: some programs turn the picture and leave the tags."""
    return other if (other[0] > other[1]) == (image[0] > image[1]) else (other[1], other[0])


def _change(whole: Size, image: Size) -> float:
    """Return the larger of how much is missing and how much smaller or larger the picture is."""
    missing = max((side - left) / left for side, left in zip(whole, image, strict=True))
    return max(missing, abs(max(image) / max(whole) - 1.0))


def _has_usual_proportions(image: Size) -> bool:
    ratio = max(image) / max(min(image), 1)
    return any(abs(ratio / usual - 1.0) < _SAME_PROPORTIONS for usual in _PROPORTIONS)


# Finds the maker's note in EXIF data and has it read by the maker's module.
#
# Checked, where the reference could, on exiv2's sample files of a dozen bodies.

_READERS: dict[str, Callable[[TagTable, int, str], AutofocusNote]] = {
    "canon": makernotes.read_canon,
    "nikon": nikon.read_nikon,
    "sony": makernotes.read_sony,
    "hasselblad": makernotes.read_sony,
    "pentax": makernotes.read_pentax,
    "ricoh": makernotes.read_pentax,
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


# Camera, lens and exposure from a photo's EXIF data, every value checked before it is believed.

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
