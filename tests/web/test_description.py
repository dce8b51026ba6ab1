"""The API's description: what it shows is so, and what it does not name is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from small_photos import jpeg_bytes
from starlette.testclient import TestClient
from web_client import send

from backfocus.web.openapi import MEASURE_FIELDS, description
from backfocus.web.problems import PROBLEMS, TYPES

HERE = "/api/v1"


def check(answer: Any, schema: dict[str, Any]) -> None:
    """The answer is as its schema in the description says."""
    Draft202012Validator(schema | {"components": description()["components"]}).validate(answer)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_example_is_as_its_schema_says() -> None:
    shown = [
        content
        for _, _, operation in operations()
        for answer in [*operation["responses"].values(), *description()["components"]["responses"].values()]
        for content in answer.get("content", {}).values()
    ]
    checked = [check(content["example"], content["schema"]) for content in shown if "example" in content]
    assert len(checked) > len(PROBLEMS)
    fields = [*MEASURE_FIELDS.values()]
    fields += [each["schema"] | each for _, _, it in operations() for each in it.get("parameters", ())]
    for field in fields:
        if "example" in field:
            check(field["example"], {key: part for key, part in field.items() if key not in ("in", "required")})


def test_real_answers_are_as_the_description_says(client: TestClient, back_focused_photo: Path) -> None:
    series = client.post(f"{HERE}/series").json()["id"]
    sent = {
        "measure": send(client, f"{HERE}/measure", back_focused_photo),
        "addPhoto": send(client, f"{HERE}/series/{series}/photos", back_focused_photo, setting="-2.5"),
    }
    # One that is no photo: left out, with a reason.
    send(client, f"{HERE}/series/{series}/photos", ("x.jpg", b"no photo"))
    for path, method, operation in operations():
        name = operation["operationId"]
        if method == "get":
            sent[name] = client.get(HERE + path.format(session=series, number=1))
        if name not in sent:
            continue
        shown = operation["responses"][str(sent[name].status_code)]["content"]
        kind = sent[name].headers["content-type"].partition(";")[0]
        if kind == "application/json":
            check(sent[name].json(), shown[kind]["schema"])
        assert kind in shown
    assert len(sent) == sum(method == "get" for _, method, _ in operations()) + 2
    for row in sent["table"].text.splitlines():
        check(json.loads(row), {"$ref": "#/components/schemas/Row"})


def test_every_address_is_described(client: TestClient) -> None:
    assert client.get(f"{HERE}/openapi.json").json() == json.loads(json.dumps(description()))
    routes = {
        (route.path.replace(":int", ""), method.lower())
        for mount in client.app.routes  # type: ignore[attr-defined]
        if getattr(mount, "path", "") == HERE
        for route in mount.routes
        for method in route.methods - {"HEAD"}
    }
    assert routes - {("/openapi.json", "get")} == {(path, method) for path, method, _ in operations()}


def test_every_address_tells_its_methods(client: TestClient) -> None:
    for path, methods in description()["paths"].items():
        where = HERE + path.format(session="b63bbb80b7d835dd", number=1)
        named = {method.upper() for method in methods} | ({"HEAD"} if "get" in methods else set())
        for method, status in (("PATCH", 405), ("OPTIONS", 204)):
            answer = client.request(method, where)
            assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (status, named), where
    assert client.put("/workshop").headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "form",
    [
        {"seting": "5"},
        {"setting": ""},
        {"setting": ["5", "6"]},
        {"setting": "1_0"},
        {"setting": "\N{ARABIC-INDIC DIGIT FIVE}"},
        {"f_number": "inf"},
        {"camera": "x" * 101},
        {"photo": "x"},
    ],
)
def test_what_is_not_described_is_refused(client: TestClient, form: dict[str, Any]) -> None:
    files = {} if "photo" in form else {"photo": ("x.jpg", jpeg_bytes())}
    answer = client.post(f"{HERE}/measure", files=files or {"": ("", b"")}, data=form)
    assert answer.status_code == 422
    assert answer.json()["type"] == f"{TYPES}#bad-value"


@pytest.mark.parametrize("query", ["scal=2", "scale=", "scale=1&scale=2", "id=", "design=flat%00"])
def test_queries_that_are_not_described_are_refused(client: TestClient, query: str) -> None:
    assert client.get(f"{HERE}/charts/geometry?{query}").status_code == 422


def test_a_photo_and_a_value_are_told_apart(client: TestClient) -> None:
    answer = send(client, f"{HERE}/measure", ("x.jpg", b"no photo")).json()
    assert answer["type"] == f"{TYPES}#unreadable-photo"
    listed = {each["type"] for each in client.get(f"{HERE}/problems").json()["problems"]}
    assert answer["type"] in listed
