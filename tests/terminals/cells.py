"""Pictures drawn with block characters, read back from captured lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.ansi import AnsiDecoder
from rich.color import Color
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from textual.geometry import Region

BLOCKS = dict(zip(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█", (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), strict=True))
"""Which quarters of a cell each character fills: bits for upper left, upper right, lower left, lower right."""


def picture_of(lines: Sequence[str], region: Region) -> Image.Image:
    """Two by two pixels a cell of the lines' ``region``; of other characters, only the ground is seen."""
    pixels = np.zeros((2 * region.height, 2 * region.width, 3), np.uint8)
    decoder, console = AnsiDecoder(), Console(width=1000, color_system="truecolor")
    for y, line in enumerate(lines):
        text = decoder.decode_line(line)
        if not region.y <= y < region.bottom:
            continue
        cells = [(character, style) for part, style, _ in text.render(console) for character in part]
        for x, (character, style) in enumerate(cells[region.x : region.right]):
            on = _rgb(style.color if style else None, foreground=True)
            off = _rgb(style.bgcolor if style else None, foreground=False)
            for quarter in range(4):
                filled = BLOCKS.get(character, 0) >> quarter & 1
                pixels[2 * (y - region.y) + quarter // 2, 2 * x + quarter % 2] = on if filled else off
    return Image.fromarray(pixels)


def _rgb(colour: Color | None, *, foreground: bool) -> NDArray[np.uint8]:
    triplet = (colour or Color.default()).get_truecolor(DEFAULT_TERMINAL_THEME, foreground)
    return np.array(triplet, np.uint8)
