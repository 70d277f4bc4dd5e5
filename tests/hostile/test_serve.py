"""``--serve`` under raw sockets: who is let in, what is reachable, and what a stranger can hold up."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from skintui.cli.open import open as open_verb
from skintui.tui import serving
from skintui.tui.web import guard
from skintui.tui.web.gate import MOST, Gate
from skintui.tui.web.server import WebServer, listen
from tests.hostile.raw import Raw, frame, handshake

TOKEN = "a-token-of-43-characters-as-the-server-draws"  # noqa: S105 -- of these tests only
ECHO_ONE = "printf '__GANGLION__\\n'; exec head -c 6"
"""An application that says one key back: a packet of six bytes."""


async def _served(server: WebServer, **bounds: float) -> AsyncIterator[Raw]:
    sock = listen(serving.LOOPBACK, 0)
    async with server.listening(sock, **bounds) as gate:  # type: ignore[arg-type]
        yield Raw(sock.getsockname()[1], TOKEN, gate)


@pytest.fixture
async def raw() -> AsyncIterator[Raw]:
    """The server as ``--serve`` runs it, with an application of one key."""
    async for each in _served(WebServer(ECHO_ONE, guard.Guard(TOKEN, serving.LOOPBACK), "demo")):
        yield each


@pytest.fixture
async def hasty() -> AsyncIterator[Raw]:
    """The same with a tenth of a second's patience."""
    async for each in _served(WebServer("true", guard.Guard(TOKEN, serving.LOOPBACK), "demo"), patience=0.1):
        yield each


def test_it_listens_on_this_machine_only_unless_told() -> None:
    (host,) = (option.default for option in open_verb.params if option.name == "host")
    assert host == serving.LOOPBACK == "127.0.0.1"
    assert inspect.signature(serving.serve).parameters["host"].default == "127.0.0.1"


async def test_tokens_are_compared_in_constant_time(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[bytes, bytes]] = []

    def refused(a: bytes, b: bytes) -> bool:
        asked.append((a, b))
        return False

    monkeypatch.setattr("skintui.tui.web.guard.hmac.compare_digest", refused)
    assert await raw.status(raw.get("/")) == 403  # the right one: nothing else decides
    assert asked == [(TOKEN.encode(), TOKEN.encode())]


@pytest.mark.parametrize(
    "offered",
    ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "ä" * 43, "\udcff", "\0", "%00", "x" * 6000, f'"{TOKEN[:-1]}"'],
)
async def test_any_other_token_is_refused(raw: Raw, offered: str) -> None:
    cookie = offered.encode("utf-8", "surrogateescape")
    assert await raw.status(raw.get("/", cookie=b"skintui=" + cookie)) in (400, 403)
    assert await raw.status(raw.get("/?token=" + offered, cookie=b"")) in (400, 403)


CLIMBS = [
    "/static/../server.py", "/static/../../../../../../etc/passwd", "/static/%2e%2e/server.py",
    "/static/..%2fserver.py",
    "/static/%2e%2e%2fserver.py", "/static/%252e%252e%252fserver.py", "/static/..%255cserver.py",
    "/static/..\\server.py",
    "/static/..%5cserver.py", "/static//etc/passwd", "/static/%2fetc%2fpasswd", "/static/js/textual.js%00.css",
    "/static/%00", "/static/js/..%00/", "/static/....//server.py", "/static/.%2e/server.py",
    "/static/%c0%ae%c0%ae/server.py",
    "/static/%u002e%u002e/server.py", "/static/..;/server.py", "/../etc/passwd", "//etc/passwd", "/static", "/static/",
    "/static/js", "/static/js/", "/download/x", "http://127.0.0.1/static/../server.py",
    "http://elsewhere.example/etc/passwd",
    "file:///etc/passwd", "/static/" + "a" * 7000, "/static/" + "../" * 2000 + "etc/passwd", "/static/" + "d/" * 3000,
    "/page.html", "/ws/../page.html", "/static/~root", "/static/CON", "/static/\u2025/server.py",
]  # fmt: skip


async def test_nothing_beside_the_assets_is_reachable(raw: Raw) -> None:
    answers = await asyncio.gather(*(raw.say(raw.get(path)) for path in CLIMBS))
    for path, answer in zip(CLIMBS, answers, strict=True):
        assert answer[9:12] in (b"400", b"403", b"404", b"414"), path[:80]
        assert b"root:" not in answer
        assert b"import" not in answer
    assert await raw.status(raw.get("/static/js/textual.js")) == 200


async def test_a_link_out_of_the_assets_is_not_followed(tmp_path: Path) -> None:
    assets, secret = tmp_path / "assets", tmp_path / "secret.txt"
    assets.mkdir()
    secret.write_text("secret")
    (assets / "own.txt").write_text("own")
    (assets / "link.txt").symlink_to(secret)
    (assets / "folder").symlink_to(tmp_path)
    server = WebServer("true", guard.Guard(TOKEN, serving.LOOPBACK), "demo")
    server.statics_path = assets
    async for raw in _served(server):
        assert await raw.status(raw.get("/static/own.txt")) == 200
        for path in ("/static/link.txt", "/static/folder/secret.txt"):
            answer = await raw.say(raw.get(path))
            assert answer[9:12] in (b"403", b"404")
            assert b"secret" not in answer


def _garbage(cookie: bytes) -> list[bytes]:
    """Requests that are none."""
    host = b"Host: 127.0.0.1\r\n" + cookie
    return [
        b"\r\n\r\n", b"\0" * 500, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", bytes(range(256)) * 8,
        b"GET\r\n\r\n",
        b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n" + host + b"\r\n", b"GET / HTTP/1.1 x\r\n" + host + b"\r\n",
        b"G\x1b[2JT / HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /\x1b]0;x\x07 HTTP/1.1\r\n" + host + b"\r\n", b"GET " + b"/" * 20_000 + b" HTTP/1.1\r\n" + host + b"\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"X: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"".join(b"X%d: y\r\n" % k for k in range(2000)) + b"\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"no colon\r\n\r\n", b"GET / HTTP/1.1\r\n" + host + b"a\0b: c\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + host + b" folded: x\r\n y\r\n\r\n", b"GET / HTTP/1.1\r\n" + host + b"X: a\rb\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Content-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"BREW / HTTP/1.1\r\n" + host + b"\r\n", b"TRACE / HTTP/1.1\r\n" + host + b"\r\n",
        b"PUT /x HTTP/1.1\r\n" + host + b"\r\n",
        b"DELETE /static/js/textual.js HTTP/1.1\r\n" + host + b"\r\n", b"OPTIONS * HTTP/1.1\r\n" + host + b"\r\n",
        b"CONNECT elsewhere.example:80 HTTP/1.1\r\n" + host + b"\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + cookie + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n" + cookie + b"\r\n",
        b"GET / HTTP/1.1\r\nHost:\r\n" + cookie + b"\r\n", b"GET / HTTP/1.1\r\nHost: [::1\x00]\r\n" + cookie + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\n" + cookie + b"\r\n", b"GET / HTTP/1.0\r\n" + cookie + b"\r\n",
    ]  # fmt: skip


@pytest.mark.parametrize("known", [False, True])
async def test_what_is_no_request_gets_nothing_and_does_no_harm(
    hasty: Raw, known: bool, caplog: pytest.LogCaptureFixture
) -> None:
    hasty.gate.patience = 1.0  # of those that are left open; the others are answered meanwhile
    requests = _garbage(hasty.cookie if known else b"")
    answers = await asyncio.gather(*map(hasty.say, requests))
    for request, answer in zip(requests, answers, strict=True):
        assert answer == b"" or answer[9:10] == b"4", (request[:80], answer[:80])
        assert b"\x1b" not in answer
    assert await hasty.answers()
    assert not caplog.records


async def test_garbage_behind_a_good_request_gets_no_answer_but_an_error(raw: Raw) -> None:
    good = raw.get("/").replace(b"Connection: close\r\n", b"")
    answer = await raw.say(good + b"\x00garbage\r\n\r\n" + good)
    assert answer.count(b"HTTP/1.1 200") <= 1
    assert answer.count(b" 400 Bad Request") == 1
    assert await raw.answers()


@pytest.mark.parametrize(
    "head", [b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n"]
)
async def test_no_body_is_waited_for_or_kept(hasty: Raw, head: bytes) -> None:
    request = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + hasty.cookie + head + b"\r\n" + b"1\r\nx\r\n" * 20_000
    answer = await hasty.say(request)  # and the connection ends
    assert answer[9:10] in (b"", b"4")
    assert await hasty.answers()


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"cookie": b""}, 403),
        ({"cookie": b"skintui=wrong"}, 403),
        ({"origin": b"http://elsewhere.example"}, 403),
        ({"origin": b"null"}, 403),
        ({"origin": b"http://127.0.0.1:1"}, 403),
        ({"origin": b""}, 403),
        ({"host": b"rebound.example"}, 403),
        ({"host": b"127.0.0.1.rebound.example"}, 403),
        ({"host": b"rebound.example", "origin": b"http://rebound.example"}, 403),
        ({"path": b"/ws?width=99999999&height=1"}, 400),
        ({"path": b"/ws?width=" + b"9" * 5000}, 400),
        ({"path": b"/ws?height=-1"}, 400),
        ({"version": b"-1"}, 400),
        ({"key": b"short"}, 400),
        ({}, 101),
    ],
)
async def test_handshakes(raw: Raw, changed: dict[str, bytes], status: int) -> None:
    assert await raw.status(handshake(raw, **changed), head=True) == status


@pytest.mark.parametrize(
    "frames",
    [
        bytes(range(256)) * 16,
        b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"mask" + b"x" * 1000,  # says 2^63 bytes follow
        frame(b"x" * 100, fin=False) * 50 + b"\xff",
        frame(b"\xff\xfe"),
        frame(b"p" * 126, code=9),
        frame(b"", code=3),
        frame(b"x" * 5_000_000),
    ],
)
async def test_broken_frames_end_their_connection_only(raw: Raw, frames: bytes) -> None:
    answer = await raw.say(handshake(raw) + frames)
    assert answer.startswith(b"HTTP/1.1 101")
    assert await raw.answers()


async def test_messages_that_are_none_are_passed_over(raw: Raw, caplog: pytest.LogCaptureFixture) -> None:
    texts = [
        b"", b"nonsense", b"[]", b"{}", b"null", b'["stdin"]', b'["stdin",5]', b'["stdin",null]', b'["resize"]',
        b"[" * 90_000,
        b'["resize",{"width":1e999,"height":1}]', b'["resize",{"width":99999999,"height":-1}]', b'["resize","x"]',
        b'["ping",' + b"9" * 5000 + b"]", b'["unknown",1]', b'[["stdin"],"x"]', b'["ping",{"a":[1]}]',
    ]  # fmt: skip
    sent = b"".join(frame(text) for text in texts) + frame(b"\x00\xff", code=2) + frame(b'["stdin","x"]')
    answer = await raw.say(handshake(raw) + sent, until=b"\x82\x01x")
    assert answer.endswith(b"\x82\x01x")  # the one key came back
    assert not caplog.records


async def test_hundreds_who_say_nothing_keep_nobody_out(raw: Raw) -> None:
    opened = [await asyncio.open_connection(serving.LOOPBACK, raw.port) for _ in range(200)]
    assert await raw.answers()
    assert len(raw.gate) <= MOST
    for _, writer in opened:
        writer.close()


@pytest.mark.parametrize("start", [b"", b"GET /", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "])
async def test_a_head_that_does_not_come_to_an_end_is_cut_off(hasty: Raw, start: bytes) -> None:
    reader, writer = await asyncio.open_connection(serving.LOOPBACK, hasty.port)
    writer.write(start)

    async def trickle() -> None:
        while not reader.at_eof() and not writer.is_closing():
            if start:
                writer.write(b"x")
            await asyncio.sleep(0.01)

    more = asyncio.create_task(trickle())
    assert not (await hasty.rest(reader)).startswith(b"HTTP/1.1 200")
    more.cancel()
    writer.close()
    assert await hasty.answers()


async def test_a_connection_kept_alive_for_nothing_is_cut_off(hasty: Raw) -> None:
    answer = b""
    while not answer:  # on a busy machine it may be cut before it was answered
        answer = await hasty.say(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + hasty.cookie + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 200")  # and the end came, though the connection was to be kept


async def test_an_answer_that_is_not_fetched_is_cut_off(hasty: Raw) -> None:
    reader, writer = await asyncio.open_connection(serving.LOOPBACK, hasty.port, limit=1024)
    request = b"GET /static/js/textual.js HTTP/1.1\r\nHost: 127.0.0.1\r\n" + hasty.cookie + b"\r\n"
    writer.write(request * 30)
    for _ in range(500):
        if not len(hasty.gate):
            break
        await asyncio.sleep(0.01)
    assert len(hasty.gate) == 0
    writer.close()
    del reader


class _Silent(asyncio.Transport):
    cut = False

    def abort(self) -> None:
        self.cut = True

    def is_closing(self) -> bool:
        return self.cut


async def test_of_too_many_the_one_that_waits_longest_goes_and_no_open_window() -> None:
    gate = Gate(asyncio.Protocol, most=3)
    window, first, second, third = connections = [_Silent() for _ in range(4)]
    for connection in connections[:3]:
        gate.enter(connection)
    gate.work(window)
    gate.enter(third)
    assert _cut(connections) == [first]
    gate.rest(window)
    gate.enter(_Silent())
    assert _cut([window, second, third]) == [second]


def _cut(connections: Sequence[_Silent]) -> list[_Silent]:
    return [connection for connection in connections if connection.cut]
