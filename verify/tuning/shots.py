"""Photos to shots: every exposure once, measured, with its setting; and which shots together make a series."""

from __future__ import annotations

import math
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from backfocus.targets.errors import UnreadablePhotoError, UserError, printable

from ..findings import Finding
from ..lens import defocus_um
from ..measurement import Interval, Measurement
from ..photo.exposures import exposures
from ..photo.metadata import CameraInfo
from ..photo.naming import is_photo
from ..pool import LostError, Pool, as_done
from .labels import Approach, Label, label_of

NORMAL_95 = 1.96
_ZOOM_RANGE = re.compile(r"(\d+(?:\.\d+)?) ?- ?(\d+(?:\.\d+)?) ?mm", re.IGNORECASE)
"""In a lens's name. Canon interpolates between a zoom's two values (reference: EOS 1D X and 5D III)."""
_SHARED_PARTS = ("pose", "print", "model")
"""Parts of a photo's interval that all photos of an unmoved sheet have in common."""
MOST_PHOTOS = 5000
"""A series has dozens; a whole archive given by mistake would keep the machine busy for hours."""


@dataclass(frozen=True)
class Shot:
    """What one photo says.

    Attributes:
        setting: AF fine-tune setting in force, in the camera's steps.
        approach: which side the lens was focused on before.
        offset_mm: plane of sharpest focus minus AF mark, positive is back focus; None where it lies beyond the
            sheet or cannot be told, while the blur is known.
        offset_sd_mm: standard uncertainty of the measurement, without the scatter of autofocus.
        shared_sd_mm: the part of it that all photos of an unmoved sheet have in common.
        distance_mm: of the AF mark from the lens's front principal plane.
        depth_of_field_mm: in front of and behind the AF mark.
        in_focus_mm: by how much focus may miss the AF mark in front and behind for it to be in focus.
        blur_at_mark: standard deviation of the blur at the AF mark, as a part of the picture's long side.
        copies: names of other files of this exposure, which do not count again.
    """

    photo: str
    camera: CameraInfo
    setting: float | None
    approach: Approach | None
    offset_mm: float | None
    offset_sd_mm: float = 0.0
    shared_sd_mm: float = 0.0
    distance_mm: float | None = None
    depth_of_field_mm: Interval | None = None
    in_focus_mm: Interval | None = None
    blur_at_mark: float | None = None
    findings: tuple[Finding, ...] = ()
    copies: tuple[str, ...] = ()

    @property
    def defocus_um(self) -> float | None:
        """The focus error at the sensor, positive for back focus; None without focal length or distance."""
        focal_length, distance = self.camera.focal_length_mm, self.distance_mm
        if self.offset_mm is None or focal_length is None or distance is None:
            return None
        # Nothing nearer than the focal length can be sharp; such numbers come from wrong metadata.
        if distance + min(0.0, self.offset_mm) <= focal_length:
            return None
        return defocus_um(focal_length, distance, self.offset_mm)


@dataclass(frozen=True)
class LeftOut:
    """A photo that could not be used; `is_unreadable` if its file could not even be read."""

    photo: str
    reason: str
    remedy: str
    is_unreadable: bool = False


@dataclass(frozen=True)
class Gathered:
    """What the photos gave."""

    shots: tuple[Shot, ...]
    left_out: tuple[LeftOut, ...]
    exposures: int


@dataclass(frozen=True)
class _Exposure:
    """The files of one exposure, best first, what the user said of it, and of the camera."""

    files: tuple[Path, ...]
    label: Label
    camera: CameraInfo | None


def exposures_in(paths: Iterable[Path]) -> list[tuple[Path, ...]]:
    """Return the exposures among files and folders, each with its files, best first (RAW before JPEG).

    A folder stands for the photos in it, not for those in folders within it. Files that were named themselves are
    kept whatever their ending, so that a wrong one is reported and not overlooked.

    Raises:
        UserError: over 5000 photos, or nothing is there.
    """
    paths = list(paths)
    files: dict[Path, None] = {}
    for path in paths:
        within = sorted(_photos_in(path)) if path.is_dir() else [path]
        files.update(dict.fromkeys(within))
    if len(files) > MOST_PHOTOS:
        raise UserError(f"{len(files)} photos are no series of one lens; give a folder with fewer.")
    if paths and not any(path.exists() for path in paths):
        raise UserError(f"There is no such file or folder: {', '.join(printable(path) for path in paths)}.")
    return exposures(files)


def _photos_in(folder: Path) -> list[Path]:
    # Hidden files are what systems keep beside photos: macOS writes ._IMG_0001.JPG.
    return [
        path
        for path in folder.iterdir()
        if is_photo(path) and not path.name.startswith(".") and stat.S_ISREG(_mode(path))
    ]


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        # A link into nowhere is reported as unreadable rather than overlooked.
        return stat.S_IFREG


def gather(
    exposures: Sequence[tuple[Path, ...]],
    labels: Mapping[Path, Label],
    *,
    setting: float | None = None,
    camera: CameraInfo | None = None,
    processes: int = 1,
    done: Callable[[], object] = lambda: None,
) -> Gathered:
    """Measure exposures and return what they gave, in their order.

    Args:
        exposures: as `exposures_in` returns them.
        labels: what a table says of settings and approaches, by photo.
        setting: in force for all that neither name nor table tells; overrides the files' own data.
        camera: what is known about camera and lens; overrides the files' own data.
        processes: how many photos to measure at once.
        done: called after each exposure.
    """
    tasks = [_Exposure(files, said_of(files, labels, setting), camera) for files in exposures]
    found = _in_turn(tasks, done) if processes <= 1 or len(tasks) <= 1 else _at_once(tasks, processes, done)
    return Gathered(
        tuple(each for each in found if isinstance(each, Shot)),
        tuple(each for each in found if isinstance(each, LeftOut)),
        len(tasks),
    )


def usual_processes() -> int:
    """Return how many photos to measure at once: one a processor, 4 at most, as each takes up to 1 GB of memory."""
    return min(os.cpu_count() or 1, 4)


def said_of(files: Sequence[Path], labels: Mapping[Path, Label], setting: float | None) -> Label:
    """Return what the files of one exposure are said to be, the first that tells it first; else `setting`."""
    said = [label_of(path, labels) for path in files]
    settings = [label.setting for label in said if label.setting is not None]
    approaches = [label.approach for label in said if label.approach is not None]
    return Label(settings[0] if settings else setting, approaches[0] if approaches else None)


def _in_turn(tasks: Sequence[_Exposure], done: Callable[[], object]) -> list[Shot | LeftOut]:
    found = []
    for task in tasks:
        found.append(_measured(task))
        done()
    return found


def _at_once(tasks: Sequence[_Exposure], processes: int, done: Callable[[], object]) -> list[Shot | LeftOut]:
    with Pool(min(processes, len(tasks))) as pool:
        futures = [pool.submit(_measured, task) for task in tasks]
        for _ in as_done(futures):
            done()
        return [_answer(future, task) for future, task in zip(futures, tasks, strict=True)]


def _answer(future: Future[Shot | LeftOut], task: _Exposure) -> Shot | LeftOut:
    try:
        return future.result()
    except LostError as lost:
        name = printable(task.files[0].name)
        return LeftOut(name, lost.reason, "Try again with --processes 1.", is_unreadable=True)


def _measured(task: _Exposure) -> Shot | LeftOut:
    """Measure the first file of an exposure that can be read."""
    failed: LeftOut | None = None
    for path in task.files:
        found = _measured_file(path, task)
        if isinstance(found, Shot):
            return replace(found, copies=tuple(_name_beside(other, path) for other in task.files if other != path))
        if not found.is_unreadable:
            return found
        failed = failed or found
    assert failed is not None
    return failed


def _name_beside(other: Path, path: Path) -> str:
    return printable(other.name if other.name != path.name else f"{other.parent.name}/{other.name}")


def _measured_file(path: Path, task: _Exposure) -> Shot | LeftOut:
    from ..measure import measure

    try:
        measurement = measure(path, camera=task.camera, setting=task.label.setting)
    except UnreadablePhotoError as error:
        reason = error.message.removeprefix(f"{printable(path.name)}: ")
        return LeftOut(printable(path.name), _sentence(reason), error.remedy, is_unreadable=True)
    shot = shot_of(measurement, task.label.setting, task.label.approach)
    if shot is not None:
        return shot
    critical = [found for found in measurement.findings if found.severity == "critical"]
    if not critical:
        return LeftOut(measurement.photo, "Not measured.", "Take the photo again.")
    return LeftOut(measurement.photo, critical[-1].message, critical[-1].remedy)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def shot_of(measurement: Measurement, setting: float | None, approach: Approach | None) -> Shot | None:
    """Return what a photo says for a series; None if neither a trustworthy offset nor the blur at the AF mark."""
    usable = measurement.status == "measured" and measurement.trustworthy
    blur = None if usable and measurement.offset_mm is None else _blur_at_mark(measurement)
    if not usable and blur is None:
        return None
    return Shot(
        photo=measurement.photo,
        camera=measurement.camera,
        setting=setting_in_force(measurement.camera) if setting is None else setting,
        approach=approach,
        offset_mm=measurement.offset_mm if usable else None,
        offset_sd_mm=_half_width(measurement) / NORMAL_95 if usable else 0.0,
        shared_sd_mm=_shared_half_width(measurement) / NORMAL_95 if usable else 0.0,
        distance_mm=measurement.distance_mm,
        depth_of_field_mm=measurement.depth_of_field_mm,
        in_focus_mm=measurement.in_focus_mm,
        blur_at_mark=blur,
        findings=measurement.findings,
    )


def setting_in_force(camera: CameraInfo) -> float | None:
    """Return the AF fine-tune setting in force, between a zoom's wide and tele values by its focal length."""
    wide, tele, focal_length = camera.af_setting_wide, camera.af_setting_tele, camera.focal_length_mm
    if camera.af_setting is not None or wide is None or tele is None:
        return camera.af_setting
    ends = _ZOOM_RANGE.search(camera.lens or "")
    if wide == tele or ends is None or focal_length is None:
        return wide if wide == tele else None
    shortest, longest = float(ends[1]), float(ends[2])
    if not shortest < longest:
        return None
    part = min(max((focal_length - shortest) / (longest - shortest), 0.0), 1.0)
    return wide + part * (tele - wide)


def _half_width(measurement: Measurement) -> float:
    interval = measurement.offset_ci95_mm
    return 0.0 if interval is None else (interval[1] - interval[0]) / 2.0


def _shared_half_width(measurement: Measurement) -> float:
    budget = measurement.interval_budget_mm or {}
    return math.hypot(*(budget.get(name, 0.0) for name in _SHARED_PARTS))


def _blur_at_mark(measurement: Measurement) -> float | None:
    if measurement.blur_at_mark_px is None or measurement.picture_px is None:
        return None
    return measurement.blur_at_mark_px / max(measurement.picture_px)
