"""Settings as cameras show them."""

from __future__ import annotations


def dialled(setting: float) -> str:
    """Return a setting with its sign; zero has none."""
    return f"{setting:+g}" if setting else "0"
