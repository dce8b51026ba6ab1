"""Packs for workshops: numbered charts with names in any script, and the list that goes with them."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from backfocus.cli import cli
from backfocus.targets import PAPERS, Chart, build_chart, parse_qr_text
from backfocus.targets.errors import MissingLetterError
from backfocus.targets.ids import DESIGNS, ID_ALPHABET
from backfocus.targets.printing.lettering import letter
from backfocus.targets.printing.pack import Pack, Participant, Strip, chart_ids, free_line, pack_pdf
from backfocus.targets.printing.pdf import pdf_bytes
from backfocus.targets.printing.shaping import shape
from backfocus.verify.scoring.tally import read_participants

DPI = 100
NAMES = {
    "Latin": "Zoë Ångström-Nguyễn",
    "Cyrillic": "Ада Лавлейс",
    "Greek": "Μαρία Παπαδοπούλου",
    "Hebrew": "דוד לוי",
    "Arabic": "محمد عبد الله",
    "Devanagari": "कृष्णा क्षत्रिय",
    "Thai": "สมชาย ใจดี",
    "Chinese": "王小明",
    "Japanese": "山田太郎 さくら",
    "Korean": "김민준",
    "Ethiopic": "አማርኛ",
}


def a_pack(design: str = "zfold", paper: str = "a4", names: tuple[str, ...] = ("Ada",)) -> Pack:
    ids = chart_ids(len(names), seed="test")
    participants = tuple(
        Participant(number, chart_id, name)
        for number, (chart_id, name) in enumerate(zip(ids, names, strict=True), 1)
    )
    return Pack(design, paper, "Autofocus workshop", participants)


def ink(pdf: bytes, page: int) -> np.ndarray:
    """Where a page is darker than grey, at `DPI`."""
    picture = pypdfium2.PdfDocument(pdf)[page].render(scale=DPI / 72, grayscale=True).to_numpy()
    return np.asarray(picture).reshape(picture.shape[:2]) < 160


def added_ink(design: str, paper: str) -> tuple[np.ndarray, np.ndarray, Chart]:
    """Ink that a pack adds to a chart, the chart's own, and the chart."""
    pack = a_pack(design, paper, ("Ägnes محمد कृष्णा 王小明",))
    chart = build_chart(design, paper, chart_id=pack.participants[0].chart_id)
    plain, named = ink(pdf_bytes(chart), 0), ink(pack_pdf(pack), 2)
    return named & ~plain, plain & ~named, chart


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("design", DESIGNS)
def test_a_name_is_printed_where_nothing_else_is(design: str, paper: str) -> None:
    added, lost, chart = added_ink(design, paper)
    rows, columns = np.nonzero(added)
    x, y = columns / DPI * 25.4, rows / DPI * 25.4
    assert x.size > 150 and not lost.any()
    assert min(x.min(), y.min(), chart.page_mm[0] - x.max(), chart.page_mm[1] - y.max()) > 5.0
    plain = ink(pdf_bytes(chart), 0)
    box = plain[rows.min() - 2 : rows.max() + 3, columns.min() - 2 : columns.max() + 3]
    assert not box.any()


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("design", DESIGNS)
def test_the_place_of_the_name_keeps_clear_of_what_the_reader_measures(design: str, paper: str) -> None:
    chart = build_chart(design, paper)
    strip = free_line(chart)
    measured = [marker.corners_page_mm for marker in chart.markers] + [chart.qr.corners_page_mm]
    measured += [(edge.from_page_mm, edge.to_page_mm) for edge in chart.edges]
    gaps = [_gap(strip, corners) for corners in measured]
    quiet_x, quiet_y = (half / 2 for half in chart.quiet_zone_mm)
    mark_x, mark_y = chart.af_mark_page_mm
    quiet = ((mark_x - quiet_x, mark_y - quiet_y), (mark_x + quiet_x, mark_y + quiet_y))
    assert min(gaps) > 2.0
    assert _gap(strip, quiet) >= 0.0


def _gap(strip: Strip, corners: tuple[tuple[float, float], ...]) -> float:
    xs, ys = zip(*corners, strict=True)
    across = max(min(xs) - strip.right, strip.left - max(xs))
    along = max(min(ys) - strip.bottom, strip.top - max(ys))
    return float(max(across, along))


def test_the_chart_under_a_name_is_the_chart_with_that_id() -> None:
    import zxingcpp

    pack = a_pack(names=("Ada", "Bob"))
    for page, participant in zip((2, 3), pack.participants, strict=True):
        picture = pypdfium2.PdfDocument(pack_pdf(pack))[page].render(scale=2, grayscale=True).to_pil()
        (code,) = zxingcpp.read_barcodes(picture)
        assert parse_qr_text(code.text).id == participant.chart_id


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_names_of_any_script_have_ink(name: str) -> None:
    lettering = letter(name)
    lowest, highest = lettering.ink
    assert lettering.width > 1.0 and 0.5 < highest < 1.3 and -0.6 < lowest <= 0.0


def test_arabic_letters_are_joined() -> None:
    def numbers(text: str) -> set[int]:
        return {glyph.number for piece in shape(text).pieces for glyph in piece.glyphs}

    alone = set().union(*map(numbers, "محمد"))
    assert not numbers("محم") & alone


def test_a_joiner_keeps_its_place_in_persian() -> None:
    with_joiner, without = shape("گل\u200cپرور"), shape("گلپرور")
    numbers = [[glyph.number for piece in one.pieces for glyph in piece.glyphs] for one in (with_joiner, without)]
    assert numbers[0] != numbers[1]


def test_a_right_to_left_name_begins_at_the_right() -> None:
    first, second = shape("א"), shape("ב")
    both = shape("אב")
    numbers = [glyph.number for piece in both.pieces for glyph in piece.glyphs]
    assert numbers == [second.pieces[0].glyphs[0].number, first.pieces[0].glyphs[0].number]


def test_composed_and_decomposed_letters_print_alike() -> None:
    assert letter("Zoe\u0308").width == letter("Zo\u00eb").width


def test_a_letter_that_no_font_has_is_told() -> None:
    with pytest.raises(MissingLetterError) as raised:
        letter("Ada \U0001f600")
    assert raised.value.letters == "\U0001f600"


@pytest.fixture
def no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain install: what the extra `backfocus[names]` brings is not there."""
    for name in ("uharfbuzz", "bidi", "weblate_fonts"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "backfocus.targets.printing.shaping", raising=False)


@pytest.mark.usefixtures("no_extra")
@pytest.mark.parametrize("script", ["Latin", "Cyrillic", "Greek"])
def test_latin_greek_and_cyrillic_names_are_printed_by_an_embedded_font_without_the_extra(script: str) -> None:
    page = pypdfium2.PdfDocument(pack_pdf(a_pack(names=(NAMES[script],))))[2]
    texts = [thing for thing in page.get_objects() if isinstance(thing, pypdfium2.PdfTextObj)]
    assert all(text.get_font().is_embedded for text in texts)
    assert any("DejaVu" in text.get_font().get_base_name() for text in texts)
    assert f"No. 1 {NAMES[script]}" in page.get_textpage().get_text_range()
    assert len(NAMES[script]) / 3 < letter(NAMES[script]).width < len(NAMES[script])


@pytest.mark.usefixtures("no_extra")
@pytest.mark.parametrize("design", DESIGNS)
def test_without_the_extra_a_name_is_printed_where_nothing_else_is(design: str) -> None:
    pack = a_pack(design, "a4", ("Ễgnes Ŵęgrzyn Ĳ",))
    plain = ink(pdf_bytes(build_chart(design, "a4", chart_id=pack.participants[0].chart_id)), 0)
    named = ink(pack_pdf(pack), 2)
    added = named & ~plain
    rows, columns = np.nonzero(added)
    assert rows.size > 150 and not (plain & ~named).any()
    assert not plain[rows.min() - 2 : rows.max() + 3, columns.min() - 2 : columns.max() + 3].any()


@pytest.mark.usefixtures("no_extra")
def test_without_the_extra_every_name_that_needs_it_is_told_with_how_to_install_it(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "names.txt").write_text("\n".join(NAMES.values()), encoding="utf-8")
    result = run("--names", "names.txt", "-o", "club.pdf")
    assert result.exit_code == 2
    assert "pip install 'backfocus[names]'" in result.stderr
    told = [int(number) for number in re.findall(r"number (\d+),", result.stderr)]
    plain = {"Latin", "Cyrillic", "Greek"}
    assert told == [number for number, script in enumerate(NAMES, 1) if script not in plain]
    assert not list(tmp_path.glob("club*"))


@pytest.mark.usefixtures("no_extra")
@pytest.mark.parametrize("arguments", [("--title", "研修"), ("--font", "names.txt")])
def test_without_the_extra_a_title_or_a_font_that_needs_it_names_it(
    run: Callable[..., Result], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "names.txt").write_text("Ada")
    result = run("--count", 1, *arguments)
    assert result.exit_code == 2 and "backfocus[names]" in result.stderr


@pytest.mark.usefixtures("no_extra")
def test_without_the_extra_invisible_characters_leave_no_ink() -> None:
    assert letter("A\u200bda\ufeff").width == letter("Ada").width


def test_the_built_in_font_is_found_without_loading_matplotlib() -> None:
    code = (
        "import sys; sys.modules.update(uharfbuzz=None, bidi=None)\n"
        "from backfocus.targets.printing.lettering import letter\n"
        "assert letter('Zoë').width > 1\n"
        "assert 'matplotlib' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_same_pack_has_the_same_bytes() -> None:
    assert pack_pdf(a_pack()) == pack_pdf(a_pack())


def test_a_pack_has_a_cover_a_setup_page_and_a_page_for_every_chart() -> None:
    names = tuple(f"Person {index}" for index in range(4))
    document = pypdfium2.PdfDocument(pack_pdf(a_pack(names=names)))
    assert len(document) == 2 + 4
    assert [bookmark.get_title() for bookmark in document.get_toc()] == [
        "Cover sheet",
        "How to set a chart up",
        *(f"No. {number}  Person {number - 1}" for number in range(1, 5)),
    ]
    assert "4 charts, design zfold" in document[0].get_textpage().get_text_range()


def test_ids_differ_and_are_valid() -> None:
    ids = chart_ids(3000)
    assert len(set(ids)) == 3000
    assert all(len(one) == 7 and set(one) <= set(ID_ALPHABET) for one in ids)


def test_ids_are_random_unless_a_seed_is_given() -> None:
    assert chart_ids(5) != chart_ids(5)
    assert chart_ids(5, "club") == chart_ids(5, "club") != chart_ids(5, "other")


def test_no_id_looks_like_a_number_to_a_spreadsheet() -> None:
    ids = chart_ids(20_000, "many")
    assert not [one for one in ids if re.fullmatch(r"\d+(E\d+)?", one)]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, ["pack", *(str(one) for one in arguments)])


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_the_list_of_ids_is_written_beside_the_pdf(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("name\nAda\nমিতা\n", encoding="utf-8")
    result = run("--names", "names.csv", "--count", 3, "-o", "club.pdf")
    assert result.exit_code == 0 and result.stdout == ""
    head, *rows = rows_of(tmp_path / "club.csv")
    assert head == ["number", "id", "name"]
    assert [(row[0], row[2]) for row in rows] == [("1", "Ada"), ("2", "মিতা"), ("3", "")]
    assert len(pypdfium2.PdfDocument(tmp_path / "club.pdf")) == 5


def test_a_list_gives_the_same_pack_again(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("'t Hooft\n=1+1\nAda\n")
    assert run("--names", "names.txt", "-o", "one.pdf").exit_code == 0
    assert run("--names", "one.csv", "-o", "two.pdf").exit_code == 0
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_a_spreadsheet_runs_no_name(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text('no;name\n1;=HYPERLINK("http://x")\n2; @SUM(1)\n')
    assert run("--names", "names.csv", "-o", "club.pdf").exit_code == 0
    assert [row[2][:2] for row in rows_of(tmp_path / "club.csv")[1:]] == ["'=", "'@"]


def test_a_name_that_cannot_be_printed_is_named_before_anything_is_written(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "names.txt").write_text("Ada\nខ្មែរ\n", encoding="utf-8")
    result = run("--names", "names.txt", "-o", "club.pdf")
    assert result.exit_code == 2
    assert "number 2, 'ខ្មែរ'" in result.stderr and "--font" in result.stderr
    assert not list(tmp_path.glob("club*"))


def test_names_too_long_to_read_are_told_with_all_others_that_cannot_be_printed(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "names.txt").write_text("W" * 90 + "\nAda\n" + "V" * 120 + "\n\u1781")
    result = run("--names", "names.txt")
    assert result.exit_code == 2 and "Too long" in result.stderr
    assert all(f"number {number}, " in result.stderr for number in (1, 3, 4))
    assert "number 2, " not in result.stderr


@pytest.mark.parametrize("existing", ["club.pdf", "club.csv"])
def test_nothing_is_overwritten_unasked(run: Callable[..., Result], tmp_path: Path, existing: str) -> None:
    (tmp_path / existing).write_text("mine")
    result = run("--count", 1, "-o", "club.pdf")
    assert result.exit_code == 2 and "--force" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [existing]
    assert (tmp_path / existing).read_text() == "mine"
    assert run("--count", 1, "-o", "club.pdf", "--force").exit_code == 0


def test_all_that_is_wrong_in_a_list_is_told_at_once(run: Callable[..., Result], tmp_path: Path) -> None:
    long = "W" * 120
    (tmp_path / "names.csv").write_text(
        f"id,name\nOOPS,Ada\nK7Q2XZ9,{long}\nK7Q2XZ9,Bob\nNO,\u1781\n", encoding="utf-8"
    )
    result = run("--names", "names.csv", "--title", "Club \u1781")
    assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1
    told = ("'OOPS', 'NO' in the list", "More than once in the list: K7Q2XZ9", "number 4, 'ខ'", "number 2, 'WWW")
    for said in (*told, "the title (U+1781)"):
        assert said in result.stderr
    assert not list(tmp_path.glob("*.pdf"))


MISTAKES = {
    "nothing to go by": ([], "", "--count"),
    "more names than charts": (["--count", "1", "--names", "names.txt"], "Ada\nBob\n", "2 names"),
    "columns without a head": (["--names", "names.txt"], "Ada,1\nBob,2\n", "several columns"),
    "a quotation mark that is not closed": (
        ["--names", "names.txt"],
        'name\nAnna\n"Mike\nBob\n',
        "names.txt cannot be read from line 3",
    ),
    "a quotation mark inside of a name": (["--names", "names.txt"], 'name\n"Mike" Miller\n', "line 2"),
    "two quotation marks inside of names": (
        ["--names", "names.txt"],
        'name\n"Mike" Miller\nBob\n"Ann" Ames\n"Zed" Z\n',
        "or a cell that is far too long. Look at lines 4, 5, too.",
    ),
    "an empty list": (["--names", "names.txt"], "\n", "empty"),
    "an id that is none": (["--names", "names.txt"], "id,name\nOOPS,Ada\n", "no chart id"),
    "an id twice": (
        ["--names", "names.txt"],
        "id,name\nK7Q2XZ9,Ada\nK7Q2XZ9,Bob\n",
        "More than once in the list: K7Q2XZ9",
    ),
    "a logo that is none": (["--count", "1", "--logo", "names.txt"], "no picture", "PNG or JPEG"),
    "an output without a name": (["--count", "1", "-o", ""], "", "--output is empty"),
    "a font that is none": (["--count", "1", "--font", "names.txt"], "no font", "no font"),
}


@pytest.mark.parametrize(("arguments", "content", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_has_one_line_and_writes_nothing(
    run: Callable[..., Result], tmp_path: Path, arguments: list[str], content: str, said: str
) -> None:
    (tmp_path / "names.txt").write_text(content)
    result = run("-o", "club.pdf", *arguments)
    assert result.exit_code == 2 and said in result.stderr
    assert not list(tmp_path.glob("club*"))


@pytest.mark.parametrize("arguments", [("-o", "taken/club.pdf", "--ids", "club.csv"), ("--ids", "taken/club.csv")])
def test_a_pack_that_cannot_be_written_leaves_neither_file(
    run: Callable[..., Result], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    result = run("--count", 1, *arguments)
    assert result.exit_code == 2 and "Cannot write taken" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_pack_that_cannot_be_written_keeps_what_was_there(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    (tmp_path / "club.csv").write_text("mine")
    result = run("--count", 1, "-o", "taken/club.pdf", "--ids", "club.csv", "--force")
    assert result.exit_code == 2 and (tmp_path / "club.csv").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_logo_from_a_pipe_is_refused_not_waited_for(run: Callable[..., Result], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "logo.png")
    result = run("--count", 1, "--logo", "logo.png")
    assert result.exit_code == 2 and "no regular file" in result.stderr
    assert not list(tmp_path.glob("*.pdf"))


def test_a_logo_of_too_many_bytes_is_told_so(run: Callable[..., Result], tmp_path: Path) -> None:
    with (tmp_path / "logo.png").open("wb") as file:
        file.truncate(20_000_001)
    result = run("--count", 1, "--logo", "logo.png")
    assert result.exit_code == 2 and "over 20 MB; make the logo smaller" in result.stderr


def test_a_list_in_another_encoding_of_unicode_is_read(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text(f"Name\n{NAMES['Thai']}\n", encoding="utf-16")
    assert run("--names", "names.csv", "-o", "club.pdf").exit_code == 0
    assert rows_of(tmp_path / "club.csv")[1][2] == NAMES["Thai"]


def test_score_reads_the_names_as_they_were_given(run: Callable[..., Result], tmp_path: Path) -> None:
    given = ["'t Hooft", "=1+1", "Ada"]
    (tmp_path / "names.txt").write_text("\n".join(given))
    assert run("--names", "names.txt", "-o", "club.pdf").exit_code == 0
    assert list(read_participants(tmp_path / "club.csv").values()) == given


def test_a_logo_is_on_the_cover_only(run: Callable[..., Result], tmp_path: Path) -> None:
    Image.new("RGB", (80, 40), "red").save(tmp_path / "logo.png")
    assert run("--count", 1, "--seed", "a", "-o", "plain.pdf").exit_code == 0
    assert run("--count", 1, "--seed", "a", "--logo", "logo.png", "-o", "club.pdf").exit_code == 0
    plain, club = ((tmp_path / f"{name}.pdf").read_bytes() for name in ("plain", "club"))
    assert (ink(plain, 0) != ink(club, 0)).any()
    assert (ink(plain, 2) == ink(club, 2)).all()


def test_the_list_of_names_is_never_overwritten(run: Callable[..., Result], tmp_path: Path) -> None:
    names = tmp_path / "club.csv"
    names.write_text("Ada\nGrace\n")
    result = run("--names", names, "-o", tmp_path / "club.pdf", "--force")
    assert result.exit_code == 2
    assert "would be overwritten" in result.stderr
    assert names.read_text() == "Ada\nGrace\n"
