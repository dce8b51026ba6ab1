"""What a photo's metadata tell of camera, lens and exposure; every value is checked before it is believed."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, BinaryIO

from ..findings import Finding, Findings
from .frame_notes import FrameNote, Size, read_frame_note
from .makernotes import may_hold_setting, read_maker_note
from .note import PRIVATE, AfMethod, MakerNote, described, is_f_number, lens_name, serial
from .sensor import Completeness, FrameSeen, Reading, Witnesses, frame_of
from .tiff import ExifData, TagTable, exif_data

_SOFTWARE = 0x0131
_CUSTOM_RENDERED, _COMPOSITE_IMAGE = 0xA401, 0xA460
_COMPOSED = (2, 3)
"""CompositeImage in EXIF 2.32, section 4.6.6: a general composite, and one that was captured while shooting."""
_APPLE_HDR, _APPLE_PORTRAIT = (2, 3), (7, 8)
"""CustomRendered as Apple writes it (ExifTool's tag table); of others it tells nothing."""
_STACKERS = ("helicon focus", "zerene stacker")
_PORTRAIT_MARKS = {
    b"SpecialType-PORTRAIT": "portrait mode",
    b"PortraitRequest": "portrait mode",
    b"GDepth:BlurAtInfinity": "lens blur",
    b"GFocus:BlurAtInfinity": "lens blur",
}
"""In the XMP of Google's cameras. A depth map alone (GDepth) changes no pixel."""
_MAKE, _MODEL, _ORIENTATION = 0x010F, 0x0110, 0x0112
_F_NUMBER, _MAX_APERTURE, _SUBJECT_DISTANCE, _FOCAL_LENGTH = 0x829D, 0x9205, 0x9206, 0x920A
_WIDTH, _HEIGHT, _INTEROPERABILITY_TABLE, _INTEROPERABILITY_INDEX = 0xA002, 0xA003, 0xA005, 0x0001
_PLANE_X_RESOLUTION, _PLANE_RESOLUTION_UNIT, _EQUIVALENT_FOCAL_LENGTH = 0xA20E, 0xA210, 0xA405
_DIGITAL_ZOOM, _MOST_ZOOM = 0xA404, 20.0
_BODY_SERIAL, _LENS_SPECIFICATION, _LENS_MODEL, _LENS_SERIAL = 0xA431, 0xA432, 0xA434, 0xA435
"""EXIF 2.32, sections 4.6.4 to 4.6.7."""
_DNG_SERIAL = 0xC62F
"""DNG 1.4, CameraSerialNumber."""
_ROUNDED_APERTURE = 2 ** (1 / 8)
"""Ratio of f-numbers that are the same but for their rounding, a quarter of a stop: f/11 of 11.3, and the note
of an Olympus f/1.2 lens says 1.28."""


@dataclass(frozen=True)
class CameraInfo:
    """Camera, lens and exposure; None where unknown.

    Attributes:
        sensor_width_mm: length on the sensor that the long side of the whole picture shows.
        format_width_mm: long side of the body's sensor, whatever the picture shows of it: steps go by it.
        picture: whether the picture shows the whole sensor, or by what not.
        f_number: aperture of the shot.
        lens_id: the maker's own number of the lens, as ExifTool writes it.
        widest_f_number: widest aperture of the lens at this focal length.
        af_setting: AF fine-tune setting in force, in the camera's own steps; 0 when the function is off.
        af_setting_on: whether the function is on, where the camera says so.
        af_setting_wide, af_setting_tele: settings in force at the two ends of a zoom, where the body has two. What
            is stored there while the function is off is left out.
        focus_distance_m: as the lens reports it, in coarse steps: no measure of the real distance.
        af_method: what focused: the AF module ("phase"), or live view ("contrast/live view").
        af_point: "center", or the maker's number or place of another AF point.
        body_serial, lens_serial: what tells two of a kind apart; in no output unless that is asked for.
    """

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    focal_length_mm: float | None = None
    f_number: float | None = None
    widest_f_number: float | None = None
    sensor_width_mm: float | None = None
    format_width_mm: float | None = None
    picture: Completeness | None = None
    af_setting: float | None = None
    af_setting_on: bool | None = None
    af_setting_wide: float | None = None
    af_setting_tele: float | None = None
    focus_distance_m: float | None = None
    af_method: AfMethod | None = None
    af_point: str | None = None
    lens_id: str | None = None
    body_serial: str | None = field(default=None, metadata=PRIVATE)
    lens_serial: str | None = field(default=None, metadata=PRIVATE)


@dataclass(frozen=True)
class Metadata:
    """What the photo's EXIF data say, checked.

    Attributes:
        camera: camera, lens and exposure, overridden by what the user gave.
        orientation: 1 to 8, as in EXIF; 1 is upright.
        is_adobe_rgb: saved in Adobe RGB, as cameras mark it (DCF option file, interoperability index R03).
        findings: disagreement between the data and the picture.
        missing_px: by how much the picture is less wide and high than what the camera took.
        has_unread_note: there is a maker's note, perhaps with the setting, that is not read here.
        readings: ways to understand the picture, of which its perspective may choose; likeliest first.
    """

    camera: CameraInfo
    orientation: int
    is_adobe_rgb: bool
    findings: tuple[Finding, ...]
    has_unread_note: bool = False
    missing_px: Size = (0.0, 0.0)
    readings: tuple[Reading, ...] = ()


def read_metadata(
    file: BinaryIO, image_size: tuple[int, int], given: CameraInfo | None = None, xmp: bytes = b""
) -> Metadata:
    """Return what is known about the camera. Broken or missing data give None for what they would have told.

    Args:
        file: a TIFF or RAW file, or the TIFF block of EXIF data taken out of another file; may be empty.
        image_size: of the picture in pixels, either way round.
        given: what the user says about camera and lens; overrides the data.
        xmp: the picture's XMP packet, if it has one.
    """
    given = given or CameraInfo()
    data = exif_data(file)
    exif = data.exif
    focal_length_mm = _number(exif, _FOCAL_LENGTH, 1.0, 5000.0)
    f_number = _number(exif, _F_NUMBER, 0.5, 64.0)
    make, model = _text(data.first, _MAKE), _text(data.first, _MODEL)
    note = read_maker_note(data, make, model)
    recorded = _recorded_size(exif)
    camera = CameraInfo(
        make=make,
        model=model,
        focal_length_mm=focal_length_mm,
        f_number=f_number,
        **_with_exif(note or MakerNote(), data, f_number),
    )
    if camera.focus_distance_m is None:
        # Zero is "unknown" in the tag, the largest number "infinity".
        camera = replace(camera, focus_distance_m=_number(exif, _SUBJECT_DISTANCE, 0.01, 10_000.0))
    camera = replace(camera, **{f.name: v for f in fields(given) if (v := getattr(given, f.name)) is not None})
    frame = frame_of(
        camera.make,
        camera.model,
        # What the file says of its sensor is not that of a body that the user names.
        Witnesses(image_size, recorded, None, None, 1.0, FrameNote())
        if given.model
        else _witnesses(data, image_size, recorded, focal_length_mm),
    )
    readings = frame.readings
    if given.sensor_width_mm:
        readings = (Reading(given.sensor_width_mm, "whole", math.inf),)
    camera = _framed(camera, frame, readings)
    return Metadata(
        camera=camera,
        orientation=int(_number(data.first, _ORIENTATION, 1, 8) or 1),
        is_adobe_rgb=exif.table_in(_INTEROPERABILITY_TABLE).text(_INTEROPERABILITY_INDEX).strip() == "R03",
        findings=(*_size_findings(recorded, image_size), *frame.findings, *_composite_findings(data, xmp)),
        has_unread_note=note is None and data.note_start is not None and may_hold_setting(camera.make),
        missing_px=_missing_px(recorded, image_size),
        readings=readings,
    )


def _with_exif(note: MakerNote, data: ExifData, f_number: float | None) -> dict[str, Any]:
    """Return what the maker's note tells, with what EXIF's own tags know better or the note does not."""
    exif = data.exif
    own_serial = serial(exif.text(_BODY_SERIAL)) or note.body_serial or serial(data.first.text(_DNG_SERIAL))
    told = {
        "lens": lens_name(exif.text(_LENS_MODEL)) or note.lens or _described_lens(exif),
        "widest_f_number": _widest_f_number(exif, note.widest_f_number, f_number),
        "body_serial": own_serial,
        "lens_serial": serial(exif.text(_LENS_SERIAL)) or note.lens_serial,
    }
    return asdict(note) | told


def _described_lens(exif: TagTable) -> str | None:
    numbers = exif.values(_LENS_SPECIFICATION)
    return described(*numbers) if len(numbers) == 4 else None


def _framed(camera: CameraInfo, frame: FrameSeen, readings: tuple[Reading, ...]) -> CameraInfo:
    """Return the camera with its sensor, and what the picture shows of it by the likeliest reading.

    Of a picture that a program has cut the metadata do not know whether it is also scaled: the photo must tell.
    """
    first = next(iter(readings), None)
    if first is None or first.completeness == "cut":
        return replace(camera, format_width_mm=frame.format_width_mm or camera.sensor_width_mm)
    return replace(
        camera,
        sensor_width_mm=first.width_mm,
        format_width_mm=frame.format_width_mm or first.width_mm,
        picture=first.completeness,
    )


def _witnesses(data: ExifData, image: Size, recorded: Size | None, focal_length_mm: float | None) -> Witnesses:
    exif = data.exif
    # Zero stands for "not used" in the tag of the digital zoom, and for "unknown" in that of the focal length.
    zoom = _number(exif, _DIGITAL_ZOOM, 1.0, _MOST_ZOOM) or 1.0
    equivalent_mm = _number(exif, _EQUIVALENT_FOCAL_LENGTH, 1.0, 20_000.0)
    crop_factor = None if equivalent_mm is None or focal_length_mm is None else equivalent_mm / focal_length_mm
    note = read_frame_note(data, _text(data.first, _MAKE))
    return Witnesses(image, recorded, _focal_plane_mm_per_px(exif), crop_factor, zoom, note)


def _number(table: TagTable, tag: int, low: float, high: float, place: int = 0) -> float | None:
    """Return a value within its believable range, or None."""
    value = next(iter(table.values(tag)[place : place + 1]), math.nan)
    return float(value) if low <= value <= high else None


def _text(table: TagTable, tag: int) -> str | None:
    # No field of a camera is longer; and a terminal should not obey what a file says.
    text = "".join(c for c in table.text(tag)[:200] if c.isprintable()).strip()
    return text[:80] or None


def _widest_f_number(exif: TagTable, by_note: float | None, f_number: float | None) -> float | None:
    # MaxApertureValue is in APEX units, N = 2^(A/2). LensSpecification holds the two ends of a zoom, which say
    # nothing about the focal lengths between unless they agree.
    apex = _number(exif, _MAX_APERTURE, -2.0, 12.0)
    wide_end, tele_end = (_number(exif, _LENS_SPECIFICATION, 0.5, 64.0, place) for place in (2, 3))
    if by_note is not None:
        widest: float | None = by_note
    elif apex is not None and not (apex == 0.0 and f_number is not None and f_number > 1.4):
        widest = 2.0 ** (apex / 2.0)
    else:
        widest = wide_end if wide_end == tele_end else None
    # A shot cannot be wider open than the lens allows, but for how numbers are rounded.
    if widest is None or not is_f_number(widest):
        return None
    return f_number if f_number is not None and widest > _ROUNDED_APERTURE * f_number else widest


def _recorded_size(exif: TagTable) -> Size | None:
    width, height = _number(exif, _WIDTH, 16, 100_000), _number(exif, _HEIGHT, 16, 100_000)
    return None if width is None or height is None else (width, height)


def _focal_plane_mm_per_px(exif: TagTable) -> float | None:
    # Pixels per unit on the sensor; units 2 inch, 3 cm, and in practice 4 mm and 5 µm.
    pixels_per_unit = _number(exif, _PLANE_X_RESOLUTION, 1e-3, 1e9)
    unit = _number(exif, _PLANE_RESOLUTION_UNIT, 2, 5) or 2
    return None if pixels_per_unit is None else {2: 25.4, 3: 10.0, 4: 1.0, 5: 1e-3}[int(unit)] / pixels_per_unit


_PROPORTIONS = (1, 5 / 4, 4 / 3, 3 / 2, 16 / 9, 256 / 135, 2, 18.5 / 9, 19.5 / 9, 20 / 9, 21 / 9, 65 / 24)
"""Long side over short side, of photo cameras, phones and video."""
_SAME_PROPORTIONS = 0.015
"""Sizes of real sensors differ from these by up to 0.8 % (3032 x 2008)."""
_CUT_UNKNOWN = 0.4
"""Of what is left: with each side cut by up to 35 %, 95 % of the pictures have their axis within half of this."""


def _missing_px(recorded: Size | None, image: Size) -> Size:
    """Return by how much a picture may be less wide and high than what the camera took.

    Args:
        recorded: size of the camera's picture, as its metadata say.
        image: size of this picture. With proportions that no camera has it was cut, nobody knows by how much.
    """
    whole = image if recorded is None else _turned_like(image, recorded)
    if not Findings.PHOTO_RESIZED.crossed(_change(whole, image)) and not _has_usual_proportions(image):
        return _CUT_UNKNOWN * image[0], _CUT_UNKNOWN * image[1]
    return max(whole[0] - image[0], 0.0), max(whole[1] - image[1], 0.0)


def _composite_findings(data: ExifData, xmp: bytes) -> tuple[Finding, ...]:
    """Return what is to be said of a picture that a program has put together; nothing for a plain one.

    A mode that only chooses exposure and colours (SceneCaptureType "portrait") is no sign of it.

    Args:
        data: the picture's EXIF data.
        xmp: its XMP packet; may be empty.
    """
    rendered = next(iter(data.exif.values(_CUSTOM_RENDERED)), 0)
    software = data.first.text(_SOFTWARE).strip()[:80]
    is_apple = data.first.text(_MAKE).strip().lower() == "apple"
    mode = next((mode for mark, mode in _PORTRAIT_MARKS.items() if mark in xmp), None)
    if is_apple and rendered in _APPLE_PORTRAIT:
        mode = "portrait mode"
    elif software.lower().startswith(_STACKERS):
        mode = "focus stacking"
    if mode is not None:
        return (Findings.BLUR_BY_PROGRAM.finding(f"The metadata tell of {mode}: blur is not the lens's."),)
    if is_apple and rendered in _APPLE_HDR:
        return (Findings.PICTURE_COMPOSITE.finding("The metadata tell of HDR: several exposures in one picture."),)
    if next(iter(data.exif.values(_COMPOSITE_IMAGE)), 0) in _COMPOSED:
        return (Findings.PICTURE_COMPOSITE.finding(),)
    return ()


def _size_findings(recorded: Size | None, image: Size) -> tuple[Finding, ...]:
    """Return what is to be said about a picture that is not the whole, or not of its size."""
    sides = f"{max(image):.0f} x {min(image):.0f}"
    change = 0.0 if recorded is None else _change(_turned_like(image, recorded), image)
    if recorded is not None and Findings.PHOTO_RESIZED.crossed(change):
        message = f"The picture has {sides} pixels, but the camera took {max(recorded):.0f} x {min(recorded):.0f}."
        return (Findings.PHOTO_RESIZED.finding(message, change),)
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
