"""What a photographer reads first, of photos by the virtual camera."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backfocus.verify import measure
from backfocus.verify.lens import SHARP
from backfocus.verify.simulate import Lens, Sensor, VirtualShot

Take = Callable[..., VirtualShot]


def test_a_45_mp_body_with_an_85_mm_f_1_8_off_by_14_7_mm_is_told_to_dial(take: Take, tmp_path: Path) -> None:
    shot = take(-14.7, lens=Lens(85.0, 1.8), sensor=Sensor(pixels=(8256, 5504)))
    answer = measure(shot.save(tmp_path / "off.jpg"), setting=0).answer
    assert answer is not None
    assert answer.kind == "more-shots"
    assert answer.setting is not None and answer.setting > 0
    assert answer.dial == f"Best guess: set AF fine-tune to +{answer.setting} (one shot)."
    assert answer.why.startswith("Front focus of 14.")
    assert answer.next.endswith(f"backfocus tune {tmp_path}")


def test_the_same_pixels_without_metadata_do_not_contradict(take: Take, tmp_path: Path) -> None:
    told = measure(take(-14.7).save(tmp_path / "told.png"))
    bare = measure(take(-14.7).save(tmp_path / "bare.png", exif=False))
    assert bare.verdict == told.verdict == "front-focus"
    assert bare.sharpness_lost == pytest.approx(told.sharpness_lost, abs=0.03)
    assert bare.answer is not None and bare.answer.why.startswith("Front focus of ")


def test_less_than_a_step_off_is_left(take: Take, tmp_path: Path) -> None:
    found = measure(take(1.0).save(tmp_path / "photo.jpg"), setting=0)
    assert found.sharpness_lost is not None and found.sharpness_lost < SHARP
    assert found.answer is not None
    assert (found.answer.kind, found.answer.dial) == ("leave", "Leave AF fine-tune at 0.")


def test_a_photo_without_a_chart_has_an_answer_with_the_remedy(tmp_path: Path) -> None:
    Image.fromarray(np.full((600, 900), 128, np.uint8)).save(tmp_path / "grey.png")
    found = measure(tmp_path / "grey.png")
    assert found.answer is not None
    worst = found.findings[-1]
    assert found.answer.lines == ("Nothing to dial from this photo.", worst.message, worst.remedy)
