"""When and on what a study was made."""

from __future__ import annotations

import datetime
import platform
import subprocess
import sys
from pathlib import Path


def stamp() -> str:
    """Return date, commit and machine in a sentence; the commit is that of the script that runs."""
    folder = Path(sys.argv[0]).resolve().parent
    commit = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    date = datetime.datetime.now(tz=datetime.UTC).date()
    return f"Measured on {date} at commit {commit}, Python {platform.python_version()}, {platform.machine()}."
