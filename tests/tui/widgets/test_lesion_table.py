from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult

from skintui.tui import theme
from skintui.tui.widgets.ink import Part
from skintui.tui.widgets.lesion_table import LesionTable, NoRows


class Counted:
    """Any number of rows that remember which of them were asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: list[int] = []

    def __len__(self) -> int:
        return self.count

    def head(self, width: int) -> Sequence[Part]:
        return [("head", "head")]

    def row(self, index: int, width: int) -> Sequence[Part]:
        self.asked.append(index)
        return [(f"row {index}", "plain")]


class Host(App[None]):
    def __init__(self, rows: Counted) -> None:
        super().__init__()
        self.rows = rows
        self.moves: list[int] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.VARIABLES

    def compose(self) -> ComposeResult:
        yield LesionTable()

    def on_mount(self) -> None:
        self.query_one(LesionTable).fill(self.rows)

    def on_lesion_table_moved(self, message: LesionTable.Moved) -> None:
        self.moves.append(message.index)


@pytest.fixture
def host() -> Host:
    return Host(Counted(401_059))


def lines(app: App[None]) -> list[str]:
    return ["".join(s.text for s in strip).rstrip() for strip in app.screen._compositor.render_strips()]


async def test_only_rows_in_sight_are_made(host: Host) -> None:
    async with host.run_test(size=(30, 10)) as pilot:
        await pilot.pause()
        assert set(host.rows.asked) == set(range(9))
        assert lines(host)[:3] == ["head", "▌row 0", " row 1"]


async def test_a_step_makes_two_rows(host: Host) -> None:
    async with host.run_test(size=(30, 10)) as pilot:
        await pilot.pause()
        host.rows.asked.clear()
        host.query_one(LesionTable).step(1)
        await pilot.pause()
        assert set(host.rows.asked) == {0, 1}
        assert host.moves == [1]


async def test_the_end_is_in_sight_after_going_there(host: Host) -> None:
    async with host.run_test(size=(30, 10)) as pilot:
        await pilot.pause()
        host.query_one(LesionTable).go(10**9)
        await pilot.pause()
        assert lines(host)[9] == "▌row 401058"
        assert host.moves == [401_058]


async def test_passing_the_edge_scrolls_by_a_third_of_a_page(host: Host) -> None:
    async with host.run_test(size=(30, 10)) as pilot:
        await pilot.pause()
        table = host.query_one(LesionTable)
        table.go(9)
        await pilot.pause()
        assert round(table.scroll_y) == 9 - 9 + 1 + 3
        assert "▌row 9" in lines(host)


async def test_the_cursor_stays_within_the_rows(host: Host) -> None:
    async with host.run_test(size=(30, 10)) as pilot:
        await pilot.pause()
        table = host.query_one(LesionTable)
        table.step(-5)
        assert table.cursor == 0
        table.fill(Counted(3), cursor=99)
        assert table.cursor == 2


async def test_a_click_moves_the_cursor(host: Host) -> None:
    async with host.run_test(size=(30, 10)) as pilot:
        await pilot.pause()
        await pilot.click(LesionTable, offset=(4, 5))
        assert host.query_one(LesionTable).cursor == 4


async def test_an_empty_table_says_what_to_do(host: Host) -> None:
    async with host.run_test(size=(30, 10)) as pilot:
        host.query_one(LesionTable).fill(NoRows("nothing here"))
        await pilot.pause()
        assert lines(host)[0] == "nothing here"
        host.query_one(LesionTable).step(1)
        assert host.moves == []


async def test_a_range_takes_what_the_cursor_passes(host: Host) -> None:
    async with host.run_test(size=(30, 10)) as pilot:
        await pilot.pause()
        table = host.query_one(LesionTable)
        table.go(5)
        table.begin_range()
        table.step(-2)
        await pilot.pause()
        assert table.range == range(3, 6)
        assert lines(host)[3:8] == [" row 2", "▌row 3", "│row 4", "│row 5", " row 6"]


async def test_a_range_let_go_is_drawn_no_longer(host: Host) -> None:
    async with host.run_test(size=(30, 10)) as pilot:
        await pilot.pause()
        table = host.query_one(LesionTable)
        table.begin_range()
        table.step(3)
        table.end_range()
        await pilot.pause()
        assert table.range is None
        assert not any(line.startswith("│") for line in lines(host))


async def test_a_step_with_a_range_makes_two_rows(host: Host) -> None:
    async with host.run_test(size=(30, 10)) as pilot:
        table = host.query_one(LesionTable)
        table.begin_range()
        table.step(3)
        await pilot.pause()
        host.rows.asked.clear()
        table.step(1)
        await pilot.pause()
        assert set(host.rows.asked) == {3, 4}


async def test_other_rows_end_the_range(host: Host) -> None:
    async with host.run_test(size=(30, 10)):
        table = host.query_one(LesionTable)
        table.begin_range()
        table.fill(Counted(5))
        assert table.range is None


async def test_no_range_without_rows(host: Host) -> None:
    async with host.run_test(size=(30, 10)):
        table = host.query_one(LesionTable)
        table.fill(NoRows(""))
        table.begin_range()
        assert table.range is None
