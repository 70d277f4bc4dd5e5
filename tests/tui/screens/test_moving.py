from __future__ import annotations

import pytest

from tests.tui.opened import Opener


@pytest.mark.parametrize(
    ("key", "row"), [("j", 1), ("down", 1), ("G", 23), ("end", 23), ("ctrl+d", 18), ("pagedown", 23)]
)
async def test_the_cursor_goes_down(opened: Opener, key: str, row: int) -> None:
    async with opened() as app:
        await app.press(key)
        assert (app.screen.table.cursor, app.session.selected.row) == (row, row)


@pytest.mark.parametrize(("key", "row"), [("k", 22), ("up", 22), ("g", 0), ("home", 0), ("ctrl+u", 5), ("pageup", 0)])
async def test_the_cursor_goes_up(opened: Opener, key: str, row: int) -> None:
    async with opened() as app:
        await app.press("G", key)
        assert app.session.selected.row == row


async def test_the_lesion_pane_follows_the_cursor(opened: Opener) -> None:
    async with opened() as app:
        await app.press("j", "j")
        isic_id = app.session.ids[2]
        await app.until(lambda: isic_id in app.screen.query_one("#lesion-heading").text)  # type: ignore[attr-defined]
        await app.until(lambda: app.screen.tile.key == "2")
        assert app.screen.attributes.attributes[0].label == app.session.labels[2, 0]


async def test_the_neighbours_follow_the_cursor(opened: Opener) -> None:
    async with opened() as app:
        await app.press("j")
        expected = [n.row for n in app.session.neighbours(app.session.selected, "attribute", 6).found]
        await app.until(lambda: [n.row for n in app.screen.grid.shown] == expected)
        await app.until(lambda: [c.tile.key for c in app.screen.grid.cards[:6]] == [str(row) for row in expected])


async def test_the_mode_decides_which_neighbours(opened: Opener) -> None:
    async with opened() as app:
        await app.press("m")
        assert app.session.mode == "image"
        expected = [n.row for n in app.session.neighbours(app.session.selected, "image", 6).found]
        await app.until(lambda: [n.row for n in app.screen.grid.shown] == expected)
        await app.press("m", "m")
        assert app.session.mode == "attribute"


async def test_brackets_change_the_attribute(opened: Opener) -> None:
    async with opened() as app:
        await app.press("]", "]")
        assert (app.session.attribute, app.screen.attributes.chosen) == (2, 2)
        await app.press("[", "[", "[")
        assert app.session.attribute == 15


async def test_the_table_shows_the_chosen_attribute(opened: Opener) -> None:
    async with opened() as app:
        await app.press("]")
        label = f"{app.session.labels[4, 1]:.2f}"
        row = next(line for line in app.text.splitlines() if app.session.ids[4] in line)
        assert label in row


async def test_tab_goes_round_the_panes(opened: Opener) -> None:
    async with opened() as app:
        seen = [app.screen.pane()]
        for _ in range(3):
            await app.press("tab")
            seen.append(app.screen.pane())
        assert seen == ["list", "lesion", "near", "list"]
        await app.press("shift+tab")
        assert app.screen.pane() == "near"


async def test_l_and_h_go_to_the_next_pane_and_back(opened: Opener) -> None:
    async with opened() as app:
        await app.press("h")
        assert app.screen.pane() == "list"
        await app.press("l", "right")
        assert app.screen.pane() == "near"
        await app.press("left", "h")
        assert app.screen.pane() == "list"


async def test_j_in_the_lesion_pane_chooses_the_next_attribute(opened: Opener) -> None:
    async with opened() as app:
        await app.press("tab", "j", "j", "k")
        assert (app.session.attribute, app.session.selected.row) == (1, 0)
        await app.press("G")
        assert app.session.attribute == 15


async def test_keys_move_in_the_grid_of_neighbours(opened: Opener) -> None:
    async with opened() as app:
        columns = app.screen.grid.columns
        await app.press("shift+tab", "l")
        assert app.screen.grid.chosen == 1
        await app.press("j")
        assert app.screen.grid.chosen == 1 + columns
        await app.press("k", "h")
        assert app.screen.grid.chosen == 0
        await app.press("G")
        assert app.screen.grid.chosen == len(app.screen.grid.shown) - columns
        await app.press("g")
        assert app.screen.grid.chosen == 0


async def test_enter_follows_a_neighbour_and_backspace_returns(opened: Opener) -> None:
    async with opened() as app:
        second = app.screen.grid.shown[1].row
        await app.press("enter", "l", "enter")
        assert app.session.selected.row == second
        assert app.screen.table.cursor == second
        await app.press("backspace")
        assert app.session.selected.row == app.screen.table.cursor == 0
        await app.press("backspace")
        assert app.message == "nothing to go back to"


async def test_the_picker_narrows_and_chooses(opened: Opener) -> None:
    async with opened() as app:
        await app.press("a")
        await app.type("jagged")
        assert app.session.attribute == 4


async def test_the_picker_begins_at_the_present_attribute_and_moves_by_arrows(opened: Opener) -> None:
    async with opened() as app:
        await app.press("]", "]", "a", "down", "enter")
        assert app.session.attribute == 3


async def test_escape_leaves_the_picker(opened: Opener) -> None:
    async with opened() as app:
        await app.press("a", "down", "escape")
        assert app.session.attribute == 0
        assert app.app.screen is app.screen


async def test_a_click_on_an_attribute_chooses_it(opened: Opener) -> None:
    async with opened() as app:
        await app.pilot.click("AttributeTable", offset=(5, 4))
        await app.pilot.pause()
        assert app.session.attribute == 3


async def test_many_steps_show_the_last_lesion_only(opened: Opener) -> None:
    async with opened() as app:
        await app.press(*"jjjjjjjjjj")
        await app.until(lambda: app.screen.tile.key == "10")
        await app.until(lambda: app.session.ids[10] in app.screen.query_one("#lesion-heading").text)  # type: ignore[attr-defined]
        expected = [n.row for n in app.session.neighbours(app.session.selected, "attribute", 6).found]
        await app.until(lambda: [n.row for n in app.screen.grid.shown] == expected)
