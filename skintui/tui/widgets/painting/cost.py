"""What a picture costs on the line."""

from __future__ import annotations

from io import StringIO

from PIL.Image import Image
from rich.console import Console
from textual._compositor import LayoutUpdate
from textual.geometry import Region

from skintui.tui.frame import Frame
from skintui.tui.terminal import Graphics
from skintui.tui.widgets.painting import Marked, painter_for


def tile_bytes(picture: Image, mode: str, columns: int, lines: int, cell: tuple[int, int]) -> int:
    """Bytes that show a tile for the first time in ``columns`` × ``lines`` cells; 0 where nothing is drawn."""
    painter = painter_for(Graphics(mode, *cell))
    if painter is None:
        return 0
    region = Region(0, 0, columns, lines)
    strips = painter.paint("tile", picture, region)
    frame = Frame(painter if isinstance(painter, Marked) else None)
    console = Console(file=StringIO(), force_terminal=True, color_system="truecolor")
    return len(frame.difference(LayoutUpdate([[strip] for strip in strips], region), console).encode())
