"""Other people's verdicts as they come."""

from __future__ import annotations

from skintui.steps.place import Place
from skintui.tui.screens import watching
from tests.tui.opened import Opener
from tests.tui.screens.test_queueing import of_ben


async def test_anothers_verdict_appears_by_itself(opened: Opener, place: Place) -> None:
    assert watching.EVERY <= 2
    async with opened() as app:
        of_ben(place, 0, 2)
        await app.until(lambda: "label wrong · ben" in app.text, "ben's verdict beside the lesion")
        row = next(line for line in app.text.splitlines() if app.session.ids[2] in line)
        assert "✗" in row
        assert "2 reviewed" in app.line(0)


async def test_a_record_that_is_gone_disturbs_nobody(opened: Opener) -> None:
    async with opened() as app:
        app.session.decisions.close()
        display = app.screen.display_of
        assert display is not None
        watching.Watching(app.screen, app.session, display).look()
        assert app.app.is_running
