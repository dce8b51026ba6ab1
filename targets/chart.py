"""The chart description: what is printed where on one sheet.

The PDF, the reader and the virtual camera are all fed by this one immutable value. All coordinates are in
the page frame: millimetres from the page's top-left corner, x to the right, y down. The sheet frame, used for
geometry in space, has its origin at the AF mark, x to the right, y up as printed and z towards the reader.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]

CHART_SCHEMA = "backfocus/chart/1"


@dataclass(frozen=True)
class Panel:
    """A planar part of the sheet.

    Attributes:
        name: unique within the chart.
        outline_page_mm: corners of the panel, in order.
        hinge_page_mm: the two ends of the fold that joins the panel to the first one, upper end first; None for
            the first, which holds the AF mark.
        fold_deg: nominal fold angle, degrees: by how much the panel is turned about its hinge out of the plane of
            the panel it hangs on; positive when it comes towards the reader, 0 for an unfolded panel.
    """

    name: str
    outline_page_mm: tuple[Point, ...]
    hinge_page_mm: tuple[Point, Point] | None = None
    fold_deg: float = 0.0


@dataclass(frozen=True)
class Marker:
    """An ArUco marker; corners are those of its black square: top-left, top-right, bottom-right, bottom-left."""

    id: int
    panel: str
    corners_page_mm: Quad


@dataclass(frozen=True)
class Edge:
    """A straight edge between ink and paper that is good for measuring blur.

    Attributes:
        panel: name of the panel that it lies on.
        from_page_mm, to_page_mm: its ends.
        dark_side: the side of the ink when looking from `from_page_mm` to `to_page_mm` on the page.
        clear_mm: width of the plain ink and of the plain paper beside it, whichever is narrower, across the edge.
        tile: number of the shape or pair of bars that it belongs to, from 0 on over the sheet.
        ink: light of the ink over that of paper as designed: 0 for black.
    """

    panel: str
    from_page_mm: Point
    to_page_mm: Point
    dark_side: Literal["left", "right"]
    clear_mm: float
    tile: int
    ink: float


@dataclass(frozen=True)
class QrCode:
    """The QR code: its text and the corners of its modules (without quiet zone), in the order of `Marker`."""

    text: str
    panel: str
    corners_page_mm: Quad


@dataclass(frozen=True)
class CheckBar:
    """A bar of known length, to be held against a ruler after printing."""

    from_page_mm: Point
    to_page_mm: Point
    length_mm: float


@dataclass(frozen=True)
class Polygon:
    """A filled shape; `ink` is the light of its ink over that of paper: 0 for black."""

    points_page_mm: tuple[Point, ...]
    ink: float = 0.0


@dataclass(frozen=True)
class Stroke:
    """A straight black line of the given width."""

    from_page_mm: Point
    to_page_mm: Point
    width_mm: float


@dataclass(frozen=True)
class Label:
    """A line of text; `at_page_mm` is the anchor on its baseline, `height_mm` the font size.

    `turn_deg` turns it around the anchor, anticlockwise.
    """

    text: str
    at_page_mm: Point
    height_mm: float
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False
    turn_deg: float = 0.0


@dataclass(frozen=True)
class Chart:
    """One printed sheet.

    Attributes:
        design: family of the chart, for example "flat".
        paper: name of the nominal paper, for example "a4".
        scale: printed size over nominal size of the design; all lengths below already include it.
        angle_deg: angle that the depth numbers are printed for, degrees: the tilt of a single panel, the fold of
            the wings of a folded sheet.
        id: the chart's own id, seven capital letters and digits.
        page_mm: page width and height.
        af_mark_page_mm: the point of depth zero that autofocus is aimed at.
        far_direction_page: unit vector on the page that points away from the camera when set up as printed; on a
            folded sheet, from the wing that comes forward to the one that goes back; on an upright one, up.
        quiet_zone_mm: width and height of the zone around the AF mark that holds nothing black but the mark: on a
            flat sheet weak edges beside it, by docs/studies/results/af_zone.md; on others nothing at all.
        panels, markers, edges, qr, check_bars: what the reader looks for.
        polygons, strokes, labels: the remaining ink: bars, AF mark, rulers, words.
    """

    design: str
    paper: str
    scale: float
    angle_deg: float
    id: str
    page_mm: Point
    af_mark_page_mm: Point
    far_direction_page: Point
    quiet_zone_mm: Point
    panels: tuple[Panel, ...]
    markers: tuple[Marker, ...]
    edges: tuple[Edge, ...]
    qr: QrCode
    check_bars: tuple[CheckBar, ...]
    polygons: tuple[Polygon, ...]
    strokes: tuple[Stroke, ...]
    labels: tuple[Label, ...]

    @property
    def widest_distance_over_focal_length(self) -> float:
        """Largest distance, in focal lengths, at which an AF area still sees nothing but the quiet zone."""
        return widest_distance_over_focal_length(self.quiet_zone_mm, self.mark_tilt_deg)

    @property
    def has_depth(self) -> bool:
        """Whether the sheet, set up as printed, reaches in front of and behind the AF mark."""
        return len(self.panels) > 1 or self.angle_deg > 0

    @property
    def mark_tilt_deg(self) -> float:
        """Tilt of the panel with the AF mark when set up as printed, degrees: a folded sheet's faces the camera."""
        return self.angle_deg if len(self.panels) == 1 else 0.0


AF_AREA_ON_SENSOR_MM = 2.0
"""Width of a real AF area on the sensor: about twice the square that the finder draws, which is near 1 mm."""


def widest_distance_over_focal_length(quiet_zone_mm: Point, angle_deg: float) -> float:
    """Return the largest distance, in focal lengths, at which an AF area sees nothing outside the quiet zone.

    An AF area of `AF_AREA_ON_SENSOR_MM` sees w·(u/f - 1) mm of the sheet (thin lens); a leaning sheet looks
    shorter by the cosine of its tilt `angle_deg`.
    """
    width, height = quiet_zone_mm
    seen = min(width, height * math.cos(math.radians(angle_deg)))
    return round(seen / AF_AREA_ON_SENSOR_MM + 1.0, 3)
