"""The page of a series: an answer for every lens first, then sharpness and offsets over the setting."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from report_page import IMAGE, SCRIPT, page_of
from series_shots import CANON, D850, at_settings, shots

from backfocus.cli import cli
from backfocus.verify.lens import SHARP
from backfocus.verify.report.series_page import sharpness_curve
from backfocus.verify.tuning.records import compare
from backfocus.verify.tuning.saved import SavedTune, bytes_of, read_series, saved
from backfocus.verify.tuning.tune import tune

NOON = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)
THREE_SETTINGS = [*shots(-14, 0.0), *shots(10, 5.0), *shots(36, 10.0)]
"""Eight shots at each; the error is zero near +3."""


@pytest.fixture
def run() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(cli, ["report", *map(str, arguments)])


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return a_file(tmp_path, saved(tune(THREE_SETTINGS), NOON))


def a_file(folder: Path, series: SavedTune) -> Path:
    path = folder / "series.json"
    path.write_bytes(bytes_of(series))
    return path


def changed(path: Path, change: Callable[[dict[str, object]], object]) -> Path:
    """The file with its only series changed by hand."""
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data["lenses"][0]["series"][0])
    path.write_text(json.dumps(data))
    return path


def test_the_three_lines_come_first(run: Callable[..., Result], series: Path) -> None:
    page = page_of(run, series)
    answer = tune(THREE_SETTINGS).answer
    assert answer.dial == "Set AF fine-tune to +3."
    places = [page.words.index(line) for line in (answer.dial, answer.why, answer.next)]
    assert places == sorted(places) and places[-1] < page.words.index("Sharpness at the AF mark")
    assert "NIKON D850, 85mm f/1.4. 24 photos, 2026-05-04." in page.words


def test_a_series_shows_shots_and_the_fitted_line(run: Callable[..., Result], series: Path) -> None:
    words = page_of(run, series).words
    assert "Offsets of 24 shots. At 0: mean 3.9 mm in front of the AF mark, scatter 0.5 mm." in words
    assert re.search(r"It is zero at \+2\.9 \(95 %: \+2\.\d to \+3\.\d\)\. One step moves focus 1\.\d\d mm", words)


def test_sharpness_over_the_setting_marks_the_start_and_what_to_dial(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    result = tune(at_settings(-6.0))
    assert result.lenses[0].series[0].advice is not None
    page = page_of(run, a_file(tmp_path, saved(result, NOON)))
    assert "as a part of the best: 82% at 0 (start), 100% at -6 (to dial)" in page.words
    for label in ("start, 0: 82%", "to dial, -6: 100%", "in focus from 95%"):
        assert page.words.count(label) == 1
    assert f"loses {1 - 0.82:.0%} of its sharpness" in page.words, "the answer and the plot say the same"


def test_the_curve_is_what_the_shots_were_made_by() -> None:
    (lens,) = saved(tune(at_settings(-6.0)), NOON).lenses
    curve = sharpness_curve(lens.series[0], -6, None)
    assert curve is not None and curve.best_ci95 is not None
    assert curve.best_ci95[0] < -6.0 < curve.best_ci95[1]
    assert max(curve.kept) == pytest.approx(1.0, abs=1e-3)
    for setting, kept in curve.tried:
        assert kept == pytest.approx(
            curve.kept[min(range(81), key=lambda n: abs(curve.settings[n] - setting))], abs=0.02
        )
    # At the end of the range in focus, by definition, SHARP is lost; it lies 30 µm / 5 µm steps away at least.
    in_focus = lens.series[0].in_focus_mm
    assert in_focus is not None and in_focus[1] is not None
    lost_at_end = [
        1 - kept for setting, kept in zip(curve.settings, curve.kept, strict=True) if abs(setting + 6) > 6
    ]
    assert min(lost_at_end) > SHARP


def test_a_series_that_stays_where_it_is_marks_only_the_start(run: Callable[..., Result], tmp_path: Path) -> None:
    words = page_of(run, a_file(tmp_path, saved(tune(at_settings(0.3)), NOON))).words
    assert "100% at 0 (start)" in words and "to dial" not in words


def test_a_comparison_marks_before_and_after(run: Callable[..., Result], tmp_path: Path) -> None:
    before = saved(tune(shots(30.0)), NOON)
    after = tune(shots(2.0, -6.0))
    words = page_of(run, a_file(tmp_path, saved(after, NOON, compare(before, after)))).words
    assert "82% at 0 (before), 100% at -6 (after)" in words
    assert "Before at 0: 8.4 mm back focus, now at -6: 0.6 mm back focus: better" in words


def test_every_lens_has_its_answer_before_anything_else(run: Callable[..., Result], tmp_path: Path) -> None:
    other = [replace(shot, photo=f"b{shot.photo}") for shot in shots(30.0, camera=CANON)]
    result = tune([*at_settings(-6.0), *other])
    page = page_of(run, a_file(tmp_path, saved(result, NOON)))
    assert len(page.all("h1")) == 2
    first_numbers = page.words.index("Sharpness at the AF mark")
    for name, lens in zip(("Canon EOS 5D Mark IV", "NIKON D850"), result.lenses, strict=True):
        assert page.words.index(lens.answer.dial) < first_numbers
        assert page.words.index(name) < page.words.index(lens.answer.dial)


def test_a_zoom_has_one_headline_and_says_what_each_place_would_take(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    zoom = replace(D850, lens="24-70mm f/2.8", focal_length_mm=24.0, f_number=2.8, widest_f_number=2.8)
    wide = at_settings(-4.0, camera=zoom, distance_mm=800.0)
    tele = at_settings(-12.0, camera=replace(zoom, focal_length_mm=70.0), name="tele")
    page = page_of(run, a_file(tmp_path, saved(tune([*wide, *tele]), NOON)))
    assert len(page.all("h1")) == 1 and page.words.count("Set AF fine-tune to") == 1
    assert "By itself it would take -4." in page.words and "By itself it would take -12." in page.words


def test_a_series_without_any_lens_says_why(run: Callable[..., Result], tmp_path: Path) -> None:
    result = tune([])
    words = page_of(run, a_file(tmp_path, saved(result, NOON))).words
    assert result.answer.dial in words and result.answer.next in words


@pytest.mark.parametrize("lacking", ["shots", "in_focus_mm", "start", "setting_range"])
def test_a_series_of_an_older_version_shows_what_it_has(
    run: Callable[..., Result], series: Path, lacking: str
) -> None:
    words = page_of(run, changed(series, lambda one: one.pop(lacking))).words
    assert "It is zero at +2.9" in words
    assert ("Offsets of" in words) == (lacking != "shots")
    assert ("Sharpness at the AF mark" in words) == (lacking != "in_focus_mm")
    assert ("(start)" in words) == (lacking not in ("start", "in_focus_mm"))


def test_a_series_of_before_the_answers_has_its_advice_instead(run: Callable[..., Result], series: Path) -> None:
    data = json.loads(series.read_text(encoding="utf-8"))
    del data["answer"], data["lenses"][0]["answer"]
    advice = data["lenses"][0]["series"][0]["advice"]
    del advice["answer"], advice["notes"]
    advice["text"] = "Set AF fine-tune to +3. That moves focus away from the camera."
    series.write_text(json.dumps(data))
    words = page_of(run, series).words
    assert words.index("Set AF fine-tune to +3.") < words.index("That moves focus away") < words.index("Offsets of")


@pytest.mark.parametrize(
    "what", [{"in_focus_mm": [0.0, 1.0]}, {"focal_length_mm": 5000.0}, {"distance_mm": -1.0}, {"distance_mm": None}]
)
def test_sizes_that_cannot_be_make_no_curve(
    run: Callable[..., Result], series: Path, what: dict[str, object]
) -> None:
    words = page_of(run, changed(series, lambda one: one.update(what))).words
    assert "Sharpness at the AF mark" not in words and "Offsets of 24 shots" in words


def test_a_sweep_of_blur_shows_how_sharp_each_setting_is(run: Callable[..., Result], tmp_path: Path) -> None:
    blurs = {-10: 3.0, -5: 1.8, 0: 1.0, 5: 1.7, 10: 3.1}
    (first,) = shots(0, 0.0, scatter=(0.0,))
    sweep = [
        replace(first, photo=f"{s}_{n}.jpg", setting=float(s), offset_mm=None, blur_at_mark=1e-4 * (b + 0.02 * n))
        for s, b in blurs.items()
        for n in range(3)
    ]
    path = a_file(tmp_path, saved(tune(sweep), NOON))
    words = page_of(run, path).words
    assert "as a part of the best: 100% at 0 (start). The best setting lies between" in words
    no_blur = [{"setting": at, "n": 3, "blur_at_mark": 0.0} for at in (0.0, 5.0)]
    assert "Sharpness" not in page_of(run, changed(path, lambda one: one.update(sweep=no_blur))).words


def test_names_in_a_series_are_words(run: Callable[..., Result], series: Path) -> None:
    text = series.read_text(encoding="utf-8").replace("NIKON D850", json.dumps(IMAGE + SCRIPT)[1:-1])
    series.write_text(text, encoding="utf-8")
    assert IMAGE + SCRIPT in page_of(run, series).words


def test_a_damaged_series_is_told(run: Callable[..., Result], series: Path) -> None:
    changed(series, lambda one: one.update(groups=[{"n": 1, "mean_mm": 1.0}]))
    result = run(series)
    assert result.exit_code == 2 and "damaged" in result.stderr


def test_what_the_curve_needs_is_read_back(series: Path) -> None:
    (one,) = read_series(series).lenses[0].series
    assert one.in_focus_mm is not None and one.start == 0.0 and one.setting_range == (-20, 20)
