"""Texts in the reader's language, from gettext catalogues (`LANGUAGE.po`) beside this file; English is in the code.

Sentences that the measuring core writes have numbers and names in them. Their entries have fields, as in
"Set {menu} to {setting}."; what stands in the fields is looked up too. What has no entry stays English, and is
marked as such for screen readers. Where those sentences name commands and options, for which a page has no use,
`in_page_words` has what the page says instead.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape
from starlette.requests import Request

from backfocus.verify.findings import KINDS

COOKIE = "backfocus_language"
ENGLISH = "en"
VERBATIM = frozenset({"name", "names", "model", "photo", "id", "folder", "list"})
"""Fields whose contents are nobody's to translate; only a list has semicolons and colons in it."""
_FOLDER = Path(__file__).parent
_FIELD = re.compile(r"\{(\w+)\}")
_WITHIN = r"(?:(?!(?<!Adj)\. ).)+?"
"""What a field may hold: nothing beyond the end of its sentence. Two makers' menus have "AF Micro Adj."."""
_NAMED, _ID = r"(?:(?!(?<!Adj)\. |[:;] ).)+?", r"[^\s,;]+"
"""What the name of something may hold, and what a number of a chart, body or lens."""
_END = re.compile(r"(?<=[.!?])(?<!Adj\.) (?=\S)")
"""Between two sentences."""
_PARTS = (("; ", -1), (": ", 1), (", ", -1))
"""Between parts of a sentence that are told one by one, where it has no entry as a whole; and how many to look for
at once."""
_WORD = re.compile(r"(?<![\w./-])(?!(?:mm|px|lp|µm|rad|ft|dpi)\b)[a-z]{2,}(?![\w./-]*\d)")
"""An English word; what else may stand in a field is a number, a unit or a name."""
_COMMAND = re.compile(r",? then:(?: backfocus .*)?$")
"""With which the next step of an answer ends."""
_INSTEAD = {
    " into one folder": "",
    ", into a new folder": ", for a new session",
    "Give each its own folder.": "Begin a session for each.",
    "Try backfocus measure on one of them.": "Each photo below says why.",
    "For a number: backfocus tune FOLDER --focal-length MM --sensor-width MM": "For a number, type "
    "focal length and camera below.",
    "copy the photos into a folder and run `backfocus tune FOLDER`": "drop the photos on the next page",
    "name others +10_001.jpg": "of others type it beside the photo, or name them +10_001.jpg",
    "`backfocus cameras` tells which have a setting; without one": "some have a setting; without one",
    "; name the camera with --camera": "",
    " (--scatter)": "",
}
_CAPITAL = re.compile(r"\b[A-Z]")
_NAME = re.compile(r"^\S+\.\w{2,5}$|\dmm\b")
"""Of a file, or of a lens: "85mm" is one's, "85 mm" stands in a sentence."""
_NUMBER = re.compile(r"(?<![\w.,])(?<!\dmm f/)(\d+)\.(\d+)(?!\w|\.\w)")
"""A number with a point, but for those in names of files and lenses: "85mm f/1.4" is one, "85 mm, f/1.4" none."""
_PERCENT = re.compile(r"(?<=\d)%")
_LONGEST = 2000
"""Characters of a sentence that is looked for by its form."""
_MOST_KNOWN = 2000
"""Sentences that are remembered, lest names of files fill the memory."""
_FROM, _TO = "\ue000", "\ue001"
"""Around what is still English, until it becomes text or HTML: characters that no text of ours has."""


@dataclass(frozen=True)
class _Told:
    """A text in another language; not `whole` where a part of it is still English, which is marked."""

    text: str
    whole: bool


class Catalogue:
    """Texts of one language.

    Args:
        language: its code, as in the name of its file.
        po: the file's contents; empty for the language of the code.
    """

    def __init__(self, language: str, po: bytes = b"") -> None:
        self.language = language
        self._gettext: gettext.NullTranslations = gettext.NullTranslations()
        self._entries: Mapping[str, str] = {}
        self._forms: list[_Form] = []
        self._decimal, self._percent = ".", "%"
        self._known: dict[str, _Told] = {}
        if po:
            self._gettext, self._entries = _read(po)
            fielded = [_Form(source, target) for source, target in self._entries.items() if _FIELD.search(source)]
            # The form that says most by itself is the one meant.
            self._forms = sorted(fielded, key=lambda form: -form.letters)
            locale = Locale.parse(language)
            self._decimal = locale.number_symbols["latn"]["decimal"]
            self._percent = locale.percent_formats[None].suffix[0]

    def __call__(self, text: str, **values: object) -> str:
        """Return a text, with values put in for its fields; in English where there is no translation."""
        return self._filled(self._gettext.gettext(text), values)

    def count(self, one: str, many: str, n: int) -> str:
        """Return the text for a number of things, put in for the field n."""
        return self._filled(self._gettext.ngettext(one, many, n), {"n": n})

    def numbers(self, text: str) -> str:
        """Return a text whose numbers are written as in this language."""
        if self.language == ENGLISH:
            return text
        return _PERCENT.sub(self._percent, _NUMBER.sub(rf"\1{self._decimal}\2", text))

    def sentence(self, text: str) -> str:
        """Return a sentence or several that the program made, as far as their forms are known."""
        return self._tell(text).text.replace(_FROM, "").replace(_TO, "")

    def knows(self, text: str) -> bool:
        """Whether a text can be told without any English in it."""
        return self._tell(text).whole

    def markup(self, text: str) -> Markup:
        """Return the same as HTML, in which what is still English is marked."""
        told = str(escape(self._tell(text).text))
        return Markup(told.replace(_FROM, '<span lang="en">').replace(_TO, "</span>"))

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        if not values:
            return text
        return text.format(
            **{name: str(it) if name in VERBATIM else self.numbers(str(it)) for name, it in values.items()}
        )

    def _tell(self, text: str) -> _Told:
        if self.language == ENGLISH or not text:
            return _Told(text, whole=True)
        text = text.replace(_FROM, "").replace(_TO, "")
        found = self._known.get(text)
        if found is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            found = self._known[text] = self._look_up(text)
        return found

    def _look_up(self, text: str) -> _Told:
        found = self._by_form(text) if len(text) <= _LONGEST else None
        if found is not None and found.whole:
            return found
        ends = [end.start() for end in _END.finditer(text)] if len(text) <= _LONGEST else []
        # Some entries are of several sentences: the longest first.
        for end in reversed(ends):
            first = self._by_form(text[:end])
            if first is not None and first.whole:
                rest = self._tell(text[end + 1 :])
                return _Told(f"{first.text} {rest.text}", rest.whole)
        if ends:
            first, rest = self._tell(text[: ends[0]]), self._tell(text[ends[0] + 1 :])
            return _Told(f"{first.text} {rest.text}", first.whole and rest.whole)
        for mark, most in _PARTS:
            parts = [self._part(part) for part in text.split(mark, most)] if mark in text else []
            if parts and all(part.whole for part in parts):
                return _Told(mark.join(part.text for part in parts), whole=True)
        return found or _Told(f"{_FROM}{text}{_TO}", whole=False)

    def _part(self, text: str) -> _Told:
        """Return a part of a sentence; what has no entry may be a name, such as "Canon EOS R5"."""
        found = self._tell(text)
        if found.whole or ": " in text:
            return found
        is_name = _NAME.search(text) or (_CAPITAL.search(text) and not _WORD.search(text))
        return _Told(text, whole=True) if is_name else found

    def _by_form(self, text: str) -> _Told | None:
        """Return a text that has an entry, also where only one of the two begins or ends a sentence."""
        if _WORD.search(text[:1].lower() + text[1:]) is None and text not in self._entries:
            return _Told(self.numbers(text), whole=True)
        bare = text.removesuffix(".")
        stop, swapped = text[len(bare) :], bare[:1].swapcase() + bare[1:]
        # First without its stop, lest a field at the end takes that.
        variants = (bare, swapped, f"{bare}.", f"{swapped}.")
        found = self._in_entries(variants) or self._in_forms(variants)
        if found is None:
            return None
        told = found.text.removesuffix(".") + stop
        return _Told(told[:1].upper() + told[1:] if text[:1].isupper() else told, found.whole)

    def _in_entries(self, variants: tuple[str, ...]) -> _Told | None:
        entry = next(filter(None, map(self._entries.get, variants)), None)
        return None if entry is None else _Told(entry, whole=True)

    def _in_forms(self, variants: tuple[str, ...]) -> _Told | None:
        """Return a text by the first form whose fields can be told, too; else by the first that it has."""
        best = None
        for form in self._forms:
            values = next(filter(None, map(form.values, variants)), None)
            if values is None:
                continue
            told = {
                name: _Told(value, whole=True) if name in VERBATIM else self._tell(value)
                for name, value in values.items()
            }
            whole = all(value.whole for value in told.values())
            found = _Told(form.target.format(**{name: value.text for name, value in told.items()}), whole)
            if whole:
                return found
            best = best or found
        return best


class _Form:
    """An entry with fields."""

    def __init__(self, source: str, target: str) -> None:
        parts = _FIELD.split(source)
        self.target = target
        self.letters = sum(map(len, parts[::2]))
        self._first, self._last = parts[0], parts[-1]
        seen: set[str] = set()
        pattern = ""
        for at, part in enumerate(parts):
            if at % 2 == 0:
                pattern += re.escape(part)
            elif part in seen:
                pattern += f"(?P={part})"
            else:
                seen.add(part)
                pattern += f"(?P<{part}>{_content(part)})"
        self._pattern = pattern

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern)

    def values(self, text: str) -> dict[str, str] | None:
        """Return what stands in the fields of a text of this form; None for others."""
        if not (text.startswith(self._first) and text.endswith(self._last)):
            return None
        found = self._compiled.fullmatch(text)
        return None if found is None else found.groupdict()


def _content(field: str) -> str:
    if field in VERBATIM and field != "list":
        return _ID if field == "id" else _NAMED
    return _WITHIN


def catalogue_of(request: Request) -> Catalogue:
    """Return the texts for a request: in the language that was chosen, else the first that the browser wants."""
    chosen = request.cookies.get(COOKIE)
    if chosen in languages():
        return catalogue(chosen)
    for wanted in _wanted(request.headers.get("accept-language", "")):
        if wanted in languages():
            return catalogue(wanted)
    return catalogue(ENGLISH)


@cache
def languages() -> dict[str, str]:
    """Return the codes of the languages that there are, English first, each with its own name for itself."""
    codes = [ENGLISH, *sorted(path.stem for path in _FOLDER.glob("*.po"))]
    return {code: (Locale.parse(code).get_display_name() or code).title() for code in codes}


@cache
def catalogue(language: str) -> Catalogue:
    """Return the texts of a language."""
    return Catalogue(language, b"" if language == ENGLISH else (_FOLDER / f"{language}.po").read_bytes())


def _wanted(header: str) -> list[str]:
    """Return the languages that a browser asks for, the one it wants most first."""
    found = []
    for part in header.split(","):
        tag, _, weight = part.partition(";")
        told = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", weight)
        found.append((-1.0 if told is None else -float(told[1]), tag.strip().partition("-")[0].lower()))
    return [tag for weight, tag in sorted(found, key=lambda each: each[0]) if weight < 0.0]


def _read(po: bytes) -> tuple[gettext.GNUTranslations, dict[str, str]]:
    """Return a catalogue's translations, and its entries that have one form only; unsure (fuzzy) ones left out."""
    catalog, compiled = read_po(io.BytesIO(po)), io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    entries = {
        message.id: message.string
        for message in catalog
        if isinstance(message.id, str) and isinstance(message.string, str) and not message.fuzzy
    }
    return gettext.GNUTranslations(compiled), {
        source: target for source, target in entries.items() if source and target
    }


def in_page_words(text: str) -> str:
    """Return a sentence, or several, in the words of a page."""
    for command, words in _INSTEAD.items():
        text = text.replace(command, words)
    return _remedies().get(text, _COMMAND.sub(".", text))


@cache
def _remedies() -> dict[str, str]:
    return {kind.remedy: kind.on_page for kind in KINDS.values() if kind.on_page is not None}
