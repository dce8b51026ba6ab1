"""What keeps a pack from being made."""

from __future__ import annotations


class PackError(ValueError):
    """No such pack can be made; the text says why, and what to change."""
