"""The study of traced photos: its scenes cover lenses, apertures and designs, and its table counts what it says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import traced_photos
from traced_table import PAIRS, Row, class_row, page, pair_rows, series_rows


def row(offset: float, half: float, **changes: Any) -> Row:
    known = {
        "name": "s1-000",
        "lens": "planar50",
        "N": 2.0,
        "design": "flat",
        "paper": "a4",
        "series": None,
        "dof": 100.0,
        "true": {"fine": 10.0, "coarse": 30.0, "file": 8.0},
        "distance_true": 1000.0,
        "distance_f": 20.0,
        "sharpest_by": "contrast",
        "status": "measured",
        "trustworthy": True,
        "offset_mm": offset,
        "offset_ci95_mm": [offset - half, offset + half],
        "verdict": "back-focus",
        "findings": [],
        "critical": [],
    }
    return Row(known | changes)


def test_every_stop_of_every_lens_comes_with_both_designs():
    shots = traced_photos.scenes(240, 5)
    seen = Counter((shot["lens"], shot["N"], shot["design"]) for shot in shots)
    assert set(seen) == {
        (lens, stop, design)
        for lens, stops in traced_photos.STOPS.items()
        for stop in stops
        for design in ("flat", "zfold")
    }
    assert sum(shot["design"] == "zfold" for shot in shots) == pytest.approx(80, abs=6)


def test_a_seed_gives_the_same_scenes_again_and_another_gives_others():
    assert traced_photos.scenes(9, 5) == traced_photos.scenes(30, 5)[:9]
    assert traced_photos.scenes(9, 5) != traced_photos.scenes(9, 6)


def test_a_photo_is_silently_wrong_beyond_three_half_widths_and_a_hundredth_of_the_field():
    assert row(10 + 3.1, 1.0).is_silently_wrong
    assert not row(10 + 2.9, 1.0).is_silently_wrong
    assert not row(10 + 0.9, 0.1).is_silently_wrong
    assert not row(10 + 3.1, 1.0, trustworthy=False).is_silently_wrong


def test_the_lead_for_lost_colours_of_two_lenses_is_shown_on_the_other_two():
    """2 mm at z²/f of 20 m; the other pair then measures 0.4 mm too near."""
    tuned = [row(10.0, 1.0, N=4.0, lens=lens) for lens in PAIRS[0]]
    shown = [row(10.0, 1.0, N=4.0, lens=lens) for lens in PAIRS[1]]
    (line,) = pair_rows(*PAIRS, [*tuned, *shown])
    assert line.split(" | ")[1:] == ["0.0001", "sonnar85 and tessar50", "f/4 to f/5.6", "2", "100%", "0.4 |"]


def test_without_a_single_plane_the_range_between_fine_and_coarse_is_true():
    said = {"findings": ["no-single-plane"]}
    assert row(25, 1.0, **said).held
    assert not row(25, 1.0).held
    assert not row(35, 1.0, **said).held
    assert row(35, 1.0, **said).gap == 5.0


def test_a_verdict_against_the_truth_is_on_the_wrong_side():
    assert row(-3, 1, verdict="front-focus").is_on_wrong_side
    assert not row(-3, 1, verdict="in-focus").is_on_wrong_side
    assert not row(3, 1).is_on_wrong_side


def test_the_table_counts_trusted_held_and_the_reasons_of_the_others():
    refused = {"offset_mm": None, "offset_ci95_mm": None, "trustworthy": False, "status": "refused"}
    rows = [
        row(11, 2),
        row(16, 2),
        row(0, 0, **refused, critical=["poor-fit"], findings=["poor-fit", "motion-blur"]),
    ]
    cells = [cell.strip() for cell in class_row("all", rows).split("|")[1:-1]]
    assert cells[:4] == ["all", "3", "2", "50%"]
    assert cells[4:6] == ["0", "0"]
    assert cells[-2:] == ["1", "poor-fit 1"]


def test_shifts_between_stops_are_held_against_both_intervals():
    stops = [
        row(10, 1, series="planar50", N=1.4),
        row(13, 1, series="planar50", N=2.0, true={"fine": 12.0, "coarse": 12.0, "file": 12.0}),
        row(18, 1, series="planar50", N=2.8, true={"fine": 12.0, "coarse": 12.0, "file": 12.0}),
    ]
    assert [line.count("**no**") for line in series_rows(stops)] == [0, 0, 1]


def test_photos_of_series_are_not_counted_with_the_others():
    told = page([row(11, 2), row(11, 2, name="s1-planar50-f2", series="planar50")], 1)
    assert "| all | 1 | 1 |" in told
