"""Pictures that a broken copy has spoilt: rows that are lost, repeated or displaced.

Files are damaged along the rows of the sensor, which are columns of a picture that was turned upright.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..findings import Findings
from .pixels import Codes

Array = npt.NDArray[np.float64]
Lines = npt.NDArray[np.float32]

LOST_LINES = 8
"""Lines side by side that are flat or repeated: JPEG files lose them by eights. A picture that was enlarged by
doubling pixels repeats each line a few times."""
MOST_RUNS = 4
"""Of repeated lines; with more the picture was enlarged, or drawn."""
FLAT_CODES = 2.0
"""Of 255: what JPEG at quality 20 makes of a plain strip. Noise of any photo spreads a line over more."""
CLIPPED = 0.98
"""Of the largest code: a line of blown-out paper before a blown-out wall is flat, but not lost. Nor is one that is
as light as the lines beside it: in a scan without noise, white paper between two panels."""
SUDDEN = 0.5
"""Of the largest code: lines of such contrast on both sides of white ones show that these are lost after all, as a
lens lets ink end in several lines."""
SAMPLED = 37
"""Pixels of a line from one that is compared to the next: lines of a photo differ by their noise in one of them."""
LOOKED_AT = 4
"""Pixels of a line from one that is looked at for jumps to the next, to save time."""
MOST_TRIED = 16
"""Largest jumps from line to line that are looked at closely."""
BAND = 3
"""Lines on each side of a jump whose mean is compared: less noise, and edges that run askew stay in place."""
MOVED_LIKENESS, STILL_PART = 0.5, 0.5
"""Correlation of where the edges are before and after a jump, once moved back, and of that what there is unmoved.
Rows that are moved by 4 to 80 px have 0.6 and more, and under 0.2 unmoved. In 31 clean photos no jump gains 0.2."""
LEAST_SHIFT = 3
"""px. A shift of less is hardly told from edges that run askew."""
STEP_CODES, STEP_PART = 6.0, 0.8
"""Of 255, and of the line: where blocks of a file have a wrong mean, nearly a whole line is lighter or darker than
the one before. In 19 simulated photos and six of a phone at most 0.7 of a line does."""


def refuse_damaged(codes: Codes, outline_px: Array | None = None) -> None:
    """Raise the refusal of a picture that is damaged where the sheet is.

    Args:
        codes: (rows, columns) of the photo.
        outline_px: (n, 2) points about what is measured; None: the whole picture is looked at.

    Raises:
        Refusal: it is.
    """
    found = find_damage(codes, outline_px)
    if found is not None:
        raise Findings.PICTURE_DAMAGED.refusal(f"The picture is damaged: {found}.")


def find_damage(codes: Codes, outline_px: Array | None = None) -> str | None:
    """Return in words what is damaged, and where; None if nothing is. Arguments: those of `refuse_damaged`."""
    for axis, name in ((0, "rows"), (1, "columns")):
        size = codes.shape[axis]
        first, last = 0, size
        if outline_px is not None:
            along = outline_px[:, 1 - axis]
            first, last = int(max(np.floor(along.min()), 0)), int(min(np.ceil(along.max()) + 1, size))
        if last - first < 4 * LOST_LINES:
            continue
        part = codes[first:last] if axis == 0 else codes[:, first:last]
        what = _lost(part, axis, whole=outline_px is None) or _displaced(part, axis, whole=outline_px is None)
        if what is not None:
            kind, start, end = what
            if start == end:
                return f"{kind} {name[:-1]} {start + first}"
            return f"{name} {start + first} to {end + first} {kind}"
    return None


def _lost(part: Codes, axis: int, *, whole: bool) -> tuple[str, int, int] | None:
    """Return what is amiss with lines that are flat or repeated, the first of them and the last."""
    top = np.iinfo(part.dtype).max
    sampled = np.ascontiguousarray(part[:, ::SAMPLED] if axis == 0 else part[::SAMPLED].T)
    low, high = sampled.min(axis=1), sampled.max(axis=1)
    flat = high - low <= FLAT_CODES / 255 * top
    for chosen in (flat & (low < CLIPPED * top), flat):
        run = None if whole else _flat_run(part, axis, _longest_run(chosen))
        if run is None:
            continue
        beside = [at for at in (run[0] - 1, run[1] + 1) if 0 <= at < len(high)]
        paper = min((high[at] for at in beside), default=top) - FLAT_CODES / 255 * top
        is_white = low[run[0] : run[1] + 1].min() >= min(CLIPPED * top, paper)
        if not is_white or min((high[at] - low[at] for at in beside), default=0) > SUDDEN * top:
            return ("are lost", *run)
    seen: dict[bytes, int] = {}
    back = np.zeros(len(sampled), dtype=np.intp)
    for place, line in enumerate(sampled):
        key = line.tobytes()
        if not flat[place]:
            back[place] = place - seen.get(key, place)
        seen[key] = place
    for step in np.unique(back[back > 0]):
        if _count_runs(back == step) > MOST_RUNS:
            continue
        run = _longest_run(back == step)
        if run is not None and _is_repeated(part, axis, run, int(step)):
            return ("are repeated", *run)
    return None


def _flat_run(part: Codes, axis: int, run: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return the lines of a run that are flat in all pixels; beside lost ones JPEG leaves a few that are not."""
    if run is None:
        return None
    start, end = run
    lines = part[start : end + 1] if axis == 0 else part[:, start : end + 1]
    spread = lines.max(axis=1 - axis).astype(np.float64) - lines.min(axis=1 - axis)
    found = _longest_run(spread <= FLAT_CODES / 255 * np.iinfo(part.dtype).max)
    return None if found is None else (start + found[0], start + found[1])


def _is_repeated(part: Codes, axis: int, run: tuple[int, int], step: int) -> bool:
    start, end = run
    lines = part if axis == 0 else part.T
    return bool(np.array_equal(lines[start : end + 1], lines[start - step : end + 1 - step]))


def _count_runs(chosen: npt.NDArray[np.bool_]) -> int:
    return int((np.diff(chosen.astype(np.int8)) == 1).sum() + chosen[0])


def _longest_run(chosen: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
    """Return first and last of the longest run of chosen lines; None if it is shorter than `LOST_LINES`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
    if len(edges) == 0:
        return None
    starts, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - starts))
    start, end = int(starts[longest]), int(ends[longest]) - 1
    return (start, end) if end - start + 1 >= LOST_LINES else None


def _displaced(part: Codes, axis: int, *, whole: bool) -> tuple[str, int, int] | None:
    """Return where lines jump: all edges at once to the side, or the whole line's light."""
    for jump in jumps(part, axis):
        if jump.is_shift:
            return (f"all edges jump by {abs(jump.shift_px)} px at", jump.place, jump.place)
        # Collages have such steps; where there is a sheet, they are none.
        if jump.is_step and not whole:
            return ("the light jumps at", jump.place, jump.place)
    return None


@dataclass(frozen=True)
class Jump:
    """Two neighbouring lines that differ.

    Attributes:
        place: of the second line.
        still: correlation of where the edges are before and after.
        moved: the same once they are moved back.
        shift_px: by how much they are moved.
        beside: the larger correlation of the bands before and after, each with the one next to it.
        step_codes: median change of light, in codes of 8 bit, beyond that of the line before or after.
        stepped: part of the line that changes by half as much and more.
    """

    place: int
    still: float
    moved: float
    shift_px: int
    beside: float
    step_codes: float
    stepped: float

    @property
    def is_shift(self) -> bool:
        """Whether all edges jump to the side, which those that run along the lines do at every line."""
        is_moved = self.moved > MOVED_LIKENESS and self.still < STILL_PART * self.moved
        return is_moved and abs(self.shift_px) >= LEAST_SHIFT and self.beside > MOVED_LIKENESS

    @property
    def is_step(self) -> bool:
        """Whether the whole line becomes lighter or darker with its edges in place."""
        return abs(self.step_codes) > STEP_CODES and self.stepped > STEP_PART and self.still > MOVED_LIKENESS


def jumps(part: Codes, axis: int) -> list[Jump]:
    """Return the largest jumps from a line to the next, as against the lines before and after."""
    import cv2

    per_code = 255.0 / np.iinfo(part.dtype).max
    every: Codes = np.ascontiguousarray(part[:, ::LOOKED_AT] if axis == 0 else part[::LOOKED_AT])  # type: ignore[assignment]
    before, after = (every[:-1], every[1:]) if axis == 0 else (every[:, :-1], every[:, 1:])
    size = cv2.reduce(cv2.absdiff(before, after), 1 - axis, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    padded = np.pad(size, BAND, mode="reflect")
    around = sum(padded[at : at + len(size)] for at in range(2 * BAND + 1) if at != BAND) / (2 * BAND)
    excess = (size - around)[2 * BAND - 1 : -2 * BAND]
    found = []
    for place in np.argsort(-excess)[:MOST_TRIED] + 2 * BAND:
        near = slice(place - 2 * BAND, place + 2 * BAND)
        lines = (part[near] if axis == 0 else part[:, near].T).astype(np.float32) * per_code
        bands = lines.reshape(4, BAND, -1).mean(axis=1)
        steps = np.diff(lines, axis=0)
        usual_before, usual, usual_after = np.median(steps[2 * BAND - 2 : 2 * BAND + 1], axis=1).tolist()
        # The edge of a shadow goes on falling over many lines.
        slope = min(usual_before, usual_after, key=lambda near: abs(usual - near))
        step = steps[2 * BAND - 1] - slope
        usual = float(np.median(step))
        still = _correlation(bands[1], bands[2])
        beside = max(_correlation(bands[0], bands[1]), _correlation(bands[2], bands[3]))
        found.append(
            Jump(
                int(place),
                still,
                *_moved_back(bands[1], bands[2], still, beside),
                beside,
                usual,
                float((step * np.sign(usual) > abs(usual) / 2).mean()),
            )
        )
    return found


def _correlation(one: Lines, other: Lines) -> float:
    """Return the correlation of two lines' slopes."""
    slopes = np.diff(one), np.diff(other)
    return float((slopes[0] * slopes[1]).sum() / (np.sqrt((slopes[0] ** 2).sum() * (slopes[1] ** 2).sum()) + 1e-9))


def _moved_back(one: Lines, other: Lines, still: float, beside: float) -> tuple[float, int]:
    """Return the correlation of two lines' slopes at the best shift, and that shift in px.

    Where those as they are tell that there is no shift (see `Jump`), it is not looked for.
    """
    if beside <= MOVED_LIKENESS or still >= STILL_PART:
        return still, 0
    import cv2

    slopes = np.diff(one), np.diff(other)
    size = cv2.getOptimalDFTSize(2 * len(one))
    spectra = [np.fft.rfft(slope, size) for slope in slopes]
    product = np.fft.irfft(np.conj(spectra[0]) * spectra[1], size)
    scale = float(np.sqrt((slopes[0] ** 2).sum() * (slopes[1] ** 2).sum())) + 1e-9
    best = int(np.argmax(product))
    return float(product[best]) / scale, best if best <= size // 2 else best - size
