"""How many connections there may be, and how long one may keep the server waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

MOST = 128
"""Connections at once; sixteen windows with a browser's six each fit."""
PATIENCE = 30.0
"""Seconds a connection may take outside of its request's handler: to send a head, to fetch an answer, to stay idle."""


class Gate:
    """Makes the protocols of a listening socket, and cuts those that are too slow or too many.

    aiohttp bounds the size of a head but not the time one takes to come, nor the number of connections. Of too many,
    the one that has been waiting longest goes, so that somebody who opens hundreds and says nothing keeps nobody out.

    Args:
        make: the protocol of one connection, as ``aiohttp.web.Server`` makes it.
        most: connections at once.
        patience: seconds a connection may be outside of a handler.
    """

    def __init__(self, make: Callable[[], asyncio.Protocol], most: int = MOST, patience: float = PATIENCE) -> None:
        self._make, self._most, self.patience = make, most, patience
        self._waiting: dict[asyncio.BaseTransport, asyncio.TimerHandle] = {}
        self._busy: set[asyncio.BaseTransport] = set()

    def __call__(self) -> asyncio.Protocol:
        """A protocol for a new connection."""
        return _Timed(self, self._make())

    def __len__(self) -> int:
        """How many connections there are."""
        return len(self._waiting) + len(self._busy)

    def enter(self, transport: asyncio.Transport) -> None:
        """A connection was made; the longest waiting one makes place where there are too many."""
        if len(self) >= self._most:
            self._cut(next(iter(self._waiting), transport))
            if transport.is_closing():
                return
        self._wait(transport)

    def work(self, transport: asyncio.BaseTransport | None) -> None:
        """A whole request came over ``transport``: its handler may take its time."""
        if transport is not None and (timer := self._waiting.pop(transport, None)) is not None:
            timer.cancel()
            self._busy.add(transport)

    def rest(self, transport: asyncio.BaseTransport | None) -> None:
        """The handler is done; what is left of the answer, and the next request, have a time limit again."""
        if transport is not None and transport in self._busy:
            self._busy.remove(transport)
            self._wait(transport)

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """A connection ended."""
        self._busy.discard(transport)
        if (timer := self._waiting.pop(transport, None)) is not None:
            timer.cancel()

    def _wait(self, transport: asyncio.BaseTransport) -> None:
        self._waiting[transport] = asyncio.get_running_loop().call_later(self.patience, self._cut, transport)

    def _cut(self, transport: asyncio.BaseTransport) -> None:
        self.leave(transport)
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


class _Timed(asyncio.Protocol):
    """Passes everything on to aiohttp's protocol, and tells the gate who comes and goes."""

    def __init__(self, gate: Gate, inner: asyncio.Protocol) -> None:
        self._gate, self._inner = gate, inner
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._inner.connection_made(transport)
        if isinstance(transport, asyncio.Transport):
            self._gate.enter(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._gate.leave(self._transport)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()
