"""HTTP and WebSocket by the byte."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from skintui.tui.web.gate import Gate

HOST = "127.0.0.1"
PATIENCE = 10.0
"""Seconds in which anything must have been answered or closed."""


@dataclass(frozen=True)
class Raw:
    """A server on a port of this machine."""

    port: int
    token: str
    gate: Gate

    @property
    def cookie(self) -> bytes:
        """Header line of one who was let in."""
        return b"Cookie: skintui=" + self.token.encode() + b"\r\n"

    def get(self, path: str, *, cookie: bytes | None = None) -> bytes:
        """A whole request, let in unless another cookie is given; its connection ends with the answer."""
        line = self.cookie if cookie is None else b"Cookie: " + cookie + b"\r\n"
        where = path.encode("utf-8", "surrogateescape")
        return b"GET " + where + b" HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\n" + line + b"Connection: close\r\n\r\n"

    async def answers(self) -> bool:
        """Whether the server, its patience that of every day, gives the page to one who may have it."""
        self.gate.patience = PATIENCE
        return await self.status(self.get("/")) == 200

    async def say(self, request: bytes, *, until: bytes = b"") -> bytes:
        """All that is answered until the server closes, or until ``until`` came."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        try:
            writer.write(request)
            return await self.rest(reader, until)
        finally:
            writer.transport.abort()

    async def rest(self, reader: asyncio.StreamReader, until: bytes = b"") -> bytes:
        """What still comes; a connection that was reset has ended, too."""
        got = b""
        async with asyncio.timeout(PATIENCE):
            try:
                while more := await reader.read(65536):
                    got += more
                    if until and until in got:
                        break
            except ConnectionError:
                pass
        return got

    async def status(self, request: bytes, *, head: bool = False) -> int:
        """Status of the answer; with ``head``, that of a connection that stays open."""
        answer = await self.say(request, until=b"\r\n\r\n" if head else b"")
        return int(answer[9:12])


def handshake(
    raw: Raw,
    *,
    path: bytes = b"/ws",
    host: bytes | None = None,
    origin: bytes | None = None,
    cookie: bytes | None = None,
    version: bytes = b"13",
    key: bytes = b"AAAAAAAAAAAAAAAAAAAAAA==",
) -> bytes:
    """What a browser with the page open sends for its socket, one thing changed."""
    own = b"127.0.0.1:%d" % raw.port
    lines = [
        b"GET " + path + b" HTTP/1.1",
        b"Host: " + (own if host is None else host),
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Version: " + version,
        b"Sec-WebSocket-Key: " + key,
        raw.cookie.strip() if cookie is None else b"Cookie: " + cookie,
    ]
    origin = b"http://" + own if origin is None else origin
    lines += [b"Origin: " + origin] if origin else []
    return b"\r\n".join(lines) + b"\r\n\r\n"


def frame(payload: bytes, *, code: int = 1, fin: bool = True, masked: bool = True) -> bytes:
    """A WebSocket frame (RFC 6455, 5.2) with a mask of zeros."""
    size, mask = len(payload), 0x80 if masked else 0
    if size < 126:
        length = bytes([mask | size])
    elif size < 65536:
        length = bytes([mask | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([mask | 127]) + size.to_bytes(8, "big")
    return bytes([0x80 * fin | code]) + length + b"\0" * (4 * masked) + payload
