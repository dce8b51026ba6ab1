"""Where the program keeps what it remembers for the user: records of lenses, calibrations of prints."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "BACKFOCUS_DATA"


def data_folder() -> Path:
    """Return the user's data folder, which may not exist yet; BACKFOCUS_DATA in the environment overrides it."""
    import platformdirs

    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("backfocus", appauthor=False)
