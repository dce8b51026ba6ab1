"""Two bodies of a model, two lenses of a name, shots in live view: each is told apart, or asked about."""

from __future__ import annotations

import datetime
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from note_bytes import TEXT, UNDEFINED, nikon_note
from PIL import Image
from series_shots import D850, at_settings, codes, only, shots

from backfocus.cli import cli
from backfocus.verify.cameras.dial import suggest
from backfocus.verify.cameras.identity import Identity, identity_of, owners, title
from backfocus.verify.formats import as_json
from backfocus.verify.lens import defocus_um
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.report.text import tune_text
from backfocus.verify.simulate import VirtualShot
from backfocus.verify.tuning.records import compare, entries, history_text
from backfocus.verify.tuning.saved import bytes_of, read_series, save_series, saved
from backfocus.verify.tuning.shots import Shot
from backfocus.verify.tuning.tune import tune

FIRST, SECOND = replace(D850, body_serial="6023532"), replace(D850, body_serial="6021615")
NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)


def sixteen(error_mm: float, camera: CameraInfo = D850, name: str = "shot", sd_um: float = 3.0) -> list[Shot]:
    """Sixteen shots whose mean error is as given, in the plane of the sheet; positive is back focus."""
    scatter = np.random.default_rng(7).normal(size=16)
    error_um = defocus_um(85.0, 1500.0, error_mm)
    return shots(error_um, camera=camera, sd_um=sd_um, scatter=(scatter - scatter.mean()).tolist(), name=name)


def in_one_folder(one: list[Shot], other: list[Shot]) -> list[Shot]:
    """Shots of both by turns."""
    return [shot for pair in zip(one, other, strict=True) for shot in pair]


def answers(found: list[Shot]) -> list[tuple[str | None, float, int | None]]:
    """Kind of advice, mean error in mm and setting, for each body with its lens."""
    return [
        (series.advice and series.advice.kind, series.groups[0].mean_mm, series.advice and series.advice.setting)
        for lens in tune(found).lenses
        for series in lens.series
    ]


def alone(error_mm: float) -> tuple[str | None, float, int | None]:
    (answer,) = answers(sixteen(error_mm))
    return answer


def test_two_bodies_of_one_model_get_two_answers() -> None:
    found = answers(in_one_folder(sixteen(11.0, FIRST), sixteen(-14.0, SECOND)))
    assert sorted(found, key=lambda answer: -answer[1]) == [alone(11.0), alone(-14.0)]
    assert [answer[0] for answer in found] == ["dial", "dial"]
    assert sorted(round(answer[1]) for answer in found) == [-14, 11]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"lens": "85mm f/1.4", "lens_id": "C8 54 62 62 0C 0C 4B 46"}, {"lens": "85mm f/1.4", "lens_id": "Z 14"}),
        ({"lens_id": "368", "lens_serial": "0100"}, {"lens_id": "368", "lens_serial": "0200"}),
        ({"lens": None, "lens_id": "8 196"}, {"lens": None, "lens_id": "3 255"}),
    ],
    ids=["by number", "by serial number", "without names"],
)
def test_two_lenses_of_one_focal_length_get_two_answers(one: dict[str, str], other: dict[str, str]) -> None:
    cameras = [replace(D850, **changes) for changes in (one, other)]  # type: ignore[arg-type]
    found = answers(in_one_folder(sixteen(11.0, cameras[0]), sixteen(-14.0, cameras[1])))
    assert sorted(found, key=lambda answer: -answer[1]) == [alone(11.0), alone(-14.0)]


def test_shots_whose_file_lost_the_number_go_with_the_only_body_that_there_is() -> None:
    assert len(tune([*sixteen(11.0, FIRST), *sixteen(11.0)]).lenses) == 1
    assert len(tune([*sixteen(11.0, FIRST), *sixteen(-14.0, SECOND), *sixteen(11.0)]).lenses) == 3


def test_without_numbers_two_lenses_are_asked_about_and_nothing_is_dialled() -> None:
    series = only(in_one_folder(sixteen(11.0, name="a"), sixteen(-14.0, name="b")))
    assert "two-humps" in codes(series) and "inconsistent-af" not in codes(series)
    assert series.advice is not None and series.advice.kind == "check-setup"
    assert series.advice.setting is None and series.estimate is None
    (finding,) = (found for found in series.findings if found.code == "two-humps")
    assert "16 shots lie about -14.0 mm" in finding.message and "about +11.0 mm" in finding.message
    assert "two lenses" in finding.message


def test_humps_that_the_depth_of_field_holds_are_of_no_concern() -> None:
    depth_mm = sixteen(0.0)[0].depth_of_field_mm
    assert depth_mm is not None
    apart = 0.4 * depth_mm[0]
    assert "two-humps" not in codes(only(in_one_folder(sixteen(0.0, sd_um=0.01), sixteen(apart, sd_um=0.01))))


def test_a_setting_that_moves_focus_and_backlash_that_is_told_make_no_humps() -> None:
    assert "two-humps" not in codes(only(at_settings(-6.0)))
    assert "two-humps" not in codes(only(shots(0.0, backlash_um=60.0)))


def test_shots_that_were_all_focused_in_live_view_tell_nothing_of_a_dslr() -> None:
    live = [replace(shot, camera=replace(shot.camera, af_method="contrast/live view")) for shot in shots(60.0)]
    series = only(live)
    assert "live-view-only" in codes(series)
    assert series.advice is not None and series.advice.kind == "check-setup" and series.advice.setting is None
    assert "viewfinder" in series.advice.text
    assert "live-view-only" not in codes(only(shots(60.0)))


@pytest.mark.parametrize(
    ("make", "model"), [("Canon", "Canon EOS R6"), ("RICOH IMAGING COMPANY, LTD.", "PENTAX K-01")]
)
def test_a_mirrorless_body_has_no_other_way_of_focusing(make: str, model: str) -> None:
    camera = replace(D850, make=make, model=model, af_method="contrast/live view")
    assert "live-view-only" not in codes(only(shots(60.0, camera=camera)))


def test_one_photo_in_live_view_is_not_dialled_either() -> None:
    found = [
        suggest(20.0, (19.0, 21.0), 1500.0, replace(D850, af_method=method))
        for method in ("phase", "contrast/live view")
    ]
    assert found[0].setting is not None and found[1].setting is None
    assert "live view" in found[1].text and found[1].headline == "Nothing to dial yet."
    in_focus = suggest(0.1, (-0.1, 0.3), 1500.0, replace(D850, af_method="contrast/live view"), in_focus=True)
    assert "Leave" not in in_focus.headline


def test_a_series_says_which_photos_are_whose_and_serial_numbers_only_if_asked() -> None:
    result = tune([*sixteen(11.0, FIRST, "one"), *sixteen(-14.0, SECOND, "two")])
    plain, asked = tune_text(result), tune_text(result, with_serials=True)
    assert "that of one_+0_0.jpg, one_+0_1.jpg, one_+0_2.jpg ..." in plain
    # Once in the answer of all, once over its own.
    assert plain.count("NIKON D850 (body ") == 4
    for number in ("6023532", "6021615"):
        assert number not in plain and number not in json.dumps(as_json(saved(result, NOW)))
        assert number in asked


def test_files_have_no_serial_numbers_unless_asked_for(tmp_path: Path) -> None:
    series = saved(tune(sixteen(11.0, replace(FIRST, lens_serial="20003841"))), NOW)
    assert b"6023532" not in bytes_of(series) and b"20003841" not in bytes_of(series)
    save_series(tmp_path / "asked.json", series, with_serials=True)
    assert read_series(tmp_path / "asked.json").lenses[0].body_serial == "6023532"


def test_a_lens_is_compared_with_itself_on_the_same_body() -> None:
    before = saved(tune([*sixteen(11.0, FIRST), *sixteen(-14.0, SECOND)]), NOW)
    after = tune([*sixteen(1.0, FIRST), *sixteen(-2.0, SECOND)])
    assert sorted((round(found.before_mm), round(found.after_mm)) for found in compare(before, after)) == [
        (-14, -2),
        (11, 1),
    ]


def test_a_record_without_a_mark_is_compared_only_where_no_other_body_can_be_meant() -> None:
    before = saved(tune(sixteen(11.0)), NOW)
    assert len(compare(before, tune(sixteen(1.0, FIRST)))) == 1
    assert compare(before, tune([*sixteen(1.0, FIRST), *sixteen(-2.0, SECOND)])) == ()


def test_history_keeps_two_bodies_apart_and_older_checks_with_the_only_one() -> None:
    old, one, two = (
        saved(tune(found), NOW) for found in (sixteen(9.0), sixteen(11.0, FIRST), sixteen(-14.0, SECOND))
    )
    both = history_text(entries([one, two]))
    assert both.count("last checked") == 2 and "6023532" not in both
    assert history_text(entries([old, one])).count("last checked") == 1


def test_marks_are_shown_only_where_names_do_not_tell() -> None:
    one, two = (identity_of(camera, "NIKON D850") for camera in (FIRST, SECOND))
    assert one.body_mark is not None and one.body_mark != two.body_mark
    assert title(one, [one]) == "NIKON D850, 85mm f/1.4"
    assert title(one, [one, two]) == f"NIKON D850 (body {one.body_mark}), 85mm f/1.4"
    assert (
        title(Identity("NIKON D850", None, "85mm f/1.4", None), [one, two])
        == "NIKON D850 (body unknown), 85mm f/1.4"
    )
    assert owners([one, two]) == {one: one, two: two}


def test_two_bodies_are_told_apart_by_their_files(take: Callable[..., VirtualShot], tmp_path: Path) -> None:
    for offset_mm, number in ((11.0, b"6023532\0"), (-14.0, b"6021615\0")):
        shot = take(offset_mm).save(tmp_path / "plain.jpg")
        with Image.open(shot) as picture:
            tags = picture.getexif()
            note = nikon_note(0, 0, others=((0x001D, TEXT, number), (0x00A7, UNDEFINED, struct.pack(">I", 1))))
            tags.get_ifd(0x8769)[0x927C] = note
            picture.save(tmp_path / f"at_{offset_mm:g}.jpg", quality="keep", exif=tags)
        shot.unlink()
    done = CliRunner().invoke(cli, ["tune", str(tmp_path), "--json", "--no-record", "--processes", "1"])
    lenses = json.loads(done.stdout)["lenses"]
    assert sorted(lens["series"][0]["groups"][0]["mean_mm"] for lens in lenses) == [
        pytest.approx(-14.0, abs=1.0),
        pytest.approx(11.0, abs=1.0),
    ]
    assert "6023532" not in done.stdout
