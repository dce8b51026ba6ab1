"""The arguments that studies take."""

from __future__ import annotations

import argparse
from pathlib import Path


def seeded_parser(about: str | None, counted: str, count: int, seed: int) -> argparse.ArgumentParser:
    """Return a parser of `[COUNT] [SEED]`.

    Args:
        about: the script's docstring.
        counted: what is counted, as the name of the argument.
        count, seed: without arguments.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(counted, nargs="?", type=int, default=count)
    parser.add_argument("seed", nargs="?", type=int, default=seed)
    return parser


def photos_parser(about: str | None, photos: int, seed: int) -> argparse.ArgumentParser:
    """Return a parser of `[PHOTOS] [SEED] [--keep FOLDER]`."""
    parser = seeded_parser(about, "photos", photos, seed)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the photos there, for the next time")
    return parser
