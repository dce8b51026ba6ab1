"""What a series is given: photos, folders, and files of photos measured before; every exposure once, none measured
twice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from backfocus.targets.errors import TableError, UserError, printable

from ..photo.metadata import CameraInfo
from ..photo.naming import is_photo, is_raw
from ..scoring.columns import UNREADABLE, Row
from ..scoring.tables import read_results
from ..storage import content_hash
from .labels import Label, read_labels
from .measured import read_lines, shot_of_row
from .shots import MOST_PHOTOS, Gathered, LeftOut, Shot, exposures_in, gather, said_of

STANDARD_INPUT = Path("-")
MAX_BYTES = 100_000_000
"""Of a file of results: 5000 photos, the most there can be, have 25 MB as JSON lines."""
_TABLES = (".csv", ".parquet")
_LINES = (".json", ".jsonl", ".ndjson")
_OF_A_SHELL = (Path("/dev/fd"), Path("/proc/self/fd"))
_NOT_MEASURED = (UNREADABLE, "crashed", "timed-out")
_MIXED_CAMERA = (
    "Camera, focal length, aperture and sensor go into measuring; {name} has photos that were measured without "
    "them. Give the photos, or tell it to backfocus measure."
)


@dataclass(frozen=True, eq=False)
class Known:
    """An exposure that was measured before.

    Attributes:
        row: its result.
        copies: names of other files of it that have a result.
        files: those of it that were given, too.
    """

    row: Row
    copies: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def path(self) -> Path:
        """Its file, as the result names it."""
        return Path(str(self.row["path"]))


@dataclass(frozen=True, eq=False)
class Given:
    """What there is.

    Attributes:
        exposures: files to measure, those of one exposure together, best first.
        known: what was measured before.
        results: the files that tell of that.
    """

    exposures: tuple[tuple[Path, ...], ...]
    known: tuple[Known, ...] = ()
    results: tuple[Path, ...] = ()

    @property
    def files(self) -> list[Path]:
        """Every photo, as files or as results name it."""
        measured = [path for it in self.known for path in (*it.files, it.path)]
        return [*(path for files in self.exposures for path in files), *measured]

    @property
    def lacks_serials(self) -> bool:
        """Whether results tell the bodies of their photos, but no serial number."""
        cells = [(it.row["camera_model"], it.row["body_serial"] or it.row["lens_serial"]) for it in self.known]
        return any(model is not None and serial is None for model, serial in cells)


def given_in(paths: Iterable[str | Path]) -> Given:
    """Return what files and folders hold: photos, and results of photos.

    Results are tables of `score` (.csv, .jsonl, .parquet) and what `measure --json` printed, also mixed, also
    through a pipe or on standard input ("-"). A photo that is given, too, is known by its content.

    Raises:
        TableError: results cannot be read, or are damaged; the text names the line.
        UserError: nothing is there, or far too much.
        OSError: a folder cannot be listed.
    """
    places = list(map(Path, paths))
    results = [path for path in places if holds_results(path)]
    known = _once([_exposures(_rows(path)) for path in results])
    photos = [path for path in places if path not in results]
    exposures = exposures_in(photos) if photos else []
    if len(known) + len(exposures) > MOST_PHOTOS:
        raise UserError(f"Over {MOST_PHOTOS} photos are no series of one lens; give fewer.")
    if not known:
        return Given(tuple(exposures), (), tuple(results))
    left, known = _apart(exposures, known)
    return Given(tuple(left), tuple(known), tuple(results))


def gather_given(
    given: Given,
    labels: Path | None = None,
    *,
    setting: float | None = None,
    camera: CameraInfo | None = None,
    processes: int = 1,
    done: Callable[[], object] = lambda: None,
) -> Gathered:
    """Return what photos say for a series: those measured before first, the others measured now.

    Args:
        given: as `given_in` returns it.
        labels: a list with the columns photo, setting, approach.
        setting: as for `gather`; so are the others.

    Raises:
        ListError: the list cannot be used.
        UserError: something is told of the camera that photos measured before were measured without.
    """
    if given.known and camera not in (None, CameraInfo()):
        raise UserError(_MIXED_CAMERA.format(name=" ".join(map(printable, given.results))))
    said = {} if labels is None else read_labels(labels, given.files)
    before = [_shot(known, said, setting) for known in given.known]
    now = gather(given.exposures, said, setting=setting, camera=camera, processes=processes, done=done)
    return Gathered(
        (*(each for each in before if isinstance(each, Shot)), *now.shots),
        (*(each for each in before if isinstance(each, LeftOut)), *now.left_out),
        len(before) + now.exposures,
    )


def _shot(known: Known, said: Mapping[Path, Label], setting: float | None) -> Shot | LeftOut:
    found = shot_of_row(known.row, said_of((*known.files, known.path), said, setting))
    return replace(found, copies=known.copies) if isinstance(found, Shot) else found


def holds_results(path: Path) -> bool:
    """Whether a file is one of results: by its name, or as JSON objects begin, which no photo does."""
    if path == STANDARD_INPUT or path.suffix.lower() in (*_TABLES, *_LINES):
        return not path.is_dir()
    try:
        if not S_ISREG(path.stat().st_mode):
            # What a shell makes of <(backfocus measure --json ...); any other pipe may block for ever.
            return path.is_fifo() and path.parent in _OF_A_SHELL
        if is_photo(path):
            return False
        with path.open("rb") as file:
            return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    except OSError:
        return False


def _rows(path: Path) -> list[Row]:
    name = "standard input" if path == STANDARD_INPUT else printable(path.name)
    try:
        if path == STANDARD_INPUT:
            if sys.stdin.isatty():
                raise TableError("Standard input is a terminal.", "Lead results into it: backfocus measure --json")
            return list(_few(read_lines(_content(sys.stdin.buffer, name), name), name))
        if path.suffix.lower() not in _TABLES:
            with path.open("rb") as file:
                return list(_few(read_lines(_content(file, name), name), name))
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(name)
        return list(_few(read_results(path), name))
    except OSError as error:
        raise TableError(f"Cannot read {name}: {error.strerror or 'it is damaged'}.") from None


def _content(stream: BinaryIO, name: str) -> bytes:
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _too_large(name)
    return content


def _too_large(name: str) -> TableError:
    return TableError(f"{name}: over {MAX_BYTES // 1_000_000} MB are no results of a series.")


def _few(rows: Iterable[Row], name: str) -> Iterator[Row]:
    few = list(islice(rows, 2 * MOST_PHOTOS + 1))
    if len(few) > 2 * MOST_PHOTOS:
        # Twice, as RAW and JPEG are rows of their own.
        raise UserError(f"{name} has over {2 * MOST_PHOTOS} photos, which are no series of one lens.")
    if not few:
        raise TableError(f"{name} holds no results.", "Give photos, a table of backfocus score, or measure --json.")
    return iter(few)


def _exposures(rows: Sequence[Row]) -> list[Known]:
    """Return the exposures of one file of results: RAW and JPEG of one name are one, and the RAW file counts."""
    groups: dict[tuple[Path, str], list[Row]] = {}
    for row in rows:
        path = Path(str(row["path"]))
        groups.setdefault((path.parent, path.stem.casefold()), []).append(row)
    found: list[Known] = []
    for group in groups.values():
        names = [str(row["path"]) for row in group]
        if len(set(names)) == len(names) and any(map(is_raw, names)):
            best, *others = sorted(group, key=lambda row: (not _is_measured(row), not is_raw(str(row["path"]))))
            found.append(Known(best, tuple(printable(Path(str(row["path"])).name) for row in others)))
        else:
            found += map(Known, group)
    return found


def _is_measured(row: Row) -> bool:
    return row["status"] not in _NOT_MEASURED


def _once(by_file: Sequence[Sequence[Known]]) -> list[Known]:
    """Return every exposure once: of one content, or, where that is not told, of the same cells throughout."""
    found: dict[object, Known] = {}
    for known in (known for some in by_file for known in some):
        key = known.row["blake2b"] or tuple(known.row.items())
        earlier = found.get(key, known)
        best = known if _is_measured(known.row) and not _is_measured(earlier.row) else earlier
        names = {*earlier.copies, *known.copies, printable(earlier.path.name), printable(known.path.name)}
        found[key] = replace(best, copies=tuple(sorted(names - {printable(best.path.name)})))
    return list(found.values())


def _apart(
    exposures: Sequence[tuple[Path, ...]], known: Sequence[Known]
) -> tuple[list[tuple[Path, ...]], list[Known]]:
    """Return the exposures that are still to be measured, and the known ones with what else was given of them.

    What failed before is measured again where its file is at hand.
    """
    place = {str(it.row["blake2b"]): number for number, it in enumerate(known) if it.row["blake2b"]}
    found = list(known)
    failed: set[int] = set()
    left: list[tuple[Path, ...]] = []
    for files in exposures:
        hashes = [content_hash(path) for path in files]
        number = next((place[content] for content in hashes if content in place), None)
        if number is not None and _is_measured(found[number].row):
            found[number] = replace(found[number], files=(*found[number].files, *files))
            continue
        if number is not None:
            failed.add(number)
        left.append(files)
    return left, [it for number, it in enumerate(found) if number not in failed]
