"""The door: who is let in, and with how much."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from backfocus.web import connections
from backfocus.web.app import build_app
from backfocus.web.guard import ENTER, SMALL_BYTES, Access, Limits, limited

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
    "host",
    [
        "",
        "evil.example",
        "evil.example:8472",
        "127.0.0.1.evil.example:8472",
        "localhost",
        "localhost.:8472",
        "localhost:8472/",
        "127.0.0.1:80",
        "127.0.0.1:08472",
        "127.0.0.1:8472:80",
        "127.1:8472",
        "2130706433:8472",
        "0.0.0.0:8472",
        "evil@127.0.0.1:8472",
        "[::2]:8472",
        "[::1]",
    ],
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
        {"origin": "http://127.0.0.1:8472.evil.example"},
        {"origin": "http://localhost:8472"},
        {"origin": ""},
        {"referer": "http://evil.example/"},
        {"referer": "http://127.0.0.1:84721/"},
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


def test_other_sites_embed_nothing(client: TestClient) -> None:
    embedded = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert client.get("/api/v1/charts/pdf", headers=embedded).status_code == 403
    # A link on another page leads here all the same.
    assert client.get("/print", headers=embedded | {"sec-fetch-mode": "navigate"}).status_code == 200


def test_proxies_are_not_believed(phone: TestClient) -> None:
    told = {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1", "x-forwarded-host": "127.0.0.1:8472"}
    assert phone.get("/measure", headers=told).status_code == 401
    assert phone.get("/measure", headers=told | {"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    ("came_to", "host", "answers"),
    [
        ("192.168.50.1", "192.168.50.1:8472", True),
        ("::ffff:192.168.50.1", "192.168.50.1:8472", True),
        ("fd00::1", "[fd00::1]:8472", True),
        ("192.168.50.1", "10.0.0.1:8472", False),
        ("evil.example", "evil.example:8472", False),
    ],
)
def test_the_address_that_was_asked_is_a_name(came_to: str, host: str, answers: bool) -> None:
    assert Access(8472, is_open=True).answers_to(host, came_to) == answers


def test_pages_run_no_script_but_their_own_file(client: TestClient) -> None:
    for path in ("/print", "/measure", "/nothing", "/static/app.js", "/api/v1/series"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
    for path in ("/print", "/shoot", "/measure", "/history", "/workshop", "/phone"):
        page = client.get(path).text
        own = re.findall(r'<script src="/static/\w+\.js" defer></script>', page)
        assert page.count("<script") == len(own) >= 1
        assert " style=" not in page
        assert " on" + "click" not in page


def test_other_machines_need_the_token(phone: TestClient) -> None:
    for path in ("/measure", "/api/v1/series", "/phone", "/static/../measure"):
        assert phone.get(path).status_code == 401
    # How it looks tells nothing of anybody's photos.
    assert phone.get("/static/style.css").status_code == 200
    assert "Open on a phone" in phone.get("/measure").text
    assert phone.post("/api/v1/series").status_code == 401
    assert phone.get(f"{ENTER}guessed").status_code == 403


def test_programs_are_told_as_json(phone: TestClient) -> None:
    answer = phone.get("/api/v1/series")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith("#no-token")


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
        async with asyncio.timeout(5.0):
            while True:
                await ask()

    for receive, limits in (
        (never, Limits(idle_s=0.1)),
        (drops, Limits(body_s=0.3, slowest=1.0)),
        (drops, Limits(idle_s=0.3, slowest=1e6)),
    ):
        # In a thread: the browser of other tests keeps a loop in this one.
        with pytest.raises(HTTPException) as refusal, ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, read(receive, limits)).result()
        assert refusal.value.status_code == 408


def test_an_endless_address_is_refused(client: TestClient) -> None:
    assert client.get("/sessions/" + "9" * 5000).status_code == 414


def test_a_body_that_says_it_is_too_large_is_not_awaited(client: TestClient) -> None:
    headers = {"content-length": "9" * 12, "content-type": "multipart/form-data; boundary=a"}
    assert client.post("/api/v1/measure", content=b"", headers=headers).status_code == 413


@pytest.mark.parametrize("charset", ["utf-16", "undefined", "idna", "punycode", "nonsense"])
def test_other_charsets_are_refused(client: TestClient, charset: str) -> None:
    kind = f"multipart/form-data; boundary=a; charset={charset}"
    assert client.post("/api/v1/measure", content=b"--a--", headers={"content-type": kind}).status_code == 415


def test_small_things_need_no_place_among_uploads(data_folder: Path) -> None:
    del data_folder
    app = build_app(Access(8472), Limits(uploads=0, wait_s=0.05), jobs=1)
    with TestClient(app, base_url="http://127.0.0.1:8472", client=("127.0.0.1", 1)) as client:
        assert client.post("/api/v1/series").status_code == 201
        busy = client.post("/api/v1/measure", files={"photo": ("x.jpg", bytes(SMALL_BYTES))})
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "10")


def test_slow_heads_and_refused_bodies_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over real connections: half a head, no head at all, and a body that goes on after its answer."""
    monkeypatch.setattr(connections, "HEAD_S", 0.3)
    monkeypatch.setattr(connections, "LINGER_S", 0.3)
    head = b"POST / HTTP/1.1\r\nHost: x\r\n"
    with serving_on_a_port() as port:
        for begun, drop in ((b"", b""), (head, b"X"), (head + b"Content-Length: 99999\r\n\r\n", b"x")):
            with socket.create_connection(("127.0.0.1", port), 5.0) as it:
                it.sendall(begun)
                it.settimeout(0.05)
                assert is_closed_within(5.0, it, drop)
        with socket.create_connection(("127.0.0.1", port), 5.0) as it:
            it.sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")
            assert b"application/problem+json" in it.recv(5000)


@contextmanager
def serving_on_a_port() -> Iterator[int]:
    """An application that answers without reading, with connections as in the product."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("no")(scope, receive, send)

    config = uvicorn.Config(
        answer, port=0, lifespan="off", http=connections.Connection, ws="none", log_level="critical"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield int(listener.getsockname()[1])
        server.should_exit = True
        thread.join()


def is_closed_within(seconds: float, connection: socket.socket, drop: bytes) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            connection.sendall(drop)
            if not connection.recv(1000):
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False
