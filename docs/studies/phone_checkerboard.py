"""A phone's photos of a checkerboard: do width and contrast of edges tell one plane as their intervals should?

python docs/studies/phone_checkerboard.py FOLDER

FOLDER holds photos of a board of 7 by 10 squares of 21.5 mm, taken upright or upside down with locked focus by a phone
at f/2, whose focal length is 2040 px. They are not part of the project. The inner lines between squares are the edges,
the board's middle is the mark. Parts of the board and the same photo at other JPEG qualities and sizes should give one
plane, within the root of the sum of squares of their half widths.
"""

from __future__ import annotations

import argparse
import io
import itertools
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.optimize import least_squares
from simulated import stamp

from backfocus.targets.chart import Chart, Edge, Panel, QrCode
from backfocus.verify.edges.contrast import COARSE, measure_contrast
from backfocus.verify.edges.samples import EdgeSamples, measure_edges, with_floor
from backfocus.verify.findings import Refusal
from backfocus.verify.fit.focus import fit_focus_curve, lens_blur_px
from backfocus.verify.fit.interval import TWO_SIDED_95, offset_interval
from backfocus.verify.fit.ridge import find_ridge
from backfocus.verify.fit.ridge_fit import View
from backfocus.verify.geometry import Pose
from backfocus.verify.photo.reading import Photo, read_photo

Array = npt.NDArray[np.float64]

SQUARES, SQUARE_MM, MARGIN_MM, CLEAR_MM = (7, 10), 21.5, 30.0, 3.0
FOCAL_PX, WIDTH_PX, FOCAL_MM, F_NUMBER = 2040.0, 2688, 4.67, 2.0
EQUIVALENT_MM = 28.6
"""Of the same angle of view on full frame, for the size of the field terms."""
LOWER = 2
"""Of the frequencies that are measured, 0.21 cycles a pixel: at 0.3 sharpening and mosaic leave no ridge."""
QUALITIES, SCALES = (95, 80, 60), (0.75, 0.5)
LEAST_TILT_DEG, CIRCLES_PER_DIAGONAL = 10.0, 1500.0
DISC_PX_MM = FOCAL_PX * FOCAL_MM / F_NUMBER / 4
"""Blur of a thin lens over the difference of 1/distance: a disc's edge has a quarter of its diameter."""


@dataclass(frozen=True)
class Sharp:
    """Distance of the sharpest plane and half of its 95 % interval, mm."""

    distance_mm: float
    half_mm: float

    def agrees(self, other: Sharp) -> bool:
        """Whether two intervals agree as they should."""
        return abs(self.distance_mm - other.distance_mm) <= math.hypot(self.half_mm, other.half_mm)


def board_chart(corner_dark: bool, far: tuple[float, float] = (0.0, -1.0), side: int | None = None) -> Chart:
    """Return the board as a chart whose edges are the inner lines between squares; x right, y down on the page.

    Args:
        corner_dark: whether the square at the lower left is dark, which depends on which way up the board is.
        far: direction of growing depth on the page.
        side: 0 or 1 for the edges on one side of the middle, across the depth; None for all.
    """
    columns, rows = SQUARES
    upright = [((x, y), (x, y + 1)) for x in range(1, columns) for y in range(rows)]
    lying = [((x, y), (x + 1, y)) for y in range(1, rows) for x in range(columns)]
    page = SQUARE_MM * columns + 2 * MARGIN_MM, SQUARE_MM * rows + 2 * MARGIN_MM
    across = 0 if far[0] == 0.0 else 1
    edges, cells = [], []
    for number, (start, end) in enumerate(upright + lying):
        middle = (start[across] + end[across]) / 2 - SQUARES[across] / 2
        if side is not None and (middle > 0) != side:
            continue
        # Upwards, the square on the left of an upright line is (x - 1, y); rightwards, that above a lying one (x, y).
        left_dark = ((start[0] + start[1] + (number < len(upright))) % 2 == 0) == corner_dark
        ends = [(MARGIN_MM + SQUARE_MM * x, page[1] - MARGIN_MM - SQUARE_MM * y) for x, y in (start, end)]
        along = (
            start[1 - across] if start[1 - across] == end[1 - across] else min(start[1 - across], end[1 - across])
        )
        cells.append((along, middle > 0, number < len(upright)))
        edges.append((ends, "left" if left_dark else "right"))
    tiles = {cell: place for place, cell in enumerate(sorted(set(cells)))}
    corner = (0.0, 0.0)
    return Chart(
        design="flat",
        paper="a4",
        scale=1.0,
        angle_deg=45.0,
        id="BOARD",
        page_mm=page,
        af_mark_page_mm=(page[0] / 2, page[1] / 2),
        far_direction_page=far,
        quiet_zone_mm=(0.0, 0.0),
        panels=(Panel("sheet", (corner, (page[0], 0.0), page, (0.0, page[1]))),),
        markers=(),
        edges=tuple(
            Edge("sheet", ends[0], ends[1], dark, CLEAR_MM, tiles[cell], 0.0)
            for (ends, dark), cell in zip(edges, cells, strict=True)
        ),
        qr=QrCode("", "sheet", (corner, corner, corner, corner)),
        check_bars=(),
        polygons=(),
        strokes=(),
        labels=(),
    )


def board_pose(photo: Photo) -> Pose | None:
    """Return the pose by the inner corners, x to the right and y up in the picture; None without a board."""
    light = photo.light_of_code[photo.codes]
    grey = (255 * light / light.max()).astype(np.uint8)
    inner = SQUARES[0] - 1, SQUARES[1] - 1
    found, corners = cv2.findChessboardCornersSB(grey, inner, flags=cv2.CALIB_CB_ACCURACY)
    if not found:
        return None
    pixels = corners.reshape(inner[1], inner[0], 2)
    if pixels[0, 0, 0] > pixels[0, -1, 0]:
        pixels = pixels[:, ::-1]
    if pixels[0, 0, 1] < pixels[-1, 0, 1]:
        pixels = pixels[::-1]
    x, y = np.meshgrid(*(SQUARE_MM * (np.arange(1, n) - n / 2) for n in SQUARES))
    sheet = np.stack([x, y, 0 * x], axis=2).reshape(-1, 3)
    rows, columns = photo.codes.shape
    focal = FOCAL_PX * max(rows, columns) / WIDTH_PX
    matrix = np.array([[focal, 0, (columns - 1) / 2], [0, focal, (rows - 1) / 2], [0, 0, 1.0]])
    _, turn, at = cv2.solvePnP(sheet, pixels.reshape(-1, 1, 2).astype(np.float64), matrix, np.zeros(4))
    rotation = np.asarray(cv2.Rodrigues(turn)[0], dtype=np.float64)
    middle = np.asarray(at[:, 0], np.float64)
    return Pose(rotation, middle, focal, 0.0, np.zeros(3), (), (columns, rows), np.zeros((11, 11)), residual_px=0.0)


def corner_is_dark(photo: Photo, pose: Pose) -> bool:
    """Whether the square at the lower left in the picture is darker than that above it."""
    middles = SQUARE_MM * np.array([(0.5 - SQUARES[0] / 2, y - SQUARES[1] / 2, 0.0) for y in (0.5, 1.5)])
    columns, rows = np.rint(pose.project(middles)).astype(int).T
    lower, upper = photo.light_of_code[photo.codes[rows, columns]]
    return bool(lower < upper)


def far_direction(pose: Pose) -> tuple[float, float]:
    """Return the side of the page, y down, that is farthest."""
    rise_x, rise_y = pose.rotation[2, 0], pose.rotation[2, 1]
    if abs(rise_x) > abs(rise_y):
        return math.copysign(1.0, rise_x), 0.0
    return 0.0, -math.copysign(1.0, rise_y)


def by_width(samples: EdgeSamples, pose: Pose) -> Sharp | None:
    """Return the plane of least blur; None where there is none in or near the board."""
    try:
        shaped = with_floor(samples, lens_blur_px(samples, pose))
        curve = fit_focus_curve(shaped, pose)
        half = offset_interval(shaped, pose, curve, 0.0, 0.0).total_mm
    except (Refusal, np.linalg.LinAlgError):
        return None
    return _within(pose, curve.offset_mm, half, curve.depth_range_mm)


def _within(pose: Pose, offset_mm: float, half_mm: float, depth_range_mm: tuple[float, float]) -> Sharp | None:
    low, high = depth_range_mm
    if not low <= offset_mm <= high or half_mm > (high - low) / 2:
        return None
    return Sharp(pose.distance_mm + offset_mm, half_mm)


def by_contrast(photo: Photo, chart: Chart, pose: Pose) -> Sharp | None:
    """Return the plane of most contrast; None where there is none in or near the board."""
    rows, columns = photo.codes.shape
    circle_mm = math.hypot(rows, columns) / CIRCLES_PER_DIAGONAL * FOCAL_MM / pose.focal_px
    view = View(
        mark_mm=pose.translation_mm[:2],
        distance_mm=pose.distance_mm,
        focal_length_mm=EQUIVALENT_MM,
        f_number=F_NUMBER,
        depth_of_field_mm=2 * F_NUMBER * circle_mm * (pose.distance_mm / FOCAL_MM) ** 2,
        has_colours=False,
        half_diagonal_px=math.hypot(rows, columns) / 2,
        pixels_per_mm=pose.focal_px / FOCAL_MM,
    )
    found = measure_contrast(photo, chart, pose)
    rows = [LOWER, COARSE]
    found = replace(
        found,
        cycles=found.cycles[rows],
        value=found.value[rows],
        sd=found.sd[rows],
        narrow=found.value[LOWER],
        narrow_sd=found.sd[LOWER],
    )
    ridge = find_ridge(found, view)
    if ridge is None:
        return None
    depths = float(found.depth_mm.min()), float(found.depth_mm.max())
    return _within(pose, ridge.offset_mm, TWO_SIDED_95 * ridge.sd_mm, depths)


def again(path: Path, folder: Path, quality: int, scale: float = 1.0) -> Photo:
    """Return the photo written once more, with another quality or size."""
    buffer = io.BytesIO()
    with Image.open(path) as image:
        size = round(image.width * scale), round(image.height * scale)
        smaller = image if scale == 1.0 else image.resize(size, Image.Resampling.LANCZOS)
        smaller.save(buffer, "JPEG", quality=quality, exif=image.getexif())
    copy = folder / path.name
    copy.write_bytes(buffer.getvalue())
    return read_photo(copy)


def planes(path: Path, pose: Pose | None) -> dict[tuple[str, str], Sharp | None]:
    """Return the planes of one photo by measure and variant; empty without a board that leans."""
    if pose is None or pose.tilt_deg < LEAST_TILT_DEG:
        return {}
    with tempfile.TemporaryDirectory() as passing:
        photos = {"as taken": read_photo(path)}
        photos |= {f"quality {each}": again(path, Path(passing), each) for each in QUALITIES}
        photos |= {f"size {each:g}": again(path, Path(passing), 95, each) for each in SCALES}
    found: dict[tuple[str, str], Sharp | None] = {}
    for name, photo in photos.items():
        rows, columns = photo.codes.shape
        pose = replace(pose, focal_px=FOCAL_PX * max(rows, columns) / WIDTH_PX, image_size=(columns, rows))
        dark, far = corner_is_dark(photo, pose), far_direction(pose)
        for part, side in ((name, None), *((("one side", 0), ("other side", 1)) if name == "as taken" else ())):
            chart = board_chart(dark, far, side)
            samples = measure_edges(photo, chart, pose)
            found["width", part] = by_width(samples, pose)
            found["contrast", part] = by_contrast(photo, chart, pose)
            if part == "as taken":
                along = np.abs(samples.along[:, :2] @ np.array([far[0], -far[1]])) > math.sqrt(0.5)
                even = samples.edge % 2 == 0
                parts = {"along": along, "across": ~along, "even edges": even, "odd edges": ~even}
                found |= {("width", label): by_width(samples.take(own), pose) for label, own in parts.items()}
    return found


PAIRS = (
    ("one side", "other side"),
    ("even edges", "odd edges"),
    ("along", "across"),
    *(("as taken", f"quality {each}") for each in QUALITIES),
    *(("as taken", f"size {each:g}") for each in SCALES),
)


def pair_table(found: dict[str, dict[tuple[str, str], Sharp | None]]) -> str:
    """Return the table of pairs that should agree."""
    lines = [
        "| measure | pair | photos with both | agree | differences over the joint half width |",
        "|---|---|---|---|---|",
    ]
    for measure, (one, other) in itertools.product(("width", "contrast"), PAIRS):
        both = [
            (a, b)
            for each in found.values()
            if (a := each.get((measure, one))) and (b := each.get((measure, other)))
        ]
        ratios = ", ".join(
            f"{(a.distance_mm - b.distance_mm) / math.hypot(a.half_mm, b.half_mm):+.1f}" for a, b in both
        )
        if both or measure == "width":
            lines.append(
                f"| {measure} | {one}, {other} | {len(both)} | {sum(a.agrees(b) for a, b in both)} | {ratios} |"
            )
    return "\n".join(lines)


@dataclass(frozen=True)
class Blur:
    """Squared blur, n pieces of one direction in all photos, 1000 px from the picture's middle as unit of place."""

    photo: npt.NDArray[np.intp]
    depth_mm: Array
    square: Array
    rising: Array
    place: Array


def all_blur(poses: dict[Path, Pose | None], upright: bool) -> Blur:
    """Return the squared blur along all edges of one direction in the picture."""
    rows = []
    for number, (path, pose) in enumerate(poses.items()):
        if pose is None:
            continue
        photo = read_photo(path)
        samples = measure_edges(photo, board_chart(corner_is_dark(photo, pose), far_direction(pose)), pose)
        own = samples.take((np.abs(samples.across[:, 0]) > np.abs(samples.across[:, 1])) == upright)
        place = (own.found_px - (np.array(photo.codes.T.shape) - 1) / 2) / 1000
        square = own.blur_px**2 - own.scale.smoothing_px**2
        rising = np.sign(own.across.sum(axis=1))
        rows.append([np.full(len(square), number), pose.depth_mm(own.sheet_mm), square, rising, *place.T])
    photo_of, depth, square, rising, x, y = np.concatenate([np.array(row) for row in rows], axis=1)
    return Blur(photo_of.astype(np.intp), depth, square, rising, np.stack([x, y], axis=1))


def locked_focus(blur: Blur, *, one: bool, field: bool) -> tuple[Array, float]:
    """Fit a thin lens's blur to all photos; return its distance of focus in each, and the rms of what is left, px².

    Args:
        one: whether focus is the same in all photos.
        field: whether it may depend on the place in the picture, and blur on whether light rises or falls.
    """
    x, y = blur.place.T
    terms = np.stack([x, y, x * x, x * y, y * y], axis=1)
    signs = blur.rising[:, None] * np.stack([np.ones_like(x), x, y], axis=1)
    count = int(blur.photo.max()) + 1
    inner = 1 if one else count

    def off(p: Array) -> Array:
        focus = (p[1 : 1 + inner] * np.ones(count))[blur.photo] / 1000
        s = DISC_PX_MM * (1 / blur.depth_mm - focus)
        if field:
            s = s - terms @ p[1 + inner : 6 + inner]
        curve = p[0] + s**2 + (signs @ p[6 + inner :] if field else 0.0)
        return np.asarray((curve - blur.square) / 0.05)

    starts = [np.r_[0.0, np.full(inner, 1000 / mm), np.zeros(8)] for mm in (300.0, 360.0, 420.0)]
    best = min((least_squares(off, start, loss="soft_l1") for start in starts), key=lambda fit: float(fit.cost))
    return 1000 / best.x[1 : 1 + inner], 0.05 * float(np.std(off(best.x)))


def main(print_out: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="photos of the board")
    paths = sorted(parser.parse_args().folder.glob("*.jpg"))
    poses = {path: board_pose(read_photo(path)) for path in paths}
    found = {path.stem: planes(path, pose) for path, pose in poses.items()}
    lines = [stamp(), "", "| photo | measure | sharp at, mm |", "|---|---|---|"]
    for name, each in found.items():
        for measure in ("width", "contrast"):
            told = [
                f"{part} {at.distance_mm:.1f} ± {at.half_mm:.1f}"
                for (m, part), at in each.items()
                if at and m == measure
            ]
            if each:
                lines.append(f"| {name} | {measure} | {'; '.join(told) or 'none'} |")
    lines += [
        "",
        pair_table(found),
        "",
        "| edges in the picture | focus | field terms | distances, mm | rms left, px² |",
        "|---|---|---|---|---|",
    ]
    blurs = {upright: all_blur(poses, upright) for upright in (True, False)}
    for upright, field, one in itertools.product(blurs, (False, True), (False, True)):
        at, rms = locked_focus(blurs[upright], one=one, field=field)
        lines.append(
            f"| {'upright' if upright else 'lying'} | {'one' if one else 'of each photo'} | {'with' if field else 'without'} "
            f"| {', '.join(f'{mm:.0f}' for mm in at)} | {rms:.3f} |"
        )
    print_out("\n".join(lines))


if __name__ == "__main__":
    main()
