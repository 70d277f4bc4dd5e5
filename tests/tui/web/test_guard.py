"""Who is let in and who is not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer

from skintui.tui.web.guard import Guard
from skintui.tui.web.server import WebServer

TOKEN = "the-token"  # noqa: S105 -- of these tests only

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A browser without cookies before a server whose application ends at once."""
    server = WebServer("true", Guard(TOKEN, "127.0.0.1"), "demo")
    async with TestClient(TestServer(await server._make_app())) as client:
        yield client


async def let_in(client: Client) -> None:
    """Open the whole address, as printed."""
    answer = await client.get(f"/?token={TOKEN}")
    assert answer.status == 200


async def test_the_whole_address_opens_the_page(client: Client) -> None:
    answer = await client.get(f"/?token={TOKEN}")
    assert "demo" in await answer.text()


async def test_the_token_leaves_the_address(client: Client) -> None:
    answer = await client.get(f"/?token={TOKEN}", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/")


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: Client) -> None:
    answer = await client.get(f"/?token={TOKEN}", allow_redirects=False)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/?token=", "/ws", "/static/js/textual.js", "/nothing"])
async def test_without_the_token_nothing_answers(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert answer.status == 403


async def test_a_page_of_another_origin_cannot_connect(client: Client) -> None:
    await let_in(client)
    with pytest.raises(WSServerHandshakeError, match="403"):
        await client.ws_connect("/ws", headers={"Origin": "http://elsewhere.example"})


async def test_our_own_page_connects(client: Client) -> None:
    await let_in(client)
    own = f"http://{client.host}:{client.port}"
    async with client.ws_connect("/ws", headers={"Origin": own}) as socket:
        assert not socket.closed


async def test_a_foreign_name_for_this_machine_is_refused(client: Client) -> None:
    answer = await client.get(f"/?token={TOKEN}", headers={"Host": "rebound.example"})
    assert answer.status == 403


@pytest.mark.parametrize(
    "path",
    ["/static/", "/static/..%2fserver.py", "/static/%2e%2e/%2e%2e/etc/passwd", "/download/x", "/static//etc/passwd"],
)
async def test_no_file_beside_the_assets_can_be_read(client: Client, path: str) -> None:
    await let_in(client)
    answer = await client.get(path)
    assert answer.status in (403, 404)


async def test_the_page_asks_no_other_host(client: Client) -> None:
    answer = await client.get(f"/?token={TOKEN}")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "//" not in (await answer.text()).replace("ws://", "")


@pytest.mark.parametrize(
    ("bound", "name", "known"),
    [
        ("127.0.0.1", "localhost:9000", True),
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("127.0.0.1", "[::1]:8000", True),
        ("127.0.0.1", "192.168.0.7:8000", False),
        ("127.0.0.1", "evil.example", False),
        ("0.0.0.0", "192.168.0.7:8000", True),  # noqa: S104 -- a name to judge, nothing is bound
        ("0.0.0.0", "evil.example:8000", False),  # noqa: S104 -- likewise
        ("gpu.lab", "gpu.lab:8000", True),
    ],
)
def test_names_this_machine_goes_by(bound: str, name: str, known: bool) -> None:
    assert Guard(TOKEN, bound).is_known_host(name) is known
