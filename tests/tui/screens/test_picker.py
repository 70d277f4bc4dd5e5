"""The window in which one of a list is chosen."""

from __future__ import annotations

from skintui.tui.screens.picker import NOTHING, Picker
from tests.tui.opened import Opener


async def test_enter_with_nothing_like_it_stays(opened: Opener) -> None:
    async with opened() as app:
        await app.press("a")
        await app.type("zzz")
        assert isinstance(app.app.screen, Picker)
        assert NOTHING in app.text
        await app.press("escape")
        assert not isinstance(app.app.screen, Picker)


async def test_it_stays_within_a_small_window(opened: Opener) -> None:
    async with opened(size=(40, 12)) as app:
        await app.press("Q")
        assert app.app.screen.query_one("Vertical").region.right <= 40
