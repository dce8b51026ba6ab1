"""Contrast over depth on a phone's photos of a checkerboard: do intervals agree as they should?

python docs/studies/contrast/phone_checkerboard.py FOLDER

FOLDER holds photos of a board of 7 by 10 squares of 21.5 mm, taken upright or upside down with locked focus by a phone
at f/2, whose focal length is 2040 px. The inner lines between squares are the edges; the AF mark is the board's middle.
Both halves of the board, and the same photo with a lower JPEG quality, should give the same plane; all photos the same
distance of focus.
"""

from __future__ import annotations

import io
import math
import sys
import tempfile
from pathlib import Path

import contrast as study
import cv2
import numpy as np
import numpy.typing as npt
from contrast import Contrast, Pieces
from curve import Plane, View, find_plane
from layout import SheetEdges
from PIL import Image

from backfocus.verify.geometry import Pose
from backfocus.verify.photo.reading import Photo, read_photo

Array = npt.NDArray[np.float64]

SQUARES = (7, 10)
SQUARE_MM, FOCAL_PX, FOCAL_MM, F_NUMBER = 21.5, 2040.0, 4.67, 2.0
EQUIVALENT_MM = 28.6
"""Of the same angle of view on full frame, for the size of the field terms: those of 4.67 mm leave the plane open."""
CLEAR_MM = 3.0
CYCLES = (0.14, 0.18, 0.25)
"""A pixel. 30 lp/mm scaled by the diagonal would be 0.42, where mosaic and sharpening leave nothing to measure."""
LOW_QUALITY, LEAST_TILT_DEG, BORDER_PX = 60, 10.0, 20
CIRCLES_PER_DIAGONAL = 1500.0


def board_edges(corner_dark: bool) -> SheetEdges:
    """Return the inner lines between squares, square by square; origin in the board's middle, y up.

    Whether the square at the lower left is dark depends on which way up the board is.
    """
    columns, rows = SQUARES
    steep = [((x, y), (x, y + 1), True, x, y) for x in range(1, columns) for y in range(rows)]
    level = [((x, y), (x + 1, y), False, x, y) for y in range(1, rows) for x in range(columns)]
    start, end, is_steep, column, row = (np.array(values) for values in zip(*steep, *level, strict=True))
    middle = np.array(SQUARES) / 2
    start_mm, end_mm = SQUARE_MM * (start - middle), SQUARE_MM * (end - middle)
    # Ink is on the left of a line that starts where it should if the square on that side is dark.
    swap = (column + row + is_steep) % 2 == corner_dark
    ends = np.where(swap[:, None], end_mm, start_mm), np.where(swap[:, None], start_mm, end_mm)
    count = len(row)
    return SheetEdges(
        start=ends[0],
        end=ends[1],
        steep=is_steep,
        weak=np.zeros(count, dtype=bool),
        column=column,
        row=row,
        right=np.zeros(count, dtype=bool),
        row_mm=(start_mm + end_mm)[:, 1] / 2,
        clear_mm=np.full(count, CLEAR_MM),
        unit=1.0,
    )


def board_pose(photo: Photo) -> Pose | None:
    """Return the pose by the inner corners, x to the right and y up in the picture."""
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
    matrix = np.array([[FOCAL_PX, 0, (columns - 1) / 2], [0, FOCAL_PX, (rows - 1) / 2], [0, 0, 1.0]])
    _, turn, at = cv2.solvePnP(sheet, pixels.reshape(-1, 1, 2).astype(np.float64), matrix, np.zeros(4))
    rotation = np.asarray(cv2.Rodrigues(turn)[0], dtype=np.float64)
    return Pose(
        rotation,
        np.asarray(at[:, 0], np.float64),
        FOCAL_PX,
        0.0,
        np.zeros(3),
        (),
        (columns, rows),
        np.zeros((11, 11)),
        residual_px=0.0,
    )


def board_pieces(photo: Photo, pose: Pose) -> Pieces:
    """Return the pieces. Noise is what those differ by that have one depth, one side of the board and one polarity.

    A sharpened edge rises otherwise than it falls, by more than the noise. `weak` tells the side.
    """
    edges = board_edges(_corner_is_dark(photo, pose))
    pieces = study.pieces_of(pose, edges)
    size = np.array(photo.codes.T.shape)
    inside = ((pieces.start > BORDER_PX) & (pieces.start < size - BORDER_PX)).all(axis=1)
    kept = {name: value[inside] for name, value in vars(pieces).items()}
    column, row = edges.column[kept["edge"]], edges.row[kept["edge"]]
    upright = abs(pose.rotation[2, 1]) > abs(pose.rotation[2, 0])
    beside, along = (column, row * 2 + kept["pool"] % 2) if upright else (row, column * 2)
    side = beside > (SQUARES[0] if upright else SQUARES[1]) // 2
    group = side * 2 + beside % 2 + 2
    return Pieces(**kept | {"column": group, "pool": (along * 8 + group) * 2 + kept["steep"], "weak": side})


def _corner_is_dark(photo: Photo, pose: Pose) -> bool:
    """Whether the square at the lower left in the picture is darker than that above it."""
    middles = SQUARE_MM * np.array([(0.5 - SQUARES[0] / 2, y - SQUARES[1] / 2, 0.0) for y in (0.5, 1.5)])
    columns, rows = np.rint(pose.project(middles)).astype(int).T
    lower, upper = photo.light_of_code[photo.codes[rows, columns]]
    return bool(lower < upper)


def contrasts(photo: Photo, pose: Pose, pieces: Pieces) -> list[Contrast]:
    """Return contrast at each of the frequencies, and for coarse detail at last."""
    first = study.spectra(photo, pieces, [study.COARSE_CYCLES], np.zeros(len(pieces.edge)))
    shift = study.shifts_px(first.transform[:, 0], first.lines, pieces)
    cycles = [*CYCLES, study.COARSE_CYCLES]
    found = study.spectra(photo, pieces, cycles, shift)
    rest = study.shifts_px(found.transform[:, -1], found.lines, pieces)
    return [study.pooled(found, number, each, rest, pieces, pose) for number, each in enumerate(cycles)]


def part(contrast: Contrast, sides: tuple[bool, ...]) -> Contrast:
    """Return one side of the board, or both; all edges are of one contrast."""
    kept = np.isin(contrast.weak, sides)
    return Contrast(
        **{name: value[kept] for name, value in vars(contrast).items()} | {"weak": np.zeros(kept.sum(), bool)}
    )


def again(path: Path) -> io.BytesIO:
    """Return the photo written once more with a lower quality."""
    buffer = io.BytesIO()
    with Image.open(path) as image:
        image.save(buffer, "JPEG", quality=LOW_QUALITY, exif=image.getexif())
    return buffer


def _told(plane: Plane | None, distance_mm: float) -> str:
    if plane is None:
        return "none"
    return (
        f"{distance_mm + plane.offset_mm:.1f} ± {plane.half_mm:.1f}, astigmatism {plane.astigmatism_mm:+.1f} ± "
        f"{plane.astigmatism_half_mm:.1f}, peak {plane.peak:.2f}{', ' + plane.refused if plane.refused else ''}"
    )


def main() -> None:
    folder = Path(sys.argv[1])
    for path in sorted(folder.glob("*.jpg")):
        photo = read_photo(path)
        pose = board_pose(photo)
        if pose is None:
            print(f"{path.name}: no board")
            continue
        distance = pose.distance_mm
        circle_mm = math.hypot(*photo.codes.shape) / CIRCLES_PER_DIAGONAL * FOCAL_MM / FOCAL_PX
        field = 2 * F_NUMBER * circle_mm * (distance / FOCAL_MM) ** 2
        print(f"{path.name}: {pose.tilt_deg:.0f}° at {distance:.0f} mm, DOF {field:.0f} mm")
        if pose.tilt_deg < LEAST_TILT_DEG:
            continue
        with tempfile.TemporaryDirectory() as passing:
            copy = Path(passing) / path.name
            copy.write_bytes(again(path).getvalue())
            dull = read_photo(copy)
        view = View(pose.translation_mm[:2], distance, EQUIVALENT_MM, F_NUMBER, field)
        whole, low = (contrasts(each, pose, board_pieces(each, pose)) for each in (photo, dull))
        for number, cycles in enumerate(CYCLES):
            for label, found, sides in (
                ("all", whole, (False, True)),
                ("one side", whole, (False,)),
                ("other side", whole, (True,)),
                (f"quality {LOW_QUALITY}", low, (False, True)),
            ):
                plane = find_plane(part(found[number], sides), part(found[-1], sides), view)
                print(f"  {cycles:.2f} cycles, {label}: sharp at {_told(plane, distance)}")


if __name__ == "__main__":
    main()
