from __future__ import annotations

import pytest

from skintui.steps.place import Place
from skintui.tui.widgets.paragraph import Paragraph
from skintui.tui.widgets.tile import Tile
from tests.tui.opened import PICTURES, Opened, Opener, opener


def visible_panes(app: Opened) -> set[str]:
    return {pane for pane in ("list", "lesion", "near") if app.screen.query_one(f"#{pane}").region.area > 0}


@pytest.mark.parametrize("size", [(120, 40), (200, 60), (104, 30)])
async def test_three_panes_where_there_is_room(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as app:
        assert visible_panes(app) == {"list", "lesion", "near"}


async def test_at_80_columns_the_neighbours_take_the_lesions_place(opened: Opener) -> None:
    async with opened(size=(80, 24)) as app:
        assert visible_panes(app) == {"list", "lesion"}
        await app.press("tab", "tab")
        assert visible_panes(app) == {"list", "near"}
        await app.until(lambda: app.screen.grid.cards[0].tile.picture is not None)
        await app.press("tab")
        assert visible_panes(app) == {"list", "lesion"}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_attributes_are_in_sight_with_the_chosen_one(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as app:
        await app.press("[")
        assert "LB contrast" in app.text
        if size[1] > 24:
            assert all(
                attribute.title in app.text or attribute.short in app.text
                for attribute in app.screen.attributes.attributes
            )


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_five_neighbours_are_in_sight(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as app:
        await app.press("shift+tab")
        await app.pilot.pause()
        assert len(app.screen.grid.shown) >= (5 if size[1] > 24 else 3)
        pane = app.screen.query_one("#near").region
        for card in app.screen.grid.cards[: len(app.screen.grid.shown)]:
            assert pane.contains_region(card.region)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_tiles_are_whole_and_square(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as app:
        for tile in app.screen.query(Tile):
            if tile.region.area:
                columns, rows = app.screen.painter.box(*tile.size)  # type: ignore[union-attr]
                assert abs(columns - 2 * rows) <= 1
                assert rows >= 3


async def test_a_resize_keeps_what_is_selected(opened: Opener) -> None:
    async with opened(size=(120, 40)) as app:
        await app.press("j", "j", "]")
        await app.pilot.resize_terminal(80, 24)
        await app.pilot.pause()
        await app.pilot.resize_terminal(160, 50)
        await app.pilot.pause()
        assert app.session.selected == (2, 1)
        assert app.session.ids[2] in app.text
        await app.until(lambda: app.screen.tile.key == "2")


async def test_a_tiny_window_does_not_break_it(opened: Opener) -> None:
    async with opened(size=(40, 10)) as app:
        await app.press("j", "tab", "tab", "l", "tab", "w", "x", "u")
        assert app.app.is_running


async def test_the_cursor_and_flags_need_no_colour(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened() as app:
        await app.press("w", "v", "k")
        assert app.app.no_color
        assert app.line(3).startswith("▌✓")


async def test_without_pictures_the_size_is_told(place: Place) -> None:
    from skintui.tui.terminal import Graphics

    async with opener(place, Graphics("none"))() as app:
        await app.until(lambda: app.screen.tile.picture is not None)
        picture = app.screen.tile.picture
        assert picture is not None
        await app.until(lambda: f"{picture.width}×{picture.height} px" in app.text)
        assert not PICTURES.intersection(app.text)


async def test_facts_are_broken_anew_for_a_wider_window(opened: Opener) -> None:
    async with opened(size=(120, 40)) as app:
        facts = app.screen.query_one("#facts", Paragraph)
        await app.until(lambda: app.screen.tile.picture is not None)  # until it is there the facts are broken elsewhere
        await app.pilot.pause()
        whole = facts.text
        await app.pilot.resize_terminal(40, 20)
        await app.until(lambda: facts.text != whole)
        await app.pilot.resize_terminal(120, 40)
        await app.until(lambda: facts.text == whole)
