"""The perspective of the sheet decides how much of the sensor a picture shows, where metadata leave that open."""

from __future__ import annotations

from dataclasses import replace

import formula_photo as formula
import numpy as np
import pytest

from backfocus.verify.findings import Findings
from backfocus.verify.geometry import Pose
from backfocus.verify.photo.reading import Photo
from backfocus.verify.photo.sensor import Reading
from backfocus.verify.seen import settle, why_no_dial

FULL, CUT = Reading(36.0, "whole", 2.0), Reading(24.0, "cut", 1.0)
NEARLY = Reading(33.5, "cut", 1.0)


def photo(*readings: Reading, **camera: object) -> Photo:
    return replace(formula.photo(format_width_mm=36.0, **camera), readings=readings)


def seen_by(width_mm: float, sd: float = 0.002) -> Pose:
    """The pose of a sheet in a picture that shows so much of the sensor."""
    from_lens_mm = formula.FOCAL_LENGTH_MM * formula.MARK_MM / (formula.MARK_MM - formula.FOCAL_LENGTH_MM)
    covariance = np.zeros((11, 11))
    covariance[6, 6] = sd**2
    return formula.pose(focal_px=from_lens_mm * formula.IMAGE_SIZE[0] / width_mm, covariance=covariance)


def codes(photo: Photo) -> list[str]:
    return [found.code for found in photo.findings]


def test_a_whole_picture_stays_whole() -> None:
    settled = settle(photo(FULL, replace(CUT, votes=0.5)), seen_by(36.0))
    assert (settled.camera.sensor_width_mm, settled.camera.picture) == (36.0, "whole")
    assert (codes(settled), settled.off_axis_px) == ([], 0.0)


def test_a_pitch_that_the_perspective_contradicts_is_outvoted() -> None:
    settled = settle(photo(FULL, CUT), seen_by(36.0))
    assert settled.camera.sensor_width_mm == 36.0
    assert codes(settled) == ["pitch-outvoted"]
    assert "24.0 mm" in settled.findings[0].message


def test_a_cut_picture_is_known_by_its_perspective() -> None:
    settled = settle(photo(FULL, CUT), seen_by(24.0))
    assert (settled.camera.sensor_width_mm, settled.camera.picture) == (24.0, "cut")
    assert codes(settled) == ["photo-resized"]
    assert "24.0 mm of the sensor's 36.0 mm" in settled.findings[0].message
    assert settled.off_axis_px == pytest.approx(0.5 * np.hypot(*formula.IMAGE_SIZE) / 2)
    assert "has cut the picture" in str(why_no_dial(settled, settled.findings))


def test_what_fits_both_is_said() -> None:
    settled = settle(photo(FULL, NEARLY), seen_by(35.0))
    assert codes(settled) == ["sensor-width-open"]
    assert "33.5 mm (cut)" in settled.findings[0].message
    assert why_no_dial(settled, settled.findings) is None


def test_where_perspective_is_weak_as_well_there_is_no_number_to_dial() -> None:
    """The distance then leans on a width that may be the wrong one, and the dial twice as much."""
    settled = settle(photo(FULL, NEARLY), seen_by(35.0, sd=0.03))
    assert "scaled or cut" in str(why_no_dial(settled, settled.findings))


def test_a_sheet_that_shows_no_perspective_decides_nothing() -> None:
    """Seen square on, its pose leans on what metadata say of the focal length."""
    settled = settle(photo(FULL, CUT), seen_by(36.0, sd=0.05))
    assert settled.camera.sensor_width_mm == 36.0
    assert codes(settled) == ["sensor-width-open"]
    assert settled.is_size_doubtful


def test_a_perspective_that_fits_nothing_leaves_the_metadata_and_no_number() -> None:
    settled = settle(photo(FULL), seen_by(24.0))
    assert settled.camera.sensor_width_mm == 36.0
    found = Findings.PERSPECTIVE_CONTRADICTS.if_crossed(1.5)
    assert "--sensor-width" in str(why_no_dial(settled, found))
    assert why_no_dial(settled, ()) is None


def test_digital_zoom_that_the_perspective_does_not_show_is_not_believed() -> None:
    zoomed = Reading(18.0, "digital zoom", 4.0)
    assert codes(settle(photo(zoomed, FULL), seen_by(18.0))) == ["digital-zoom"]
    assert settle(photo(zoomed, FULL), seen_by(36.0)).camera.picture == "whole"


def test_without_a_focal_length_perspective_tells_no_width() -> None:
    unknown = photo(FULL, CUT, focal_length_mm=None)
    assert settle(unknown, seen_by(24.0)) is unknown
