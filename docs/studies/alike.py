"""Can the virtual camera's photos be told from real ones by their edges: scatter, place, tails, halos, noise?

python docs/studies/alike.py [CANON PHONE]

CANON and PHONE are folders of real photos, those of `real_sweep.py` and `phone_checkerboard.py`; they are not part of
the project. Without them only the virtual camera's figures are told. Edges are found and measured in all photos
alike, as `real_sweep.py` does: straight, slanted against the pixels, between plain strips, in pieces of 14 px.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from phone_checkerboard import MARGIN_MM, SQUARE_MM, SQUARES
from real_sweep import MIN_WINDOW_BLURS, PIECES, Lines, find_lines, pieces_of
from simulated import stamp

from backfocus.targets import Chart, build_chart
from backfocus.targets.chart import Panel
from backfocus.verify.edges.fit import measure_strips
from backfocus.verify.photo.reading import Photo, read_photo
from backfocus.verify.simulate import (
    Development,
    Exposure,
    Lens,
    Print,
    Sensor,
    SheetPose,
    SheetRaster,
    VirtualShot,
    shoot,
)
from backfocus.verify.simulate.study import Edit, edited

Array = npt.NDArray[np.float64]
SHARP_PX = 1.1
"""Median blur up to which a photo of a sweep counts as sharp."""
CLEAR_PX, PLAIN_PX = 20.0, 150
"""Edges with narrower strips show no tails; fewer pixels of paper tell no noise."""
LEAST_WIDTH_PX = 0.6
"""Of what tails are told in multiples of: sharpened edges are narrower than their halos."""
BIN_PX = 0.25
RESULT = Path(__file__).parent / "results" / "alike.md"
HEAD = """## Virtual photos beside real ones

{stamp} Straight, slanted edges between plain areas of a Canon's sweep (18 MP JPEG) and of a phone's checkerboard (Pixel XL), and of
the virtual camera set up to be like them: mosaic, noise, Lee's filter, unsharp mask, JPEG, a veil of scattered light, a ragged print. Pieces of
14 px, median (least to most) over photos; bold: the ranges of real and virtual photos do not meet. Sharp: median blur up to {sharp:g} px.
The virtual camera was set up by trial on these very photos. `python docs/studies/alike.py CANON PHONE`

"""
NOTES = """
What makes the scatter, by trial and by hand:

- **Not the paper, mostly.** In three of the Canon's shots whose edges lie within 0.6 px of each other (-8, -4, 0) what pieces are beside their line is correlated by
  0.35 to 0.48, so that paper or print make about 0.02 of its 0.03 px; what their blur is off is correlated by -0.10 to 0.17: that comes anew with every shot.
- **Noise that denoising spares beside edges.** In plain paper noise is 1.6 %, 1 to 3 px beside an edge 2.2 times that. With such noise everywhere but in
  plain areas and a mild unsharp mask the virtual camera has the Canon's scatter; with 1.6 % of noise all over, a mosaic and nothing else 2.5 %,
  and without mosaic at 1 % 0.9 %, as other studies of the virtual camera have it.
- **The mosaic.** Half of the variance of blur within virtual edges goes with the phase of the edge against every second pixel; pieces of 14 px of an edge that leans by 4° alternate
  (correlation of neighbours -0.63 without denoising). In the Canon's photos that share is 1 to 11 %. Cameras interpolate better than OpenCV's edge-aware
  demosaicing. Linear and gradient-corrected interpolation (Malvar, He and Cutler; Hamilton and Adams) were tried: neighbours -0.36 to -0.42,
  but scatter of 2.4 to 2.9 % at the same noise.
- Tails: light of 1 to 2 % of the step 2 to 4 px on the dark side of Canon's edges falls off with the distance in px, whatever the blur: scattered light, 6 % of it
  spread by 5 px. The phone's halos are those of an unsharp mask of about 2 px at the sensor.

What still tells them apart, though a photo has to be measured to see it: neighbouring pieces of an edge, whose blur alternates in virtual photos of both kinds; tails of the
Canon's sharp edges, a little lighter on the dark side (0.9 instead of 1.4 % of the step) and darker on the bright side; in the phone's photos scatter within an edge over the
model's standard error (chi² 1.9 instead of 0.6). The other bold figures differ by a tenth to a half: the real photos of one camera are alike to the
second digit. What the table does not show: edges of the Canon differ by direction (overshoot of 9 % on one side of level bars, -9 % on the
other: coma or lateral colour, of which the virtual camera has both, not set up here), the phone's by place. Not tried: other cameras.
"""


@dataclass(frozen=True)
class Figures:
    """What edges of one photo look like; medians over its edges, lengths in pixels, light over the edge's step."""

    blur: float
    sharpest: float
    scatter: float
    predicted: float
    chi2: float
    neighbours: float
    wander: float
    dark_tail: float
    bright_tail: float
    dark_far: float
    bright_far: float
    noise: float
    noise_at_1: float
    noise_at_2: float
    noise_beside: float


NAMES = {
    "blur": ("blur, px", 1),
    "sharpest": ("blur of the sharpest twentieth, px", 1),
    "scatter": ("scatter of blur within an edge, %", 100),
    "predicted": ("its standard error by the model, %", 100),
    "chi2": ("chi²", 1),
    "neighbours": ("correlation of neighbouring pieces' blur", 1),
    "wander": ("scatter of a piece's place, px", 1),
    "dark_tail": ("light at 2.5 to 4 blurs, dark side, % of the step", 100),
    "bright_tail": ("the same, bright side", 100),
    "dark_far": ("light at 4 to 6 blurs, dark side, %", 100),
    "bright_far": ("the same, bright side", 100),
    "noise": ("noise of plain paper, % of its light", 100),
    "noise_at_1": ("its correlation at 1 px", 1),
    "noise_at_2": ("at 2 px", 1),
    "noise_beside": ("noise 1 to 3 px beside an edge, times that of plain paper", 1),
}


def figures(photo: Photo) -> Figures | None:
    """Return what the edges of a photo look like; None without enough of them."""
    lines = find_lines(photo)
    if not len(lines.length_px):
        return None
    pieces, line, place = pieces_of(lines)
    strips = measure_strips(photo, pieces, lines.clear_px[line], MIN_WINDOW_BLURS)
    of, along = line[strips.which], place[strips.which]
    blur, sd = strips.fits.blur_px, strips.fits.blur_sd_px / strips.fits.blur_px
    light = photo.light_of_code[photo.codes].astype(np.float64)
    rows, beside, pairs = [], [], []
    for each in np.unique(of):
        own = of == each
        if own.sum() < PIECES:
            continue
        value, error, shift = np.log(blur[own]), sd[own], np.polyfit(along[own], strips.shift_px[own], 1)
        off = strips.shift_px[own] - np.polyval(shift, along[own])
        away = value - np.average(value, weights=error**-2)
        chi2 = float((away**2 / error**2).sum() / (own.sum() - 1))
        rows.append((value.std(ddof=1), chi2, np.sqrt((off**2).sum() / (own.sum() - 2))))
        if own.sum() >= 6:
            left = value - np.polyval(np.polyfit(along[own], value, 1), along[own])
            pairs += list(zip(left[1:], left[:-1], strict=True))
        found = _strips_beside(light, lines, int(each), shift, float(np.exp(np.median(value))))
        if found is not None:
            beside.append(found)
    if not beside:
        return None
    scatter, chi2, wander = (float(v) for v in np.median(rows, axis=0))
    neighbours = float(np.corrcoef(np.array(pairs).T)[0, 1])
    sharpest, predicted = float(np.percentile(blur, 5)), float(np.median(sd))
    rest = (float(v) for v in np.nanmedian(beside, axis=0))
    return Figures(float(np.median(blur)), sharpest, scatter, predicted, chi2, neighbours, wander, *rest)


def _strips_beside(light: Array, lines: Lines, each: int, shift: Array, blur_px: float) -> list[float] | None:
    """Return tails and noise of one edge, as in `Figures`; None where its strips are narrow or cut."""
    clear, tangent = lines.clear_px[each], lines.tangent[each]
    half = lines.half_px[each]
    low = np.floor(lines.middle_px[each] - np.abs(tangent) * half - clear).astype(int)
    high = np.ceil(lines.middle_px[each] + np.abs(tangent) * half + clear).astype(int)
    if clear < CLEAR_PX or low.min() < 0 or np.any(high >= light.T.shape):
        return None
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]]
    seen = light[low[1] : high[1], low[0] : high[0]]
    x, y = x - lines.middle_px[each, 0], y - lines.middle_px[each, 1]
    along = x * tangent[0] + y * tangent[1]
    across = y * tangent[0] - x * tangent[1] - np.polyval(shift, along)
    inside = (np.abs(along) < half) & (np.abs(across) < clear - 3)
    unit, last = max(blur_px, LEAST_WIDTH_PX), clear - 4

    def level(side: int, start: float, end: float) -> float:
        where = inside & (side * across > start) & (side * across < end)
        return float(seen[where].mean()) if where.any() else float("nan")

    dark, bright = level(-1, 0.6 * last, last), level(1, 0.6 * last, last)
    tails = [
        ((level(side, a * unit, b * unit) if b * unit < 0.6 * last else float("nan")) - far) / (bright - dark)
        for a, b in ((2.5, 4.0), (4.0, 6.0))
        for side, far in ((-1, dark), (1, bright))
    ]
    bins = np.rint(across / BIN_PX).astype(int)
    near = inside & (across > 1.0) & (across < 3.0)
    least = bins[near].min()
    mean = np.bincount(bins[near] - least, seen[near]) / np.maximum(np.bincount(bins[near] - least), 1)
    at_edge = float(np.std(seen[near] - mean[bins[near] - least]))
    plain = inside & (across > 6.0 * unit) & (across < last)
    if plain.sum() < PLAIN_PX:
        return [*tails, *[float("nan")] * 4]
    smooth = np.stack([np.ones_like(x), along, across, along * across, along**2, across**2], axis=-1)[plain]
    noise = np.full(seen.shape, np.nan)
    noise[plain] = seen[plain] - smooth @ np.linalg.lstsq(smooth, seen[plain], rcond=None)[0]
    variance = float(np.nanmean(noise**2))
    related = [
        float(np.nanmean(noise[:, lag:] * noise[:, :-lag]) + np.nanmean(noise[lag:] * noise[:-lag])) / 2 / variance
        for lag in (1, 2)
    ]
    return [*tails, variance**0.5 / bright, *related, at_edge / variance**0.5]


# The virtual camera, set up by trial until it was like the sharp photos of either set in most figures.

CANON_PITCH_MM = 22.3 / 5184
CANON = Sensor(1500 * CANON_PITCH_MM, (1500, 1000), mosaic=True)
"""The middle of an 18 MP sensor."""
CANON_LENS = Lens(50.0, 2.8, aberration_um=3.2, veil_share=0.06, veil_um=21.0)
CANON_LIGHT = Exposure(paper_white=0.4, noise_fraction=0.039)
CANON_JPEG = Development(0.3, 1.2, 0.6, 95, denoising=0.009)
CANON_PRINT = Print(raggedness_mm=0.008, grain_mm=0.1)
CANON_OFFSETS_MM = (0.0, 8.0, -10.0, 30.0, -34.0, 36.0, 40.0, 72.0, -90.0)
PHONE = Sensor(6.27, (4032, 2268), mosaic=True, filter_sigma_px=0.3)
PHONE_LENS = Lens(4.67, 2.0, aberration_um=0.8)
PHONE_LIGHT = Exposure(paper_white=0.7, noise_fraction=0.04)
PHONE_JPEG = Development(0.3, 2.1, 0.5, 92, denoising=0.011)
PHONE_PRINT = Print(raggedness_mm=0.02, grain_mm=0.1)
PHONE_EDIT = Edit(scale=2 / 3)
"""The real ones have 2688 of the sensor's 4048 columns."""
PHONE_TILTS_DEG = (12.0, 25.0, 35.0, 45.0)
BOX_MM, DPI = 15.0, 600.0


def virtual_sweep() -> Iterator[VirtualShot]:
    """Yield photos of black squares on a sheet that faces the camera, in and out of focus."""
    sheet = _squares((210.0, 297.0), BOX_MM, 2 * BOX_MM)
    for number, offset_mm in enumerate(CANON_OFFSETS_MM):
        pose = SheetPose(0.0, 0.0, 4.0, 1500.0)
        yield shoot(
            sheet,
            _chart(sheet),
            pose,
            CANON_LENS,
            CANON,
            CANON_LIGHT,
            CANON_JPEG,
            printing=CANON_PRINT,
            offset_mm=offset_mm,
            seed=number,
        )


def virtual_boards() -> Iterator[VirtualShot]:
    """Yield photos of a leaning checkerboard."""
    columns, rows = SQUARES
    page = (columns * SQUARE_MM + 2 * MARGIN_MM, rows * SQUARE_MM + 2 * MARGIN_MM)
    board = _squares(page, SQUARE_MM, SQUARE_MM, (MARGIN_MM, MARGIN_MM), checkered=True)
    for number, tilt in enumerate(PHONE_TILTS_DEG):
        pose = SheetPose(tilt, 0.0, 5.0, 400.0)
        shot = shoot(
            board,
            _chart(board),
            pose,
            PHONE_LENS,
            PHONE,
            PHONE_LIGHT,
            PHONE_JPEG,
            printing=PHONE_PRINT,
            seed=number,
        )
        yield edited(shot, PHONE_EDIT)


def _squares(
    page_mm: tuple[float, float],
    side_mm: float,
    step_mm: float,
    start_mm: tuple[float, float] = (10.0, 10.0),
    checkered: bool = False,
) -> SheetRaster:
    px_per_mm = DPI / 25.4
    ink = np.zeros((round(page_mm[1] * px_per_mm), round(page_mm[0] * px_per_mm)), np.uint8)
    left, top = (
        np.arange(start, page - start - side_mm / 2, step_mm) for start, page in zip(start_mm, page_mm, strict=True)
    )
    for row, y in enumerate(top):
        for column, x in enumerate(left):
            if not checkered or (row + column) % 2 == 0:
                corners = [round(v * px_per_mm) for v in (x, y, x + side_mm, y + side_mm)]
                cv2.rectangle(ink, corners[:2], [v - 1 for v in corners[2:]], 255, cv2.FILLED)
    return SheetRaster(ink, page_mm)


def _chart(sheet: SheetRaster) -> Chart:
    """Return a chart without anything but the mark in the sheet's middle."""
    width, height = sheet.page_mm
    panel = Panel("sheet", ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height)))
    mark = (width / 2, height / 2)
    return replace(build_chart(), page_mm=sheet.page_mm, af_mark_page_mm=mark, panels=(panel,), markers=())


def of_virtual(shots: Iterable[VirtualShot]) -> list[Figures]:
    """Return the figures of the shots' JPEG files."""
    with tempfile.TemporaryDirectory() as folder:
        photos = (read_photo(shot.save(Path(folder) / "shot.jpg")) for shot in shots)
        return [each for photo in photos if (each := figures(photo))]


def of_real(folder: Path) -> list[Figures]:
    """Return the figures of all photos in a folder that have such edges."""
    return [each for path in sorted(folder.glob("*.jpg")) if (each := figures(read_photo(path)))]


def table(sets: dict[str, tuple[list[Figures], list[Figures]]]) -> str:
    """Return the figures, median (least to most), real beside virtual; bold where their ranges do not meet."""
    heads = [
        f"{name}, {kind} ({len(photos)})"
        for name, pair in sets.items()
        for kind, photos in zip(("real", "virtual"), pair, strict=True)
    ]
    lines = ["| figure | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    for each in fields(Figures):
        label, factor = NAMES[each.name]
        cells = []
        for real, virtual in sets.values():
            ranges = [
                factor * np.array([getattr(one, each.name) for one in photos] or [np.nan])
                for photos in (real, virtual)
            ]
            apart = len(real) and (ranges[0].max() < ranges[1].min() or ranges[1].max() < ranges[0].min())
            cells += [f"{np.median(r):.2g} ({r.min():.2g} to {r.max():.2g})" for r in ranges]
            cells[-1] = f"**{cells[-1]}**" if apart else cells[-1]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, help="CANON and PHONE")
    folders = parser.parse_args().folders
    canon, phone = ([of_real(folder) for folder in folders] + [[], []])[:2]
    sweep, boards = of_virtual(virtual_sweep()), of_virtual(virtual_boards())
    told = table(
        {
            "Canon, sharp": tuple([one for one in each if one.blur < SHARP_PX] for each in (canon, sweep)),
            "Canon, soft": tuple([one for one in each if one.blur >= SHARP_PX] for each in (canon, sweep)),
            "phone": (phone, boards),
        }
    )
    print(told)
    if all((canon, phone)):
        RESULT.write_text(f"{HEAD.format(stamp=stamp(), sharp=SHARP_PX)}{told}\n{NOTES}", encoding="utf-8")


if __name__ == "__main__":
    main()
