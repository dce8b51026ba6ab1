"""The one pool of processes: a crash or a call without end costs that call alone, and an interrupt nothing."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backfocus.verify.pool import LostError, Pool, as_done


def test_calls_are_answered_and_their_errors_raised() -> None:
    with Pool(2) as pool:
        roots = [pool.submit(math.sqrt, number) for number in (4, 9, 16)]
        assert [root.result() for root in roots] == [2.0, 3.0, 4.0]
        assert set(as_done(roots)) == set(roots)
        with pytest.raises(ValueError, match="math domain error"):
            pool.call(math.sqrt, -1.0)


def test_a_crash_and_a_call_without_end_cost_no_other_call() -> None:
    with Pool(2) as pool:
        crash = pool.submit(os._exit, 7)
        endless = pool.submit(time.sleep, 1000.0, timeout_s=0.5)
        fine = [pool.submit(math.sqrt, 4.0) for _ in range(4)]
        with pytest.raises(LostError) as crashed:
            crash.result()
        with pytest.raises(LostError) as late:
            endless.result()
        assert crashed.value.reason == "The measuring process ended with exit code 7."
        assert not crashed.value.is_over_time
        assert late.value.reason == "Not measured within 0.5 s." and late.value.is_over_time
        assert [future.result() for future in fine] == [2.0] * 4


def test_a_script_needs_no_main_guard_and_an_interrupt_ends_it_at_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import signal, time; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from backfocus.verify.pool import Pool, as_done\n"
        "with Pool(2) as pool:\n"
        "    print(pool.call(time.sleep, 0), flush=True)\n"
        "    list(as_done([pool.submit(time.sleep, 1000), pool.submit(time.sleep, 1000)]))\n"
    )
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "None\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert said.rstrip().endswith("KeyboardInterrupt")
