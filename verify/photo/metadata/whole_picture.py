"""Whether a picture is the whole that the camera took, by its size and its proportions."""

from __future__ import annotations

from backfocus.verify.findings import Finding, finding

Size = tuple[float, float]
"""Width and height in pixels."""

_SAME_SIZE = 0.03
"""A picture that was only turned or trimmed by a few rows has its size within this of what the camera wrote."""
_PROPORTIONS = (1, 5 / 4, 4 / 3, 3 / 2, 16 / 9, 256 / 135, 2, 18.5 / 9, 19.5 / 9, 20 / 9, 21 / 9, 65 / 24)
"""Long side over short side, of photo cameras, phones and video."""
_SAME_PROPORTIONS = 0.015
"""Sizes of real sensors differ from these by up to 0.8 % (3032 x 2008)."""
_CUT_UNKNOWN = 0.4
"""Of what is left: with each side cut by up to 35 %, 95 % of the pictures have their axis within half of this."""


def missing_px(recorded: Size | None, image: Size) -> Size:
    """Return by how much a picture may be less wide and high than what the camera took.

    Args:
        recorded: size of the camera's picture, as its metadata say.
        image: size of this picture. With proportions that no camera has it was cut, nobody knows by how much.
    """
    whole = image if recorded is None else _turned_like(image, recorded)
    if _change(whole, image) <= _SAME_SIZE and not _has_usual_proportions(image):
        return _CUT_UNKNOWN * image[0], _CUT_UNKNOWN * image[1]
    return max(whole[0] - image[0], 0.0), max(whole[1] - image[1], 0.0)


def size_findings(recorded: Size | None, image: Size) -> tuple[Finding, ...]:
    """Return what is to be said about a picture that is not the whole, or not of its size."""
    sides = f"{max(image):.0f} x {min(image):.0f}"
    if recorded is not None and _change(_turned_like(image, recorded), image) > _SAME_SIZE:
        message = f"The picture has {sides} pixels, but the camera took {max(recorded):.0f} x {min(recorded):.0f}."
        return (finding("photo-resized", message),)
    if not _has_usual_proportions(image):
        return (finding("photo-resized", f"{sides} pixels are the proportions of no camera."),)
    return ()


def _turned_like(image: Size, other: Size) -> Size:
    """Return the other size the same way round: some programs turn the picture and leave the tags."""
    return other if (other[0] > other[1]) == (image[0] > image[1]) else (other[1], other[0])


def _change(whole: Size, image: Size) -> float:
    """Return the larger of how much is missing and how much smaller or larger the picture is."""
    missing = max((side - left) / left for side, left in zip(whole, image, strict=True))
    return max(missing, abs(max(image) / max(whole) - 1.0))


def _has_usual_proportions(image: Size) -> bool:
    ratio = max(image) / max(min(image), 1)
    return any(abs(ratio / usual - 1.0) < _SAME_PROPORTIONS for usual in _PROPORTIONS)
