"""Measuring uses one thread of BLAS and of OpenCV, and gives back those that a program had before."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from backfocus.verify import UnreadablePhotoError, measure
from backfocus.verify.threads import one_thread


def in_use() -> list[int]:
    """Return the threads of OpenCV and of each BLAS."""
    return [cv2.getNumThreads(), *(each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas")]


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    yield
    cv2.setNumThreads(before)


def test_one_thread_while_measuring_and_as_many_as_before_afterwards() -> None:
    with threadpool_limits(2, "blas"):
        assert set(in_use()) == {2}
        with one_thread():
            assert set(in_use()) == {1}
            with one_thread():
                assert set(in_use()) == {1}
            assert set(in_use()) == {1}
        assert set(in_use()) == {2}


def test_a_photo_is_measured_by_one_thread_even_if_it_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def unreadable(*_: object, **__: object) -> None:
        seen.extend(in_use())
        raise UnreadablePhotoError("no photo", "Give a photo.")

    monkeypatch.setattr(sys.modules["backfocus.verify.measure"], "read_photo", unreadable)
    with threadpool_limits(2, "blas"):
        with pytest.raises(UnreadablePhotoError):
            measure(tmp_path / "none.jpg")
        assert set(seen) == {1}
        assert set(in_use()) == {2}


def test_photos_measured_side_by_side_leave_the_threads_as_they_were() -> None:
    before = in_use()
    first_is_in, second_is_in, first_is_out = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with one_thread():
            first_is_in.set()
            second_is_in.wait(10)
        first_is_out.set()

    beside = threading.Thread(target=first)
    beside.start()
    first_is_in.wait(10)
    with one_thread():
        assert set(in_use()) == {1}
        second_is_in.set()
        first_is_out.wait(10)
    beside.join()
    assert in_use() == before
