"""Names that go with charts: no name is lost, and no two become one, without a word."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from backfocus.targets.errors import ListError
from backfocus.verify.scoring.tally import read_participants

FIRST, SECOND = "K7Q2XZ9", "AAAAAA1"


@pytest.fixture
def names(tmp_path: Path) -> Path:
    return tmp_path / "names.csv"


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_list_may_separate_its_columns_as_any_country_does(names: Path, mark: str) -> None:
    lines = (("No", " Name ", "ID"), ("1", "Ada", FIRST.lower()), ("2", "", SECOND), ("3",))
    names.write_text("\r\n".join(mark.join(line) for line in lines), newline="")
    assert read_participants(names) == {FIRST: "Ada", SECOND: ""}


def test_a_name_in_quotation_marks_may_hold_some(names: Path) -> None:
    names.write_text(f'id,name\n{FIRST},"Mike ""Mic"" Miller, junior"\n')
    assert read_participants(names) == {FIRST: 'Mike "Mic" Miller, junior'}


@pytest.fixture
def usual_limit() -> Iterator[None]:
    """The module's own limit for a cell, which reading a table in the same process raises."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


WRONG = {
    "a cell far too long": (f"id,name\n{FIRST},{'x' * 140_000}\n", "line 2 on"),
    "a head far too long": ("x" * 140_000, "line 1 on"),
    "a quotation mark that is not closed": (f'id,name\n{FIRST},Anna\n{SECOND},"Mike\nBAAAAA1,Bob\n', "line 3 on"),
    "an empty list": ("", "must name the columns"),
    "no ids": ("name\nAda\n", "must name the columns"),
}


@pytest.mark.usefixtures("usual_limit")
@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_list_that_cannot_be_read_has_one_line_that_says_where(names: Path, content: str, said: str) -> None:
    names.write_text(content)
    with pytest.raises(ListError, match=said) as caught:
        read_participants(names)
    assert "names.csv" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
