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
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from photo_folders import SAMPLES
from PIL import Image
from series_shots import shots

from backfocus.cli import cli
from backfocus.targets import build_chart
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.verify.measure import Analysis, analyse
from backfocus.verify.report.html import Report, page_html, report_of_photo
from backfocus.verify.report.plots import COLOURS, ShotPoint, offset_by_chart, offset_by_shot
from backfocus.verify.report.text import place_words, side_words
from backfocus.verify.scoring.columns import Row, row_of
from backfocus.verify.scoring.tables import write_results
from backfocus.verify.scoring.tally import Tally
from backfocus.verify.simulate import ExifNames, Lens, Sensor, SheetPose, rasterise_pdf, shoot
from backfocus.verify.tuning.saved import bytes_of, saved
from backfocus.verify.tuning.tune import tune

SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"><img src=x onerror=alert(1)>'"
VOID = {"meta", "img", "br"}
NOON = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)


class Page(HTMLParser):
    """What a browser would make of a page: elements, their attributes, and the words on it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def assert_harmless(html: str) -> Page:
    page = Page(html)
    assert not page.open
    allowed = {"html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer", "div", "p"}
    allowed |= {"h1", "h2", "bdi", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "img", "br"}
    allowed |= {"strong", "em", "code", "svg", "g", "defs", "path", "use", "rect", "text", "clippath"}
    assert {name for name, _ in page.elements} <= allowed
    for element, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcset")]
        assert "href" not in attributes or (element == "use" and (attributes["href"] or "").startswith("#"))
        assert (attributes.get("src") or "data:image/jpeg;base64,").startswith("data:image/jpeg;base64,")
    return page


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


def a_row(number: int = 1, **cells: object) -> Row:
    usual: dict[str, object] = {
        "path": f"IMG_{number}.jpg",
        "status": "measured",
        "trustworthy": True,
        "verdict": "back-focus",
        "offset_mm": 3.0 + 0.1 * number,
        "offset_ci95_low_mm": 2.8,
        "offset_ci95_high_mm": 3.6,
        "chart_id": "K7Q2XZ9",
        "participant": "Ada",
    }
    return row_of(usual | cells)


def page_of(run: Callable[..., Result], file: Path, *options: object) -> Page:
    result = run(file, "-o", "-", *options)
    assert result.exit_code == 0, result.stderr
    return assert_harmless(result.stdout)


def test_a_photo_gives_its_verdict_first(photo_report: Report) -> None:
    page = assert_harmless(page_html(photo_report))
    assert photo_report.verdict.startswith("Back focus: sharpest 1")
    assert page.words.index(photo_report.verdict) < page.words.index("Blur along the sheet")
    assert photo_report.outcome == "act"
    assert any(line.startswith("Dial: ") for line in photo_report.details)


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


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Eight shots at each of three settings; zero is near +3."""
    result = tune([*shots(-14, 0.0), *shots(10, 5.0), *shots(36, 10.0)])
    path = tmp_path / "series.json"
    path.write_bytes(bytes_of(saved(result, NOON)))
    return path


def test_a_series_shows_shots_and_the_fitted_line(run: Callable[..., Result], series: Path) -> None:
    page = page_of(run, series)
    assert page.words.index("Set AF fine-tune to +3") < page.words.index("How it was measured")
    assert "Offsets of 24 shots. At 0: mean 3.9 mm in front of the AF mark, scatter 0.5 mm." in page.words
    assert re.search(
        r"It is zero at \+2\.9 \(95 %: \+2\.\d to \+3\.\d\)\. One step moves focus 1\.\d\d mm", page.words
    )
    assert "NIKON D850, 85mm f/1.4. 24 photos, 2026-05-04." in page.words


def test_a_series_of_an_older_version_has_means_only(run: Callable[..., Result], series: Path) -> None:
    data = json.loads(series.read_text(encoding="utf-8"))
    del data["lenses"][0]["series"][0]["shots"]
    series.write_text(json.dumps(data))
    words = page_of(run, series).words
    assert "It is zero at +2.9" in words and "Offsets of" not in words


def test_a_sweep_of_blur_shows_where_it_is_least(run: Callable[..., Result], tmp_path: Path) -> None:
    blurs = {-10: 3.0, -5: 1.8, 0: 1.0, 5: 1.7, 10: 3.1}
    (first,) = shots(0, 0.0, scatter=(0.0,))
    sweep = [
        replace(first, photo=f"{s}_{n}.jpg", setting=float(s), offset_mm=None, blur_at_mark=1e-4 * (b + 0.02 * n))
        for s, b in blurs.items()
        for n in range(3)
    ]
    path = tmp_path / "sweep.json"
    path.write_bytes(bytes_of(saved(tune(sweep), NOON)))
    assert "Blur at the AF mark at 5 settings." in page_of(run, path).words


def test_names_in_a_series_are_words(run: Callable[..., Result], series: Path) -> None:
    text = series.read_text(encoding="utf-8").replace("NIKON D850", json.dumps(IMAGE + SCRIPT)[1:-1])
    series.write_text(text, encoding="utf-8")
    assert IMAGE + SCRIPT in page_of(run, series).words


def test_a_damaged_series_is_told(run: Callable[..., Result], series: Path) -> None:
    data = json.loads(series.read_text(encoding="utf-8"))
    data["lenses"][0]["series"][0]["groups"] = [{"n": 1, "mean_mm": 1.0}]
    series.write_text(json.dumps(data))
    result = run(series)
    assert result.exit_code == 2 and "damaged" in result.stderr


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_a_table_counts_verdicts_and_shows_charts(run: Callable[..., Result], tmp_path: Path, ending: str) -> None:
    rows = [a_row(number) for number in range(5)]
    rows += [a_row(9, chart_id="AAAAAA1", participant="محمد", verdict="in-focus", offset_mm=-0.4)]
    rows += [
        a_row(7, status="refused", trustworthy=False, offset_mm=None, verdict=None, finding_messages="No sheet.")
    ]
    write_results(tmp_path / f"results{ending}", rows)
    words = page_of(run, tmp_path / f"results{ending}").words
    assert "6 of 7 photos measured: 1 in focus, 5 focused behind the AF mark (back focus)." in words
    assert "Offsets of 6 photos of 2 charts" in words
    assert "محمد" in words and "No sheet." in words


def test_names_and_texts_in_a_table_are_words(run: Callable[..., Result], tmp_path: Path) -> None:
    hostile = {"path": IMAGE, "participant": SCRIPT, "chart_id": "</svg>" + SCRIPT, "findings": SCRIPT}
    rows = [a_row(1, **hostile), a_row(2, **hostile | {"error": SCRIPT, "status": "crashed", "trustworthy": False})]
    write_results(tmp_path / "results.csv", rows)
    words = page_of(run, tmp_path / "results.csv").words
    assert IMAGE in words and "</svg>" + SCRIPT in words


def test_an_untrustworthy_photo_counts_for_no_mean(run: Callable[..., Result], tmp_path: Path) -> None:
    rows = [a_row(1, offset_mm=2.0), a_row(2, offset_mm=2.0), a_row(3, offset_mm=99.0, trustworthy=False)]
    write_results(tmp_path / "results.csv", rows)
    tally = Tally()
    assert [tally.add(row).verdicts["back-focus"] for row in rows] == [1, 2, 2], "as on the page"
    words = page_of(run, tmp_path / "results.csv").words
    assert "2.0 mm behind" in words and "Crosses: 1 that do not count." in words
    assert "2 of 3 photos measured: 2 focused behind" in words


def test_what_measure_printed_is_a_table(run: Callable[..., Result], tmp_path: Path, analysis: Analysis) -> None:
    line = json.dumps(analysis.measurement.to_dict())
    for name, text in (("one.json", json.dumps(json.loads(line), indent=2)), ("two.jsonl", f"{line}\n{line}\n")):
        (tmp_path / name).write_text(text)
        assert "focused behind the AF mark (back focus)" in page_of(run, tmp_path / name).words


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
    plot = offset_by_chart([("$x_1$ <b>&\x1b\udce4", [1.0])])
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
    assert offset_by_chart([("one", [0.0]), ("none", [])]) is not None
    assert offset_by_chart([("none", [])]) is None
