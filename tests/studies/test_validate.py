"""`backfocus validate`: the study on the user's machine, and when it says that a limit is broken."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from click.testing import CliRunner

from backfocus.cli import cli
from backfocus.verify.measurement import Measurement
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.simulate.study import StudyResult
from backfocus.verify.simulate.validate import checks, is_too_many, random_shots

PHOTOS = 100


def result(number: int, error_mm: float | None, half_width_mm: float = 0.1) -> StudyResult:
    """A shot whose measurement is off by so much."""
    shot = replace(random_shots(1, number)[0], print_scale=1.0)
    measured = None if error_mm is None else shot.offset_mm + error_mm
    measurement = Measurement(
        photo="shot.jpg",
        status="measured" if measured is not None else "refused",
        trustworthy=measured is not None,
        offset_mm=measured,
        offset_ci95_mm=None if measured is None else (measured - half_width_mm, measured + half_width_mm),
        camera=CameraInfo(),
        findings=(),
    )
    return StudyResult(shot, measurement)


def broken(errors_mm: list[float], half_width_mm: float) -> list[str]:
    results = [result(number, error, half_width_mm) for number, error in enumerate(errors_mm)]
    return [check.name for check in checks(results) if not check.kept]


def test_small_errors_in_honest_intervals_keep_every_limit() -> None:
    errors = [0.001 * (number - 50) for number in range(PHOTOS)]
    assert broken(errors, half_width_mm=0.047) == []


def test_large_errors_break_their_limits() -> None:
    assert broken([50.0] * PHOTOS, half_width_mm=60.0)[:2] == ["median error", "95th percentile of errors"]


def test_intervals_that_miss_the_truth_break_the_limit() -> None:
    assert broken([0.02] * 20 + [0.005] * 80, half_width_mm=0.01) == ["intervals that hold the truth"]


def test_intervals_that_always_hold_the_truth_are_as_wrong() -> None:
    names = broken([0.01] * 400, half_width_mm=1.0)
    assert names == ["intervals that hold the truth", "intervals wider than needed by"]


def test_few_photos_are_not_judged_beyond_what_they_tell() -> None:
    assert broken([0.005] * 5, half_width_mm=0.01) == []


def test_photos_that_were_refused_are_left_out_of_the_errors() -> None:
    results = [result(number, 0.01 if number else None) for number in range(10)]
    assert checks(results)[0].kept


@pytest.mark.parametrize(
    ("count", "of", "share", "unlikely"),
    [
        (10, 100, 0.05, False),
        (12, 100, 0.05, True),
        (50, 100, 0.5, False),
        (63, 100, 0.5, True),
        (0, 0, 0.5, False),
    ],
)
def test_what_chance_excuses(count: int, of: int, share: float, unlikely: bool) -> None:
    # Of binomial tables: P(X >= 10 | 100, 5 %) = 2.8 %, P(X >= 12) = 0.4 %; P(X >= 63 | 100, 50 %) = 0.6 %.
    assert is_too_many(count, of, share) == unlikely


def test_validate_takes_photos_and_prints_a_table() -> None:
    done = CliRunner().invoke(cli, ["validate", "--photos", "2", "--processes", "2", "--seed", "6"])
    assert done.exit_code == 0, done.output
    assert "2 simulated photos of 12 MP, seed 6" in done.stdout
    assert re.search(r"median error +\d\.\d\d of the limit .* kept\n", done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent otherwise there")
def test_an_interrupt_ends_it_quietly() -> None:
    command = [sys.executable, "-c", "from backfocus.cli import main; main()", "validate", "--photos", "50"]
    running = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # What a shell starts in the background ignores the signal, and so do its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert running.stderr is not None
    assert running.stderr.readline() == b"Photos taken and measured\n"
    time.sleep(0.5)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"Interrupted." in said
    assert b"Traceback" not in said
