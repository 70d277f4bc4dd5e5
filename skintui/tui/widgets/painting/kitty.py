"""Pictures by the kitty graphics protocol."""

from __future__ import annotations

import secrets
from base64 import b64encode
from io import BytesIO
from itertools import count

from PIL import Image as PILImage
from textual.geometry import Region, Size

from skintui.tui.frame import Frame
from skintui.tui.terminal import Graphics
from skintui.tui.tmux import wrapped
from skintui.tui.widgets.painting.marked import Marked, Placed
from skintui.tui.widgets.painting.painter import KEPT, Kept
from skintui.tui.widgets.painting.scale_bar import DARK, LIGHT, draw_bar

NATIVE_LIMIT = 160
"""Pixels a side beyond which a picture is scaled down before it is sent."""
COLOURS = 62
"""Colours of a picture; the scale bar has two of its own."""
CHUNK = 4096


class Sent:
    """A picture's number in the terminal and its data, which are sent once."""

    def __init__(self, number: int, payload: str) -> None:
        self.number, self.payload, self.is_there = number, payload, False

    def data(self, head: str) -> list[str]:
        """The commands that bring the picture into the terminal; none where it is there."""
        if self.is_there:
            return []
        self.is_there = True
        starts = range(0, len(self.payload), CHUNK)
        return [
            _command(
                (f"{head},i={self.number},f=100,q=2," if start == 0 else "") + f"m={int(start != starts[-1])}",
                self.payload[start : start + CHUNK],
            )
            for start in starts
        ]


class Kitty(Marked):
    """Native pixels sent once under a number, and placed by it wherever they are shown; the terminal scales.

    Placements lie over the cells, so one that a window covers is taken away and placed again afterwards. (Below them it
    could stay, but kitty then blends the cells' grounds, and with software rendering shows the frame before through
    them.) They work in every kitty, while Unicode placeholders, the only form that textual-image writes, came with
    kitty 0.28; a placement form for its ``tgp`` renderable would be the patch upstream.
    """

    def __init__(self, graphics: Graphics) -> None:
        super().__init__(graphics)
        self._series = 1 + secrets.randbelow(255)  # apart from the pictures of other programs
        self._made = count()
        self._leavings: list[str] = []
        self._dropped: list[Sent] = []
        self.kept = Kept(KEPT, dropped=self._dropped.append)

    def pixels(self, _columns: int) -> int:
        return NATIVE_LIMIT

    def name(self, key: str, _size: Size, bar: bool) -> object:
        return key, bar

    def encode(self, picture: PILImage.Image, _size: Size, bar: bool) -> Sent:
        return Sent(self.number(next(self._made)), b64encode(native_png(picture, bar)).decode("ascii"))

    def number(self, index: int) -> int:
        """The terminal's number for the picture that was the ``index``-th to be encoded."""
        return (self._series << 16) + 1 + index % 0xFFFF

    def settle(self, frame: Frame, written: list[Region]) -> str:
        left, self._leavings = "".join(self._leavings), []
        shown = super().settle(frame, written)
        while self._dropped:
            old = self._dropped.pop()
            left += self.command(f"a=d,d=I,i={old.number},q=2") if old.is_there else ""
        return left + shown

    def command(self, keys: str) -> str:
        return _command(keys)

    def show(self, placed: Placed) -> str:
        sent: Sent | None = self.kept.peek(placed.name)
        if sent is None:
            return ""
        x, y, width, height = placed.region
        keys = f"a=p,i={sent.number},p={placed.number + 1},c={width},r={height},C=1,q=2"
        return "".join(sent.data("a=t")) + f"\x1b[{y + 1};{x + 1}H" + self.command(keys)

    def hide(self, placed: Placed) -> str:
        sent: Sent | None = self.kept.peek(placed.name)
        return self.command(f"a=d,d=i,i={sent.number},p={placed.number + 1},q=2") if sent else ""

    def forget(self, data: bool) -> None:
        self._leavings += [self.hide(placed) for placed in self.shown()]
        super().forget(data)
        if data:
            for sent in self.kept.values():
                sent.is_there = False

    def farewell(self) -> str:
        there = [sent.number for sent in [*self.kept.values(), *self._dropped] if sent.is_there]
        self.forget(data=True)
        return "".join(self.command(f"a=d,d=I,i={number},q=2") for number in there)


class KittyCells(Kitty):
    """Unicode placeholders: tmux moves the picture's cells like any others, and hands its data on to the terminal.

    The number is in the cells' colour, one of the 256 that tmux leaves alone whatever it takes the terminal for. A
    picture is sent again for another size, for a second size of one number would have to be named by the colour of an
    underline, which not every tmux passes on.
    """

    def __init__(self, graphics: Graphics) -> None:
        super().__init__(graphics)
        from skintui.tui.widgets.painting.encoders import placeholders

        self._cell, self._diacritics = placeholders()

    def name(self, key: str, size: Size, bar: bool) -> object:
        return key, size, bar

    def number(self, index: int) -> int:
        return (self._series << 24) + 16 + index % 240

    def command(self, keys: str) -> str:
        return self._passed([_command(keys)])

    def cells(self, mark: str, row: int, start: int, end: int) -> str:
        placed = self.placed(mark)
        sent: Sent | None = self.kept.peek(placed.name) if placed else None
        if placed is None or sent is None:
            return " " * (end - start)
        marks, left = self._diacritics, placed.region.x
        line, series = marks[row - placed.region.y], marks[sent.number >> 24]
        text = "".join(f"{self._cell}{line}{marks[column - left]}{series}" for column in range(start, end))
        return f"\x1b[38;5;{sent.number & 0xFF}m{text}\x1b[39m"

    def show(self, placed: Placed) -> str:
        sent: Sent | None = self.kept.peek(placed.name)
        size = placed.region.size
        return self._passed(sent.data(f"a=T,U=1,c={size.width},r={size.height}")) if sent else ""

    def hide(self, _placed: Placed) -> str:
        return ""

    def _passed(self, commands: list[str]) -> str:
        return "".join(map(wrapped, commands)) if self.graphics.tmux else "".join(commands)


def native_png(picture: PILImage.Image, bar: bool) -> bytes:
    """PNG of at most ``NATIVE_LIMIT`` pixels a side, in 64 colours of its own: 14 kB at 44 dB of a tile's 24 kB."""
    if max(picture.size) > NATIVE_LIMIT:
        picture = picture.resize((NATIVE_LIMIT, NATIVE_LIMIT), PILImage.Resampling.LANCZOS)
    few = picture.convert("RGB").quantize(COLOURS, PILImage.Quantize.MEDIANCUT, kmeans=2)
    if bar:
        palette = (few.getpalette() or []) + [0] * 3 * COLOURS
        few.putpalette([*palette[: 3 * COLOURS], *LIGHT, *DARK])
        draw_bar(few, COLOURS, COLOURS + 1)
    out = BytesIO()
    few.save(out, format="png", optimize=True)
    return out.getvalue()


def _command(keys: str, payload: str = "") -> str:
    return f"\x1b_G{keys}{';' if payload else ''}{payload}\x1b\\"
