"""Texts in the reader's language, from gettext catalogues (`LANGUAGE.po`) beside this file; English is in the code.

Sentences that the measuring core writes have numbers and names in them. Their entries have fields, as in
"Set {menu} to {setting}."; what stands in the fields is looked up too.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from starlette.requests import Request

COOKIE = "backfocus_language"
LANGUAGES = {"en": "English", "de": "Deutsch"}
_FOLDER = Path(__file__).parent
_FIELD = re.compile(r"\{(\w+)\}")
_WITHIN = r"(?:(?!\. ).)+?"
"""What a field may hold: nothing beyond the end of its sentence."""
_LONGEST = 2000
"""Characters of a sentence that is looked for by its form."""


class Catalogue:
    """Texts of one language."""

    def __init__(self, language: str, entries: dict[str, str]) -> None:
        self.language = language
        self._entries = entries
        self._forms = [(_form(source), target) for source, target in entries.items() if _FIELD.search(source)]

    def __call__(self, text: str, **values: object) -> str:
        """Return a text, with values put in for its fields; in English where there is no translation."""
        told = self._entries.get(text, text)
        return told.format(**values) if values else told

    def sentence(self, text: str) -> str:
        """Return a sentence or several that the program made, as far as their forms are known."""
        if self.language == "en" or not text:
            return text
        if text in self._entries:
            return self._entries[text]
        if len(text) <= _LONGEST:
            for form, target in self._forms:
                found = form.fullmatch(text)
                if found is not None:
                    return target.format(
                        **{name: self.sentence(value) for name, value in found.groupdict().items()}
                    )
        first, stop, rest = text.partition(". ")
        if stop and rest:
            return f"{self.sentence(first + '.')} {self.sentence(rest)}"
        return text


def catalogue_of(request: Request) -> Catalogue:
    """Return the texts for a request: in the language that was chosen, else the first that the browser wants."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return catalogue(chosen)
    for wanted in request.headers.get("accept-language", "").split(","):
        language = wanted.partition(";")[0].strip().partition("-")[0].lower()
        if language in LANGUAGES:
            return catalogue(language)
    return catalogue("en")


@cache
def catalogue(language: str) -> Catalogue:
    """Return the texts of a language."""
    if language == "en":
        return Catalogue("en", {})
    return Catalogue(language, read_po((_FOLDER / f"{language}.po").read_text(encoding="utf-8")))


def read_po(text: str) -> dict[str, str]:
    """Return the entries of a gettext catalogue: msgid and msgstr, each in quoted pieces, empty ones left out."""
    entries: dict[str, str] = {}
    found = {"msgid": "", "msgstr": ""}
    field = ""
    for line in [*text.splitlines(), 'msgid ""']:
        stripped = line.strip()
        keyword, _, rest = stripped.partition(" ")
        if keyword == "msgid":
            if found["msgid"] and found["msgstr"]:
                entries[found["msgid"]] = found["msgstr"]
            found = {"msgid": "", "msgstr": ""}
        if keyword in found:
            field, stripped = keyword, rest
        if field and stripped.startswith('"'):
            found[field] += ast.literal_eval(stripped)
    return entries


def _form(source: str) -> re.Pattern[str]:
    """Return what matches a sentence of an entry's form."""
    parts = _FIELD.split(source)
    return re.compile(
        "".join(f"(?P<{part}>{_WITHIN})" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    )
