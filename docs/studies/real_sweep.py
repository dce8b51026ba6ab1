"""A real camera's sweep of AF fine-tune on sheets with slanted edges: do scatter and intervals hold?

python docs/studies/real_sweep.py FOLDER

FOLDER holds one photo at each setting, named like `..._adj_-12.jpg`. The photos are not part of the project. Straight
slanted edges between plain areas are found in each photo by itself and measured as those of a chart: by the width of
pieces of 14 px, and by the contrast of whole edges.
"""

from __future__ import annotations

import argparse
import itertools
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from simulated import stamp

from backfocus.verify.edges.contrast import (
    COARSE_OF_FINE,
    FINE_LP_MM,
    MOST_CYCLES,
    Pieces,
    spectra_along,
)
from backfocus.verify.edges.fit import measure_strips
from backfocus.verify.edges.profiles import Segments
from backfocus.verify.lens import FULL_FRAME_DIAGONAL_MM
from backfocus.verify.photo.metadata import CameraInfo
from backfocus.verify.photo.reading import Photo, read_photo
from backfocus.verify.tuning.setting import SettingEstimate, setting_from_blur
from backfocus.verify.tuning.shots import Shot

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LEAST_LENGTH_PX, END_PX, PIECE_PX = 44.0, 10.0, 14.0
LEAST_SLANT_DEG = 1.5
"""Nearer to the pixel grid or to its diagonals an edge meets all pixels alike."""
CLEAR_PX = (40.0, 32.0, 26.0, 20.0, 16.0)
"""Widths of plain strips that are tried."""
PLAIN, LEAST_STEP = 0.08, 0.08
"""What a strip may vary by, over the step of light; the step, over full light."""
MIN_WINDOW_BLURS, PIECES = 2.6, 4
"""As for charts; edges with fewer pieces tell no scatter."""
SETTING = re.compile(r"adj_(-?\d+)")


@dataclass(frozen=True)
class Lines:
    """Straight edges in a photo, n of them.

    Attributes:
        middle_px, tangent: (n, 2); dark is on the left along the tangent.
        length_px: (n,).
        clear_px: (n,) width of the plain strips on both sides.
    """

    middle_px: Array
    tangent: Array
    length_px: Array
    clear_px: Array

    @property
    def half_px(self) -> Array:
        """(n,) half of what is measured of each line: its ends are left out."""
        return self.length_px / 2 - END_PX


@dataclass(frozen=True)
class Seen:
    """What one photo shows.

    Attributes:
        line: (m,) which line a piece belongs to.
        log_blur, sd: (m,) logarithm of its blur, and standard error.
        line_log_blur, line_log_sd: (n,) of lines: median over their pieces, and its standard error by the model.
        by_contrast: (n,) blur of a Gaussian with the line's contrast for coarse detail; nan where there is none.
        middle_px: (n, 2) of the lines.
    """

    line: npt.NDArray[np.intp]
    log_blur: Array
    sd: Array
    line_log_blur: Array
    line_log_sd: Array
    by_contrast: Array
    middle_px: Array


def find_lines(photo: Photo) -> Lines:
    """Find straight edges between plain areas, slanted against the pixel grid."""
    light = photo.light_of_code[photo.codes]
    grey = np.clip(255 * np.sqrt(light / np.percentile(light, 99.5)), 0, 255).astype(np.uint8)
    small = cv2.resize(cv2.GaussianBlur(grey, (0, 0), 1.5), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    ends = 2 * cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(small)[0].reshape(-1, 2, 2) + 0.5
    along = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(along, axis=1)
    tangent = along / length[:, None]
    slant = np.abs((np.degrees(np.arctan2(tangent[:, 1], tangent[:, 0])) + 22.5) % 45 - 22.5)
    kept = (length > LEAST_LENGTH_PX) & (slant > LEAST_SLANT_DEG)
    middle, tangent, length = ends.mean(axis=1)[kept], tangent[kept], length[kept]
    clear, sign = _clear_px(light, middle, tangent, length)
    found = clear > 0
    return Lines(middle[found], (tangent * sign[:, None])[found], length[found], clear[found])


def _clear_px(light: npt.NDArray[np.float32], middle: Array, tangent: Array, length: Array) -> tuple[Array, Array]:
    """Return the width of the plain strips beside lines, 0 for none, and +1 where the right side is bright."""
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    off = np.arange(-CLEAR_PX[0] - 4, CLEAR_PX[0] + 5, 2.0)
    along = np.linspace(-0.42, 0.42, 15)[:, None, None] * length[:, None] * tangent
    at = (middle + along)[:, None] + off[:, None, None] * normal
    x, y = np.moveaxis(at, -1, 0).astype(np.float32)
    shape = x.shape
    seen = cv2.remap(light, x.reshape(-1, shape[2]), y.reshape(-1, shape[2]), cv2.INTER_LINEAR).reshape(shape)
    clear, sign = np.zeros(len(middle)), np.ones(len(middle))
    for width in CLEAR_PX:
        left, right = (
            seen[:, (side * off >= 0.45 * width) & (side * off <= width)].reshape(-1, shape[2]) for side in (-1, 1)
        )
        levels = np.median(left, axis=0), np.median(right, axis=0)
        step = levels[1] - levels[0]
        uneven = np.maximum(
            *(np.percentile(np.abs(s - v), 95, axis=0) for s, v in zip((left, right), levels, strict=True))
        )
        good = (np.abs(step) > LEAST_STEP) & (uneven < PLAIN * np.abs(step)) & (clear == 0)
        clear[good], sign[good] = width, np.sign(step)[good]
    return clear, sign


def pieces_of(lines: Lines) -> tuple[Segments, npt.NDArray[np.intp], Array]:
    """Return lines cut into n pieces, (n,) the line of each, and (n,) its place from the line's middle in px."""
    half = lines.half_px
    count = np.maximum((2 * half / PIECE_PX).astype(int), 1)
    line = np.repeat(np.arange(len(count)), count)
    place = np.concatenate([(np.arange(n) + 0.5) / n * 2 - 1 for n in count]) * half[line]
    centre = lines.middle_px[line] + place[:, None] * lines.tangent[line]
    return Segments(centre, lines.tangent[line], (half / count)[line], lines.clear_px[line]), line, place


def measure(photo: Photo, lines: Lines) -> Seen:
    """Measure width and contrast along the lines."""
    segments, line, _ = pieces_of(lines)
    strips = measure_strips(photo, segments, lines.clear_px[line], MIN_WINDOW_BLURS)
    of, log_blur, sd = line[strips.which], np.log(strips.fits.blur_px), strips.fits.blur_sd_px / strips.fits.blur_px
    median, error = np.full((2, len(lines.length_px)), np.nan)
    for each in np.unique(of):
        own = of == each
        median[each] = np.median(log_blur[own])
        # A median's standard error is 1.25 times the mean's.
        error[each] = (1.25 if own.sum() > 2 else 1.0) * math.sqrt(float(np.mean(sd[own] ** 2)) / own.sum())
    return Seen(of, log_blur, sd, median, error, _by_contrast(photo, lines), lines.middle_px)


def _by_contrast(photo: Photo, lines: Lines) -> Array:
    """Return the blur of a Gaussian with the contrast of each line for coarse detail, 11.7 lp/mm on full frame."""
    half = lines.half_px
    n = len(half)
    normal = np.stack([-lines.tangent[:, 1], lines.tangent[:, 0]], axis=1)
    upright = np.abs(lines.tangent[:, 1]) >= np.abs(lines.tangent[:, 0])
    reach = half[:, None] * lines.tangent
    pieces = Pieces(
        start=lines.middle_px - reach,
        end=lines.middle_px + reach,
        edge=np.arange(n),
        clear_px=lines.clear_px,
        sign=np.sign(normal[np.arange(n), np.where(upright, 0, 1)]),
        upright=upright,
        along_depth=np.zeros(n, dtype=bool),
        sheet_mm=np.zeros((n, 3)),
        normal=normal,
        pool=np.arange(n),
        ink=np.zeros(n),
        group=np.zeros(n, dtype=np.intp),
    )
    fine = min(FINE_LP_MM * FULL_FRAME_DIAGONAL_MM / math.hypot(*photo.codes.shape), MOST_CYCLES)
    cycles = np.array([fine, COARSE_OF_FINE * fine])
    found = spectra_along(photo, pieces, cycles)
    # Edges beside the picture's end have no lines of pixels.
    contrast = np.abs(found.transform[1]) / np.abs(
        np.where(np.abs(found.step) > LEAST_STEP / 2, found.step, np.nan)
    )
    return np.asarray(np.sqrt(np.maximum(-np.log(np.clip(contrast, 1e-3, None)) / 2, 1e-4)) / (np.pi * cycles[1]))


def scatter(seen: Seen) -> tuple[float, float, float, int]:
    """Return scatter within one line, standard error by the model, their chi², each a median, and the lines."""
    within, chi2 = [], []
    for each in np.unique(seen.line):
        own = seen.line == each
        if own.sum() >= PIECES:
            away = seen.log_blur[own] - np.average(seen.log_blur[own], weights=seen.sd[own] ** -2)
            within.append(float(np.std(seen.log_blur[own], ddof=1)))
            chi2.append(float((away**2 / seen.sd[own] ** 2).sum() / (own.sum() - 1)))
    return float(np.median(within)), float(np.median(seen.sd)), float(np.median(chi2)), len(within)


def halves(seen: Seen) -> dict[str, tuple[Flags, Flags]]:
    """Return how the lines are split: by place, and turn by turn."""
    x, y = seen.middle_px.T
    left, upper = x < np.median(x), y < np.median(y)
    even = np.arange(len(x)) % 2 == 0
    return {"even, odd": (even, ~even), "left, right": (left, ~left), "upper, lower": (upper, ~upper)}


def difference(seen: Seen, parts: tuple[Flags, Flags]) -> tuple[float, float]:
    """Return by how much ln(blur) of two parts differs, and half of the 95 % interval from the lines' scatter."""
    means, squares = [], []
    for part in parts:
        values = seen.line_log_blur[part & np.isfinite(seen.line_log_blur)]
        values = values[
            np.abs(values - np.median(values)) < 3 * 1.4826 * np.median(np.abs(values - np.median(values)))
        ]
        means.append(float(values.mean()))
        squares.append(float(values.var(ddof=1)) / len(values))
    return means[0] - means[1], 1.96 * math.sqrt(sum(squares))


def estimate(blur: dict[int, float], settings: Iterable[int] | None = None) -> SettingEstimate | None:
    """Return the setting of least blur, by one shot at each setting."""
    camera = CameraInfo()
    chosen = sorted(blur) if settings is None else settings
    shots = [Shot(f"{at:+d}", camera, float(at), None, None, blur_at_mark=blur[at]) for at in chosen]
    return setting_from_blur(shots).estimate


def told(found: SettingEstimate | None) -> str:
    """Return the setting with its interval."""
    return "none" if found is None else f"{found.crossing:+.1f} ({found.ci95[0]:+.1f} to {found.ci95[1]:+.1f})"


def subsets(blur: dict[int, float]) -> list[str]:
    """Return rows: how many of all choices of some settings hold the answer of all."""
    whole, rows = estimate(blur), []
    if whole is None:
        return ["| no answer | | | | | |"]
    for count in range(4, len(blur)):
        choices = list(itertools.combinations(sorted(blur), count))
        found = [each for each in (estimate(blur, chosen) for chosen in choices) if each is not None]
        if found:
            held = np.mean([each.ci95[0] <= whole.crossing <= each.ci95[1] for each in found])
            error = [abs(each.crossing - whole.crossing) for each in found]
            width = np.median([each.half_width for each in found])
            rows.append(
                f"| {count} | {len(choices)} | {len(found)} | {held:.3f} | {np.median(error):.1f}, "
                f"{np.percentile(error, 95):.1f} | {width:.1f} |"
            )
    return rows


def report(photos: dict[int, Photo]) -> str:
    """Return the tables of a sweep."""
    seen = {at: measure(photo, find_lines(photo)) for at, photo in sorted(photos.items())}
    width = {at: math.exp(float(np.nanmedian(one.line_log_blur))) for at, one in seen.items()}
    contrast = {at: float(np.nanmedian(one.by_contrast)) for at, one in seen.items()}
    lines = [
        "| setting | edges | blur by width, px | by contrast, px | scatter within an edge | model's standard error | chi² |",
        "|---|---|---|---|---|---|---|",
    ]
    for at, one in seen.items():
        within, own, chi2, _ = scatter(one)
        lines.append(
            f"| {at:+d} | {len(one.by_contrast)} | {width[at]:.3f} | {contrast[at]:.3f} | {within:.1%} | {own:.1%} | {chi2:.2f} |"
        )
    lines += [
        "",
        "| halves of the sheet | shots that agree | differences of ln(blur) over their half widths |",
        "|---|---|---|",
    ]
    for name in halves(next(iter(seen.values()))):
        apart = [difference(one, halves(one)[name]) for one in seen.values()]
        agree = sum(abs(by) <= half for by, half in apart)
        ratios = ", ".join(f"{by / half:+.1f}" for by, half in apart)
        lines.append(f"| {name} | {agree} of {len(apart)} | {ratios} |")
    lines += ["", "| blur by | setting of least blur (95 %) |", "|---|---|"]
    lines += [f"| width | {told(estimate(width))} |", f"| contrast | {told(estimate(contrast))} |"]
    for name in halves(next(iter(seen.values()))):
        for side, label in enumerate(name.split(", ")):
            own = {at: _part_blur(one, halves(one)[name][side]) for at, one in seen.items()}
            lines.append(f"| width, {label} edges | {told(estimate(own))} |")
    lines += ["", "| settings | choices | answers | hold the whole sweep's | error: median, 95 % | half width |"]
    lines += ["|---|---|---|---|---|---|", *subsets(width)]
    return "\n".join(lines)


def _part_blur(seen: Seen, part: Flags) -> float:
    return math.exp(float(np.nanmedian(seen.line_log_blur[part])))


def main(print_out: Callable[[str], None] = print) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="photos of a sweep")
    folder = parser.parse_args().folder
    named = {path: SETTING.search(path.name) for path in sorted(folder.glob("*.jpg"))}
    photos = {int(found[1]): read_photo(path) for path, found in named.items() if found}
    print_out(f"{stamp()}\n\n{report(photos)}")


if __name__ == "__main__":
    main()
