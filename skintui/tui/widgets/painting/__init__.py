"""Pictures in the terminal: block characters, sixel, or the kitty protocol."""

from __future__ import annotations

from skintui.tui.terminal import Graphics
from skintui.tui.widgets.painting.blocks import Blocks
from skintui.tui.widgets.painting.kitty import Kitty, KittyCells
from skintui.tui.widgets.painting.marked import Marked
from skintui.tui.widgets.painting.painter import Painter
from skintui.tui.widgets.painting.sixel import Sixels

__all__ = ["Blocks", "Kitty", "KittyCells", "Marked", "Painter", "Sixels", "painter_for"]


def painter_for(graphics: Graphics) -> Painter | None:
    """The painter of a mode; None where pictures are switched off."""
    if graphics.mode == "kitty":
        return KittyCells(graphics) if graphics.tmux else Kitty(graphics)
    if graphics.mode == "sixel":
        return Sixels(graphics)
    return Blocks(graphics) if graphics.mode == "half" else None
