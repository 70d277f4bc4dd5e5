"""Who may ask: the holder of the token, from a page of ours, under a name we go by."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets a request pass or refuses it with 403, whatever it asks for."""

    token: str
    host: str
    """Address the server is bound to."""
    cookie: str = "skintui"

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Middleware. The token in the address becomes a cookie, so that it leaves the address bar."""
        if not self.is_known_host(request.headers.get("Host", "")) or not self._is_own_page(request):
            raise web.HTTPForbidden(text="refused: this page is not served under that name\n", headers=_HEADERS)
        offered = request.query.get("token")
        if offered is not None and request.path == "/" and self._is_token(offered):
            moved = web.HTTPSeeOther("/", headers=_HEADERS)
            moved.set_cookie(self.cookie, self.token, httponly=True, samesite="Strict", path="/")
            raise moved
        if not self._is_token(request.cookies.get(self.cookie, "")):
            text = "refused: open the whole address that 'skintui --serve' printed, its token included\n"
            raise web.HTTPForbidden(text=text, headers=_HEADERS)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    def is_known_host(self, name: str) -> bool:
        """Whether a Host header names this machine: a foreign name that resolves to it is a page's trick."""
        host = _bare(name)
        return host in ("localhost", self.host) or _is_loopback(host) or (_is_any(self.host) and _is_address(host))

    def _is_own_page(self, request: web.Request) -> bool:
        """Whether no page of another origin asks. Every browser says the origin of a page that opens a socket."""
        origin = request.headers.get("Origin")
        if origin is None:
            return request.path != "/ws"
        return origin in (f"http://{request.host}", f"https://{request.host}")

    def _is_token(self, offered: str) -> bool:
        return hmac.compare_digest(offered.encode("utf-8", "replace"), self.token.encode())


def _bare(host: str) -> str:
    """A host without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].casefold()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


def _is_any(host: str) -> bool:
    """Whether the server listens on every address of the machine."""
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified
