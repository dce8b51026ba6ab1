"""When and on what a study was made."""

from __future__ import annotations

import datetime
import platform
import subprocess
from pathlib import Path


def stamp() -> str:
    """Return date, commit and machine in a sentence."""
    folder = Path(__file__).parent
    commit = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    date = datetime.datetime.now(tz=datetime.UTC).date()
    return f"Measured on {date} at commit {commit}, Python {platform.python_version()}, {platform.machine()}."
