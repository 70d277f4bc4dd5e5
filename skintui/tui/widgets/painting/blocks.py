"""Pictures out of block characters, four pixels a cell, in any terminal with colours."""

from __future__ import annotations

from PIL.Image import Image
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from skintui.tui.widgets.painting.painter import Square, allowance
from skintui.tui.widgets.painting.scale_bar import BAR_MM, TILE_MM

GLYPHS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""The block whose quadrants are in front, by the mask of :class:`~.block_choice.Choice`."""
BAR_GLYPHS = "━╸"
"""A cell of the scale bar, and half of one."""


class Blocks(Square):
    """Quadrant cells, chosen so that few colours change from cell to cell.

    At equal bytes they are 0.5 dB closer to the tile than half cells, and sharper to the eye. Each line is plain styled
    text; that a colour is sent only where it changes is the work of :class:`skintui.tui.frame.Frame`.
    """

    def paint(self, key: str, picture: Image, region: Region, bar: bool = True) -> list[Strip]:
        return list(self.encoded(key, picture, region.size, bar))

    def pixels(self, columns: int) -> int:
        return 2 * columns

    def name(self, key: str, size: Size, bar: bool) -> object:
        return key, size, bar

    def encode(self, picture: Image, size: Size, bar: bool) -> list[Strip]:
        from skintui.tui.widgets.painting.block_choice import LIMIT, choose

        choice = choose(picture, size.width, size.height, allowance(LIMIT, size))
        colours = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in choice.palette]
        rows = []
        for fronts, grounds, masks in zip(choice.front, choice.ground, choice.mask, strict=True):
            row: list[tuple[str, str, str]] = []
            for front, ground, mask in zip(fronts.tolist(), grounds.tolist(), masks.tolist(), strict=True):
                row.append((GLYPHS[mask], colours[front], colours[ground]))
            rows.append(row)
        if bar and size.width >= 8:
            _lay_bar(rows[-1])
        return [Strip(_segments(row), size.width) for row in rows]


def _lay_bar(row: list[tuple[str, str, str]]) -> None:
    """Put the scale bar over the last line of cells, to half a cell, from its second cell on."""
    halves = max(1, round(2 * len(row) * BAR_MM / TILE_MM))
    cells = -(-halves // 2)
    ground = row[cells // 2 + 1][2]
    light = sum(int(ground[i : i + 2], 16) for i in (1, 3, 5)) > 3 * 110
    glyphs = BAR_GLYPHS[0] * (halves // 2) + BAR_GLYPHS[1] * (halves % 2)
    row[1 : 1 + cells] = [(glyph, "#000000" if light else "#ffffff", ground) for glyph in glyphs]


def _segments(row: list[tuple[str, str, str]]) -> list[Segment]:
    """Cells of equal colours joined."""
    out: list[Segment] = []
    text, last = "", row[0][1:]
    for glyph, *colours in row:
        if tuple(colours) != last:
            out.append(Segment(text, Style(color=last[0], bgcolor=last[1])))
            text, last = "", (colours[0], colours[1])
        text += glyph
    return [*out, Segment(text, Style(color=last[0], bgcolor=last[1]))]
