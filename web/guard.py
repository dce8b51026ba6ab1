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
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import API, problem
from .rendering import page

ENTER = "/enter/"
"""Path that a token follows."""
LOOKS = "/static/"
"""Path of style and scripts, which are the same everywhere and which the way in needs."""
UNKNOWN = "The computer does not know this browser yet."
WAY_IN = 'Follow "Open on a phone" on the computer, then open here the address that it shows.'
COOKIE_BYTES = 24
TOKEN_LETTERS, TOKEN_LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 12
"""Short enough to type on a phone, and none that is taken for another: 59 bits. A thousand guesses a second try
2^22 in the hour that a token is good."""
TOKEN_S = 3600.0
"""A token on paper or screen that nobody used is worthless after an hour."""
MOST_TOKENS = 64
"""Good at the same time: a page that is reloaded makes another each time."""
LONGEST_PATH = 300
SMALL_BYTES = 65_536
"""Of a body that needs no place among the uploads: a setting or a name goes through while photos come in."""
CHARSETS = ("utf-8", "utf8", "us-ascii")
"""Python knows others that take hours over a name, or raise errors of their own."""
_CHARSET = re.compile(r"""charset\*?\s*=\s*["']?([^"';\s]*)""", re.IGNORECASE)
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
        slowest: bytes a second, after `idle_s`, below which a body is given up: a photo of 1.2 MB takes all of
            `body_s` then.
        uploads: bodies received and measured at the same time; more wait.
        wait_s: for a place among those; a place is free after `photo_s` at the latest.
        photo_s: to measure a photo; one of 61 MP takes 4 s.
        photos: in a session; a series has 16, an evening of a workshop some hundred.
        files: in one request.
    """

    body_bytes: int = 300_000_000
    body_s: float = 300.0
    idle_s: float = 30.0
    slowest: float = 4_000.0
    uploads: int = 16
    wait_s: float = 60.0
    photo_s: float = 60.0
    photos: int = 500
    files: int = 100


@dataclass
class Access:
    """Which names this server answers to, and whom it knows.

    Attributes:
        port: that it listens on.
        names: that it answers to, besides those of this machine itself and the address that a request came to.
        is_open: whether it listens to other machines.
        addresses: returns those of this machine in its networks, as they are now; the likeliest first.
    """

    port: int
    names: tuple[str, ...] = ()
    is_open: bool = False
    addresses: Callable[[], Sequence[str]] = tuple
    _tokens: dict[str, float] = field(default_factory=dict)
    _cookies: set[str] = field(default_factory=set)

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies do not tell ports apart."""
        return f"backfocus_{self.port}"

    def new_token(self) -> str:
        """Return a token that lets one browser in."""
        token = "".join(secrets.choice(TOKEN_LETTERS) for _ in range(TOKEN_LENGTH))
        now = time.monotonic()
        kept = [(digest, until) for digest, until in self._tokens.items() if until > now]
        self._tokens = dict(kept[-(MOST_TOKENS - 1) :])
        self._tokens[_digest(token)] = now + TOKEN_S
        return token

    def places(self) -> list[str]:
        """Return where a new browser elsewhere gets in: one token, good once, at each of the addresses."""
        token = self.new_token() if self.is_open else ""
        return [f"http://{bracketed(name)}:{self.port}{ENTER}{token}" for name in self.addresses() if token]

    def enter(self, token: str) -> str | None:
        """Take a token, which is used up by that, and return the cookie for it; None for one that is not good."""
        until = self._tokens.pop(_digest(token), 0.0)
        if time.monotonic() > until:
            return None
        cookie = secrets.token_urlsafe(COOKIE_BYTES)
        self._cookies.add(_digest(cookie))
        return cookie

    def answers_to(self, host: str, came_to: str) -> bool:
        """Whether a Host header names this server: by a name of ours, or the very address that the request came to.

        The latter is right in whatever network the machine is by now, and no name that somebody else could point at
        it (DNS rebinding).
        """
        return self._is_one_of(host, (*LOOPBACK_NAMES, *self.names, *_literal(came_to)))

    def knows(self, headers: Headers, host: str, client: str, came_to: str) -> bool:
        """Whether a request may come in: from this machine under its own name, or with the cookie of a token."""
        own = (*LOOPBACK_NAMES, *(_literal(came_to) if is_loopback(came_to) else ()))
        is_here = is_loopback(client) and self._is_one_of(host, own)
        return is_here or any(_digest(value) in self._cookies for value in _cookies(headers, self.cookie))

    def _is_one_of(self, host: str, names: Iterable[str]) -> bool:
        return any(host.lower() in _with_port(name, self.port) for name in names)


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

        headers = Headers(scope=scope)
        why = self._why_not(scope, headers) or self._why_no_body(headers)
        if why is not None:
            await refusal(scope, *why)(scope, receive, send_with_headers)
        elif scope["method"] in SAFE:
            await self.app(scope, receive, send_with_headers)
        else:
            async with self._place(headers) as has_one:
                app = self.app if has_one else refusal(scope, HTTPStatus.SERVICE_UNAVAILABLE, "Too many uploads.")
                await app(scope, limited(receive, self.limits), send_with_headers)

    def _why_not(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return status and words for a request that is refused; None for one that may come in."""
        host, came_to = headers.get("host", ""), (scope.get("server") or ("",))[0]
        if not self.access.answers_to(host, came_to):
            return HTTPStatus.MISDIRECTED_REQUEST, "This server does not go by that name."
        if len(scope["path"]) > LONGEST_PATH:
            return HTTPStatus.REQUEST_URI_TOO_LONG, "No address here is so long."
        if not _is_own(scope["method"], headers, host):
            return HTTPStatus.FORBIDDEN, "Only this server's own pages may do that."
        client = (scope.get("client") or ("",))[0]
        if not scope["path"].startswith((ENTER, LOOKS)) and not self.access.knows(headers, host, client, came_to):
            return HTTPStatus.UNAUTHORIZED, f"{UNKNOWN} {WAY_IN}"
        return None

    def _why_no_body(self, headers: Headers) -> tuple[int, str] | None:
        """Return status and words for a body that says itself that it is of no use, before any of it has come."""
        if _declared(headers) > self.limits.body_bytes:
            return _too_large(self.limits)
        charset = _CHARSET.search(headers.get("content-type", ""))
        if charset is not None and charset[1].lower() not in CHARSETS:
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send text in UTF-8."
        return None

    @asynccontextmanager
    async def _place(self, headers: Headers) -> AsyncIterator[bool]:
        """Return whether there is a place for an upload until the block ends; a small one needs none."""
        if "transfer-encoding" not in headers and _declared(headers) <= SMALL_BYTES:
            yield True
            return
        try:
            await asyncio.wait_for(self._uploads.acquire(), self.limits.wait_s)
        except TimeoutError:
            yield False
            return
        try:
            yield True
        finally:
            self._uploads.release()


def refusal(scope: Scope, status: int, text: str) -> Response:
    """Return an answer to who is not let in: a page only to a browser that may yet be."""
    more = {
        HTTPStatus.SERVICE_UNAVAILABLE: {"retry-after": "10"},
        # What authentication there is, as RFC 9110 wants it with this status.
        HTTPStatus.UNAUTHORIZED: {"www-authenticate": 'Cookie realm="backfocus"'},
    }
    headers = more.get(HTTPStatus(status))
    if status == HTTPStatus.UNAUTHORIZED and scope["method"] in SAFE and not scope["path"].startswith(API):
        return page(Request(scope), "error.html.j2", status=status, headers=headers, message=UNKNOWN, remedy=WAY_IN)
    if scope["path"].startswith(API):
        return problem(status, text, headers=headers)
    return PlainTextResponse(f"{text}\n", status, headers)


def limited(receive: Receive, limits: Limits) -> Receive:
    """Return a `receive` that raises an HTTPException for a body that is too large or too slow."""
    got, is_whole, begun = 0, False, time.monotonic()

    async def receive_limited() -> Message:
        nonlocal got, is_whole
        if is_whole:
            return await receive()
        until = begun + min(limits.body_s, limits.idle_s + got / limits.slowest)
        try:
            message = await asyncio.wait_for(receive(), min(limits.idle_s, max(until - time.monotonic(), 0.0)))
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, "The upload took too long.") from None
        got += len(message.get("body", b""))
        if got > limits.body_bytes:
            raise HTTPException(*_too_large(limits))
        is_whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return receive_limited


def is_loopback(address: str) -> bool:
    """Whether an address is one of this machine's own loopback."""
    found = _parsed(address)
    return found is not None and found.is_loopback


def bracketed(name: str) -> str:
    """Return a host as it stands in an address."""
    return f"[{name}]" if ":" in name else name


def _is_own(method: str, headers: Headers, host: str) -> bool:
    """Whether a request comes from our own page or from a program, which does not tell; or only opens a page."""
    origins, site = headers.getlist("origin"), headers.get("sec-fetch-site", "none")
    own = f"http://{host}"
    if method in SAFE:
        # What a page of another site embeds or fetches, it cannot read, but it costs us work: a PDF, a token.
        return site in ("same-origin", "none") or headers.get("sec-fetch-mode") == "navigate"
    if not origins and "sec-fetch-site" not in headers:
        # Old browsers leave out both, but not this.
        return f"{headers.get('referer', own)}/".startswith(f"{own}/")
    return set(origins) <= {own} and site in ("same-origin", "none")


def _too_large(limits: Limits) -> tuple[int, str]:
    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"Over {limits.body_bytes // 1_000_000} MB."


def _declared(headers: Headers) -> int:
    """Return how many bytes a body says that it has."""
    told = headers.get("content-length", "0")
    return int(told) if told.isdecimal() and len(told) < 20 else 10**20


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address; one of IPv4 that a socket of IPv6 tells (::ffff:127.0.0.1) as what it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _literal(address: str) -> tuple[str, ...]:
    """Return an address as hosts have it; nothing for a name."""
    found = _parsed(address)
    return () if found is None else (bracketed(str(found)),)


def _with_port(name: str, port: int) -> Iterable[str]:
    return (f"{name.lower()}:{port}", *([name.lower()] if port == 80 else []))


def _cookies(headers: Headers, name: str) -> list[str]:
    pairs = [part.strip().partition("=") for value in headers.getlist("cookie") for part in value.split(";")]
    return [value for key, _, value in pairs if hmac.compare_digest(key.encode(), name.encode())]


def _digest(secret: str) -> str:
    """Return what is compared and kept in a secret's place, so that the time of comparing tells nothing of it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
