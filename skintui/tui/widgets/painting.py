"""Pictures as lines of the terminal: half cells, sixel, or the kitty protocol, with textual-image's encoders.

textual-image's own widgets are not used because they query the terminal at import and send a picture again whenever
its box is laid out; here a picture is encoded once per size and kept, and kitty gets its native pixels once.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable
from io import BytesIO
from itertools import count
from typing import Any, Protocol

from PIL import Image as PILImage
from rich.console import Console
from rich.control import Control
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from skintui.tui.terminal import Graphics

KEPT = 96
"""Encoded pictures kept, a few screens full."""

NATIVE_LIMIT = 160
"""Pixels a side beyond which a picture is scaled down before it is sent to kitty."""

_CONTROL = ((ControlType.CURSOR_FORWARD, 0),)


class Painter(Protocol):
    """Turns a picture into lines of cells."""

    lies_over_text: bool
    """Whether the picture is pixels over the cells, which would show through a window opened over it."""

    def box(self, width: int, height: int) -> tuple[int, int]:
        """Cells of the largest square inside ``width`` × ``height`` cells."""

    def paint(self, key: str, picture: PILImage.Image, region: Region) -> list[Strip]:
        """Lines that show ``picture`` (named ``key``) at ``region`` of the screen."""


def _encoders() -> Any:
    """textual-image's renderables, imported without the questions it asks a terminal at import."""
    held, sys.__stdout__ = sys.__stdout__, None  # type: ignore[misc]
    try:
        from textual_image import renderable
    finally:
        sys.__stdout__ = held  # type: ignore[misc]
    return renderable


class _Kept:
    """The most recently used results."""

    def __init__(self, limit: int, dropped: Callable[[Any], None] | None = None) -> None:
        self._values: OrderedDict[object, Any] = OrderedDict()
        self._limit, self._dropped = limit, dropped

    def get(self, key: object, make: Callable[[], Any]) -> Any:
        if key not in self._values:
            self._values[key] = make()
            if len(self._values) > self._limit:
                _, old = self._values.popitem(last=False)
                if self._dropped:
                    self._dropped(old)
        self._values.move_to_end(key)
        return self._values[key]


class _Square:
    lies_over_text = False

    def __init__(self, graphics: Graphics) -> None:
        self.graphics = graphics

    def box(self, width: int, height: int) -> tuple[int, int]:
        cell_width, cell_height = self.graphics.cell_width, self.graphics.cell_height
        rows = max(0, min(height, width * cell_width // cell_height))
        return min(width, round(rows * cell_height / cell_width)), rows


class HalfCells(_Square):
    """Two pixels a cell, in any terminal with colours."""

    def __init__(self, graphics: Graphics) -> None:
        super().__init__(graphics)
        self._image = _encoders().HalfcellImage
        self._kept = _Kept(KEPT)
        self._console = Console(force_terminal=True, color_system="truecolor", file=BytesIO())  # type: ignore[arg-type]
        _tell_cell_size(graphics)

    def paint(self, key: str, picture: PILImage.Image, region: Region) -> list[Strip]:
        size = region.size
        made = self._kept.get((key, size), lambda: self._lines(picture, size.width, size.height))
        return list(made)

    def _lines(self, picture: PILImage.Image, width: int, height: int) -> list[Strip]:
        scaled = picture.resize((width, height * 2), PILImage.Resampling.BOX)
        segments = self._image(scaled, width, height).__rich_console__(self._console, self._console.options)
        return [Strip(line, width) for line in Segment.split_lines(segments)][:height]


class Sixels(_Square):
    """Pixels by DEC sixel; the picture rides behind the text of its last line."""

    COLORS = 64
    lies_over_text = True

    def __init__(self, graphics: Graphics) -> None:
        super().__init__(graphics)
        _encoders()
        from textual_image.renderable.sixel import SixelOptions, image_to_sixels

        self._encode: Callable[..., str] = image_to_sixels
        self._options = SixelOptions(colors=self.COLORS, quantize="adaptive")
        self._kept = _Kept(KEPT)

    def paint(self, key: str, picture: PILImage.Image, region: Region) -> list[Strip]:
        size = region.size
        data = self._kept.get((key, size), lambda: self._sixels(picture, size.width, size.height))
        blank = Strip.blank(size.width)
        last = [
            Segment(" " * size.width),
            Segment(Control.move_to(region.x, region.y).segment.text, Style.null()),
            Segment(data, Style.null(), _CONTROL),
            Segment(Control.move_to(region.right, region.bottom - 1).segment.text, Style.null()),
        ]
        return [blank] * (size.height - 1) + [Strip(last, cell_length=size.width)]

    def _sixels(self, picture: PILImage.Image, width: int, height: int) -> str:
        pixels = (width * self.graphics.cell_width, height * self.graphics.cell_height)
        return self._encode(picture.resize(pixels, PILImage.Resampling.BICUBIC), self._options)


class Kitty(_Square):
    """Native pixels sent once under a number; the terminal scales them into Unicode placeholders."""

    _numbers = count(0x51_0001)

    def __init__(self, graphics: Graphics, send: Callable[[str], None]) -> None:
        super().__init__(graphics)
        _encoders()
        from textual_image.renderable import tgp

        self._placeholder, self._diacritics = chr(tgp._PLACEHOLDER), [chr(n) for n in tgp._NUMBER_TO_DIACRITIC]
        self._send = send
        self._kept = _Kept(KEPT, dropped=lambda number: send(f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"))

    def paint(self, key: str, picture: PILImage.Image, region: Region) -> list[Strip]:
        width, height = region.size
        number = self._kept.get((key, region.size), lambda: self._transmit(picture, width, height))
        style = Style(color=f"#{number & 0xFFFFFF:06x}")
        return [
            Strip([Segment(self._cells(number, row, width), style)], cell_length=width)
            for row in range(min(height, len(self._diacritics)))
        ]

    def _cells(self, number: int, row: int, width: int) -> str:
        high = self._diacritics[number >> 24]
        marks = self._diacritics
        return "".join(f"{self._placeholder}{marks[row]}{marks[column]}{high}" for column in range(width))

    def _transmit(self, picture: PILImage.Image, width: int, height: int) -> int:
        number = next(self._numbers)
        payload = b64encode(_png(picture)).decode("ascii")
        head = f"a=T,U=1,i={number},f=100,c={width},r={height},q=2,"
        for start in range(0, len(payload), 4096):
            more = int(start + 4096 < len(payload))
            self._send(f"\x1b_G{head if start == 0 else ''}m={more};{payload[start : start + 4096]}\x1b\\")
        return number


def _png(picture: PILImage.Image) -> bytes:
    """PNG of at most ``NATIVE_LIMIT`` pixels a side, in 256 colours of its own: a third of the true-colour bytes."""
    if max(picture.size) > NATIVE_LIMIT:
        picture = picture.resize((NATIVE_LIMIT, NATIVE_LIMIT), PILImage.Resampling.LANCZOS)
    few = picture.convert("RGB").quantize(256, PILImage.Quantize.MEDIANCUT, dither=PILImage.Dither.FLOYDSTEINBERG)
    out = BytesIO()
    few.save(out, format="png", optimize=True)
    return out.getvalue()


def _tell_cell_size(graphics: Graphics) -> None:
    """Give textual-image the size of a cell, which it would otherwise ask the terminal for while Textual reads it."""
    from textual_image import _terminal

    _terminal.get_cell_size._result = _terminal.CellSize(graphics.cell_width, graphics.cell_height)


def painter_for(graphics: Graphics, send: Callable[[str], None]) -> Painter | None:
    """The painter of a mode; None where pictures are switched off."""
    if graphics.mode == "kitty":
        return Kitty(graphics, send)
    if graphics.mode == "sixel":
        return Sixels(graphics)
    return HalfCells(graphics) if graphics.mode == "half" else None
