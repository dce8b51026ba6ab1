"""The light on the sheet, as the blur of edges depends on it.

A camera's contrast curve, which no photo tells, narrows edges, and bright ones more than dim ones. Where a wing of
a folded card is lit less than the other, or the far end of a sheet less than the near one, that looks like defocus.
Measured on 39 simulated cards at f/4 and f/5.6: with the curve known, the 95th percentile of errors falls by 40 %.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backfocus.verify.edges.printed import EdgeSamples

Array = npt.NDArray[np.float64]

LEAST_LIGHT = 0.01
"""Of full scale."""


def log_light(samples: EdgeSamples) -> Array:
    """Return (n,) logarithms of the light on the paper beside each piece's edge, less their mean.

    The light is that of the whole edge, some ten pieces; that of a single piece will not do: its error goes with
    that of its blur, and blur then seems to grow with light.
    """
    light = np.log(np.maximum(samples.strips.fits.bright, LEAST_LIGHT))
    pieces = np.maximum(np.bincount(samples.edge), 1)
    of_edge = (np.bincount(samples.edge, light) / pieces)[samples.edge]
    return np.asarray(of_edge - of_edge.mean())
