"""Keeping image libraries from writing to the terminal, and from limits of their own, while a photo is read."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from PIL import Image

# All of these settings belong to the whole process, so that only one photo at a time may change them.
_one_at_a_time = threading.Lock()


@contextmanager
def quiet_libraries() -> Iterator[Callable[[], str]]:
    """Silence warnings, log lines and what libpng and libtiff write past Python; lift Pillow's pixel limit.

    What is wrong with a photo is told by an exception or a finding, once and in the program's own words. The
    function handed out returns what has been written past Python so far.
    """
    loggers = [logging.getLogger(name) for name in ("PIL", "exifread")]
    levels = [logger.level for logger in loggers]
    pixel_limit = Image.MAX_IMAGE_PIXELS
    with _one_at_a_time, warnings.catch_warnings(), _standard_error_caught() as said:
        warnings.simplefilter("ignore")
        # Pillow warns from 89 MP on; sizes are checked from the header, by the caller.
        Image.MAX_IMAGE_PIXELS = None
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield said
        finally:
            Image.MAX_IMAGE_PIXELS = pixel_limit
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


@contextmanager
def _standard_error_caught() -> Iterator[Callable[[], str]]:
    if sys.stderr is None:  # the process was started without one, and descriptor 2 may be any file
        yield str
        return
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with _nameless_file() as caught:
            os.dup2(caught.fileno(), 2)
            yield lambda: _content(caught)
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _nameless_file() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile()
    except OSError:  # no folder to write to: what the libraries say is lost
        return Path(os.devnull).open("r+b")


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("ascii", "replace")
