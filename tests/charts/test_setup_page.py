"""Page 2 of every chart, README, docs, `plan` and findings: one protocol, one number of shots, one distance."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from click.testing import CliRunner

from backfocus.cli import cli
from backfocus.targets import PAPERS, build_chart
from backfocus.targets.ids import DESIGNS
from backfocus.targets.printing.pack import Pack, Participant, pack_pdf
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.targets.printing.setup_page import FOCAL_LENGTHS_MM, HEADING, TITLE, farthest_columns
from backfocus.targets.protocol import (
    DEFOCUS,
    LEAST,
    MM_PER_INCH,
    NEAREST,
    OTHER_SETTING,
    REFERENCE_SHOTS,
    SETTING,
    SHOOT_BOTH,
    SHOTS,
    SLOW,
    SWEEP,
    SWEEP_SETTINGS,
    SWEEP_SHOTS,
    TUNE,
    USUAL,
    distance_words,
    distances,
    feet,
    least_depth_mm,
    metres,
    others,
    steps,
)
from backfocus.verify.findings import Findings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EVERY_CHART = [(design, paper) for design in DESIGNS for paper in PAPERS]
NUMBER = re.compile(r"\d+(?:\.\d+)?")
IN_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "eight": 8, "ten": 10, "sixteen": 16}

every_chart = pytest.mark.parametrize(("design", "paper"), EVERY_CHART)


def second_page(pdf: bytes, index: int = 1) -> Any:
    return pypdfium2.PdfDocument(pdf)[index]


def squeezed(text: str) -> str:
    """Text without blanks and line ends, as words are broken elsewhere in print."""
    return re.sub(r"\s", "", text.replace("`", ""))


def words_of(page: Any) -> str:
    return squeezed(page.get_textpage().get_text_range())


def numbers_in(text: str) -> set[float]:
    return {float(number) for number in NUMBER.findall(text)}


@every_chart
def test_the_second_page_tells_every_step_in_the_protocol_s_words(design: str, paper: str) -> None:
    chart = build_chart(design, paper)
    printed = words_of(second_page(pdf_bytes(chart)))
    for step in (*steps(chart), *others()):
        assert squeezed(f"{step.word}: {step.text}") in printed


@every_chart
def test_every_number_in_the_steps_is_one_of_the_protocol_or_of_the_chart(design: str, paper: str) -> None:
    chart = build_chart(design, paper)
    reach = {float(limit) for f_number in (1.0, *SLOW) for limit in distances(chart, f_number)}
    sizes = {100.0, *(round(side) for side in chart.quiet_zone_mm)}
    inches = {round(100.0 / MM_PER_INCH, 2), *(round(side / MM_PER_INCH, 1) for side in sizes)}
    shots = {SHOTS, SETTING, OTHER_SETTING, SWEEP_SHOTS, len(SWEEP_SETTINGS), *map(abs, SWEEP_SETTINGS)}
    pages_and_names = numbers_in("at 100 %, page 1, page 2, +10_001.jpg, 1x")
    known = {*map(float, shots), *reach, *sizes, *inches, *SLOW, chart.angle_deg, *pages_and_names}
    for step in (*steps(chart), *others()):
        assert numbers_in(step.text.replace("_", " ")) <= known, step


@every_chart
def test_all_other_numbers_on_the_second_page_are_the_rule_of_distance_or_the_chart_s_own(
    design: str, paper: str
) -> None:
    chart = build_chart(design, paper)
    nearest, farthest = distances(chart)
    columns = farthest_columns(chart)
    times = [nearest, *(most for _, most in columns)]
    table = [
        told(length * multiple) for told in (metres, feet) for length in FOCAL_LENGTHS_MM for multiple in times
    ]
    text = second_page(pdf_bytes(chart)).get_textpage().get_text_range()
    for number in table:
        assert number in text
    words = text.replace(chart.id, "")
    told = (*steps(chart), *others())
    in_steps = {word for step in told for word in NUMBER.findall(step.text.replace("_", " "))}
    numbered = {str(number) for number in range(1, len(steps(chart)) + 1)}
    apertures = {f"{f_number:g}" for f_number, _ in columns}
    of_chart = {f"{chart.angle_deg:g}", *NUMBER.findall(paper)}
    known = {*table, *map(str, (*FOCAL_LENGTHS_MM, *times, farthest)), *in_steps, *numbered, *apertures, *of_chart}
    assert set(NUMBER.findall(words.replace("_", " "))) <= known


def test_words_of_the_second_page_have_three_sizes() -> None:
    """And no more: one for words, one for headings, one for the title."""
    for design, paper in EVERY_CHART:
        page = second_page(pdf_bytes(build_chart(design, paper)))
        texts = [thing for thing in page.get_objects() if thing.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
        sizes = {
            round(text.get_font_size() * math.hypot(text.get_matrix().b, text.get_matrix().d), 2) for text in texts
        }
        font = min(sizes)
        assert sorted(size / font for size in sizes) == pytest.approx([1.0, HEADING, TITLE], abs=0.01)


@every_chart
def test_distances_begin_at_the_nearest_and_end_with_the_quiet_zone_or_the_depth(design: str, paper: str) -> None:
    chart = build_chart(design, paper)
    nearest, farthest = distances(chart)
    assert nearest == NEAREST
    assert farthest == int(chart.widest_distance_over_focal_length)
    reach = [distances(chart, f_number)[1] for f_number in SLOW]
    assert reach == sorted(reach, reverse=True)
    if chart.has_depth:
        assert reach[-1] < farthest, "at f/5.6 depth is what binds"
        assert distances(chart, 4.0)[1] == int(math.sqrt(least_depth_mm(chart) / (0.0202 * 4.0)))
    else:
        assert set(reach) == {farthest}


def test_small_sheets_are_for_nearer_only_and_steep_ones_not_for_slow_lenses() -> None:
    assert distance_words(build_chart("flat", "a4", 0.6)) == "22 focal lengths"
    shallow = build_chart("flat", "a4", 0.6, 20.0)
    assert distances(shallow, 5.6)[1] < LEAST
    assert any("f/5.6: not with this sheet" in step.text for step in steps(shallow))


def test_letter_and_tabloid_are_told_in_feet_first() -> None:
    for paper, first in (("a4", "(m)"), ("letter", "(ft)"), ("a3", "(m)"), ("tabloid", "(ft)")):
        printed = words_of(second_page(pdf_bytes(build_chart("flat", paper))))
        assert re.findall(r"Distance(\(\w+\))", printed)[0] == first


@pytest.mark.parametrize(("design", "paper"), [("flat", "letter"), ("zfold", "a4")])
def test_in_a_pack_the_second_page_carries_number_name_and_id(design: str, paper: str) -> None:
    people = (Participant(1, "K7Q2XZ9", "Ada Lovelace"), Participant(2, "M3N8PQR", "Νίκος"))
    pack = Pack(design, paper, "Club", people, setup_each=True)
    for_all, first, second = (words_of(second_page(pack_pdf(pack), index)) for index in (1, 3, 5))
    assert "No.1" in first
    assert "K7Q2XZ9" in first
    assert "No.2" in second
    assert "M3N8PQR" in second
    assert "K7Q2XZ9" not in for_all
    for page in (for_all, first, second):
        assert "handyourphotosin" in page


def test_the_readme_tells_the_same_steps() -> None:
    chart = build_chart("flat", "a4")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for number, step in enumerate(steps(chart), 1):
        assert f"{number}. **{step.word}:** {step.text}\n" in readme
    for step in others():
        assert f"- **{step.word}:** {step.text}\n" in readme
    near, far = (85.0 * times for times in distances(chart, 1.4))
    assert f"{metres(near)} to {metres(far)} m ({feet(near)} to {feet(far)} ft)" in readme


def test_docs_plan_tune_and_remedies_ask_for_the_same_shots() -> None:
    tuning = (ROOT / "docs" / "tuning.md").read_text(encoding="utf-8")
    for sentence in (SHOOT_BOTH, DEFOCUS, TUNE, SWEEP, f"`--reference FOLDER`: {REFERENCE_SHOTS} or more photos"):
        assert sentence in tuning
    assert f"({distances(build_chart())[1]} focal lengths on `flat` A4)" in tuning
    plan = CliRunner().invoke(cli, ["plan", "--lens", "85", "--aperture", "1.4"]).output
    assert SHOOT_BOTH in plan
    assert DEFOCUS in plan
    help_of_plan = " ".join(CliRunner().invoke(cli, ["plan", "--help"]).output.split())
    assert f"Default: {USUAL} focal lengths" in help_of_plan
    help_of_tune = " ".join(CliRunner().invoke(cli, ["tune", "--help"]).output.split())
    assert (
        f"{SHOTS} photos of the chart with AF fine-tune at {SETTING} and {SHOTS} at {OTHER_SETTING:+d}"
        in help_of_tune
    )
    assert SHOOT_BOTH in Findings.SETTING_WITHOUT_EFFECT.remedy
    assert SWEEP in Findings.NO_LEAST_BLUR.remedy
    assert str(NEAREST) in Findings.DISTANCE_TOO_SHORT.remedy


def test_no_page_asks_for_another_number_of_shots() -> None:
    asked = re.compile(r"\b[Tt]ake (\w+)(?: to \w+)?(?: or more)?(?: more)? (?:shots|photos)", re.ASCII)
    for page in PAGES:
        for found in asked.findall(page.read_text(encoding="utf-8")):
            count = IN_WORDS.get(found.lower(), int(found) if found.isdigit() else None)
            assert count in (SHOTS, SWEEP_SHOTS, None), f"{page.name}: take {found}"
