"""The line of text in the QR code: what is written is read again, and nothing else is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backfocus.targets import PAPERS, QrText, build_chart, chart_from_qr, parse_qr_text
from backfocus.targets.errors import QrTextError, UnknownFormatVersionError
from backfocus.targets.ids import DESIGNS, ID_ALPHABET, ID_LENGTH, MAX_LENGTH

seeded = settings(deadline=None, derandomize=True, database=None)
good_texts = st.builds(
    QrText,
    design=st.sampled_from(DESIGNS),
    paper=st.sampled_from(sorted(PAPERS)),
    scale=st.integers(0, 9999).map(lambda thousandths: thousandths / 1000),
    angle_deg=st.integers(0, 999).map(lambda tenths: tenths / 10),
    id=st.text(ID_ALPHABET, min_size=ID_LENGTH, max_size=ID_LENGTH),
)
EXAMPLE = QrText("flat", "a4", 1.0, 45.0, "K7Q2XZ9")


@seeded
@given(good_texts)
def test_what_is_written_is_read_again(text: QrText) -> None:
    assert parse_qr_text(text.encode()) == text


@seeded
@given(good_texts)
def test_a_text_fits_a_version_2_code_in_alphanumeric_mode(text: QrText) -> None:
    line = text.encode()
    assert len(line) <= MAX_LENGTH == 38
    assert re.fullmatch(r"[0-9A-Z $%*+\-./:]+", line)


@seeded
@given(st.one_of(st.text(), st.from_regex(r"\ABF[0-9]{1,3}/.*\Z"), st.binary().map(lambda b: b.decode("latin-1"))))
def test_a_foreign_text_raises_nothing_but_a_qr_text_error(text: str) -> None:
    with pytest.raises(QrTextError):
        parse_qr_text(text)


@seeded
@given(good_texts, st.integers(0, MAX_LENGTH - 1), st.characters())
def test_a_text_with_one_wrong_character_is_refused(text: QrText, place: int, wrong: str) -> None:
    line = text.encode()
    place %= len(line)
    damaged = line[:place] + wrong + line[place + 1 :]
    if damaged != line:
        with pytest.raises(QrTextError):
            parse_qr_text(damaged)


@seeded
@given(
    st.builds(
        QrText,
        design=st.one_of(st.sampled_from(DESIGNS), st.text()),
        paper=st.one_of(st.sampled_from(sorted(PAPERS)), st.text()),
        scale=st.floats(),
        angle_deg=st.floats(),
        id=st.one_of(st.text(ID_ALPHABET, min_size=7, max_size=7), st.text()),
    )
)
def test_what_cannot_be_written_raises_a_qr_text_error(text: QrText) -> None:
    try:
        line = text.encode()
    except QrTextError:
        return
    assert parse_qr_text(line).encode() == line


@pytest.mark.parametrize("version", ["0", "1", "9", "10", "99"])
def test_a_text_of_another_format_version_is_told_apart(version: str) -> None:
    with pytest.raises(UnknownFormatVersionError, match=str(int(version))):
        parse_qr_text(f"BF{version}/SPIRAL/B5/WHATEVER")


@pytest.mark.parametrize(
    "text", ["", "BF2", "BF2/", EXAMPLE.encode().lower(), EXAMPLE.encode() + "\n", "https://a.b"]
)
def test_a_text_that_is_nearly_one_is_refused(text: str) -> None:
    with pytest.raises(QrTextError):
        parse_qr_text(text)


def test_the_example_of_the_format_is_written_as_described() -> None:
    assert re.fullmatch(r"BF2/FLAT/A4/S1\.000/A45\.0/K7Q2XZ9/[0-9A-F]{4}", EXAMPLE.encode())


@pytest.mark.parametrize("paper", sorted(PAPERS))
def test_the_text_of_a_chart_leads_back_to_the_chart(paper: str) -> None:
    chart = build_chart("flat", paper, 0.75, 37.5)
    assert chart_from_qr(parse_qr_text(chart.qr.text)) == chart
