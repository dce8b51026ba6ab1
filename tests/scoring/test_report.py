"""Reports: one page for a photo, a series or a table, that is safe whatever the files say."""

from __future__ import annotations

import base64
import datetime
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from photo_folders import SAMPLES
from PIL import Image
from report_page import Page, a_row, assert_harmless, page_of
from series_shots import at_settings

from backfocus.cli import cli
from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.measure import Analysis, analyse
from backfocus.verify.report.html import Report, page_html, report_of_photo
from backfocus.verify.report.plots import COLOURS, ShotPoint, offset_by_camera, offset_by_shot
from backfocus.verify.report.text import place_words, side_words
from backfocus.verify.scoring.tables import write_results
from backfocus.verify.simulate import ExifNames, Lens, Sensor, SheetPose, rasterise_pdf, shoot
from backfocus.verify.tuning.saved import bytes_of, saved
from backfocus.verify.tuning.tune import tune

SCRIPT = "<script>alert(1)</script>"
NOON = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated photo with back focus, whose lens has a name that is a script."""
    chart = build_chart()
    path = tmp_path_factory.mktemp("photo") / "IMG_1.jpg"
    shoot(
        rasterise_pdf(pdf_bytes(chart)),
        chart,
        SheetPose(tilt_deg=45.0, af_mark_distance_mm=1700.0),
        Lens(85.0, 1.4),
        Sensor(pixels=(2400, 1600)),
        offset_mm=14.0,
        seed=5,
        names=ExifNames("NIKON CORPORATION", "NIKON D850", SCRIPT),
    ).save(path)
    return path


@pytest.fixture(scope="module")
def analysis(photo: Path) -> Analysis:
    return analyse(photo)


@pytest.fixture(scope="module")
def photo_report(analysis: Analysis) -> Report:
    return report_of_photo(analysis)


@pytest.fixture
def run() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(cli, ["report", *map(str, arguments)])


def test_a_photo_has_the_three_lines_of_its_answer_first(photo_report: Report, analysis: Analysis) -> None:
    page = assert_harmless(page_html(photo_report))
    answer = analysis.measurement.answer
    assert answer is not None and answer.dial.startswith("Best guess: set AF fine-tune to -")
    places = [page.words.index(line) for line in (answer.dial, answer.why, answer.next)]
    assert places == sorted(places)
    assert page.words.count(answer.dial) == 1 and page.words.index("Sharpness along the sheet") > places[-1]
    assert [line.outcome for line in photo_report.answers] == ["act"]
    assert "Back focus: sharpest 1" in page.words and "the depth of field" in page.words


def test_a_command_to_type_stands_apart_from_the_sentence(analysis: Analysis, photo_report: Report) -> None:
    (line,) = photo_report.answers
    assert line.command.startswith("backfocus tune ") and line.next.endswith("into one folder, then:")
    assert (
        analysis.measurement.answer is not None
        and analysis.measurement.answer.next == f"{line.next} {line.command}"
    )


def test_the_blur_curve_has_fit_interval_and_marks_in_words(photo_report: Report) -> None:
    (plot,) = photo_report.sections[0].plots
    assert plot is not None
    assert "behind the AF mark" in plot.summary and "95 % interval" in plot.summary
    for colour in ("ink", "soft", "focus", "mark", "band"):
        assert f"var(--{colour})" in plot.svg
    said = re.findall(r"<text[^>]*>([^<]*)</text>", plot.svg)
    assert {"piece of an edge", "fitted curve", "AF mark", "blur, pixels of the photo"} <= set(said)
    assert any(re.fullmatch(r"sharpest \+1[34]\.\d mm \(\+1[34]\.\d to \+1[45]\.\d\)", one) for one in said)


def test_the_photo_is_shown_inside_of_the_page(photo_report: Report) -> None:
    (picture,) = [picture for section in photo_report.sections for picture in section.pictures]
    content = base64.b64decode(picture.uri.removeprefix("data:image/jpeg;base64,"))
    assert max(Image.open(io.BytesIO(content)).size) <= 1150 and len(content) < 300_000


def test_metadata_that_are_a_script_are_words(photo_report: Report) -> None:
    assert SCRIPT in assert_harmless(page_html(photo_report)).words


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Eight shots at each of two settings; zero is at -6."""
    result = tune(at_settings(-6.0))
    path = tmp_path / "series.json"
    path.write_bytes(bytes_of(saved(result, NOON)))
    return path


def test_a_photo_without_a_chart_gives_the_reason(run: Callable[..., Result], tmp_path: Path) -> None:
    Image.new("RGB", (900, 600), "gray").save(tmp_path / "wall.jpg")
    page = page_of(run, tmp_path / "wall.jpg")
    assert "Not measured." in page.words and "What to do:" in page.words


def test_the_page_needs_nothing_else(photo_report: Report) -> None:
    html = page_html(photo_report)
    (policy,) = [
        meta["content"] or ""
        for meta in Page(html).all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; img-src data:;") and f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"url\((?!#)|@import|https?://", html)


def test_the_page_has_a_dark_and_a_printed_form(photo_report: Report) -> None:
    html = page_html(photo_report)
    light, dark, printed = re.findall(r":root \{(.*?)\}", html, re.DOTALL)
    assert "prefers-color-scheme: dark" in html and "@media print" in html
    for colour, name in COLOURS.items():
        assert f"--{name}: {colour};" in light and f"--{name}: " in dark and f"--{name}: " in printed
        # No colour of a plot is left that the page's style does not set.
        assert colour not in html[html.index("<body>") :]


def test_what_measure_printed_is_a_table(run: Callable[..., Result], tmp_path: Path, analysis: Analysis) -> None:
    line = json.dumps(analysis.measurement.to_dict())
    for name, text in (("one.json", json.dumps(json.loads(line), indent=2)), ("two.jsonl", f"{line}\n{line}\n")):
        (tmp_path / name).write_text(text)
        assert "Back focus of 1" in page_of(run, tmp_path / name).words


def test_photos_that_are_still_there_are_shown(run: Callable[..., Result], tmp_path: Path, photo: Path) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(photo, tmp_path / "in" / "a.jpg")
    write_results(tmp_path / "results.csv", [a_row(1, path="a.jpg"), a_row(2, path="gone.jpg")])
    page = page_of(run, tmp_path / "results.csv", "--photos", tmp_path / "in")
    assert [picture["alt"] for picture in page.all("img")] == ["a.jpg"]
    assert not page_of(run, tmp_path / "results.csv", "--photos", tmp_path / "in", "--pictures", 0).all("img")


def test_photos_that_could_not_be_read_are_not_tried_again(run: Callable[..., Result], tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "back-focus.jpg", tmp_path / "b.jpg")
    (tmp_path / "a.jpg").write_text("no photo")
    lost = {"status": "unreadable", "trustworthy": False, "error": "No photo.", "offset_mm": None, "verdict": None}
    write_results(tmp_path / "results.csv", [a_row(1, path="a.jpg", **lost), a_row(2, path="b.jpg")])
    result = run(tmp_path / "results.csv", "-o", "-")
    assert [picture["alt"] for picture in assert_harmless(result.stdout).all("img")] == ["b.jpg"]
    assert "b.jpg" in result.stderr
    assert "a.jpg" not in result.stderr


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "..\\x2fsecret.jpg", "a/../../secret.jpg"])
def test_no_name_reaches_a_photo_outside_of_the_folder(
    run: Callable[..., Result], tmp_path: Path, photo: Path, name: str
) -> None:
    (tmp_path / "in" / "a").mkdir(parents=True)
    shutil.copy(photo, tmp_path / "secret.jpg")
    write_results(tmp_path / "results.csv", [a_row(1, path=name)])
    assert not page_of(run, tmp_path / "results.csv", "--photos", tmp_path / "in").all("img")


def test_a_report_overwrites_nothing_unasked(run: Callable[..., Result], series: Path) -> None:
    there = series.with_suffix(".html")
    there.write_text("mine")
    result = run(series)
    assert result.exit_code == 2 and "--force" in result.stderr and there.read_text() == "mine"
    assert run(series, "--force").exit_code == 0 and there.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_an_offset_that_is_no_number_is_damage(
    run: Callable[..., Result], tmp_path: Path, analysis: Analysis, number: str
) -> None:
    line = json.dumps(analysis.measurement.to_dict() | {"offset_mm": None})
    path = tmp_path / "all.jsonl"
    path.write_text(f"{line}\n" + line.replace('"offset_mm": null', f'"offset_mm": {number}') + "\n")
    result = run(path)
    assert result.exit_code == 2 and result.stderr == "Error: all.jsonl: measurement 2 is damaged.\n"


def test_letters_of_a_plot_can_be_read_on_a_phone(photo_report: Report) -> None:
    """On a screen 390 px wide, the page's margins off, no letters are lower than 10 px, as those of maps are."""
    (plot,) = photo_report.sections[0].plots
    other = offset_by_shot([ShotPoint(0.1 * at, setting=at) for at in range(4) for _ in range(2)])
    assert plot is not None and other is not None
    for svg in (plot.svg, other.svg):
        box = re.search(r'viewBox="0 0 ([0-9.]+) ', svg)
        sizes = [float(size) for size in re.findall(r'font-size="([0-9.]+)px"', svg)]
        sizes += [float(size) for size in re.findall(r'font="([0-9.]+)px', svg)]
        assert box is not None and sizes
        assert min(sizes) * (390 - 32) / float(box[1]) > 10.0


def test_no_line_of_a_headline_is_a_paragraph(photo_report: Report) -> None:
    assert all(len(line.dial.split()) <= 12 for line in photo_report.answers)
    page = Page(page_html(photo_report))
    assert len(page.all("h1")) == 1 and all(len(words.split()) < 5 for words in page.strong)


def test_directions_are_in_words() -> None:
    assert place_words(8.04) == "8.0 mm behind the AF mark"
    assert place_words(-8.06) == "8.1 mm in front of the AF mark"
    assert place_words(-0.01) == "at the AF mark"
    assert [side_words(offset) for offset in (8.04, -8.06, -0.01)] == ["8.0 mm behind", "8.1 mm in front", "0.0 mm"]


def test_thousands_of_shots_make_no_huge_plot() -> None:
    figure = offset_by_shot([ShotPoint(0.01 * (number % 300), (0.0, 1.0)) for number in range(5000)])
    assert figure is not None and len(figure.svg) < 60_000 and "400 of 5000 shots are shown" in figure.summary


def test_the_means_of_settings_are_in_words_until_they_would_overlap() -> None:
    few, many = (
        offset_by_shot([ShotPoint(0.1 * at + part, setting=at) for at in range(settings) for part in (-0.1, 0.1)])
        for settings in (3, 20)
    )
    assert few is not None and many is not None
    assert "mean +0.2 mm" in few.svg and "At +2: mean 0.2 mm behind" in few.summary
    assert "mean +0.2 mm" not in many.svg and ">+19</text>" in many.svg
    assert "At +2: mean 0.2 mm behind" in many.summary


def test_the_name_of_a_line_stands_outside_of_the_plot() -> None:
    plot = offset_by_shot([ShotPoint(shift) for shift in (-5.0, 0.0, 5.0)])
    assert plot is not None
    clip = re.search(r'<rect x="[0-9.]+" y="([0-9.]+)"', plot.svg)
    names = [
        float(y)
        for y in re.findall(r'<text[^>]* y="([0-9.]+)"[^>]*>(?:AF mark|mean \+0.0 mm|shot)</text>', plot.svg)
    ]
    assert clip is not None and len(names) == 4
    assert sorted(names)[2] < float(clip[1])


def test_a_name_of_a_chart_is_no_formula_and_no_markup() -> None:
    plot = offset_by_camera([("$x_1$ <b>&\x1b\udce4", [1.0])])
    assert plot is not None
    assert r"$x_1$ &lt;b&gt;&amp;\x1b\udce4</text>" in plot.svg


def test_one_interval_that_is_huge_does_not_flatten_the_plot() -> None:
    shots = [ShotPoint(1.0, (0.9, 1.1)), ShotPoint(2.0, (-1e6, 1e6)), ShotPoint(3.0, (2.9, 3.1))]
    plot = offset_by_shot(shots)
    assert plot is not None
    heights = [float(y) for y in re.findall(r'<use[^>]* y="([0-9.]+)" fill="var\(--paper\)"', plot.svg)]
    assert len(heights) >= 3 and max(heights) - min(heights) > 80


def test_a_plot_of_equal_values_has_a_range() -> None:
    assert offset_by_shot([ShotPoint(0.0), ShotPoint(0.0)]) is not None
    assert offset_by_camera([("one", [0.0]), ("none", [])]) is not None
    assert offset_by_camera([("none", [])]) is None
