from __future__ import annotations

import pytest
from PIL import Image
from textual.app import App, ComposeResult

from skintui.tui import theme
from skintui.tui.terminal import Graphics
from skintui.tui.widgets.neighbour_grid import (
    CAPTION,
    ENOUGH,
    WIDEST,
    Neighbour,
    NeighbourGrid,
    fitting_grid,
    number_of,
)
from skintui.tui.widgets.painting import Blocks
from tests.tui.opened import wait_until


def square(width: int) -> int:
    return width // 2


@pytest.mark.parametrize(("width", "height"), [(31, 35), (67, 55), (48, 18), (25, 30), (100, 20)])
def test_the_grid_stays_inside_and_shows_enough(width: int, height: int) -> None:
    columns, card, tile = fitting_grid(width, height, square)
    assert columns * (card + 1) - 1 <= width
    rows = height // (tile + CAPTION)
    assert rows >= 1
    assert card <= WIDEST
    assert columns * rows >= min(ENOUGH, (width + 1) // 14 * (height // 8))


def test_a_pane_too_small_for_five_shows_what_fits() -> None:
    columns, card, tile = fitting_grid(20, 6, square)
    assert (columns, card, tile) == (1, 20, 4)


def test_the_last_part_of_an_id_tells_lesions_apart() -> None:
    assert number_of("ISIC_0015670") == "0015670"


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[int]] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.VARIABLES

    def compose(self) -> ComposeResult:
        yield NeighbourGrid(Blocks(Graphics("half")))

    def on_neighbour_grid_shown(self, message: NeighbourGrid.Shown) -> None:
        self.asked.append(message.rows)


def some(rows: range) -> list[Neighbour]:
    return [Neighbour(row, f"ISIC_{row:07}", row + 0.5, row + 0.25, 0.9) for row in rows]


async def test_pictures_that_are_not_at_hand_are_asked_for() -> None:
    host = Host()
    async with host.run_test(size=(31, 35)) as pilot:
        await pilot.pause()
        host.query_one(NeighbourGrid).fill(some(range(12)))
        await pilot.pause()
        assert host.asked[-1] == [0, 1, 2, 3, 4, 5]


async def test_a_picture_that_comes_late_is_not_shown_for_another_lesion() -> None:
    host = Host()
    async with host.run_test(size=(31, 35)) as pilot:
        await pilot.pause()
        grid = host.query_one(NeighbourGrid)
        grid.fill(some(range(6)))
        grid.fill(some(range(10, 16)))
        grid.pictured(0, Image.new("RGB", (9, 9)), "")
        assert all(card.tile.picture is None for card in grid.cards)
        grid.pictured(12, Image.new("RGB", (9, 9)), "")
        assert [card.tile.key for card in grid.cards[:6]] == ["", "", "12", "", "", ""]


async def test_a_tile_that_does_not_decode_is_a_text() -> None:
    host = Host()
    async with host.run_test(size=(31, 35)) as pilot:
        await pilot.pause()
        grid = host.query_one(NeighbourGrid)
        grid.fill(some(range(6)))

        def told() -> bool:
            grid.pictured(0, None, "truncated")  # again, for laying the cards out begins them anew
            strips = host.screen._compositor.render_strips()
            return "truncated" in "\n".join("".join(s.text for s in strip) for strip in strips)

        await wait_until(pilot, told)


async def test_choosing_stops_at_the_neighbours_there_are() -> None:
    host = Host()
    async with host.run_test(size=(31, 35)) as pilot:
        await pilot.pause()
        grid = host.query_one(NeighbourGrid)
        grid.fill(some(range(3)))
        assert grid.choose(2)
        assert not grid.choose(3)
        assert not grid.choose(-1)
        assert grid.chosen == 2
