"""The light on the sheet, as the blur of edges depends on it.

A camera's contrast curve, which no photo tells, narrows edges, and bright ones more than dim ones. Where a wing of
a folded card is lit less than the other, or the far end of a sheet less than the near one, that looks like defocus.
Measured on 39 simulated cards at f/4 and f/5.6: with the curve known, the 95th percentile of errors falls by 40 %.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.printed import EdgeSamples
from backfocus.verify.geometry.pose import Pose

Array = npt.NDArray[np.float64]

LEAST_LIGHT = 0.01
"""Of full scale."""


def log_light(samples: EdgeSamples, pose: Pose) -> Array:
    """Return (n,) logarithms of the light on the paper beside each piece, less their mean.

    The light varies as a quadratic function of the place, with a step at each fold. That of a single piece will not
    do: its error goes with that of its blur, and blur then seems to grow with light.
    """
    light = np.log(np.maximum(samples.strips.fits.bright, LEAST_LIGHT))
    x, y = ((samples.found_px - samples.found_px.mean(axis=0)) / max(pose.image_size)).T
    panels = [fold.beyond_mm(samples.sheet_mm) > 0 for fold in pose.folds]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, *panels], axis=1)
    smooth = terms @ np.linalg.lstsq(terms, light, rcond=None)[0]
    return np.asarray(smooth - smooth.mean())
