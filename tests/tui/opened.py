"""A drawn data set with results, and the application opened on it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from textual.pilot import Pilot

from skintui.settings import Settings
from skintui.steps.place import Place
from skintui.tui.app import SkintuiApp
from skintui.tui.jobs.opening import Request
from skintui.tui.screens.audit import AuditScreen
from skintui.tui.terminal import Graphics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATIENCE = 20.0
"""Seconds after which a condition that has not come true is a failure."""


async def wait_until(
    pilot: Pilot[Any], condition: Callable[[], bool], what: str = "", patience: float = PATIENCE
) -> None:
    """Let the application run until ``condition`` holds."""
    from time import monotonic

    deadline = monotonic() + patience
    while not condition():
        assert monotonic() < deadline, f"never came true: {what or condition}"
        await pilot.pause(0.01)


class Opened:
    """The application under a pilot."""

    def __init__(self, app: SkintuiApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> AuditScreen:
        found = next(screen for screen in self.app.screen_stack if isinstance(screen, AuditScreen))
        assert isinstance(found, AuditScreen)
        return found

    @property
    def session(self) -> Any:
        assert self.screen.session is not None
        return self.screen.session

    async def press(self, *keys: str) -> None:
        """Press keys and let what they cause come to rest."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], bool], what: str = "", patience: float = PATIENCE) -> None:
        await wait_until(self.pilot, condition, what, patience)

    async def type(self, text: str) -> None:
        """Type into the line that is open and enter it."""
        await self.pilot.press(*[_key(character) for character in text], "enter")
        await self.pilot.pause()

    @property
    def message(self) -> str:
        """What the bottom line says."""
        return "".join(text for text, _ in self.screen.status.left)

    def line(self, y: int) -> str:
        """One line of the screen as text."""
        return "".join(segment.text for segment in self.app.screen._compositor.render_strips()[y])

    @property
    def colours(self) -> set[str]:
        """Every colour of text and ground on the screen outside of pictures, as ``#rrggbb``."""
        found = set()
        for strip in self.app.screen._compositor.render_strips():
            for text, style, _ in strip:
                if style is not None and not PICTURES.intersection(text):
                    found |= {c.get_truecolor().hex for c in (style.color, style.bgcolor) if c is not None}
        return found

    @property
    def text(self) -> str:
        """The whole screen as text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def _key(character: str) -> str:
    from textual.keys import _character_to_key

    return _character_to_key(character)


HALF = Graphics("half")
PICTURES = frozenset("▘▝▀▖▞▛▗▚▜▄▙▟")
"""Characters that only pictures are drawn with."""
Opener = Callable[..., AbstractAsyncContextManager[Opened]]


def opener(place: Place, graphics: Graphics = HALF) -> Opener:
    """Opens the application on ``place``; options as of :class:`Settings`, and the size of the window."""

    @asynccontextmanager
    async def opened(size: tuple[int, int] = (120, 40), settled: bool = True, **settings: Any) -> AsyncIterator[Opened]:
        given = Settings(image="half", reviewer="ada", **settings)
        request = Request(place.files.root, place.workspace, given, base="", adapter=None)
        app = SkintuiApp(request, graphics)
        async with app.run_test(size=size) as pilot:
            opened = Opened(app, pilot)
            await wait_until(pilot, lambda: any(isinstance(s, AuditScreen) for s in app.screen_stack), "the screen")
            if settled:
                await opened.until(lambda: opened.screen.session is not None, "the session")
                await opened.until(lambda: bool(opened.screen.grid.neighbours), "neighbours")
                await pilot.pause()
            yield opened

    return opened
