"""textual-serve's server with our own page (nothing from other hosts), a token, and no directory listing."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from mimetypes import guess_type
from pathlib import Path
from typing import Any, cast

import aiohttp_jinja2
import jinja2
from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from skintui.errors import SkintuiError
from skintui.tui.web.gate import MOST as MOST_CONNECTIONS
from skintui.tui.web.gate import PATIENCE, Gate
from skintui.tui.web.guard import Guard, Handler

MOST = 16
"""Applications open at once."""
LARGEST = 1000
"""Columns or rows of a window; what asks for more is not a browser's."""


class WebServer(Server):
    """Runs ``command`` once for each browser window that opens the page.

    Args:
        command: a shell command that starts the application.
        guard: lets requests pass or refuses them.
        title: name of the page.
    """

    def __init__(self, command: str, guard: Guard, title: str) -> None:
        super().__init__(command, title=title)
        self._guard = guard
        self._open = 0
        self._gate: Gate | None = None

    async def _make_app(self) -> web.Application:
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            transport, gate = request.transport, self._gate
            if gate is None:
                return await self._guard(request, handler)
            gate.work(transport)
            try:
                return await self._guard(request, handler)
            finally:
                gate.rest(transport)

        app = web.Application(middlewares=[web.middleware(guarded)])
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(Path(__file__).parent))
        app.router.add_get("/", self.handle_index)
        app.router.add_get("/ws", self.handle_websocket)
        assets = read_assets(Path(self.statics_path))

        async def asset(request: web.Request) -> web.Response:
            found = assets.get(request.match_info["name"])
            if found is None:
                raise web.HTTPNotFound
            return web.Response(body=found[0], content_type=found[1])

        app.router.add_get("/static/{name:.+}", asset)
        return app

    @aiohttp_jinja2.template("page.html")
    async def handle_index(self, request: web.Request) -> dict[str, Any]:
        """The page; addresses follow the name it was asked under, so that a tunnel may lead to it."""
        size = request.query.get("fontsize", "")
        return {
            "title": self.title,
            "websocket": f"{'wss' if request.secure else 'ws'}://{request.host}/ws",
            "font_size": size if size.isdecimal() and 6 <= int(size) <= 64 else "16",
        }

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One application, ended with the connection."""
        if self._open >= MOST:
            raise web.HTTPServiceUnavailable(text=f"{MOST} windows are open already; close one\n")
        if not all(_is_size(request.query.get(name, "80")) for name in ("width", "height")):
            raise web.HTTPBadRequest(text=f"a window has 1 to {LARGEST} columns and rows\n")
        if not web.WebSocketResponse().can_prepare(request).ok:
            raise web.HTTPBadRequest(text="this is where the page's socket connects\n")
        self._open += 1
        try:
            return await super().handle_websocket(request)
        finally:
            self._open -= 1

    async def _process_messages(self, websocket: web.WebSocketResponse, app_service: AppService) -> None:
        """Keys and sizes from the browser to the application; what is neither is passed over."""
        async for message in websocket:
            if message.type != WSMsgType.TEXT:
                continue
            match _message(message.data):
                case ["stdin", str(keys)]:
                    await app_service.send_bytes(keys.encode("utf-8", "replace"))
                case ["resize", {"width": int(width), "height": int(height)}] if _fits(width) and _fits(height):
                    await app_service.set_terminal_size(width, height)
                case ["ping", str() | int() | float() | None as data]:
                    await websocket.send_json(["pong", data])
                case ["blur", *_]:
                    await app_service.blur()
                case ["focus", *_]:
                    await app_service.focus()

    @asynccontextmanager
    async def listening(
        self, sock: socket.socket, *, most: int = MOST_CONNECTIONS, patience: float = PATIENCE
    ) -> AsyncIterator[Gate]:
        """Serve on a listening socket until the block ends; the gate says how many connections there are."""
        for name in ("textual-serve", "aiohttp.server"):  # they would print what strangers send
            logging.getLogger(name).setLevel(logging.CRITICAL)
        runner = web.AppRunner(
            await self._make_app(),
            access_log=None,
            keepalive_timeout=patience,
            lingering_time=min(patience, 2.0),
            auto_decompress=False,
            shutdown_timeout=2.0,
        )
        await runner.setup()
        self._gate = Gate(cast(Callable[[], asyncio.Protocol], runner.server), most, patience)
        server = await asyncio.get_running_loop().create_server(self._gate, sock=sock)
        try:
            yield self._gate
        finally:
            server.close()
            await runner.cleanup()


def _is_size(text: str) -> bool:
    return len(text) <= 4 and text.isdecimal() and _fits(int(text))


def _fits(size: int) -> bool:
    return 1 <= size <= LARGEST


def _message(text: str) -> Any:
    """What a browser sent, or None where that is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_assets(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Content and type of every file of a folder by its name there; links are not followed.

    What is asked for is looked up here and nowhere in the file system, so no name leads out of the folder.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), guess_type(path.name)[0] or "application/octet-stream")
        for path in files
    }


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises SkintuiError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, reuse_port=False)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SkintuiError(f"cannot serve on {host} port {port} ({reason})", do="name another with --port") from error


def run_server(server: WebServer, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; ``ready`` is called when the first request can come."""

    async def until_stopped() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        async with server.listening(listening):
            ready()
            await stop.wait()

    asyncio.run(until_stopped())
