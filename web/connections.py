"""Connections that take too long over a request, too many of them, and what is no HTTP.

uvicorn keeps time only between two requests. Here a request's head has its time too (a slow one is an old way to
use a server up), and so has who goes on sending what was refused. Time limits of the body itself: `guard.py`.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from .guard import HEADERS, is_loopback
from .problems import MEDIA, problem

HEAD_S = 15.0
"""For a request's head: one packet, mostly; browsers also open connections before they need them."""
LINGER_S = 5.0
"""For who still sends a body that was answered: a connection that is closed at once takes the answer with it."""
MOST_FROM_ELSEWHERE = 100
"""Connections from other machines: of each browser six, so that this machine's own always find room."""


class Connection(H11Protocol):
    """One connection, whose peer may be slow or hostile."""

    _timer: asyncio.TimerHandle | None = None

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether another machine is at its other end."""
        return not is_loopback((self.client or ("",))[0])

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        strangers = sum(isinstance(each, Connection) and each.is_from_elsewhere for each in self.connections)
        if self.is_from_elsewhere and strangers > MOST_FROM_ELSEWHERE:
            transport.abort()
            return
        self._wait(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        super().data_received(data)
        self._keep_time()

    def on_response_complete(self) -> None:
        """Go on after an answer."""
        super().on_response_complete()
        self._keep_time()

    def send_400_response(self, msg: str) -> None:
        """Tell that this is no HTTP; nobody knows for which address."""
        del msg
        body = bytes(problem(400, "This is no request of HTTP.").body)
        headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        headers += [
            (b"content-type", MEDIA.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            for event in (h11.Response(status_code=400, headers=headers), h11.Data(body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _keep_time(self) -> None:
        """Wait for the rest of a head, or of a body that nobody reads any more; else for nothing."""
        has_part = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        is_answered = self.cycle is not None and self.cycle.response_complete
        if has_part:
            self._wait(HEAD_S)
        elif self.conn.their_state is h11.SEND_BODY and is_answered:
            self._wait(LINGER_S)
        elif self.conn.their_state is not h11.IDLE or is_answered:
            self._stop_waiting()

    def _wait(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
