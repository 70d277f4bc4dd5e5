"""textual-serve's server with our own page (nothing from other hosts), a token, and no directory listing."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web
from textual_serve.server import Server

from skintui.errors import SkintuiError
from skintui.tui.web.guard import Guard, Handler

MOST = 16
"""Applications open at once."""


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

    async def _make_app(self) -> web.Application:
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        app = web.Application(middlewares=[web.middleware(guarded)])
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(Path(__file__).parent))
        app.router.add_get("/", self.handle_index)
        app.router.add_get("/ws", self.handle_websocket)
        app.router.add_static("/static", self.statics_path)
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
        self._open += 1
        try:
            return await super().handle_websocket(request)
        finally:
            self._open -= 1


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
    logging.getLogger("textual-serve").setLevel(logging.ERROR)

    async def application() -> web.Application:
        app = await server._make_app()

        async def started(_: web.Application) -> None:
            ready()

        app.on_startup.append(started)
        return app

    web.run_app(application(), sock=listening, print=None, access_log=None, shutdown_timeout=2.0)
