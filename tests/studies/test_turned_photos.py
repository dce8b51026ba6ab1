"""A slice of the study of turned photos: the same number gives the same shot, and its table counts by group."""

from __future__ import annotations

import pytest
from turned_photos import table, turned_shot, turned_shots

from backfocus.verify.simulate.study import take_and_measure


def test_sheet_and_card_come_in_turn_and_turn_within_the_stated_angles():
    shots = turned_shots(40, 3)
    assert [shot.design for shot in shots[:4]] == ["flat", "zfold", "flat", "zfold"]
    assert all(0.01 <= abs(shot.exposure.turn.roll_deg) <= 0.3 for shot in shots)
    assert 10 < sum(shot.exposure.motion_px > 0 for shot in shots) < 30
    assert shots[7] == turned_shot(7, 3)


def test_a_turned_photo_is_counted_once_in_each_group():
    lines = table([take_and_measure(turned_shot(0, 3))])
    counts = [int(line.split("|")[2]) for line in lines if line.startswith("|")]
    assert counts[0] == 1
    assert sum(counts[1:3]) == sum(counts[3:6]) == sum(counts[6:8]) == pytest.approx(1)
