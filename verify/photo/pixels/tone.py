"""From code values to linear light: the tone curve that a photo was saved with.

A camera's own contrast curve on top of it is unknown and stays in; only RAW files are free of it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From code in [0, 1] to light in [0, 1]."""

ADOBE_RGB_GAMMA = 563 / 256
"""Adobe RGB (1998) Color Image Encoding, section 4.3.1.2."""


def srgb_curve(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return light of sRGB code values, both in [0, 1] (IEC 61966-2-1)."""
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def gamma_curve(gamma: float) -> Curve:
    """Return the curve light = code ** gamma."""
    return lambda code: np.power(code, gamma)


def light_table(curve: Curve, codes: int) -> NDArray[np.float32]:
    """Return the light, (codes,) in [0, 1], of every code value up to the highest."""
    light = curve(np.linspace(0.0, 1.0, codes))
    return np.clip(light, 0.0, 1.0).astype(np.float32)


def icc_curve(profile: bytes) -> Curve | None:
    """Return the tone curve of an ICC profile: of green, or of grey; None when it has none that can be read.

    Format: ICC.1:2022, sections 7.3 (tag table), 10.6 (`curv`) and 10.18 (`para`).
    """
    try:
        tag = _icc_tag(profile)
        curve = None if tag is None else _curve_of_tag(tag)
    except struct.error:
        return None
    return curve if curve is not None and _is_sane(curve) else None


def _icc_tag(profile: bytes) -> bytes | None:
    (count,) = struct.unpack_from(">I", profile, 128)
    for i in range(min(count, 200)):
        name, start, size = struct.unpack_from(">4sII", profile, 132 + 12 * i)
        if name in (b"gTRC", b"kTRC"):
            return profile[start : start + size]
    return None


def _curve_of_tag(tag: bytes) -> Curve | None:
    if tag[:4] == b"curv":
        return _sampled_curve(tag)
    if tag[:4] == b"para":
        return _parametric_curve(tag)
    return None


def _sampled_curve(tag: bytes) -> Curve | None:
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return gamma_curve(1.0)
    if count == 1:
        return gamma_curve(struct.unpack_from(">H", tag, 12)[0] / 256)
    if len(tag) < 12 + 2 * count:
        return None
    samples = np.frombuffer(tag, ">u2", count, 12) / 65535.0
    places = np.linspace(0.0, 1.0, count)
    return lambda code: np.interp(code, places, samples)


def _parametric_curve(tag: bytes) -> Curve | None:
    (kind,) = struct.unpack_from(">H", tag, 8)
    if kind > 4:
        return None
    parameters = struct.unpack_from(f">{(1, 3, 4, 5, 7)[kind]}i", tag, 12)
    g, a, b, c, d, e, f = _seven_parameters(kind, [value / 65536 for value in parameters])

    def curve(code: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(code >= d, np.maximum(a * code + b, 0.0) ** g + e, c * code + f)

    return curve


def _seven_parameters(kind: int, p: list[float]) -> tuple[float, ...]:
    # Types 0 to 3 are special cases of type 4: (a x + b)^g + e from d on, c x + f below.
    if kind == 0:
        return p[0], 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if kind in (1, 2):
        offset = p[3] if kind == 2 else 0.0
        return p[0], p[1], p[2], 0.0, (-p[2] / p[1] if p[1] else 0.0), offset, offset
    return tuple(p) if kind == 4 else (*p, 0.0, 0.0)


def _is_sane(curve: Curve) -> bool:
    # A curve that is not rising from dark to light would make nonsense of every blur.
    with np.errstate(all="ignore"):
        light = curve(np.linspace(0.0, 1.0, 64))
    return bool(np.isfinite(light).all() and (np.diff(light) >= 0).all() and light[-1] > 0.5 and light[0] < 0.1)
