"""The printed edges in the photo: place and blur of every piece."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from backfocus.targets import Chart

from ..findings import Findings, Limit
from ..geometry import Pose, sheet_from_page
from ..photo.reading import Photo
from .fit import Strips, fit_edge_spread, measure_strips
from .profiles import Segments
from .scale import Scale, scale_for, smoothed

Array = npt.NDArray[np.float64]

PIECE_PX = 14.0
"""Length of a piece in the picture: enough rows to sample the edge finer than the pixels."""
PIECE_MM = 2.5
"""At most, on the sheet at full size, so that a piece has one depth: 1.8 mm at 45°."""
MIN_WINDOW_BLURS = 2.6
"""Less leaves no plain ink or paper in the window, and the levels follow the blur."""
END_MM = 2.0
"""Left out at the ends of an edge, where the corner of the bar is felt."""


@dataclass(frozen=True)
class EdgeSamples:
    """Printed edges as found in the photo, piece by piece; all arrays have length n.

    Attributes:
        sheet_mm: (n, 3) place on the sheet.
        along: (n, 3) unit vector along the edge on the sheet.
        found_px: (n, 2) where the photo has it, measured across the edge only.
        across: (n, 2) unit vector across the edge in the photo, towards the bright side.
        found_sd_px: standard error of the place, across the edge.
        blur_px: standard deviation of the edge spread, in pixels of the photo.
        blur_sd_px: its standard error.
        clear_px: width of the plain strips beside the edge.
        edge: which of the chart's edges the piece belongs to.
        tile: which of its tiles, each with edges that lie close together.
        strips: the profiles behind the samples.
        offered: number of places looked at, of which these could be measured.
        scale: at which they were measured; `blur_px` is that of the smoothed picture.
    """

    sheet_mm: Array
    along: Array
    found_px: Array
    across: Array
    found_sd_px: Array
    blur_px: Array
    blur_sd_px: Array
    clear_px: Array
    edge: npt.NDArray[np.intp]
    tile: npt.NDArray[np.intp]
    strips: Strips
    offered: int
    scale: Scale = field(default_factory=Scale)

    def take(self, which: npt.NDArray[np.bool_]) -> EdgeSamples:
        """Return the chosen samples."""
        return EdgeSamples(
            sheet_mm=self.sheet_mm[which],
            along=self.along[which],
            found_px=self.found_px[which],
            across=self.across[which],
            found_sd_px=self.found_sd_px[which],
            blur_px=self.blur_px[which],
            blur_sd_px=self.blur_sd_px[which],
            clear_px=self.clear_px[which],
            edge=self.edge[which],
            tile=self.tile[which],
            strips=self.strips.take(which),
            offered=self.offered,
            scale=self.scale,
        )

    def placed_by(self, pose: Pose) -> EdgeSamples:
        """Return the samples moved along their edges to the place that a better pose sees where they were found.

        On a sheet bent by 4 mm they are 1 mm from where a flat sheet has them, which moved focus by as much.
        """
        seen = pose.project(self.sheet_mm)
        step = pose.project(self.sheet_mm + self.along) - seen
        moved_mm = ((self.found_px - seen) * step).sum(axis=1) / (step**2).sum(axis=1)
        return replace(self, sheet_mm=self.sheet_mm + moved_mm[:, None] * self.along)


def measure_edges(photo: Photo, chart: Chart, pose: Pose) -> EdgeSamples:
    """Find place and blur of every printed edge, piece by piece, in the photo's own pixels."""
    sheet, along, edge, segments, clear_px = _pieces(chart, pose)
    inside = _inside(segments.centre_px, pose.image_size)
    sheet, along, edge, clear_px = sheet[inside], along[inside], edge[inside], clear_px[inside]
    segments = segments.take(inside)
    strips = measure_strips(photo, segments, clear_px, MIN_WINDOW_BLURS)
    scale = scale_for(strips.fits.blur_px, strips.fits.blur_sd_px)
    if scale.smoothing_px:
        strips = measure_strips(smoothed(photo, scale, segments), segments, clear_px, MIN_WINDOW_BLURS)
    measured = segments.take(strips.which)
    return EdgeSamples(
        sheet_mm=sheet[strips.which],
        along=along[strips.which],
        found_px=measured.moved(strips.shift_px).centre_px,
        across=measured.bright_normal,
        found_sd_px=strips.fits.shift_sd_px,
        blur_px=strips.fits.blur_px,
        blur_sd_px=strips.fits.blur_sd_px,
        clear_px=clear_px[strips.which],
        edge=edge[strips.which],
        tile=np.array([each.tile for each in chart.edges], dtype=np.intp)[edge[strips.which]],
        strips=strips,
        offered=len(inside),
        scale=scale,
    )


def with_floor(samples: EdgeSamples, floor_px: float) -> EdgeSamples:
    """Return the samples with their blur measured again, as a disc on top of a Gaussian of `floor_px`."""
    strips = samples.strips
    fits = fit_edge_spread(strips.profiles, strips.half_window_px, floor_px, start=strips.fits)
    shaped = replace(samples, blur_px=fits.blur_px, blur_sd_px=fits.blur_sd_px)
    return shaped.take(fits.ok)


def refuse_few(samples: EdgeSamples, least: Limit) -> None:
    """Raise the refusal of a photo with too few samples."""
    if least.is_crossed(len(samples.blur_px)):
        raise Findings.TOO_FEW_EDGES.refusal(
            f"Blur could be measured at {len(samples.blur_px)} of {samples.offered} places; "
            f"{least.value:g} are needed.",
            len(samples.blur_px),
            least,
        )


def _pieces(chart: Chart, pose: Pose) -> tuple[Array, Array, npt.NDArray[np.intp], Segments, Array]:
    """Return the pieces' places and directions on the sheet, edges, the pieces, and their clear width in pixels."""
    ends = sheet_from_page(chart, [at for each in chart.edges for at in (each.from_page_mm, each.to_page_mm)])
    ends = ends.reshape(-1, 2, 3)
    is_right = np.array([each.dark_side == "right" for each in chart.edges])
    ends[is_right] = ends[is_right, ::-1]
    way = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(way, axis=1)
    trimmed = length - 2 * END_MM * chart.scale
    trimmed_px = trimmed * np.linalg.norm(np.diff(pose.project(ends), axis=1)[:, 0], axis=1) / length
    pieces = np.maximum(trimmed_px / PIECE_PX, trimmed / (PIECE_MM * chart.scale)).astype(np.intp)
    pieces = np.maximum(np.minimum(pieces, (trimmed_px / 4).astype(np.intp)), 1)
    edge_of = np.repeat(np.arange(len(ends)), pieces)
    number = np.arange(len(edge_of)) - (np.cumsum(pieces) - pieces)[edge_of]
    share = trimmed[edge_of] / pieces[edge_of]
    direction = (way / length[:, None])[edge_of]
    place = ends[edge_of, 0] + (END_MM * chart.scale + share * (number + 0.5))[:, None] * direction
    half = (share / 2)[:, None] * direction
    clear = np.array([each.clear_mm for each in chart.edges])[edge_of]
    centre = pose.project(place)
    reach = (pose.project(place + half) - pose.project(place - half)) / 2
    half_length = np.linalg.norm(reach, axis=1)
    tangent = reach / half_length[:, None]
    clear_px = _width_px(place, direction, clear, pose, tangent)
    return place, direction, edge_of, Segments(centre, tangent, half_length, clear_px), clear_px


def _width_px(place: Array, along: Array, clear_mm: Array, pose: Pose, tangent: Array) -> Array:
    """Width of the plain strip beside an edge as seen in the photo, at right angles to the edge there."""
    across = np.stack([-along[:, 1], along[:, 0], np.zeros(len(along))], axis=1)
    step = pose.project(place + across * clear_mm[:, None] / 2) - pose.project(
        place - across * clear_mm[:, None] / 2
    )
    width: Array = np.abs(-step[:, 0] * tangent[:, 1] + step[:, 1] * tangent[:, 0])
    return width


def _inside(centre_px: Array, image_size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    width, height = image_size
    x, y = centre_px.T
    inside: npt.NDArray[np.bool_] = (x > 4) & (y > 4) & (x < width - 5) & (y < height - 5)
    return inside
