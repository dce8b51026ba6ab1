"""The door: who is let in, and with how much."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient
from starlette.types import Message

from backfocus.web.app import build_app
from backfocus.web.guard import ENTER, Access, Limits, limited

ADDRESS = "192.168.1.7"


@pytest.fixture
def access() -> Access:
    return Access(8472, is_open=True, addresses=lambda: [ADDRESS])


@pytest.fixture
def phone(access: Access, data_folder: Path) -> Iterator[TestClient]:
    """A browser on another machine, to a server that listens to the network."""
    del data_folder
    app = build_app(access, jobs=1)
    with TestClient(
        app, base_url=f"http://{ADDRESS}:8472", client=("192.168.1.23", 4000), follow_redirects=False
    ) as it:
        yield it


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8472", "localhost", "127.0.0.1:80", "[::2]:8472", ""]
)
def test_foreign_names_are_refused(client: TestClient, host: str) -> None:
    assert client.get("/measure", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8472", "localhost:8472", "LOCALHOST:8472", "[::1]:8472"])
def test_own_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/measure", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:8472"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8472"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_sites_change_nothing(client: TestClient, headers: dict[str, str], method: str) -> None:
    assert client.request(method, "/api/v1/series", headers=headers).status_code == 403
    assert client.get("/api/v1/series").json() == {"series": []}


def test_own_pages_and_programs_may_change_things(client: TestClient) -> None:
    own = {"origin": "http://127.0.0.1:8472", "sec-fetch-site": "same-origin"}
    assert client.post("/api/v1/series", headers=own).status_code == 201
    assert client.post("/api/v1/series").status_code == 201


def test_pages_run_no_script_but_their_own_file(client: TestClient) -> None:
    for path in ("/print", "/measure", "/nothing", "/static/app.js", "/api/v1/series"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
    for path in ("/print", "/shoot", "/measure", "/history", "/workshop", "/phone"):
        page = client.get(path).text
        assert page.count("<script") == page.count('<script src="/static/app.js" defer></script>') == 1
        assert " style=" not in page
        assert " on" + "click" not in page


def test_other_machines_need_the_token(phone: TestClient) -> None:
    for path in ("/measure", "/static/app.js", "/api/v1/series", "/phone"):
        assert phone.get(path).status_code == 401
    assert phone.post("/api/v1/series").status_code == 401
    assert phone.get(f"{ENTER}guessed").status_code == 403


def test_programs_are_told_as_json(phone: TestClient) -> None:
    answer = phone.get("/api/v1/series")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "token" in answer.json()["detail"]


def test_a_token_lets_one_browser_in(phone: TestClient, access: Access) -> None:
    token = access.new_token()
    entered = phone.get(f"{ENTER}{token}")
    assert entered.status_code == 200
    assert 'content="0;url=/"' in entered.text
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=strict" in entered.headers["set-cookie"]
    assert phone.get("/measure").status_code == 200
    phone.cookies.clear()
    assert phone.get(f"{ENTER}{token}").status_code == 403
    assert phone.get("/measure").status_code == 401


def test_a_preview_does_not_use_a_token_up(phone: TestClient, access: Access) -> None:
    token = access.new_token()
    assert "set-cookie" not in phone.head(f"{ENTER}{token}").headers
    assert phone.get(f"{ENTER}{token}").status_code == 200


def test_the_phones_page_shows_a_way_in(phone: TestClient, access: Access) -> None:
    phone.get(f"{ENTER}{access.new_token()}")
    page = phone.get("/phone").text
    found = re.search(rf"http://{ADDRESS}:8472({ENTER}[\w-]+)", page)
    assert found is not None
    phone.cookies.clear()
    assert phone.get(found[1]).status_code == 200
    assert phone.get("/measure").status_code == 200


def test_a_token_grows_old(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    token = access.new_token()
    monkeypatch.setattr("time.monotonic", lambda: 1e9)
    assert access.enter(token) is None


def test_loopback_name_from_elsewhere_needs_the_token(phone: TestClient) -> None:
    assert phone.get("/measure", headers={"host": "127.0.0.1:8472"}).status_code == 401


def test_too_large_a_body_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/measure", files={"photo": ("big.jpg", bytes(21_000_000))})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_slow_body_is_given_up() -> None:
    async def never() -> Message:
        await asyncio.sleep(60.0)
        raise AssertionError

    async def drops() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def read(receive: object, limits: Limits) -> None:
        ask = limited(receive, limits)  # type: ignore[arg-type]
        while True:
            await ask()

    for receive in (never, drops):
        with pytest.raises(HTTPException) as refusal:
            asyncio.run(asyncio.wait_for(read(receive, Limits(body_s=0.3, idle_s=0.1)), 5.0))
        assert refusal.value.status_code == 408


def test_an_endless_address_is_refused(client: TestClient) -> None:
    assert client.get("/sessions/" + "9" * 5000).status_code == 414
