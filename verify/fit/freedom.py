"""What is known of a focus curve before a photo is looked at: how far it may be from the plain formula."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .curve import (
    ACROSS,
    ALONG,
    ASTIGMATISM,
    EVEN,
    EXPONENT,
    LIGHT,
    MOTION,
    ODD,
    PARAMETERS,
    STRENGTH,
    TILT,
)

Array = npt.NDArray[np.float64]

USUAL_EXPONENT, EXPONENT_SD = 2.0, 0.5
USUAL_LIGHT, LIGHT_SD = -0.025, 0.03
"""Change of ln(blur) for ln(light): mean and standard deviation over contrast curves c + s c (1 - c) (2 c - 1) of
sRGB codes c, s from 0 to 0.5, and paper of 0.3 to 0.8 of full scale. The strongest is -0.15, without a curve 0."""
STRENGTH_SD = 0.05
"""Change of ln(blur) from no contrast to all."""
EVEN_START, EVEN_LEAST = 0.05, 0.003
"""To begin with, and what clean photos have."""
NONE = 1e-6
"""Standard deviation of what is held at zero."""
HANDICAP, LENS_HANDICAP = 3.0, 6.0
"""Natural logarithm of the odds against each kind of error, before the photo is looked at: 20 to 1 for the hand's,
and 400 to 1 for the lens's. With 3 for both, 7 of 60 ideal photos at f/1.4 to f/5.6 got a lens with errors."""


@dataclass(frozen=True)
class Freedom:
    """Standard deviations of what the plain formula does not know.

    Attributes:
        even, odd: of the deviations, as parts of the blur.
        astigmatic: of the distance between the planes of the two directions, over the depth where defocus equals
            the floor.
        curved, tilted: of the focus shift at the outermost sample, over that depth.
        shaken: of the variance that the motions add, over that of the floor.
    """

    even: float = NONE
    odd: float = NONE
    astigmatic: float = NONE
    curved: float = NONE
    tilted: float = NONE
    shaken: float = NONE

    def sd(self, bend_mm: float, floor_px: float, outermost: Array) -> Array:
        """Return (PARAMETERS,) standard deviations about `usual`; infinite for what nothing is known of.

        Args:
            bend_mm: depth in which defocus equals the floor.
            floor_px: blur in focus.
            outermost: (4,) largest places in the field, as `View` has them.
        """
        sd = np.full(PARAMETERS, np.inf)
        sd[EXPONENT] = EXPONENT_SD
        sd[ASTIGMATISM] = self.astigmatic * bend_mm
        sd[ALONG], sd[ACROSS], sd[TILT] = (
            np.array([self.curved, self.curved, self.tilted]) * bend_mm / np.maximum(outermost[1:], 1e-6)
        )
        sd[LIGHT], sd[STRENGTH] = LIGHT_SD, STRENGTH_SD
        sd[MOTION] = self.shaken * floor_px**2
        sd[EVEN], sd[ODD] = self.even, self.odd
        return sd

    def with_error(self, error: tuple[str, float]) -> Freedom:
        """Return it with one freedom of another size."""
        name, size = error
        return replace(self, **{name: size})

    @property
    def of_lens(self) -> bool:
        """Whether the lens has errors."""
        return max(self.astigmatic, self.curved, self.odd) > NONE

    @property
    def handicap(self) -> float:
        """What the errors cost before the photo is looked at."""
        more = [self.astigmatic > NONE, self.curved > NONE, self.odd > NONE]
        more += [self.tilted > BEGINNING.tilted, self.shaken > BEGINNING.shaken]
        lens, hand = more[:3], more[3:]
        return LENS_HANDICAP * sum(lens) + HANDICAP * sum(hand)


BEGINNING = Freedom(even=EVEN_START, tilted=0.02, shaken=0.02)
STILL = ("shaken", BEGINNING.shaken)
MOTIONS: tuple[tuple[str, float], ...] = (("shaken", 0.2), ("shaken", 1.0), ("shaken", 5.0))
"""Larger freedoms, tried one after the other: what a hand does."""
LENS_ERRORS: tuple[tuple[str, float], ...] = (
    *(("astigmatic", 0.1), ("astigmatic", 1.0)),
    *(("curved", 0.1), ("curved", 1.0), ("curved", 5.0)),
    # A photo that was cropped far from its middle has 0.6.
    *(("tilted", 0.1), ("tilted", 0.5)),
    # Where it is free without need, it follows what little inequality a clean photo has and moves focus by 0.15 mm
    # (85 mm f/1.8, 2.2 m).
    *(("odd", 0.005), ("odd", 0.02), ("odd", 0.08)),
)
"""What a lens does."""


def usual() -> Array:
    """Return the parameters (PARAMETERS,) that deviations count from."""
    mean = np.zeros(PARAMETERS)
    mean[EXPONENT], mean[LIGHT] = USUAL_EXPONENT, USUAL_LIGHT
    return mean
