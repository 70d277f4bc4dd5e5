from __future__ import annotations

import pytest
from PIL import Image
from textual.app import App, ComposeResult

from skintui.tui import theme
from skintui.tui.messages import Encode
from skintui.tui.terminal import Graphics
from skintui.tui.widgets.painting import Blocks
from skintui.tui.widgets.tile import Tile

RED, BLUE = Image.new("RGB", (9, 9), "#ff0000"), Image.new("RGB", (9, 9), "#0000ff")


class Host(App[None]):
    CSS = "Tile { width: 20; height: 10; }"

    def __init__(self, later: bool) -> None:
        super().__init__()
        self.asked: list[Encode] = []
        self.painter = Blocks(Graphics("half"))
        self.painter.later = self.asked.append if later else None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.VARIABLES

    def compose(self) -> ComposeResult:
        yield Tile(self.painter, bar=False)

    @property
    def tile(self) -> Tile:
        return self.query_one(Tile)

    def ground(self) -> str:
        """The colour of the screen's first cell."""
        style = next(iter(self.screen._compositor.render_strips()[0])).style
        assert style is not None
        assert style.bgcolor is not None
        return style.bgcolor.get_truecolor().hex


@pytest.mark.parametrize("later", [False, True])
async def test_a_picture_is_there_once_it_is_encoded(later: bool) -> None:
    host = Host(later)
    async with host.run_test() as pilot:
        host.tile.show("red", RED)
        await pilot.pause()
        if later:
            assert host.ground() != "#ff0000"
            host.asked[-1].prepare()
            host.asked[-1].done("")
            await pilot.pause()
        assert host.ground() == "#ff0000"


async def test_the_former_lesion_is_gone_while_the_next_is_encoded() -> None:
    host = Host(later=True)
    async with host.run_test() as pilot:
        host.tile.show("red", RED)
        await pilot.pause()
        red = host.asked[-1]
        red.prepare()
        host.tile.show("blue", BLUE)
        await pilot.pause()
        assert host.ground() not in ("#ff0000", "#0000ff")
        assert not red.wanted()
        red.done("")
        await pilot.pause()
        assert host.ground() != "#ff0000"


async def test_why_a_picture_cannot_be_drawn_is_told() -> None:
    host = Host(later=True)
    async with host.run_test() as pilot:
        host.tile.show("red", RED)
        await pilot.pause()
        host.asked[-1].done("no memory")
        await pilot.pause()
        text = "".join(segment.text for strip in host.screen._compositor.render_strips() for segment in strip)
        assert "no memory" in text
