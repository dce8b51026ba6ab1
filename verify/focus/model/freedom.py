"""How far a focus curve may deviate from the plain formula, as known before a photo is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backfocus.verify.focus.model.form import CURVATURE, EVEN, EXPONENT, LIGHT, ODD, PARAMETERS, SHAKE, TILT

Array = npt.NDArray[np.float64]

USUAL_EXPONENT, EXPONENT_SD = 2.0, 0.5
USUAL_LIGHT, LIGHT_SD = -0.025, 0.03
"""Change of ln(blur) for ln(light): mean and standard deviation over contrast curves c + s c (1 - c) (2 c - 1) of
sRGB codes c, s from 0 to 0.5, and paper of 0.3 to 0.8 of full scale. The strongest is -0.15, without a curve 0."""
EVEN_START, EVEN_LEAST = 0.05, 0.003
"""To begin with, and what clean photos have."""
NONE = 1e-6


@dataclass(frozen=True)
class Freedom:
    """Standard deviations of what the plain formula does not know.

    Attributes:
        even, odd: of the deviations, as parts of the blur.
        curved, tilted: of the focus shift at the outermost sample, over the depth where defocus equals the floor.
        shaken: of the variance that shake adds, over that of the floor.
    """

    even: float = NONE
    odd: float = NONE
    curved: float = NONE
    tilted: float = NONE
    shaken: float = NONE

    def sd(self, bend_mm: float, floor_px: float, outermost: Array) -> Array:
        """Return (PARAMETERS,) standard deviations about `usual`; infinite for what nothing is known of.

        Args:
            bend_mm: depth in which defocus equals the floor.
            floor_px: blur in focus.
            outermost: (2,) largest places in the field, as `View` has them.
        """
        sd = np.full(PARAMETERS, np.inf)
        sd[EXPONENT] = EXPONENT_SD
        sd[CURVATURE], sd[TILT] = np.array([self.curved, self.tilted]) * bend_mm / np.maximum(outermost, 1e-6)
        sd[LIGHT] = LIGHT_SD
        sd[SHAKE] = self.shaken * floor_px**2
        sd[EVEN], sd[ODD] = self.even, self.odd
        return sd


BEGINNING = Freedom(even=EVEN_START, tilted=0.02, shaken=0.02)
LENS_ERRORS: tuple[tuple[str, float], ...] = (
    # 6 px of shake in a sharp photo make 2. It comes first: edges lean more the farther they are from the middle,
    # so that a tilted field can follow shake, and was wrong with it by up to 33 mm.
    *(("shaken", 0.2), ("shaken", 1.0)),
    # A photo that was cropped far from its middle has 0.6.
    *(("tilted", 0.1), ("tilted", 0.5)),
    # 100 µm at the corner of full frame make 0.06 (85 mm f/1.8, A4 at 2.2 m).
    ("curved", 0.1),
    # Where it is free without need, it follows what little inequality a clean photo has and moves focus by 0.15 mm
    # (85 mm f/1.8, 2.2 m).
    *(("odd", 0.005), ("odd", 0.02), ("odd", 0.08)),
)
"""Larger freedoms, tried one after the other."""


def usual() -> Array:
    """Return the parameters (PARAMETERS,) that deviations count from."""
    mean = np.zeros(PARAMETERS)
    mean[EXPONENT], mean[LIGHT] = USUAL_EXPONENT, USUAL_LIGHT
    return mean
