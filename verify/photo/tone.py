"""From code values to linear light: the tone curve that a picture was saved with."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from .phones import TRANSFER

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From code to light, both in [0, 1]. A camera's own contrast curve is unknown; only RAW files are free of it."""
_ADOBE_RGB_GAMMA = 563 / 256
"""Adobe RGB (1998) Color Image Encoding, section 4.3.1.2."""
_GAMMA_22, _GAMMA_28, _LINEAR, PQ, _HLG = 4, 5, 8, 16, 18
"""Transfer characteristics (ISO/IEC 23091-2, table 3). Those of BT.709 and BT.601 (1, 6, 14, 15) are shown as sRGB
(13) is, and so is what states nothing (2)."""


def tone_curve(picture: ImageFile.ImageFile, is_adobe_rgb: bool) -> Curve:
    """Return the curve that a picture was saved with: of its ICC profile, else as the file says, else sRGB's."""
    profile = picture.info.get("icc_profile")
    curve = _icc_curve(profile) if isinstance(profile, bytes) else None
    if curve is not None:
        return curve
    by_transfer = _TRANSFERS.get(picture.info.get(TRANSFER) or 0)
    if by_transfer is not None:
        return by_transfer
    if is_adobe_rgb:
        return gamma_curve(_ADOBE_RGB_GAMMA)
    # PNG's gAMA is the inverse of the decoding gamma; 1/2.2 is written for sRGB, whose true curve is not a power.
    gamma = picture.info.get("gamma")
    if isinstance(gamma, float) and 0.3 < gamma <= 1.0 and abs(gamma - 1 / 2.2) > 0.01:
        return gamma_curve(1.0 / gamma)
    return srgb_curve


def srgb_curve(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return light of sRGB code values, both in [0, 1] (IEC 61966-2-1)."""
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def hlg_curve(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the light of the scene of hybrid log-gamma codes, both in [0, 1] (ITU-R BT.2100-2, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3.0, (np.exp((code - c) / a) + b) / 12.0)


def pq_curve(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the light of perceptual quantizer codes, 1 for 10 000 cd/m² (ITU-R BT.2100-2, table 4)."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 107 / 128, 2413 / 128, 2392 / 128
    root = np.power(code, 1.0 / m2)
    return np.power(np.maximum(root - c1, 0.0) / (c2 - c3 * root), 1.0 / m1)


def gamma_curve(gamma: float) -> Curve:
    """Return the curve light = code ** gamma."""
    return lambda code: np.power(code, gamma)


_TRANSFERS: dict[int, Curve] = {
    _GAMMA_22: gamma_curve(2.2),
    _GAMMA_28: gamma_curve(2.8),
    _LINEAR: gamma_curve(1.0),
    PQ: pq_curve,
    _HLG: hlg_curve,
}
_HEADROOM, _AT_THE_TOP = 1.25, 1e-3
"""A picture in PQ is as bright as its brightest pixel, and a little more so that this one is not taken for clipped;
unless a thousandth of its pixels are just as bright, as only clipping makes them."""


def with_own_white(curve: Curve, codes: NDArray[np.uint8] | NDArray[np.uint16]) -> Curve:
    """Return the curve of a picture in PQ with the picture's white in place of 10 000 cd/m²; others as they are.

    Args:
        curve: from code to light.
        codes: of the picture.
    """
    if curve is not pq_curve:
        return curve
    most, top = int(np.iinfo(codes.dtype).max), int(codes.max())
    is_clipped = float(np.mean(codes >= top - most // 512)) > _AT_THE_TOP
    white = float(pq_curve(np.array([top / most]))[0]) * (1.0 if is_clipped else _HEADROOM)
    return lambda code: pq_curve(code) / max(white, 1e-9)


def light_table(curve: Curve, codes: int) -> NDArray[np.float32]:
    """Return the light, (codes,) in [0, 1], of every code value up to the highest."""
    light = curve(np.linspace(0.0, 1.0, codes))
    return np.clip(light, 0.0, 1.0).astype(np.float32)


def _icc_curve(profile: bytes) -> Curve | None:
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
