"""Files that no report can be made of: one line with the cause, and no page."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backfocus.cli import cli
from backfocus.verify.scoring.columns import row_of
from backfocus.verify.scoring.tables import write_results


@pytest.fixture
def run() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(cli, ["report", *map(str, arguments)])


WRONG = {
    "notes.txt": "hello",
    "list.json": "[1, 2]",
    "half.json": '{"schema": "backfocus/series/1"',
    "other.csv": "a,b\n1,2\n",
    "photo.jpg": "no photo",
    "damaged.jsonl": '{"schema": "backfocus/measurement/1", "photo": "a.jpg"}\n',
    "deep.json": "[" * 200_000,
}


@pytest.mark.parametrize(("name", "content"), WRONG.items(), ids=WRONG.keys())
def test_a_file_without_results_has_one_line(
    run: Callable[..., Result], tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    result = run(tmp_path / name)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ") and len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.glob("*.html"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("name", ["all.jsonl", "results.csv", "results", "photo.jpg"])
def test_a_pipe_is_refused_not_read_as_nothing(run: Callable[..., Result], tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    result = run(tmp_path / name)
    assert result.exit_code == 2 and "only once; write it to a file first" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_damaged_table_of_parquet_says_so(run: Callable[..., Result], tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "results.parquet"
    write_results(path, [row_of({"path": "IMG_1.jpg", "status": "measured"})])
    # The footer, whose length stands before the last four letters.
    content = path.read_bytes()
    path.write_bytes(content[:-600] + b"\xff" * 500 + content[-100:])
    result = run(path)
    assert (
        result.exit_code == 2 and "results.parquet is no table of backfocus score, or is damaged" in result.stderr
    )
    assert "None" not in result.stderr and len(result.stderr.splitlines()) == 1
