"""Pictures read back from what is sent."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from skintui.tui.frame import Frame
from skintui.tui.widgets.painting import Marked, Painter
from skintui.tui.widgets.painting.blocks import GLYPHS

CONSOLE = Console(force_terminal=True, color_system="truecolor", file=io.StringIO())
_SIXEL = re.compile(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([$-])|([?-~])")


def sent(painter: Painter, lines: list[Strip], at: Region, frame: Frame | None = None) -> str:
    """What the terminal gets for a screen that shows ``lines`` at ``at`` of 80 × 24 cells, blank elsewhere."""
    frame = frame or Frame(painter if isinstance(painter, Marked) else None)
    screen = [[Strip.blank(80)] for _ in range(24)]
    for y, line in zip(at.line_range, lines, strict=True):
        screen[y] = [Strip.blank(at.x), line, Strip.blank(80 - at.right)]
    return frame.difference(LayoutUpdate([list(row) for row in screen], Region(0, 0, 80, 24)), CONSOLE)


def sixel(data: str) -> NDArray[np.float64]:
    """The pixels of the first sixel picture in ``data``, NaN where none is drawn."""
    found = re.search(r'\x1bP0;1q"1;1;(\d+);(\d+)(.*?)\x1b\\', data, re.S)
    assert found
    width, height = int(found[1]), int(found[2])
    image, palette = np.full((height + 6, width, 3), np.nan), {}
    x = y = colour = 0
    for token in _SIXEL.finditer(found[3]):
        if token[1]:
            palette[int(token[1])] = [int(level) * 2.55 for level in token.group(2, 3, 4)]
        elif token[5]:
            colour = int(token[5])
        elif token[8]:
            x, y = 0, y + (6 if token[8] == "-" else 0)
        else:
            count, letter = (int(token[6]), token[7]) if token[6] else (1, token[9])
            for bit in range(6):
                if (ord(letter) - 63) >> bit & 1:
                    assert x + count <= width
                    image[y + bit, x : x + count] = palette[colour]
            x += count
    assert np.isnan(image[height:]).all()
    return image[:height]


def blocks(lines: list[Strip]) -> NDArray[np.float64]:
    """The pixels of quadrant cells, two a cell in each direction."""
    rows = []
    for line in lines:
        cells = []
        for text, style, _ in line:
            assert style is not None
            assert style.color is not None
            assert style.bgcolor is not None
            front, ground = style.color.get_truecolor(), style.bgcolor.get_truecolor()
            for glyph in text:
                mask = GLYPHS.index(glyph)
                cells.append([[front if mask >> (2 * y + x) & 1 else ground for x in (0, 1)] for y in (0, 1)])
        rows.append(np.concatenate(np.array(cells, float), axis=1))
    return np.concatenate(rows)


def payload(data: str) -> Image.Image:
    """The picture in kitty's commands."""
    parts = re.findall(r"\x1b_G[^;\x1b]*;([^\x1b]*)\x1b", data)
    return Image.open(io.BytesIO(base64.b64decode("".join(parts)))).convert("RGB")


def likeness(shown: NDArray[np.float64], picture: Image.Image) -> float:
    """Peak signal-to-noise ratio in dB of pixels against a picture scaled to them."""
    wanted = np.asarray(picture.resize((shown.shape[1], shown.shape[0]), Image.Resampling.BICUBIC), float)
    return float(10 * np.log10(255**2 / np.mean((shown - wanted) ** 2)))
