"""Who may ask what: the door in front of every request.

A page of any other site can have a browser send requests here, and a name that its owner points at 127.0.0.1
makes them look like its own (DNS rebinding). So the Host must be one of ours, and what changes anything must come
from our own page. From other machines only those get in who hold the token, which is good for one of them.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/"
ENTER = "/enter/"
"""Path that a token follows."""
TOKEN_BYTES = 24
"""192 bits: not to be guessed."""
TOKEN_S = 3600.0
"""A token on paper or screen that nobody used is worthless after an hour."""
LONGEST_PATH = 300
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
SAFE = ("GET", "HEAD", "OPTIONS")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No inline script, no style but the one file, nothing from elsewhere."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # Not "no-referrer": browsers then call the origin of our own forms null.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
"""Of every answer that does not say otherwise."""


@dataclass(frozen=True)
class Limits:
    """What one request, and all of them together, may take.

    Attributes:
        body_bytes: of a request. A photo of 61 MP has 40 MB as JPEG, some 120 MB as uncompressed RAW.
        body_s: until a request's body is there: 200 MB over a slow Wi-Fi of 1 MB/s take 200 s.
        idle_s: without a byte of it.
        uploads: bodies received at the same time; more wait.
        photo_s: to measure a photo; one of 61 MP takes 4 s.
        photos: in a session; a series has 16, an evening of a workshop some hundred.
        files: in one request.
    """

    body_bytes: int = 300_000_000
    body_s: float = 300.0
    idle_s: float = 30.0
    uploads: int = 16
    photo_s: float = 60.0
    photos: int = 500
    files: int = 100


@dataclass
class Access:
    """Which names this server answers to, and whom it knows.

    Attributes:
        port: that it listens on.
        names: hosts, besides those of this machine itself, that it answers to: its addresses in the network.
    """

    port: int
    names: tuple[str, ...] = ()
    _tokens: dict[str, float] = field(default_factory=dict)
    _cookies: set[str] = field(default_factory=set)

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies do not tell ports apart."""
        return f"backfocus_{self.port}"

    def new_token(self) -> str:
        """Return a token that lets one browser in."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = time.monotonic()
        self._tokens = {digest: until for digest, until in self._tokens.items() if until > now}
        self._tokens[_digest(token)] = time.monotonic() + TOKEN_S
        return token

    def enter(self, token: str) -> str | None:
        """Take a token, which is used up by that, and return the cookie for it; None for one that is not good."""
        until = self._tokens.pop(_digest(token), 0.0)
        if time.monotonic() > until:
            return None
        cookie = secrets.token_urlsafe(TOKEN_BYTES)
        self._cookies.add(_digest(cookie))
        return cookie

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names this server."""
        return any(host.lower() in _with_port(name, self.port) for name in (*LOOPBACK_NAMES, *self.names))

    def knows(self, headers: Headers, host: str, client: str) -> bool:
        """Whether a request may come in: from this machine under its own name, or with the cookie of a token."""
        own = [named for name in LOOPBACK_NAMES for named in _with_port(name, self.port)]
        is_here = is_loopback(client) and host.lower() in own
        return is_here or any(_digest(value) in self._cookies for value in _cookies(headers, self.cookie))


class Guard:
    """Middleware that lets good requests in, with a limited body, and gives every answer its headers."""

    def __init__(self, app: ASGIApp, access: Access, limits: Limits) -> None:
        self.app, self.access, self.limits = app, access, limits
        self._uploads = asyncio.Semaphore(limits.uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            # A websocket, which nothing here uses.
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        why = self._why_not(scope)
        if why is not None:
            status, text = why
            is_api = scope["path"].startswith(API)
            answer = problem(status, text) if is_api else PlainTextResponse(f"{text}\n", status)
            await answer(scope, receive, send_with_headers)
        elif scope["method"] in SAFE:
            await self.app(scope, receive, send_with_headers)
        else:
            async with self._uploads:
                await self.app(scope, limited(receive, self.limits), send_with_headers)

    def _why_not(self, scope: Scope) -> tuple[int, str] | None:
        """Return status and words for a request that is refused; None for one that may come in."""
        headers, host = Headers(scope=scope), Headers(scope=scope).get("host", "")
        if not self.access.answers_to(host):
            return HTTPStatus.MISDIRECTED_REQUEST, "This server does not go by that name."
        if len(scope["path"]) > LONGEST_PATH:
            return HTTPStatus.REQUEST_URI_TOO_LONG, "No address here is so long."
        if scope["method"] not in SAFE and not _is_own(headers, host):
            return HTTPStatus.FORBIDDEN, "Only this server's own pages may do that."
        client = scope["client"][0] if scope.get("client") else ""
        if not scope["path"].startswith(ENTER) and not self.access.knows(headers, host, client):
            return HTTPStatus.UNAUTHORIZED, "Open the address with the token that backfocus app shows."
        return None


def problem(status: int, message: str, remedy: str = "", headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return an error for a program (RFC 9457)."""
    told: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
    }
    told["remedy"] = remedy or None
    return JSONResponse(told, status, headers, media_type="application/problem+json")


def limited(receive: Receive, limits: Limits) -> Receive:
    """Return a `receive` that raises an HTTPException for a body that is too large or too slow."""
    left, until, is_whole = limits.body_bytes, time.monotonic() + limits.body_s, False

    async def receive_limited() -> Message:
        nonlocal left, is_whole
        if is_whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), min(limits.idle_s, max(until - time.monotonic(), 0.0)))
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, "The upload took too long.") from None
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Over {limits.body_bytes // 1_000_000} MB.")
        is_whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return receive_limited


def is_loopback(address: str) -> bool:
    """Whether an address is one of this machine's own loopback."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_own(headers: Headers, host: str) -> bool:
    """Whether a request that changes something comes from our own page, or from a program, which tells neither."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    return (origin is None or origin == f"http://{host}") and (site is None or site in ("same-origin", "none"))


def _with_port(name: str, port: int) -> Iterable[str]:
    return (f"{name.lower()}:{port}", *([name.lower()] if port == 80 else []))


def _cookies(headers: Headers, name: str) -> list[str]:
    pairs = [part.strip().partition("=") for value in headers.getlist("cookie") for part in value.split(";")]
    return [value for key, _, value in pairs if hmac.compare_digest(key.encode(), name.encode())]


def _digest(secret: str) -> str:
    """Return what is compared and kept in a secret's place, so that the time of comparing tells nothing of it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
