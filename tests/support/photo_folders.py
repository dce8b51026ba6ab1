"""Folders of photos to score, and what of their tables is the same at every run."""

from __future__ import annotations

from pathlib import Path

from backfocus.verify.scoring import COLUMNS, Row, read_results

VARYING = {column.name for column in COLUMNS if column.may_vary}
NO_PHOTO = "not a photo"
SAMPLES = Path(__file__).parents[2] / "printed_samples"


def steady(table: Path) -> list[Row]:
    """Rows without what differs from run to run."""
    return [{name: cell for name, cell in row.items() if name not in VARYING} for row in read_results(table)]


def unreadable_photos(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.jpg").write_text(f"{NO_PHOTO} {number}")
    return folder
