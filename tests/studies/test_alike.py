"""Virtual photos are like the real ones in the figures that the study of likeness tells of."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from alike import Figures, figures, table, virtual_sweep

from backfocus.verify.photo.reading import read_photo


@pytest.fixture(scope="module")
def sharp(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    path: Path = tmp_path_factory.mktemp("alike") / "sharp.jpg"
    found = figures(read_photo(next(virtual_sweep()).save(path)))
    assert found
    return found


def test_edges_scatter_as_those_of_a_real_sharp_photo(sharp: Figures) -> None:
    """Of three real ones: 3.5 to 4.3 %, 0.028 to 0.031 px, noise of 1.6 % and beside edges 2.2 times that."""
    assert 0.034 < sharp.scatter < 0.047
    assert 0.022 < sharp.wander < 0.036
    assert 0.014 < sharp.noise < 0.018
    assert 1.8 < sharp.noise_beside < 2.9


def test_what_tells_real_from_virtual_photos_is_bold(sharp: Figures) -> None:
    other = replace(sharp, chi2=sharp.chi2 + 1)
    rows = table({"set": ([sharp], [sharp, other])}).splitlines()[2:]
    assert len(rows) == len(fields(Figures))
    assert "**" not in "".join(rows)
    assert [row for row in table({"set": ([sharp], [other])}).splitlines() if "**" in row] == [
        row for row in table({"set": ([sharp], [other])}).splitlines() if row.startswith("| chi²")
    ]
