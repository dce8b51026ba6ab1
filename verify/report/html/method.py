"""How it is measured and what it cannot say, in a few lines."""

from __future__ import annotations

METHOD = (
    "The blur of the printed edges is measured across every edge, in the pixels of the original photo. Each piece "
    "of edge has a depth, from the markers and the sheet's perspective. The curve of a thin lens through all of "
    "them tells the depth that is sharpest.",
    "The offset is that depth minus the depth of the AF mark, along the optical axis. Plus is farther from the "
    "camera: back focus. Minus is closer: front focus. The 95 % interval covers the scatter of the edges, the pose "
    "of the sheet and the print.",
)
METHOD_OF_ONE = (
    "One photo shows where this shot focused. Autofocus scatters from shot to shot: judge a lens by several.",
)
METHOD_OF_MANY = (
    "Scatter is the standard deviation of single shots. Offsets and settings hold for one body and lens, at this "
    "focal length and distance, in this light.",
)
