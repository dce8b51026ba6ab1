"""The AF fine-tune setting by way of ExifTool, where it is installed.

It knows notes that are not read here, such as those that an editor has moved. It takes a quarter of a second, so
that it is asked about no others.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .note import SWITCHED_OFF, AfMethod, AfSetting, MakerNote

_TAGS = (
    "AFMicroAdjMode",
    "AFMicroAdjValue",
    "AFMicroAdj",
    "AFFineTune",
    "AFFineTuneAdj",
    "AFFineTuneAdjTele",
    "AFAdjustment",
    "FocusDistance",
    "LiveViewShooting",
    "ContrastDetectAF",
)
# Starting Perl takes 0.1 to 0.3 s, on a slow disk seconds.
_TIMEOUT_S = 20.0
_MOST_STEPS = 100.0
_MODE_3 = 3.0
"""On Nikon one value for each end of a zoom; Canon bodies without the function write it."""


def exiftool_note(path: Path) -> MakerNote | None:
    """Return what ExifTool reads about autofocus in a photo; None if it is not installed or fails."""
    program = shutil.which("exiftool")
    tags = None if program is None else _read(program, path)
    return None if tags is None else _note(tags)


def _read(program: str, path: Path) -> Mapping[str, Any] | None:
    # An absolute path starts with no hyphen, which would make it an option.
    command = [program, "-j", "-n", "-G1", *(f"-{tag}" for tag in _TAGS), str(path.absolute())]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S, check=False
        )
        (photo,) = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError, RecursionError):
        return None
    # With -G1 names are Maker:Tag; the group is of no interest here.
    return {name.rpartition(":")[2]: value for name, value in photo.items()} if isinstance(photo, dict) else None


def _note(tags: Mapping[str, Any]) -> MakerNote:
    distance = _number(tags, "FocusDistance")
    distance_m = distance if distance is not None and 0.01 <= distance <= 10_000 else None
    return MakerNote(*_setting(tags), focus_distance_m=distance_m, af_method=_method(tags)).believed(_MOST_STEPS)


def _setting(tags: Mapping[str, Any]) -> AfSetting:
    value = _first(tags, "AFMicroAdjValue", "AFFineTuneAdj", "AFMicroAdj", "AFAdjustment")
    mode = _first(tags, "AFMicroAdjMode", "AFFineTune")
    if mode == 0:
        return SWITCHED_OFF
    if value is None:
        return AfSetting()
    tele = _number(tags, "AFFineTuneAdjTele")
    if mode != _MODE_3:
        return AfSetting(value, None if mode is None else True)
    return AfSetting() if tele is None else AfSetting(value if value == tele else None, True, value, tele)


def _first(tags: Mapping[str, Any], *names: str) -> float | None:
    return next((number for name in names if (number := _number(tags, name)) is not None), None)


def _number(tags: Mapping[str, Any], name: str) -> float | None:
    """Return a number; of several only if they are all the same: Olympus writes three, whose meaning is unknown."""
    try:
        values = {float(part) for part in str(tags[name]).split()}
    except (LookupError, ValueError):
        return None
    return values.pop() if len(values) == 1 else None


def _method(tags: Mapping[str, Any]) -> AfMethod | None:
    # Off may be the AF module as well as focusing by hand.
    return "contrast/live view" if _first(tags, "LiveViewShooting", "ContrastDetectAF") == 1 else None
