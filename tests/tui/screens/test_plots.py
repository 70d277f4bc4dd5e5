"""The plots and the cursor in the scatter."""

from __future__ import annotations

import pytest

from skintui.tui.screens.plots import PlotScreen
from tests.tui.opened import Opened, Opener


async def plotted(app: Opened, *keys: str) -> PlotScreen:
    """The plot screen once it has drawn."""
    await app.press("P", *keys)
    screen = app.app.screen
    assert isinstance(screen, PlotScreen)
    await app.until(lambda: bool(screen.words.text), "the plot")
    return screen


async def test_the_scatter_begins_at_the_selected_lesion(opened: Opener) -> None:
    async with opened() as app:
        selected = app.session.selected
        screen = await plotted(app)
        await app.until(lambda: app.session.ids[selected.row] in screen.words.text)


async def test_enter_goes_to_the_lesion_under_the_cursor(opened: Opener) -> None:
    async with opened() as app:
        screen = await plotted(app)
        await app.until(lambda: "lesion" in screen.words.text)
        before = app.session.selected.row
        for key in ("l", "h", "k", "j"):
            await app.press(key)
            if screen._points is not None and int(screen._points.rows[screen.cursor]) != before:
                break
        assert screen._points is not None
        wanted = int(screen._points.rows[screen.cursor])
        assert wanted != before
        await app.press("enter")
        assert app.app.screen is app.screen
        assert app.session.selected.row == wanted


async def test_leaving_stays_where_one_was(opened: Opener) -> None:
    async with opened() as app:
        before = app.session.selected
        await plotted(app, "l")
        await app.press("escape")
        assert app.app.screen is app.screen
        assert app.session.selected == before


@pytest.mark.parametrize(("key", "words"), [("2", "labels"), ("3", "± holds"), ("4", "no training record")])
async def test_every_plot_says_what_it_shows(opened: Opener, key: str, words: str) -> None:
    async with opened() as app:
        screen = await plotted(app, key)
        await app.until(lambda: words in screen.words.text, words)


async def test_the_table_of_agreement_is_whole_at_eighty_columns(opened: Opener) -> None:
    async with opened(size=(80, 24)) as app:
        screen = await plotted(app, "3")
        await app.until(lambda: "± holds" in screen.words.text)
        await app.until(lambda: "95 %" in app.text, "the last column")


async def test_another_attribute_is_chosen_on_both_screens(opened: Opener) -> None:
    async with opened() as app:
        await plotted(app, "]")
        await app.press("escape")
        assert app.session.attribute == 1


async def test_a_hidden_prediction_is_not_called_missing(opened: Opener) -> None:
    async with opened() as app:
        await app.press("R")
        await app.type("prediction hidden")
        screen = await plotted(app)
        await app.until(lambda: "the prediction is hidden" in screen.words.text)
