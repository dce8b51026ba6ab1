"""From files and folders to shots: every exposure once, measured in parallel."""

from __future__ import annotations

import os
import signal
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path

from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.photo.naming import is_photo, same_exposure
from backfocus.verify.photo.opening import printable_name
from backfocus.verify.series.result import LeftOut
from backfocus.verify.series.shots.labels import Label, label_of
from backfocus.verify.series.shots.shot import Shot, shot_of

MOST_PHOTOS = 5000
"""A series has dozens; a whole archive given by mistake would keep the machine busy for hours."""


class TooManyPhotosError(Exception):
    """A folder that cannot be one series."""


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
        TooManyPhotosError: over 5000 photos.
    """
    files: dict[Path, None] = {}
    for path in paths:
        within = sorted(_photos_in(path)) if path.is_dir() else [path]
        files.update(dict.fromkeys(within))
    if len(files) > MOST_PHOTOS:
        raise TooManyPhotosError(f"{len(files)} photos are no series of one lens; give a folder with fewer.")
    return same_exposure(files)


def gather(
    exposures: Sequence[tuple[Path, ...]],
    labels: Mapping[str, Label],
    *,
    setting: float | None = None,
    camera: CameraInfo | None = None,
    processes: int = 1,
    done: Callable[[], object] = lambda: None,
) -> Gathered:
    """Measure exposures and return what they gave, in their order.

    Args:
        exposures: as `exposures_in` returns them.
        labels: what a table says of settings and approaches, by file name.
        setting: in force for all that neither name nor table tells; overrides the files' own data.
        camera: what is known about camera and lens; overrides the files' own data.
        processes: how many photos to measure at once.
        done: called after each exposure.
    """
    tasks = [_Exposure(files, _label(files, labels, setting), camera) for files in exposures]
    found = _in_turn(tasks, done) if processes <= 1 or len(tasks) <= 1 else _at_once(tasks, processes, done)
    return Gathered(
        tuple(each for each in found if isinstance(each, Shot)),
        tuple(each for each in found if isinstance(each, LeftOut)),
        len(tasks),
    )


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


def _label(files: Sequence[Path], labels: Mapping[str, Label], setting: float | None) -> Label:
    said = [label_of(path.name, labels) for path in files]
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
    with ProcessPoolExecutor(min(processes, len(tasks)), mp_context=get_context("spawn")) as pool:
        try:
            with _interrupts_ignored():
                futures: list[Future[Shot | LeftOut]] = [pool.submit(_measured, task) for task in tasks]
            for _ in as_completed(futures):
                done()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # What is under way would keep the user waiting.
            for child in active_children():
                child.terminate()
            raise
    return [future.result() for future in futures]


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Start processes within this: they keep ignoring interrupts, which are for their parent alone to answer."""
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may say so, and only it is interrupted.
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _measured(task: _Exposure) -> Shot | LeftOut:
    """Measure the first file of an exposure that can be read."""
    failed: LeftOut | None = None
    for path in task.files:
        found = _measured_file(path, task)
        if not (isinstance(found, LeftOut) and found.is_unreadable):
            return found
        failed = failed or found
    assert failed is not None
    return failed


def _measured_file(path: Path, task: _Exposure) -> Shot | LeftOut:
    from backfocus.verify.measuring import analyse
    from backfocus.verify.photo.opening import UnreadablePhotoError

    try:
        analysis = analyse(path, camera=task.camera, setting=task.label.setting)
    except UnreadablePhotoError as error:
        reason = error.message.removeprefix(f"{printable_name(path.name)}: ")
        return LeftOut(printable_name(path.name), _sentence(reason), error.remedy, is_unreadable=True)
    shot = shot_of(analysis, task.label.setting, task.label.approach)
    if shot is not None:
        return shot
    critical = [found for found in analysis.measurement.findings if found.severity == "critical"]
    if not critical:
        return LeftOut(analysis.measurement.photo, "Not measured.", "Take the photo again.")
    return LeftOut(analysis.measurement.photo, critical[-1].message, critical[-1].remedy)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def usual_processes() -> int:
    """Return how many photos to measure at once: one a processor, 4 at most, as each takes up to 1 GB of memory."""
    return min(os.cpu_count() or 1, 4)
