"""The page of a table: everybody's own answer, photos and remedy first, then the summary for the leader."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from report_page import IMAGE, SCRIPT, a_row, page_of
from series_shots import CANON, D850, at_settings, shots

from backfocus.cli import cli
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.report.html import Picture
from backfocus.verify.report.table_page import report_of_rows
from backfocus.verify.scoring.columns import Row
from backfocus.verify.scoring.tables import write_results
from backfocus.verify.tuning.shots import Shot
from backfocus.verify.tuning.tune import tune

CHARTS = {"Ada": "K7Q2XZ9", "Grace": "AAAAAA1", "محمد": "BBBBBB2", "Nobody yet": "CCCCCC3"}


@pytest.fixture
def run() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(cli, ["report", *map(str, arguments)])


def rows_of(person: str, taken: Sequence[Shot], camera: CameraInfo = D850) -> list[Row]:
    return [
        a_row(
            path=f"{CHARTS[person]}/{shot.photo}",
            participant=person,
            chart_id=CHARTS[person],
            offset_mm=shot.offset_mm,
            offset_ci95_low_mm=(shot.offset_mm or 0.0) - 0.2,
            offset_ci95_high_mm=(shot.offset_mm or 0.0) + 0.2,
            distance_mm=shot.distance_mm,
            in_focus_front_mm=shot.in_focus_mm and shot.in_focus_mm[0],
            in_focus_behind_mm=shot.in_focus_mm and shot.in_focus_mm[1],
            af_setting=shot.setting,
            camera_make=camera.make,
            camera_model=camera.model,
            lens=camera.lens,
            focal_length_mm=camera.focal_length_mm,
            f_number=camera.f_number,
            widest_f_number=camera.widest_f_number,
            sensor_width_mm=camera.sensor_width_mm,
        )
        for shot in taken
    ]


def no_pictures(_names: Iterable[str]) -> list[Picture]:
    return []


def refused(**cells: object) -> Row:
    usual = {"status": "refused", "trustworthy": False, "offset_mm": None, "verdict": None}
    return a_row(**usual | {"findings": "too-blurred", "finding_messages": "Nothing is sharp."} | cells)


@pytest.fixture
def workshop() -> list[Row]:
    return [
        refused(path="a_nobody.jpg", chart_id=None, participant=None),
        refused(path="a_refused.jpg", chart_id=CHARTS["Grace"], participant="Grace"),
        *rows_of("Grace", shots(-28.0, camera=CANON), CANON),
        *rows_of("Ada", at_settings(-6.0)),
        *rows_of("محمد", shots(0.5)),
        refused(path="a_alone.jpg", chart_id=CHARTS["Nobody yet"], participant="Nobody yet"),
    ]


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_everybody_has_a_row_with_their_own_answer(
    run: Callable[..., Result], tmp_path: Path, workshop: list[Row], ending: str
) -> None:
    write_results(tmp_path / f"results{ending}", workshop)
    words = page_of(run, tmp_path / f"results{ending}").words
    summary = words.index("Summary for the leader")
    own = {"Ada": at_settings(-6.0), "Grace": shots(-28.0, camera=CANON), "محمد": shots(0.5)}
    places = []
    for person, taken in own.items():
        answer = tune(taken).answer
        at = words.index(person)
        places += [at, words.index(answer.dial, at), words.index(answer.next, at)]
    assert places == sorted(places) and places[-1] < summary
    assert tune(own["Ada"]).answer.dial == "Set AF fine-tune to -6."


def test_a_row_tells_of_its_photos_and_their_remedy(workshop: list[Row]) -> None:
    people = {person.name: person for person in report_of_rows(workshop, "results.csv", no_pictures).people}
    assert list(people) == ["Ada", "Grace", "Nobody yet", "محمد"]
    assert people["Grace"].photos[0].startswith("8 of 9 used: AAAAAA1/shot_+0_0.jpg")
    assert people["Grace"].photos[1].startswith("a_refused.jpg: Nothing is sharp. Check that AF really focused")
    assert people["Nobody yet"].answer.why == "Nothing is sharp." and people["Nobody yet"].photos == [
        "0 of 1 used."
    ]
    assert people["Ada"].camera == "Chart K7Q2XZ9. NIKON D850, 85mm f/1.4"
    assert [people[name].answer.outcome for name in people] == ["act", "act", "unsure", "good"]


def test_the_leader_s_summary_counts_people_and_averages_nobody_s_camera(workshop: list[Row]) -> None:
    report = report_of_rows(workshop, "results.csv", no_pictures)
    (summary,) = [section for section in report.sections if section.heading == "Summary for the leader"]
    assert summary.table is not None
    assert list(summary.table.rows) == [
        ("to dial another setting", "2", "Ada, Grace"),
        ("to leave the setting", "1", "محمد"),
        ("nothing measured yet", "1", "Nobody yet"),
    ]
    assert summary.lines[1].startswith("No chart was read in 1 photo,")
    (plot,) = summary.plots
    assert plot is not None and "mean" not in plot.summary.split("Diamonds")[0] and "median" not in plot.summary


def test_photos_without_a_result_come_last_with_their_remedy(workshop: list[Row]) -> None:
    last = report_of_rows(workshop, "results.csv", no_pictures).sections[-1]
    assert last.table is not None
    assert [(row[0], row[1]) for row in last.table.rows] == [
        ("a_refused.jpg", "Grace"),
        ("a_alone.jpg", "Nobody yet"),
        ("a_nobody.jpg", ""),
    ]
    assert all(row[3] for row in last.table.rows)


def test_photos_that_were_measured_are_shown_first(workshop: list[Row]) -> None:
    asked: list[str] = []
    report_of_rows(workshop, "results.csv", lambda names: asked.extend(names) or [])
    assert asked[:3] == [f"{CHARTS[name]}/shot_+0_0.jpg" for name in ("Ada", "Grace", "محمد")]


def test_one_person_s_table_is_told_as_a_series(run: Callable[..., Result], tmp_path: Path) -> None:
    write_results(tmp_path / "results.csv", rows_of("Ada", at_settings(-6.0)))
    page = page_of(run, tmp_path / "results.csv")
    assert "Ada, results.csv: 16 photos of 1 chart" in page.words
    assert len(page.all("h1")) == 1 and "Set AF fine-tune to -6." in page.words
    assert "82% at 0 (start), 100% at -6 (to dial)" in page.words and "Summary" not in page.words


def test_somebody_with_two_lenses_has_an_answer_for_each() -> None:
    rows = [*rows_of("Ada", at_settings(-6.0)), *rows_of("Ada", shots(0.5, camera=CANON), CANON)]
    alone = report_of_rows(rows, "results.csv", no_pictures)
    assert [line.whose for line in alone.answers] == [
        "Canon EOS 5D Mark IV, EF85mm f/1.8 USM",
        "NIKON D850, 85mm f/1.4",
    ]
    among = report_of_rows([*rows, *rows_of("Grace", shots(0.5))], "results.csv", no_pictures)
    assert [person.name for person in among.people] == ["Ada", "Ada", "Grace"]


def test_a_table_without_any_chart_says_why(run: Callable[..., Result], tmp_path: Path) -> None:
    write_results(tmp_path / "results.csv", [refused(chart_id=None, participant=None)])
    words = page_of(run, tmp_path / "results.csv").words
    assert words.index("Nothing to dial yet.") < words.index("Nothing is sharp.")


def test_an_exposure_counts_once() -> None:
    taken = rows_of("Ada", shots(20.0))
    raw = [row | {"path": str(row["path"]).replace(".jpg", ".NEF")} for row in taken]
    copies = [row | {"path": f"copy/{number}.jpg", "blake2b": "same"} for number, row in enumerate(taken)]
    refused_raw = raw[0] | {"status": "refused", "trustworthy": False, "offset_mm": None}
    report = report_of_rows([*taken, *raw[1:], refused_raw, *copies], "r.csv", no_pictures)
    assert report.subject == "Ada, r.csv: 9 photos of 1 chart"
    assert "(mean of 9)" in report.answers[0].why


def test_a_photo_without_an_offset_is_listed_with_its_remedy() -> None:
    upright = a_row(
        path="wall.jpg",
        chart_id=CHARTS["Grace"],
        participant="Grace",
        status="sharpness",
        offset_mm=None,
        blur_at_mark_px=2.0,
        picture_width_px=6000.0,
        findings="no-depth",
        finding_messages="An upright chart has no depth.",
    )
    report = report_of_rows([*rows_of("Ada", shots(20.0)), upright], "r.csv", no_pictures)
    (grace,) = [person for person in report.people if person.name == "Grace"]
    assert grace.answer.why == "An upright chart has no depth." and "flat or zfold chart" in grace.answer.next
    assert grace.photos[0] == "0 of 1 used."
    assert report.sections[-1].table is not None and len(report.sections[-1].table.rows) == 1


def test_an_empty_table_is_no_error() -> None:
    report = report_of_rows([], "results.csv", no_pictures)
    assert [line.dial for line in report.answers] == ["Nothing to dial yet."]


def test_names_and_texts_in_a_table_are_words(run: Callable[..., Result], tmp_path: Path) -> None:
    hostile = {"path": IMAGE, "participant": SCRIPT, "chart_id": "</svg>" + SCRIPT, "findings": SCRIPT}
    rows = [a_row(1, **hostile), a_row(2, **hostile | {"error": SCRIPT, "status": "crashed", "trustworthy": False})]
    rows += [a_row(3, participant=IMAGE), a_row(4, chart_id="AAAAAA1", camera_model=SCRIPT, lens="<b>")]
    write_results(tmp_path / "results.csv", rows)
    words = page_of(run, tmp_path / "results.csv").words
    assert IMAGE in words and "</svg>" + SCRIPT in words and "<b>" in words


def test_an_untrustworthy_photo_counts_for_no_mean(run: Callable[..., Result], tmp_path: Path) -> None:
    rows = [a_row(1, offset_mm=2.0), a_row(2, offset_mm=2.0), a_row(3, offset_mm=99.0, trustworthy=False)]
    write_results(tmp_path / "results.csv", rows)
    words = page_of(run, tmp_path / "results.csv").words
    assert "Mean 2.0 mm behind the AF mark" in words and "99" not in words


def test_a_page_of_many_people_is_quick() -> None:
    rows = [a_row(n, chart_id=f"C{n // 8:06d}", participant=f"Person {n // 8}") for n in range(1600)]
    began = time.process_time()
    report = report_of_rows(rows, "results.csv", no_pictures)
    assert len(report.people) == 200
    assert time.process_time() - began < 10.0
