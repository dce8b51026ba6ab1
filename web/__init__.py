"""The local web page and the HTTP API: photos come in, the same numbers as on the command line go out."""

from __future__ import annotations

__all__: list[str] = []
