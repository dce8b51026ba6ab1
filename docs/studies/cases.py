"""Photos with the faults of known cases, drawn at random: what hand, program, transfer, printer and light can spoil."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from simulated import folded_shot

from backfocus.targets import Chart, build_chart
from backfocus.targets.chart import Panel, Point
from backfocus.verify.simulate import SheetRaster, Turn, VirtualShot
from backfocus.verify.simulate.study import Reprint, StudyShot, take
from backfocus.verify.simulate.validate import random_shot

Codes = npt.NDArray[np.uint16]
FULL = 65535
BLUR_STEPS = 24
"""Pictures of even blur between which blur that grows is interpolated."""
BLACK_TO_GREY = 32896
"""What a decoder shows for blocks that are missing: the middle of the range."""


@dataclass(frozen=True)
class Case:
    """A photo to make.

    Attributes:
        shot: what is taken; its offset is the truth.
        spoil: what becomes of the picture, given as it was taken.
        reprint: makes another print of the chart.
        told: the shot as its metadata tell it; None: as it is.
        second_mm: the offset of a second shot in the same picture, which is sharpest somewhere between the two.
        is_designed: whether the print is exact; else the program is not told anything.
    """

    shot: StudyShot
    spoil: Callable[[VirtualShot], Codes] | None = None
    reprint: Reprint | None = None
    told: StudyShot | None = None
    second_mm: float | None = None
    is_designed: bool = True


Draw = Callable[[np.random.Generator, StudyShot, StudyShot], Case]


def draw_case(kind: str, number: int, seed: int) -> Case:
    """Draw a photo of a kind; kind, number and seed decide what it is."""
    own = zlib.crc32(kind.encode())
    rng = np.random.default_rng((seed, own, number))
    shot_seed = (seed * 1_000_000 + own + number) % 2**31
    flat = replace(random_shot(rng, shot_seed), print_scale=1.0)
    card = replace(folded_shot(number, shot_seed), print_scale=1.0)
    return KINDS[kind](rng, flat, card)


def make_photo(case: Case, path: Path) -> None:
    """Take the photo of a case, spoil it and write it."""
    taken = take(case.shot, case.reprint) if case.reprint else take(case.shot)
    if case.spoil is not None:
        taken = replace(taken, codes16=np.ascontiguousarray(case.spoil(taken)))
    told = case.told or case.shot
    replace(taken, lens=told.lens, sensor=told.sensor, names=told.names).save(path)


# What the hand does, and the light.


def _rolled(rng: np.random.Generator, shot: StudyShot) -> Case:
    turn = Turn(
        roll_deg=float(rng.choice([-1, 1]) * rng.uniform(0.1, 0.3)),
        pivot=(float(rng.uniform(-0.8, 0.8)), float(rng.uniform(-0.8, 0.8))),
        abrupt=float(rng.uniform(0.2, 0.9)) if rng.random() < 0.3 else 0.0,
        abrupt_at=float(rng.uniform(0.2, 0.8)),
    )
    return Case(replace(shot, exposure=replace(shot.exposure, turn=turn)))


def _flicker(rng: np.random.Generator, flat: StudyShot, _card: StudyShot) -> Case:
    """Bands along the rows of the sensor, as of LED lamps with an electronic shutter."""
    depth, period, phase = rng.uniform(0.1, 0.7), rng.uniform(20, 250), rng.uniform(0, 2 * np.pi)
    hardness = rng.choice([1.0, 4.0])

    def spoil(taken: VirtualShot) -> Codes:
        rows = len(_sensor_rows(taken, taken.codes16))
        wave = np.tanh(hardness * np.sin(2 * np.pi * np.arange(rows) / period + phase)) / np.tanh(hardness)
        gain = 1.0 - depth / 2 * (1.0 - wave)
        linear = _linear(_sensor_rows(taken, taken.codes16))
        return _upright(taken, _coded(linear * gain.reshape(-1, *[1] * (linear.ndim - 1))))

    return Case(flat, spoil)


def _double(rng: np.random.Generator, flat: StudyShot, _card: StudyShot) -> Case:
    """Two exposures in one: focused apart, or the camera moved by some pixels between them, or both."""
    is_refocused, has_moved = ((True, False), (False, True), (True, True))[int(rng.integers(3))]
    apart = float(rng.choice([-1, 1]) * rng.uniform(8, 40)) * is_refocused
    direction, way = rng.uniform(0, 2 * np.pi), rng.uniform(2, 12)
    moved = way * np.array([np.cos(direction), np.sin(direction)]) * has_moved
    share, is_linear = float(rng.uniform(0.35, 0.65)), rng.random() < 0.5
    other = replace(flat, offset_mm=flat.offset_mm + apart, seed=flat.seed + 7)

    def spoil(taken: VirtualShot) -> Codes:
        codes = take(other).codes16
        if has_moved:
            shift = np.array([[1, 0, moved[0]], [0, 1, moved[1]]], dtype=np.float64)
            codes = cv2.warpAffine(
                codes, shift, codes.shape[1::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
            ).astype(np.uint16)
        if is_linear:
            return _coded((1 - share) * _linear(taken.codes16) + share * _linear(codes))
        return ((1 - share) * taken.codes16 + share * codes).round().astype(np.uint16)

    return Case(flat, spoil, second_mm=other.offset_mm)


# What programs do.


def _gradient_blur(rng: np.random.Generator, flat: StudyShot, _card: StudyShot) -> Case:
    """Blur that grows over the sheet from some line on, up to 2 to 8 px at its end."""
    most, start = float(rng.uniform(2, 8)), float(rng.uniform(0, 0.6))
    towards = ("down", "up", "right", "left")[int(rng.choice(4, p=[0.35, 0.35, 0.15, 0.15]))]

    def spoil(taken: VirtualShot) -> Codes:
        rows, columns = taken.codes16.shape[:2]
        corners = np.concatenate(list(taken.truth.marker_corners_px.values()))
        axis = 1 if towards in ("down", "up") else 0
        first, last = corners[:, axis].min(), corners[:, axis].max()
        place = (np.arange(rows if axis else columns) - first) / (last - first)
        place = place if towards in ("down", "right") else 1.0 - place
        sigma = np.clip((place - start) / (1.0 - start), 0.0, 1.5) * most
        return _blurred(taken.codes16, sigma[:, None] if axis else sigma[None, :])

    return Case(flat, spoil)


def _blurred(codes: Codes, sigma: npt.NDArray[np.float64]) -> Codes:
    """Return a picture with (rows, 1) or (1, columns) Gaussian blur added."""
    steps = np.linspace(0.0, float(sigma.max()), BLUR_STEPS)
    result = np.zeros(codes.shape, np.float32)
    for number, step in enumerate(steps):
        weight = np.maximum(1.0 - np.abs(sigma - step) / (steps[1] - steps[0]), 0.0).astype(np.float32)
        layer = cv2.GaussianBlur(codes, (0, 0), step) if number else codes
        result += weight.reshape(*weight.shape, *[1] * (codes.ndim - 2)) * layer
    return result.round().astype(np.uint16)


def _zoomed(rng: np.random.Generator, flat: StudyShot, _card: StudyShot) -> Case:
    """The middle of the picture at full size; two in three tell so in their metadata."""
    zoom = float(rng.uniform(1.2, 2.5))
    told = replace(flat, names=replace(flat.names, digital_zoom=zoom if rng.random() < 0.67 else None))

    def spoil(taken: VirtualShot) -> Codes:
        rows, columns = taken.codes16.shape[:2]
        high, wide = round(rows / zoom), round(columns / zoom)
        top, left = (rows - high) // 2, (columns - wide) // 2
        part = taken.codes16[top : top + high, left : left + wide]
        return cv2.resize(part, (columns, rows), interpolation=cv2.INTER_CUBIC).astype(np.uint16)

    return Case(flat, spoil, told=told)


def _wrong_data(rng: np.random.Generator, flat: StudyShot, _card: StudyShot) -> Case:
    """An f-number that is off by one or two stops; in a third the size of the sensor is, too."""
    times = float(rng.choice([0.5, 0.71, 1.41, 2.0]))
    told = replace(flat, lens=replace(flat.lens, f_number=round(flat.lens.f_number * times, 1)))
    if rng.random() < 0.33:
        wide = flat.sensor.width_mm * float(rng.choice([1 / 1.5, 1.5]))
        told = replace(told, sensor=replace(flat.sensor, width_mm=wide))
    return Case(flat, told=told)


# What a transfer or a cut does; files are damaged along the rows of the sensor.


def _sheet_rows(taken: VirtualShot) -> tuple[int, int]:
    """Return the first and the last row of the sensor that the markers are on."""
    corners = np.concatenate(list(taken.truth.marker_corners_px.values()))
    rows, columns = taken.codes16.shape[:2]
    if taken.sensor.orientation == 1:
        along, size = corners[:, 1], rows
    else:
        along, size = columns - 1 - corners[:, 0], columns
    return int(np.clip(along.min(), 0, size - 1)), int(np.clip(along.max(), 0, size - 1))


def _torn(rng: np.random.Generator, flat: StudyShot, _card: StudyShot) -> Case:
    """All rows from one on, or a strip of them, displaced by 6 to 40 px."""
    at, shift = float(rng.uniform(0.05, 0.95)), int(rng.choice([-1, 1]) * rng.integers(6, 41))
    height = int(rng.integers(16, 300)) if rng.random() < 0.5 else None

    def spoil(taken: VirtualShot) -> Codes:
        codes = _sensor_rows(taken, taken.codes16).copy()
        first, last = _sheet_rows(taken)
        start = round(first + at * (last - first))
        rows = slice(start, None if height is None else start + height)
        codes[rows] = np.roll(codes[rows], shift, axis=1)
        return _upright(taken, codes)

    return Case(flat, spoil)


def _grey(rng: np.random.Generator, flat: StudyShot, _card: StudyShot) -> Case:
    """The picture ends in grey from a row on."""
    at = float(rng.uniform(0.2, 0.95))

    def spoil(taken: VirtualShot) -> Codes:
        codes = _sensor_rows(taken, taken.codes16).copy()
        first, last = _sheet_rows(taken)
        codes[round(first + at * (last - first)) // 16 * 16 :] = BLACK_TO_GREY
        return _upright(taken, codes)

    return Case(flat, spoil)


def _cut_out(rng: np.random.Generator, flat: StudyShot, _card: StudyShot) -> Case:
    """A strip of 10 to 150 rows missing, or two such strips exchanged, along either side of the picture."""
    height, at = int(rng.integers(10, 151)), float(rng.uniform(0.05, 0.8))
    is_exchanged, is_turned = rng.random() < 0.3, rng.random() < 0.3

    def spoil(taken: VirtualShot) -> Codes:
        corners = np.concatenate(list(taken.truth.marker_corners_px.values()))
        codes = taken.codes16.swapaxes(0, 1) if is_turned else taken.codes16
        along = corners[:, 0 if is_turned else 1]
        start = int(np.clip(along.min() + at * (along.max() - along.min()), 0, len(codes) - 2 * height))
        parts = (codes[:start], codes[start : start + height], codes[start + height : start + 2 * height])
        rest = codes[start + 2 * height :]
        kept = (parts[0], parts[2], parts[1], rest) if is_exchanged else (parts[0], parts[2], rest)
        joined = np.concatenate(kept)
        return joined.swapaxes(0, 1) if is_turned else joined

    return Case(flat, spoil)


# What the printer does, and who folds the card.


def _fitted(rng: np.random.Generator, flat: StudyShot, _card: StudyShot) -> Case:
    """Printed at 90 to 98 % in the middle of its paper, whose margins are in the picture."""
    scale = float(rng.uniform(0.90, 0.98))

    def sheet(chart: Chart, raster: SheetRaster) -> tuple[Chart, SheetRaster]:
        width, height = raster.page_mm
        left, top = width * (1 - scale) / 2, height * (1 - scale) / 2

        def placed(point: Point) -> Point:
            return point[0] * scale + left, point[1] * scale + top

        rows, columns = raster.ink.shape
        margins = np.array([[scale, 0, columns * (1 - scale) / 2], [0, scale, rows * (1 - scale) / 2]])
        ink = cv2.warpAffine(raster.ink, margins, (columns, rows), flags=cv2.INTER_AREA)
        markers = tuple(
            replace(each, corners_page_mm=tuple(placed(corner) for corner in each.corners_page_mm))
            for each in chart.markers
        )
        moved = replace(chart, af_mark_page_mm=placed(chart.af_mark_page_mm), markers=markers)
        return moved, replace(raster, ink=np.asarray(ink, dtype=np.uint8))

    return Case(flat, reprint=sheet, is_designed=False)


def _stripes(rng: np.random.Generator, flat: StudyShot, _card: StudyShot) -> Case:
    """Lines of the page without ink, as from nozzles that are clogged."""
    every_mm, width_mm = float(rng.uniform(1.5, 8)), float(rng.uniform(0.08, 0.5))
    axis, phase, left = int(rng.integers(2)), float(rng.random()), float(rng.choice([0.0, 0.5]))

    def sheet(chart: Chart, raster: SheetRaster) -> tuple[Chart, SheetRaster]:
        count, size_mm = raster.ink.shape[1 - axis], raster.page_mm[axis]
        place = (np.arange(count) + 0.5) / count * size_mm
        bare = ((place / every_mm + phase) % 1.0) < width_mm / every_mm
        ink = raster.ink.copy()
        lines = ink[:, bare] if axis == 0 else ink[bare]
        if axis == 0:
            ink[:, bare] = (lines * left).astype(np.uint8)
        else:
            ink[bare] = (lines * left).astype(np.uint8)
        return chart, replace(raster, ink=ink)

    return Case(flat, reprint=sheet)


def _both_wings(rng: np.random.Generator, _flat: StudyShot, card: StudyShot) -> Case:
    sign = float(rng.choice([1.0, 1.0, -1.0]))
    angles = {wing.name: sign * float(rng.uniform(25, 65)) for wing in _wings()}
    return Case(replace(card, pose=replace(card.pose, fold_deg=angles)))


def _off_line(rng: np.random.Generator, card: StudyShot, most_bulge_mm: float) -> Case:
    def ends() -> tuple[float, float]:
        middle, skew = float(rng.uniform(-5, 5)), float(rng.normal(0, 1))
        return middle - skew, middle + skew

    off = {wing.name: ends() for wing in _wings()}
    bulge = float(rng.uniform(-1, 1)) * most_bulge_mm
    return Case(replace(card, pose=replace(card.pose, fold_off_mm=off, bulge_mm=bulge)))


@cache
def _wings() -> tuple[Panel, ...]:
    return build_chart("zfold").panels[1:]


# Pictures as the sensor has their rows, and their light.


def _sensor_rows(taken: VirtualShot, codes: Codes) -> Codes:
    return codes if taken.sensor.orientation == 1 else np.rot90(codes)


def _upright(taken: VirtualShot, rows: Codes) -> Codes:
    return rows if taken.sensor.orientation == 1 else np.rot90(rows, -1)


def _linear(codes: Codes) -> npt.NDArray[np.float64]:
    """Return light of codes by the curve of sRGB; contrast curves on top of it are left in."""
    value = codes / FULL
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _coded(light: npt.NDArray[np.float64]) -> Codes:
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
    return (np.clip(value, 0, 1) * FULL).round().astype(np.uint16)


KINDS: dict[str, Draw] = {
    "roll, flat sheet": lambda rng, flat, _: _rolled(rng, flat),
    "roll, folded card": lambda rng, _, card: _rolled(rng, card),
    "blur that grows over the picture": _gradient_blur,
    "double exposure": _double,
    "wings to the same side": _both_wings,
    "folded beside the lines": lambda rng, _, card: _off_line(rng, card, 0.0),
    "folded beside the lines, bulged": lambda rng, _, card: _off_line(rng, card, 3.0),
    "torn": _torn,
    "part lost, grey": _grey,
    "fitted to the page": _fitted,
    "strips cut out or exchanged": _cut_out,
    "flicker": _flicker,
    "stripes of the printer": _stripes,
    "digital zoom": _zoomed,
    "wrong f-number or sensor": _wrong_data,
}
"""By name; photos that were not made by these helped to write them, see the issue's cases."""
