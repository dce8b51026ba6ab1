"""Photos measured before make the same series from a table or from JSON as from the photos themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from photo_folders import SAMPLES
from series_shots import at_settings, only, row_of_shot

from backfocus.verify.measure import measure
from backfocus.verify.scoring.columns import Row, cells_of_measurement, row_of
from backfocus.verify.scoring.tables import read_results, write_results
from backfocus.verify.tuning.measured import shot_of_row
from backfocus.verify.tuning.shots import LeftOut, Shot, shot_of


def a_row(**cells: object) -> Row:
    usual = {
        "path": "IMG_1.jpg",
        "status": "measured",
        "trustworthy": True,
        "offset_mm": 3.0,
        "distance_mm": 1500.0,
    }
    return row_of(usual | cells)


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_a_photo_from_a_table_says_what_the_photo_says(tmp_path: Path, ending: str) -> None:
    measurement = measure(SAMPLES / "back-focus.jpg")
    shot = shot_of(measurement, None, None)
    printed = json.loads(json.dumps(measurement.to_dict()))
    row = row_of({"path": printed["photo"], **cells_of_measurement(printed)})
    write_results(tmp_path / f"results{ending}", [row])
    (read,) = read_results(tmp_path / f"results{ending}")
    again = shot_of_row(read)
    assert shot is not None and isinstance(again, Shot)
    widest = pytest.approx(shot.camera.widest_f_number, abs=1e-3)
    assert again.camera.widest_f_number == widest
    assert replace(again.camera, widest_f_number=None) == replace(
        shot.camera, widest_f_number=None, body_serial=None, lens_serial=None
    )
    assert (again.offset_mm, again.setting) == (pytest.approx(shot.offset_mm, abs=1e-3), shot.setting)
    for name in ("offset_sd_mm", "shared_sd_mm", "distance_mm", "in_focus_mm", "depth_of_field_mm", "blur_at_mark"):
        assert getattr(again, name) == pytest.approx(getattr(shot, name), rel=0.01)
    assert [found.code for found in again.findings] == [found.code for found in shot.findings]


def test_a_series_from_rows_has_the_answer_of_the_series() -> None:
    shots = at_settings(-6.0)
    rows = [row_of_shot(shot) for shot in shots]
    again = [shot for shot in map(shot_of_row, rows) if isinstance(shot, Shot)]
    assert only(again).advice == only(shots).advice


def test_the_name_tells_setting_and_approach_before_the_camera() -> None:
    shot = shot_of_row(a_row(path="ada/+5_near_1.jpg", af_setting=0.0))
    assert isinstance(shot, Shot) and (shot.photo, shot.setting, shot.approach) == (
        "ada/+5_near_1.jpg",
        5.0,
        "near",
    )


def test_what_cannot_be_is_unknown() -> None:
    shot = shot_of_row(
        a_row(focal_length_mm=-85.0, f_number=0.0, distance_mm=-1.0, picture="<b>", af_method="telepathy")
    )
    assert isinstance(shot, Shot)
    assert shot.camera.focal_length_mm is shot.camera.f_number is shot.distance_mm is None
    assert shot.camera.picture is shot.camera.af_method is None
    assert shot.defocus_um is None


@pytest.mark.parametrize(
    ("cells", "reason", "is_unreadable"),
    [
        ({"status": "refused", "findings": "no-chart", "finding_messages": "No sheet."}, "No sheet.", False),
        ({"status": "unreadable", "error": "No photo."}, "No photo.", True),
        ({"trustworthy": False, "findings": "of-a-later-version", "finding_messages": "Odd."}, "Odd.", False),
        ({"status": "sharpness"}, "An upright chart tells no side.", False),
        ({"status": "refused"}, "Not measured.", False),
    ],
)
def test_a_photo_without_an_offset_to_rely_on_says_why(
    cells: dict[str, object], reason: str, is_unreadable: bool
) -> None:
    left_out = shot_of_row(a_row(**cells))
    assert isinstance(left_out, LeftOut)
    assert (left_out.reason, left_out.is_unreadable) == (reason, is_unreadable)
    assert left_out.remedy
