"""Ids for the charts of a pack."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Iterator
from itertools import count

from backfocus.targets.qrtext import ID_ALPHABET, ID_LENGTH, id_from_digest

_MISREAD = re.compile(r"[0-9]+(E[0-9]+)?|[0-9]*(JAN|FEB|MAR|APR|MAY|SEP|DEC)[0-9]*")
"""Ids that a spreadsheet takes for a number or a date, and would write back as one."""


def chart_ids(number: int, seed: str | None = None, taken: Collection[str] = ()) -> list[str]:
    """Return ids that differ from each other and from those that are taken.

    Without a seed they are random, so that two workshops never share one: 32^7 ids make a repetition among a
    thousand charts one in 70 000. With a seed, the same ones come again.
    """
    seen = set(taken)
    found: list[str] = []
    draws = _random() if seed is None else _seeded(seed)
    while len(found) < number:
        drawn = next(draws)
        if drawn not in seen and not _MISREAD.fullmatch(drawn):
            seen.add(drawn)
            found.append(drawn)
    return found


def _random() -> Iterator[str]:
    while True:
        yield "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))


def _seeded(seed: str) -> Iterator[str]:
    for index in count():
        digest = hashlib.sha256(f"{seed}\n{index}".encode("utf-8", "surrogatepass")).digest()
        yield id_from_digest(digest)
