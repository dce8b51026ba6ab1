"""Results on disk: files that the user names, and the records that the program keeps of every lens."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backfocus.verify.data_folder import data_folder
from backfocus.verify.photo.opening import printable_name
from backfocus.verify.series.result import SERIES_SCHEMA, TuneResult

_FOLDER = "series"
_MAX_BYTES = 20_000_000


class RecordError(Exception):
    """A file that holds no series, or cannot be read or written; the text says why."""


@dataclass(frozen=True)
class Record:
    """A series that was kept: when, and its JSON."""

    date: datetime.datetime
    data: dict[str, Any]


def dated(result: TuneResult, now: datetime.datetime) -> dict[str, Any]:
    """Return a result as it is saved: its JSON with the date, in UTC."""
    data = result.to_dict()
    return {
        "schema": data.pop("schema"),
        "date": now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        **data,
    }


def as_json(data: dict[str, Any]) -> bytes:
    """Return a saved result as the bytes of its file."""
    return (json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def read_record(path: Path) -> Record:
    """Return a saved series.

    Raises:
        RecordError: there is none in this file, or one of a newer program.
    """
    name = printable_name(path.name)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise RecordError(f"{name}: over 20 MB is no saved series.")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordError(f"Cannot read {name}: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise RecordError(f"{name} is no series saved by backfocus tune --save.") from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SERIES_SCHEMA:
        known = isinstance(schema, str) and re.fullmatch(r"backfocus/series/\d+", schema)
        why = (
            "was written by another version of backfocus"
            if known
            else "is no series saved by backfocus tune --save"
        )
        raise RecordError(f"{name} {why}.")
    try:
        _check(data)
        return Record(datetime.datetime.fromisoformat(data["date"]), data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RecordError(f"{name}: the saved series is damaged.") from None


def _check(data: dict[str, Any]) -> None:
    """Touch what readers of records rely on, so that a damaged one is noticed here and nowhere else."""
    for lens in data["lenses"]:
        _ = lens["body"], lens["lens"]
        for series in lens["series"]:
            _ = series["focal_length_mm"], series["f_number"], series["advice"], series["estimate"]
            _ = [point["n"] for point in series["sweep"]]
            if series["advice"] is not None:
                _ = series["advice"]["kind"], series["advice"]["setting"]
            for group in series["groups"]:
                if not isinstance(group["n"], int) or not isinstance(group["mean_mm"], float | int):
                    raise TypeError
                _ = group["setting"], group["sd_mm"], group["mean_um"], group["sd_um"]


def save_record(path: Path, data: dict[str, Any]) -> None:
    """Write a dated result; a file that is there already is replaced as a whole, or stays as it was.

    Raises:
        RecordError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        written, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".part")
        try:
            with os.fdopen(written, "wb") as file:
                file.write(as_json(data))
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RecordError(
            f"Cannot write {printable_name(path)}: {error.strerror}. Choose a folder that you may write to."
        ) from None


def record_folder() -> Path:
    """Return where records are kept; it may not exist yet."""
    return data_folder() / _FOLDER


def keep_record(data: dict[str, Any]) -> Path:
    """Keep a dated result in the user's data folder and return its file.

    Raises:
        RecordError: the folder cannot be written.
    """
    stamp = re.sub(r"\W", "", data["date"])[:15]
    # The content's hash tells apart series that end within the same second.
    path = record_folder() / f"{stamp}-{hashlib.sha256(as_json(data)).hexdigest()[:8]}.json"
    save_record(path, data)
    return path


def kept_records() -> tuple[list[Record], list[str]]:
    """Return the records in the user's data folder, oldest first, and why others could not be read."""
    records, complaints = [], []
    folder = record_folder()
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            records.append(read_record(path))
        except RecordError as error:
            complaints.append(str(error))
    return sorted(records, key=lambda record: record.date), complaints
