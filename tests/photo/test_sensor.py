"""Body, sensor and picture are told apart by what a file says of them, and what contradicts is no witness."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from note_bytes import LONGS, NOTE_START, SHORTS, nikon_note, table

from backfocus.verify.photo.frame_notes import FrameNote, Size, read_frame_note
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.sensor import FrameSeen, Witnesses, frame_of
from backfocus.verify.photo.tiff import exif_data

NIKON, CANON = "NIKON CORPORATION", "Canon"


def frame(make: str, model: str, picture: Size, **told: Any) -> FrameSeen:
    """The frame by a file that tells the picture's size and what else is given."""
    silent: dict[str, Any] = {"recorded": None, "mm_per_px": None, "crop_factor": None, "zoom": 1.0}
    return frame_of(make, model, Witnesses(picture, **({**silent, "note": FrameNote()} | told)))


def readings(seen: FrameSeen) -> list[tuple[float, str]]:
    return [(round(reading.width_mm, 1), reading.completeness) for reading in seen.readings]


def test_a_whole_picture_shows_the_whole_sensor() -> None:
    seen = frame(NIKON, "NIKON D750", (6016, 4016), crop_factor=1.0)
    assert (seen.format_width_mm, readings(seen), seen.findings) == (35.9, [(35.9, "whole")], ())


@pytest.mark.parametrize(
    ("model", "size", "told_mm", "width_mm"),
    [("Canon EOS 5D Mark IV", (6720, 4480), 29.84, 36.0), ("Canon EOS 6D Mark II", (6240, 4160), 23.7, 35.9)],
)
def test_a_pixel_pitch_that_the_body_contradicts_is_outvoted(
    model: str, size: Size, told_mm: float, width_mm: float
) -> None:
    seen = frame(CANON, model, size, recorded=size, mm_per_px=told_mm / size[0])
    assert readings(seen) == [(width_mm, "whole")]
    assert [found.code for found in seen.findings] == ["pitch-outvoted"]
    assert f"{told_mm:.1f} mm" in seen.findings[0].message


def test_a_pitch_that_takes_in_hidden_columns_is_no_contradiction() -> None:
    seen = frame(CANON, "Canon EOS 5D Mark III", (5760, 3840), mm_per_px=37.11 / 5760)
    assert (readings(seen), seen.findings) == ([(36.0, "whole")], ())


def test_a_crop_mode_leaves_the_format_as_it_is() -> None:
    """The step of AF fine-tune is the body's; a DX crop made it that of a small sensor."""
    by_note = frame(NIKON, "NIKON D850", (5408, 3600), note=FrameNote(part=5408 / 8256))
    by_equivalent = frame(NIKON, "NIKON D850", (5408, 3600), crop_factor=127 / 85)
    for seen in (by_note, by_equivalent):
        assert seen.format_width_mm == 35.9
        assert seen.readings[0].completeness == "crop mode"
        assert seen.readings[0].width_mm == pytest.approx(23.5, rel=0.01)


def test_a_raw_file_may_hold_the_whole_sensor_in_a_crop_mode() -> None:
    seen = frame(NIKON, "NIKON D850", (8288, 5520), note=FrameNote(part=5408 / 8256))
    assert readings(seen) == [(35.9, "whole"), (23.5, "crop mode")]


def test_a_crop_of_another_shape_shows_as_much_as_its_long_side() -> None:
    """5:4 in a D850 keeps the height of the sensor."""
    seen = frame(NIKON, "NIKON D850", (6880, 5504), note=FrameNote((6880, 5504), 6880 / 8256))
    assert readings(seen) == [(29.9, "crop mode")]


@pytest.mark.parametrize(
    ("size", "width_mm"), [((5344, 4008), 32.0), ((6016, 3384), 35.9), ((4016, 4016), 24.0), ((3008, 2008), 35.9)]
)
def test_another_shape_or_size_by_the_camera_shows_as_much_as_fits(size: Size, width_mm: float) -> None:
    """4:3, 16:9 and 1:1 on a sensor of 3:2, and a picture of medium size."""
    seen = frame(NIKON, "NIKON D750", size)
    assert readings(seen)[0] == (width_mm, "whole")


def test_digital_zoom_shows_the_middle_of_the_sensor() -> None:
    seen = frame(NIKON, "NIKON D750", (6016, 4016), zoom=2.0)
    assert readings(seen)[0] == (17.9, "digital zoom")
    assert (35.9, "whole") in readings(seen)


def test_fewer_pixels_than_recorded_were_scaled_or_cut() -> None:
    seen = frame(NIKON, "NIKON D750", (3008, 2008), recorded=(6016, 4016))
    assert readings(seen) == [(35.9, "resized"), (17.9, "cut")]
    other_shape = frame(NIKON, "NIKON D750", (3008, 3008), recorded=(6016, 4016))
    assert readings(other_shape) == [(17.9, "cut")]


def test_the_note_tells_the_size_that_a_program_has_written_over() -> None:
    seen = frame(NIKON, "NIKON D850", (4128, 2752), recorded=(4128, 2752), note=FrameNote((8256, 5504), 1.0))
    assert readings(seen) == [(35.9, "resized"), (17.9, "cut")]


def test_pitch_and_equivalent_tell_of_a_body_that_is_not_on_record() -> None:
    seen = frame("Acme", "One", (6000, 4000), mm_per_px=23.6 / 6000, crop_factor=1.5)
    assert (seen.format_width_mm, readings(seen)) == (pytest.approx(23.6), [(23.6, "whole")])
    assert frame("Acme", "One", (6000, 4000)) == FrameSeen(None, ())


def note_of(make: str, note: bytes) -> FrameNote:
    head = struct.pack("<2sHI", b"II", 42, 8)
    first = struct.pack("<HHHIII", 1, 0x8769, 4, 1, 100, 0)
    exif = struct.pack("<HHHIII", 1, 0x927C, 7, len(note), NOTE_START, 0)
    block = (head + first).ljust(100, b"\0") + exif.ljust(NOTE_START - 100, b"\0") + note
    return read_frame_note(exif_data(io.BytesIO(block)), make)


def test_notes_tell_crop_modes_and_the_size_of_the_picture() -> None:
    canon = table([(0x009A, LONGS, struct.pack("<5I", 13, 3408, 2272, 0, 0))], "<", NOTE_START)
    assert note_of(CANON, canon) == FrameNote((3408, 2272), 1 / 1.6)
    crop = (0x001B, SHORTS, struct.pack(">7H", 2, 8288, 5520, 5440, 3616, 1424, 952))
    boundary = (0x0016, SHORTS, struct.pack(">4H", 0, 0, 5408, 3600))
    seen = note_of(NIKON, nikon_note(0, 0, others=(crop, boundary)))
    assert (seen.size, seen.part) == ((5408, 3600), pytest.approx(5440 / 8288))
    fuji = b"FUJIFILM" + struct.pack("<I", 12) + table([(0x104D, SHORTS, struct.pack("<H", 4))], "<", 12)
    assert note_of("FUJIFILM", fuji) == FrameNote(part=0.8)


@pytest.mark.parametrize("make", [CANON, NIKON, "FUJIFILM", "SONY"])
def test_a_note_that_tells_nothing_is_no_error(make: str) -> None:
    assert note_of(make, b"nothing at all") == FrameNote()
    assert note_of(make, b"") == FrameNote()


def test_what_the_user_says_of_the_sensor_is_not_put_to_the_vote() -> None:
    from backfocus.verify.photo.metadata import read_metadata

    read = read_metadata(io.BytesIO(b""), (6000, 4000), CameraInfo(NIKON, "NIKON D850", sensor_width_mm=24.0))
    assert (read.camera.sensor_width_mm, read.camera.format_width_mm) == (24.0, 35.9)
    assert [reading.width_mm for reading in read.readings] == [24.0]
