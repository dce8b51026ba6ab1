"""The arguments that every study with drawn photos takes."""

from __future__ import annotations

import argparse
from pathlib import Path


def study_parser(about: str | None, photos: int, seed: int) -> argparse.ArgumentParser:
    """Return a parser of `[PHOTOS] [SEED] [--keep FOLDER]`; `about` is the script's docstring."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="?", type=int, default=photos)
    parser.add_argument("seed", nargs="?", type=int, default=seed)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the photos there, for the next time")
    return parser
