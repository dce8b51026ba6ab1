"""What requests to the API say, held against the API's own description: nothing is passed over in silence."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from backfocus.targets.errors import UserError, printable

from .inbox import Inbox, Received

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
"""Python itself reads 1_000, Arabic digits and nan as numbers too."""


def query_of(request: Request, parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what an address says behind its question mark, by the description's parameters.

    Raises:
        UserError: a value that cannot be, or one that is not known or said twice.
    """
    schemas = {each["name"]: each["schema"] for each in parameters}
    return _checked(request.query_params.multi_items(), schemas)


@asynccontextmanager
async def form_of(
    inbox: Inbox, request: Request, schemas: Mapping[str, Any]
) -> AsyncIterator[tuple[dict[str, Any], Received]]:
    """Return what a form says, and its one file, which is gone when the block ends, unless it was moved.

    Raises:
        UserError: a value that cannot be, one that is not known or said twice, or no file.
        HTTPException: the form is damaged, or has several files.
    """
    async with inbox.form(request, 1) as (form, received):
        said = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "photo"]
        named = [name for name, value in form.multi_items() if isinstance(value, UploadFile)]
        values = _checked(said, schemas)
        if named != ["photo"] or len(received) != 1:
            raise UserError("Send the photo as a file, in the field photo.", "As in: curl -F photo=@IMG_0001.JPG")
        yield values, received[0]


def header_of(request: Request, parameter: Mapping[str, Any]) -> str | None:
    """Return a header by its description; None for one that is not there.

    Raises:
        UserError: it cannot be.
    """
    text = request.headers.get(parameter["name"])
    return None if text is None else str(value_of(parameter["name"], text, parameter["schema"]))


def value_of(name: str, text: str, schema: Mapping[str, Any]) -> Any:
    """Return a value by its schema.

    Raises:
        UserError: it cannot be; the text says what may be.
    """
    if schema["type"] == "number":
        low, high = schema["minimum"], schema["maximum"]
        number = float(text) if len(text) <= 40 and _NUMBER.fullmatch(text) else float("nan")
        if not low <= number <= high:
            raise UserError(f"{name} must be a number from {low:g} to {high:g}.")
        return number
    if "enum" in schema and text not in schema["enum"]:
        raise UserError(f"{name} must be one of: {', '.join(schema['enum'])}.")
    longest = schema.get("maxLength", len(text))
    if not schema.get("minLength", 0) <= len(text) <= longest:
        raise UserError(f"{name} must have 1 to {longest} characters.")
    if not re.fullmatch(schema.get("pattern", "(?s:.*)").strip("^$"), text):
        raise UserError(f"{name} must match {schema['pattern']}.", schema.get("description", ""))
    return text


def _checked(said: Iterable[tuple[str, str]], schemas: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in said:
        if name not in schemas:
            # A field that is mistyped must not be passed over: the number would be another.
            raise UserError(f"There is no {printable(name[:40])!r} here; there are: {', '.join(schemas)}.")
        if name in values:
            raise UserError(f"{name} is said twice.")
        values[name] = value_of(name, text, schemas[name])
    return values
