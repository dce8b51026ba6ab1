"""Lists that people write, of names or settings: read whatever program saved them, written so that none harms."""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from backfocus.targets.errors import ListError, printable

from .photo.naming import is_photo

_MAX_BYTES = 10_000_000
"""Size of a list: 100 000 lines of names; what is larger was given by mistake."""
_SEPARATORS = ";\t,"
"""Between cells, as spreadsheets choose by the user's country; what the first line has most of is taken."""
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)
"""First line that tells Excel the separator."""
_UTF8, _UTF16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks at the start of a file."""
_FORMULA_STARTS = (*"=+-@\t\r\n", *(chr(ord(sign) + 0xFEE0) for sign in "=+-@"))
"""What spreadsheets take for the start of a formula, also in the wide letters of East Asia
(owasp.org/www-community/attacks/CSV_Injection)."""
_MOST_NAMED = 20
"""Lines of a list that are named as wrong."""
_SPLIT = re.compile(rf"([;\t])(?=[ '\"]*[{re.escape(''.join(_FORMULA_STARTS))}])")
_JOINED = re.compile(rf"([;\t])'(?=[ '\"]*[{re.escape(''.join(_FORMULA_STARTS))}])")
"""Where a spreadsheet that takes semicolons or tabs for the borders of cells would see a formula begin."""


@dataclass(frozen=True)
class Line:
    """One line of a list: where it stands in the file, and its cells."""

    number: int
    cells: tuple[str, ...]


def read_list(path: Path) -> list[Line]:
    """Return the lines of a list that hold anything; cells are without space around them, in one line each.

    The text is in UTF-8, UTF-16 or, as older programs on Windows write it, Windows-1252; the separator is a comma,
    a semicolon or a tab, or what a first line such as `sep=;` says.

    Raises:
        ListError: the file cannot be read, is no text, or has a quotation mark that is not closed.
    """
    name = printable(path.name)
    text = _text(path, name)
    told = _SEPARATOR_LINE.fullmatch(text.partition("\n")[0])
    skipped = 1 if told else 0
    first, _, _ = (text.partition("\n")[2] if told else text).partition("\n")
    separator = told[1] if told else max(_SEPARATORS, key=first.count)
    # Strict: a quotation mark left open would make one cell of many lines.
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines, begins = [], 1
    try:
        for row in rows:
            cells = tuple(plain(" ".join(cell.split())) for cell in row)
            if begins > skipped and any(cells):
                lines.append(Line(begins, cells))
            begins = rows.line_num + 1
    except csv.Error as error:
        raise ListError(
            f"{name} cannot be read from line {begins} on ({error}): look there for a quotation mark that is not "
            f"closed, or a cell that is far too long.{_more_like_it(text, begins, separator)}"
        ) from None
    return lines


def _more_like_it(text: str, begins: int, separator: str) -> str:
    """Return which further lines cannot be read by themselves, in a sentence, so that all are mended at once."""
    found = []
    for number, line in enumerate(text.splitlines()[begins:], begins + 1):
        try:
            list(csv.reader([line], delimiter=separator, strict=True))
        except csv.Error:
            found.append(str(number))
    if not found:
        return ""
    named = ", ".join(found[:_MOST_NAMED]) + (" ..." if found[_MOST_NAMED:] else "")
    return f" Look at line{'' if len(found) == 1 else 's'} {named}, too."


def read_table(path: Path, *needed: str, one_of: Sequence[str] = ()) -> list[tuple[int, dict[str, str]]]:
    """Return the lines of a list below its head, each with its number and its cells by column, "" where empty.

    Args:
        path: the list; the names in its first line are read whatever their case, and other columns are left alone.
        needed: columns that it must have.
        one_of: columns of which it must have one.

    Raises:
        ListError: as `read_list`, or there are no such columns.
    """
    columns = (*needed, *one_of)
    lines = read_list(path)
    head = [cell.casefold() for cell in lines[0].cells] if lines else []
    if not set(needed) <= set(head) or (one_of and not set(one_of) & set(head)):
        raise ListError(f"{printable(path.name)}: the first line must name the columns {', '.join(columns)}.")
    places = {column: head.index(column) if column in head else None for column in columns}
    return [(line.number, {column: cell_at(line, place) for column, place in places.items()}) for line in lines[1:]]


def cell_at(line: Line, place: int | None) -> str:
    """Return a cell; "" where the line ends before it, or the list has no such column."""
    return "" if place is None or place >= len(line.cells) else line.cells[place]


class PhotoNames:
    """Photos by the names that lists have for them."""

    def __init__(self, photos: Iterable[Path]) -> None:
        self._by_name: dict[tuple[object, ...], list[Path]] = {}
        self._names: dict[str, str] = {}
        for photo in photos:
            self._names[photo.name.casefold()] = photo.name
            for key in _readings(str(photo)):
                self._by_name.setdefault(key, []).append(photo)

    def find(self, said: str) -> list[Path]:
        """Return the photos that are meant: by path or by name, whatever the case, with or without ending.

        The closest reading that fits any photo counts: `sub/IMG_1.JPG` before `IMG_1.JPG`, that before `img_1.jpg`,
        and that before `img_1`, which also means `IMG_1.NEF`.

        Raises:
            ListError: none is meant; the text names the one whose name is nearest.
        """
        for key in _readings(said):
            if key in self._by_name:
                return self._by_name[key]
        nearest = difflib.get_close_matches(PurePath(said).name.casefold(), self._names, n=1, cutoff=0.0)
        hint = f"; the nearest is {printable(self._names[nearest[0]])}" if nearest else ""
        raise ListError(f"{printable(said)} is none of the photos{hint}.")


def _readings(path: str) -> Iterator[tuple[object, ...]]:
    """Return what a path may be known by, the closest first: as it is, in any case, without its ending.

    Each of these with its folders, with fewer, and without: the folders that a list names may be another machine's.
    """
    # macOS writes an umlaut in a file's name as two characters, most other programs as one.
    exact = tuple(part for part in unicodedata.normalize("NFC", path).replace("\\", "/").split("/") if part)
    if not exact:
        return
    any_case = tuple(part.casefold() for part in exact)
    stem = PurePath(any_case[-1]).stem if is_photo(any_case[-1]) else any_case[-1]
    for form, parts in enumerate((exact, any_case, (*any_case[:-1], stem))):
        for start in range(len(parts)):
            yield (form, *parts[start:])


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe before it where needed.

    Texts that begin with an apostrophe get another one, so that reading takes off exactly what writing put on.
    """
    text = _SPLIT.sub(r"\1'", text)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) or text.startswith("'") else text


def plain(text: str) -> str:
    """Return a text as it was before `harmless`; one that begins with an apostrophe of its own stays as it is."""
    bare = without_guard(text)
    return bare if harmless(bare) == text else text


def without_guard(text: str) -> str:
    """Return a text that `harmless` made as it was before."""
    return _JOINED.sub(r"\1", text.removeprefix("'"))


def _text(path: Path, name: str) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ListError(f"{name}: over 10 MB is no list.")
        content = path.read_bytes()
    except OSError as error:
        raise ListError(f"Cannot read {name}: {error.strerror}.") from None
    try:
        if content.startswith(_UTF16):
            return content.decode("utf-16")
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0" if content.startswith((_UTF8, *_UTF16)) else content.decode("cp1252", "replace")
    if "\0" in text or "\ufffd" in text:
        raise ListError(f"{name} is no text; save it as 'CSV UTF-8'.")
    return text


def ids_csv(rows: Iterable[tuple[int, str, str]]) -> bytes:
    """Return the list of who has which chart: number, id, name.

    It begins with a byte order mark, without which spreadsheets take names for Western European ones.
    """
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(["number", "id", "name"])
    lines.writerows([number, harmless(chart_id), harmless(name)] for number, chart_id, name in rows)
    return text.getvalue().encode("utf-8-sig")
