"""Makers by the name that a user gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backfocus.cli.files import UserError

if TYPE_CHECKING:
    from backfocus.verify.tuning.lookup import Found


def makers_named(name: str) -> list[Found]:
    """Return the makers and models that a name may mean, at least one.

    Raises:
        UserError: there is none; the text tells which names are near.
    """
    from backfocus.verify.tuning.lookup import find_makers, near_names

    found = find_makers(name)
    if not found:
        near = near_names(name)
        hint = f"Did you mean {' or '.join(near)}?" if near else "All there are: backfocus cameras"
        raise UserError(f"No maker or camera {name!r} is on record. {hint}")
    return found
