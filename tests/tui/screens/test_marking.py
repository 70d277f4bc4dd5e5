from __future__ import annotations

from skintui.session import Cell
from tests.tui.opened import Opened, Opener


def row_of(app: Opened, row: int) -> str:
    """The table's line of a lesion."""
    return next(line for line in app.text.splitlines() if app.session.ids[row] in line[:20])


def heading(app: Opened) -> str:
    return str(app.screen.query_one("#list-heading").text)  # type: ignore[attr-defined]


async def test_space_marks_and_moves_down(opened: Opener) -> None:
    async with opened() as app:
        await app.press("space", "space")
        assert list(app.session.marks) == [Cell(0, 0), Cell(1, 0)]
        assert app.screen.table.cursor == 2


async def test_space_on_a_mark_takes_it_away(opened: Opener) -> None:
    async with opened() as app:
        await app.press("space", "k", "space")
        assert not app.session.marks


async def test_a_mark_is_drawn_behind_the_id_and_counted(opened: Opener) -> None:
    async with opened() as app:
        await app.press("space")
        assert f"{app.session.ids[0]}•" in row_of(app, 0)
        assert "•" not in row_of(app, 1)[:20]
        assert "1 marked" in heading(app)


async def test_a_mark_is_of_the_chosen_attribute(opened: Opener) -> None:
    async with opened() as app:
        await app.press("space", "]")
        assert "•" not in row_of(app, 0)[:20]
        await app.press("[")
        assert f"{app.session.ids[0]}•" in row_of(app, 0)


async def test_marks_survive_a_filter_and_an_order(opened: Opener) -> None:
    async with opened() as app:
        await app.press("space", "f")
        await app.type(f"isic_id = '{app.session.ids[3]}'")
        await app.press("space", "s")
        await app.type("tbp_lv_areaMM2 ↓")
        assert set(app.session.marks) == {Cell(0, 0), Cell(3, 0)}


async def test_the_queues_marks_are_of_their_own_attributes(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "space", "space")
        assert list(app.session.marks) == [app.session.listing.cell(i, 0) for i in range(2)]
        assert f"{app.session.ids[app.session.listing.cell(0, 0).row]}•" in app.text


async def test_in_the_lesion_pane_space_marks_attributes(opened: Opener) -> None:
    async with opened() as app:
        await app.press("tab", "space", "space")
        assert list(app.session.marks) == [Cell(0, 0), Cell(0, 1)]
        assert app.session.attribute == 2
        assert [line.marked for line in app.screen.attributes.attributes[:3]] == [True, True, False]


async def test_escape_drops_the_marks_everywhere(opened: Opener) -> None:
    async with opened() as app:
        await app.press("tab", "space", "escape")
        assert not app.session.marks
        assert not any(line.marked for line in app.screen.attributes.attributes)
        assert "marked" not in heading(app)


async def test_in_the_neighbours_pane_space_marks_the_neighbour(opened: Opener) -> None:
    async with opened() as app:
        await app.press("]", "shift+tab", "space")
        first = app.screen.grid.shown[0].row
        assert list(app.session.marks) == [Cell(first, 1)]
        assert app.screen.grid.chosen == 1


async def test_a_range_follows_the_cursor_and_v_marks_it(opened: Opener) -> None:
    async with opened() as app:
        await app.press("j", "V", "j", "j")
        assert "range of 3" in heading(app)
        assert row_of(app, 1).startswith("│")
        assert row_of(app, 2).startswith("│")
        await app.press("V")
        assert list(app.session.marks) == [Cell(1, 0), Cell(2, 0), Cell(3, 0)]
        assert not row_of(app, 2).startswith("│")
        assert "3 marked" in app.message


async def test_a_range_goes_upwards_too(opened: Opener) -> None:
    async with opened() as app:
        await app.press("j", "j", "V", "k", "space")
        assert set(app.session.marks) == {Cell(1, 0), Cell(2, 0)}


async def test_enter_marks_the_range(opened: Opener) -> None:
    async with opened() as app:
        await app.press("V", "G", "enter")
        assert len(app.session.marks) == 24
        assert app.screen.pane() == "list"


async def test_escape_leaves_the_range_and_keeps_the_marks(opened: Opener) -> None:
    async with opened() as app:
        await app.press("space", "V", "j", "escape")
        assert app.screen.table.range is None
        assert list(app.session.marks) == [Cell(0, 0)]
        assert "1 marked" in heading(app)


async def test_a_new_listing_ends_the_range(opened: Opener) -> None:
    async with opened() as app:
        await app.press("V", "j", "w")
        assert app.screen.table.range is None
        assert not app.session.marks


async def test_what_was_marked_before_is_told(opened: Opener) -> None:
    async with opened() as app:
        await app.press("space", "g", "V", "j", "V")
        assert app.message.startswith("1 marked, 1 were before")


async def test_a_verdict_on_a_range_is_asked_for_all_of_it(opened: Opener) -> None:
    async with opened() as app:
        await app.press("V", "j", "j", "x")
        assert app.screen.prompt.display
        await app.press("enter")
        assert [app.session.decisions.own(app.session.ids[row], 0) is not None for row in range(4)] == [True] * 3 + [
            False
        ]
        assert not app.session.marks
