"""The way in for browsers: ``skintui --serve``."""

from __future__ import annotations

import secrets
import shlex
import sys
from collections.abc import Callable, Sequence

LOOPBACK = "127.0.0.1"


def serve(
    arguments: Sequence[str], *, title: str, host: str = LOOPBACK, port: int = 0, tell: Callable[[str], None]
) -> int:
    """Serve ``skintui ARGUMENTS`` until it is stopped; ``tell`` is given the address, token included, once it answers.

    Raises SkintuiError where the port is taken.
    """
    from skintui.tui.web.guard import Guard
    from skintui.tui.web.server import WebServer, listen, run_server

    listening = listen(host, port)
    token = secrets.token_urlsafe(32)
    number = listening.getsockname()[1]
    guard = Guard(token, host, cookie=f"skintui_{number}")
    command = "exec " + shlex.join([sys.executable, "-m", "skintui", *arguments])
    shown = f"[{host}]" if ":" in host else host
    server = WebServer(command, guard, title)
    run_server(server, listening, lambda: tell(f"http://{shown}:{number}/?token={token}"))
    return 0
