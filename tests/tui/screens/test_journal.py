"""The log on the screen."""

from __future__ import annotations

from skintui.steps.place import Place
from skintui.tui.screens.journal import LogScreen
from tests.tui.opened import Opened, Opener
from tests.tui.screens.test_deciding import recorded
from tests.tui.screens.test_queueing import of_ben


def log_lines(app: Opened) -> list[str]:
    return [line for line in app.text.splitlines() if "ISIC_" in line]


def said(app: Opened) -> str:
    return app.text.splitlines()[-1]


async def test_the_newest_is_first(opened: Opener) -> None:
    async with opened() as app:
        await app.press("x", "v", "L")
        assert isinstance(app.app.screen, LogScreen)
        first, second = log_lines(app)
        assert app.session.ids[1] in first
        assert "label right" in first
        assert "label wrong" in second


async def test_an_empty_log_says_so(opened: Opener) -> None:
    async with opened() as app:
        await app.press("L")
        assert "nothing is decided yet" in app.text


async def test_typing_narrows_it(opened: Opener) -> None:
    async with opened() as app:
        await app.press("x", "v", "L", "slash")
        await app.type("label wrong")
        assert [app.session.ids[0] in line for line in log_lines(app)] == [True]
        assert "1 of 2 events" in app.text


async def test_escape_drops_the_filter_and_then_leaves(opened: Opener) -> None:
    async with opened() as app:
        await app.press("x", "v", "L", "slash")
        await app.type("wrong")
        await app.press("escape")
        assert len(log_lines(app)) == 2
        await app.press("escape")
        assert app.app.screen is app.screen


async def test_letters_are_text_while_one_types(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("x", "L", "slash", "x", "x", "q")
        assert isinstance(app.app.screen, LogScreen)
        assert len(recorded(place)) == 1


async def test_one_of_ones_own_is_taken_back_after_a_second_key(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("x", "v", "L", "j", "x")
        assert "x again takes label wrong" in said(app)
        assert len(recorded(place)) == 2
        await app.press("x")
        assert [v.verdict for v in recorded(place)] == ["label_ok"]
        await app.press("escape")
        row = next(line for line in app.text.splitlines() if app.session.ids[0] in line)
        assert "✗" not in row


async def test_moving_on_takes_nothing_back(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("x", "v", "L", "x", "j", "x")
        assert "x again" in said(app)
        assert len(recorded(place)) == 2


async def test_what_was_taken_back_stays_in_the_log(opened: Opener) -> None:
    async with opened() as app:
        await app.press("x", "L", "x", "x")
        back, taken = log_lines(app)
        assert "took back" in back
        assert "↩ label wrong" in taken
        await app.press("x")
        assert "taken back already" in said(app)


async def test_the_cursor_stays_on_its_event(opened: Opener) -> None:
    async with opened() as app:
        await app.press("x", "v", "L", "j", "x", "x")
        assert app.app.screen.query_one("LesionTable").cursor == 2  # type: ignore[attr-defined]


async def test_anothers_is_for_reading(opened: Opener, place: Place) -> None:
    of_ben(place, 3)
    async with opened() as app:
        await app.press("L", "x")
        assert "only ben can take this back" in said(app)
        assert len(recorded(place)) == 1


async def test_enter_goes_there_and_backspace_returns(opened: Opener, place: Place) -> None:
    of_ben(place, 7)
    async with opened() as app:
        await app.press("L", "enter")
        assert app.app.screen is app.screen
        assert app.session.selected == (7, 0)
        assert app.screen.table.cursor == 7
        await app.press("backspace")
        assert app.session.selected.row == 0


async def test_the_log_fits_eighty_columns(opened: Opener) -> None:
    async with opened(size=(80, 24)) as app:
        await app.press("x", "L")
        (line,) = log_lines(app)
        assert "✗ label wrong" in line
        assert "value" in app.line(1)


async def test_a_note_cannot_act_on_the_terminal(opened: Opener, place: Place) -> None:
    of_ben(place, 3, note="\x1b[31m[red]evil")
    async with opened() as app:
        await app.press("L")
        assert "[red]evil" in app.text
        assert "\x1b" not in app.text
