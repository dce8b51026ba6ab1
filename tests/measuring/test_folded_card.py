"""The folded card: camera, both folds and focus from one photo, on simulated photos with known truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backfocus.targets import Chart, build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.targets.protocol import distances
from backfocus.verify import Measurement, measure
from backfocus.verify.simulate import (
    Cover,
    ExifNames,
    Lens,
    Sensor,
    SheetPose,
    SheetRaster,
    VirtualShot,
    rasterise_pdf,
    shoot,
)

Take = Callable[..., VirtualShot]
OFFSET_MM = -7.0
UNEQUAL = {"forward": 38.0, "back": -55.0}
FACING = SheetPose(tilt_deg=1.0, yaw_deg=-2.0, roll_deg=1.0, af_mark_distance_mm=1500.0, fold_deg=UNEQUAL)


@pytest.fixture(scope="module")
def card() -> Chart:
    return build_chart("zfold")


@pytest.fixture(scope="module")
def take_card(card: Chart) -> Take:
    """A function that takes a simulated shot of the A4 card; keywords are those of `shoot`."""
    sheet: SheetRaster = rasterise_pdf(pdf_bytes(card))

    def take(pose: SheetPose = FACING, sensor: Sensor | None = None, **changes: object) -> VirtualShot:
        small = sensor or Sensor(pixels=(3000, 2000))
        names = ExifNames("NIKON CORPORATION", "NIKON D850")
        arguments = {"offset_mm": OFFSET_MM, "seed": 3, "names": names, "lens": Lens(85.0, 1.4), **changes}
        return shoot(sheet, card, pose, sensor=small, **arguments)  # type: ignore[arg-type]

    return take


@pytest.fixture(scope="module")
def measurement(take_card: Take, tmp_path_factory: pytest.TempPathFactory) -> Measurement:
    return measure(take_card().save(tmp_path_factory.mktemp("card") / "card.jpg"))


def codes(measurement: Measurement) -> set[str]:
    return {found.code for found in measurement.findings}


def test_the_offset_is_measured_from_the_wings(measurement: Measurement) -> None:
    assert measurement.offset_mm == pytest.approx(OFFSET_MM, abs=0.15)
    assert measurement.verdict == "front-focus"
    assert measurement.trustworthy
    low, high = measurement.offset_ci95_mm or (0.0, 0.0)
    assert low <= OFFSET_MM <= high < low + 0.6


def test_unequal_folds_are_found(measurement: Measurement) -> None:
    assert measurement.fold_deg == pytest.approx(UNEQUAL, abs=0.1)
    assert measurement.to_dict()["fold_deg"] == pytest.approx(UNEQUAL, abs=0.1)


@pytest.mark.parametrize("f_number", [2.8, 5.6])
def test_a_well_focused_shot_at_the_largest_distance_of_page_2_gives_no_warning(
    card: Chart, take_card: Take, tmp_path: Path, f_number: float
) -> None:
    away = SheetPose(0.5, -0.7, 1.0, 85.0 * distances(card, f_number)[1])
    shot = take_card(away, Sensor(pixels=(6000, 4000)), lens=Lens(85.0, f_number), offset_mm=2.0, seed=4)
    measurement = measure(shot.save(tmp_path / "away.jpg"))
    assert measurement.offset_mm == pytest.approx(2.0, abs=0.5)
    assert {found.severity for found in measurement.findings} <= {"info"}


def test_the_card_need_not_face_the_camera_but_is_told_when_it_does_not(take_card: Take, tmp_path: Path) -> None:
    askew = SheetPose(tilt_deg=-3.0, yaw_deg=5.0, af_mark_distance_mm=1500.0)
    measurement = measure(take_card(askew).save(tmp_path / "askew.jpg"))
    assert measurement.offset_mm == pytest.approx(OFFSET_MM, abs=0.15)
    assert measurement.tilt_deg == pytest.approx(5.8, abs=0.1)
    assert "card-askew" in codes(measurement)


def test_a_portrait_photo_is_fine(take_card: Take, tmp_path: Path) -> None:
    portrait = Sensor(pixels=(3000, 2000), orientation=6)
    measurement = measure(take_card(sensor=portrait).save(tmp_path / "portrait.jpg"))
    assert measurement.offset_mm == pytest.approx(OFFSET_MM, abs=0.15)


@pytest.mark.parametrize("covered", [(-5.0, 127.0), (170.0, 302.0)])
def test_one_wing_alone_is_no_card_to_measure(
    take_card: Take, tmp_path: Path, covered: tuple[float, float]
) -> None:
    """Whichever wing focus lies on: with edges on one side of the mark the other may hold a better plane."""
    left, right = covered
    cover = Cover(((left, -5.0), (right, -5.0), (right, 215.0), (left, 215.0)), 0.3)
    alone = measure(take_card(in_front=[cover]).save(tmp_path / "wing.jpg"))
    assert alone.status in ("refused", "out-of-range")
    assert codes(alone) & {"one-sided-edges", "wing-hidden"}


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_wings_on_the_same_side_are_told_and_not_measured_wrong(
    take_card: Take, tmp_path: Path, side: float
) -> None:
    folded = replace(FACING, fold_deg={"forward": 40.0 * side, "back": 48.0 * side})
    measurement = measure(take_card(folded, offset_mm=-20.0 * side).save(tmp_path / "one_side.jpg"))
    assert measurement.fold_deg == pytest.approx(folded.fold_deg, abs=0.1)
    assert "card-misfolded" in codes(measurement)
    assert measurement.status == "refused"


def test_wings_that_have_changed_places_are_told_and_measured_right(take_card: Take, tmp_path: Path) -> None:
    folded = replace(FACING, fold_deg={"forward": -40.0, "back": 48.0})
    measurement = measure(take_card(folded).save(tmp_path / "swapped.jpg"))
    assert "card-misfolded" in codes(measurement)
    assert measurement.offset_mm == pytest.approx(OFFSET_MM, abs=0.2)


def test_folds_beside_their_lines_are_measured_right(take_card: Take, tmp_path: Path) -> None:
    beside = replace(FACING, fold_off_mm={"forward": (5.0, 3.0), "back": (-4.0, -5.0)}, bulge_mm=1.0)
    measurement = measure(take_card(beside).save(tmp_path / "beside.jpg"))
    assert measurement.offset_mm == pytest.approx(OFFSET_MM, abs=0.3)
    low, high = measurement.offset_ci95_mm or (0.0, 0.0)
    assert low <= OFFSET_MM <= high


def test_a_card_that_was_not_folded_is_refused(take_card: Take, tmp_path: Path) -> None:
    flat = replace(FACING, fold_deg={"forward": 2.0, "back": 3.0})
    measurement = measure(take_card(flat, offset_mm=0.0).save(tmp_path / "flat.jpg"))
    assert measurement.status == "refused"
    assert "too-flat-on" in codes(measurement)
