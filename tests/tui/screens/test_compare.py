from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from skintui.steps.place import Place
from skintui.tui.screens.compare import BLINK, CompareScreen, planned
from skintui.tui.screens.compared import LINES, TABLE, WORDS
from skintui.tui.terminal import Graphics
from skintui.tui.widgets.tile import Tile
from tests.tui.opened import Opened, Opener, opener


def comparison(app: Opened) -> CompareScreen:
    assert isinstance(app.app.screen, CompareScreen)
    return app.app.screen


def tiles(app: Opened) -> list[Tile]:
    """The places in use."""
    return [tile for tile in comparison(app).query(Tile) if tile.region.area]


def shown(app: Opened) -> list[str]:
    return [tile.key for tile in tiles(app)]


async def compare(app: Opened) -> tuple[int, int]:
    """Open the comparison; the rows of both lesions."""
    rows = app.session.selected.row, app.screen.grid.shown[0].row
    await app.press("o")
    await app.until(lambda: shown(app) == [str(row) for row in rows], "both tiles")
    return rows


async def test_it_shows_the_lesion_and_the_neighbour_enlarged(opened: Opener) -> None:
    async with opened() as app:
        small = app.screen.grid.cards[0].tile.size.height
        here, there = await compare(app)
        assert [tile.picture for tile in tiles(app)] == [app.session.known.tile(row) for row in (here, there)]
        assert all(tile.size.height > 2 * small for tile in tiles(app))


async def test_it_says_who_they_are_and_how_they_differ(opened: Opener) -> None:
    async with opened() as app:
        here, there = await compare(app)
        labels = app.session.labels
        assert all(app.session.ids[row] in app.text for row in (here, there))
        assert f"differs {labels[there, 0] - labels[here, 0]:+.2f}".replace("-", "−") in app.text
        assert f"{labels[there, 0]:.2f} mm²  model {app.session.predictions.predicted[there, 0]:.2f} ±" in app.text
        similarity = app.session.neighbours(app.session.selected, "attribute", 1).found[0].similarity
        assert f"similarity {similarity:.3f}" in app.text


async def test_it_begins_with_the_chosen_neighbour(opened: Opener) -> None:
    async with opened() as app:
        await app.press("shift+tab", "l", "o")
        assert comparison(app).other.row == app.screen.grid.shown[1].row


@pytest.mark.parametrize("key", ["l", "right", "]"])
async def test_keys_step_through_the_neighbours(opened: Opener, key: str) -> None:
    async with opened() as app:
        await compare(app)
        await app.press(key)
        second = app.screen.grid.neighbours[1].row
        await app.until(lambda: shown(app)[1] == str(second))
        await app.press("h")
        assert comparison(app).index == 0
        await app.press("h")
        assert comparison(app).index == 0


async def test_every_neighbour_can_be_reached_also_those_that_do_not_fit_the_pane(opened: Opener) -> None:
    async with opened() as app:
        await compare(app)
        await app.press(*["l"] * 20)
        assert comparison(app).index == len(app.screen.grid.neighbours) - 1 == 11


async def test_space_puts_one_lesion_in_the_place_of_the_other(opened: Opener) -> None:
    async with opened() as app:
        here, there = await compare(app)
        side = tiles(app)[0].size
        seen = []
        for row in (there, here, there):
            await app.press("space")
            await app.until(lambda row=row: shown(app) == [str(row)])  # type: ignore[misc]
            seen.append((tiles(app)[0].region, tiles(app)[0].picture))
        assert seen[0] == seen[2] != seen[1]
        assert seen[0][0] == seen[1][0]
        assert seen[0][0].size.height > side.height
        assert comparison(app).look == BLINK


async def test_d_shows_what_differs_with_its_scale(opened: Opener) -> None:
    async with opened() as app:
        here, there = await compare(app)
        await app.press("d")
        await app.until(lambda: shown(app) == [f"{here}/absolute/{there}"])
        assert "ΔE" in app.text
        assert "max" in app.text
        first = tiles(app)[0].picture
        await app.press("d")
        await app.until(lambda: shown(app) == [f"{here}/signed/{there}"])
        assert "L*" in app.text
        assert tiles(app)[0].picture != first
        await app.press("d")
        assert shown(app) == [str(here), str(there)]


@pytest.mark.parametrize("key", ["e", "O"])
async def test_e_draws_the_outlines_and_then_both_over_each_other(opened: Opener, key: str) -> None:
    from skintui.session.drawing import OTHER_INK, OWN_INK

    def inks(tile: Tile) -> tuple[bool, bool]:
        pixels = np.asarray(tile.picture)
        own, other = ((pixels == np.array(ink)).all(axis=2).any() for ink in (OWN_INK, OTHER_INK))
        return bool(own), bool(other)

    async with opened() as app:
        here, there = await compare(app)
        await app.press(key)
        await app.until(
            lambda: [name.split("/")[:2] for name in shown(app)] == [[str(here), "outline"], [str(there), "outline"]]
        )
        assert [inks(tile) for tile in tiles(app)] == [(True, False), (True, False)]
        await app.press(key)
        await app.until(lambda: all("/outlines/" in name for name in shown(app)))
        assert [inks(tile) for tile in tiles(app)] == [(True, True), (True, True)]
        await app.press(key)
        await app.until(lambda: shown(app) == [str(here), str(there)])


async def test_enter_goes_to_the_neighbour_and_backspace_returns(opened: Opener) -> None:
    async with opened() as app:
        here, there = await compare(app)
        await app.press("enter")
        assert app.app.screen is app.screen
        assert app.session.selected.row == there
        await app.press("backspace")
        assert app.session.selected.row == here


@pytest.mark.parametrize("key", ["escape", "q", "o"])
async def test_closing_leaves_the_audit_screen_as_it_was(opened: Opener, key: str) -> None:
    async with opened() as app:
        await app.until(lambda: all(card.tile.picture for card in app.screen.grid.cards))
        before = app.text
        await compare(app)
        await app.press("d", "e", "space", key)
        assert app.app.screen is app.screen
        assert app.text == before


async def test_the_neighbour_last_compared_is_the_chosen_one_afterwards(opened: Opener) -> None:
    async with opened() as app:
        await compare(app)
        await app.press("l", "l", "escape")
        assert app.screen.grid.chosen == 2


async def test_j_and_k_choose_whose_label_is_compared_and_leave_the_selection(opened: Opener) -> None:
    async with opened() as app:
        await compare(app)
        await app.press("j")
        assert "by minor axis" in app.text
        assert app.session.attribute == 0


async def test_the_table_of_numbers_comes_and_goes(opened: Opener) -> None:
    async with opened(size=(120, 40)) as app:
        here, there = await compare(app)
        assert "LB contrast" not in app.text
        await app.press("t")
        differ = app.session.labels[there, 15] - app.session.labels[here, 15]
        line = next(line for line in app.text.splitlines() if "LB contrast" in line)
        assert f"{differ:+.2f}".replace("-", "−") in line
        await app.press("t")
        assert "LB contrast" not in app.text


@pytest.mark.parametrize(
    ("size", "table"), [((80, 24), False), ((120, 40), False), ((200, 60), True), ((100, 60), True)]
)
async def test_the_window_is_used(opened: Opener, size: tuple[int, int], table: bool) -> None:
    async with opened(size=size) as app:
        await compare(app)
        await app.pilot.pause()
        assert ("LB contrast" in app.text) == table
        window = app.app.screen.region
        for tile in tiles(app):
            assert window.contains_region(tile.region)
            columns, rows = tile.size
            assert abs(columns - 2 * rows) <= 1
        assert app.session.ids[app.session.selected.row] in app.text
        assert "Esc" in app.line(size[1] - 1) or size[0] < 100


async def test_a_resize_draws_at_the_new_size(opened: Opener) -> None:
    async with opened(size=(120, 40)) as app:
        await compare(app)
        before = tiles(app)[0].size
        await app.pilot.resize_terminal(80, 24)
        await app.until(lambda: tiles(app)[0].size.height < before.height)
        assert app.app.screen.region.contains_region(tiles(app)[1].region)


async def test_without_pictures_there_are_the_numbers(place: Place) -> None:
    async with opener(place, Graphics("none"))() as app:
        await app.press("o")
        assert not tiles(app)
        assert "LB contrast" in app.text
        assert "numbers only" in app.text
        await app.press("space", "d", "e", "l", "escape")
        assert app.app.screen is app.screen


async def test_a_tile_that_cannot_be_read_is_a_text(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    from skintui.errors import TileError

    async with opened() as app:
        there = app.screen.grid.shown[0].row
        read = app.session.known.tile

        def broken(row: int) -> Any:
            if row == there:
                raise TileError("the tile cannot be decoded")
            return read(row)

        monkeypatch.setattr(app.session.known, "tile", broken)
        await app.press("o", "d")
        await app.until(lambda: "the tile cannot be decoded" in app.text)


async def test_nothing_to_compare_with_says_what_to_do(place: Place) -> None:
    import shutil

    shutil.rmtree(place.workspace.vectors)
    async with opener(place)(settled=False) as app:
        await app.until(lambda: app.screen.display_of is not None)
        await app.until(lambda: "nothing to compare" in app.message or bool(app.session.predictions.stored))
        await app.press("o")
        assert "press I to make the index" in app.message


def box(width: int, height: int) -> tuple[int, int]:
    rows = max(0, min(height, width // 2))
    return 2 * rows, rows


def test_pictures_are_as_large_as_the_window_allows() -> None:
    assert planned(119, 38, 2, box, None) == (58, 29, "")
    assert planned(119, 38, 1, box, False) == (70, 35, "")


def test_the_table_takes_what_the_pictures_leave() -> None:
    assert planned(99, 58, 2, box, None) == (48, 24, "below")
    assert 58 - WORDS - 24 > LINES
    columns, _, table = planned(199, 58, 2, box, None)
    assert table == "beside"
    assert 2 * columns + 1 + TABLE <= 199
    assert planned(199, 58, 2, box, False).table == ""
    assert planned(119, 38, 2, box, True).table == "beside"


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 3)])
def test_a_tiny_window_is_no_failure(size: tuple[int, int]) -> None:
    plan = planned(*size, 2, box, None)
    assert plan.rows >= 0
    assert plan.columns >= 0
