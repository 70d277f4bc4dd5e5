"""Pictures by DEC sixel."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from PIL.Image import Image
from textual.geometry import Region, Size

from skintui.tui.tmux import wrapped
from skintui.tui.widgets.painting.marked import Marked, Placed
from skintui.tui.widgets.painting.painter import allowance
from skintui.tui.widgets.painting.scale_bar import DARK, LIGHT, bar_place, mark_bar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skintui.tui.widgets.painting.sixel_choice import Grid

LIMIT = 14_300
"""Bytes of a picture (the blanks below it make 15 kB); beyond them it is drawn smoother until it fits."""


class Sixels(Marked):
    """Sent again only where writing to its cells has taken it away, and never while a window covers some of it.

    textual-image's encoder dithers into 64 to 256 colours (50 to 90 kB for a tile); choosing the colours by their cost,
    and letting each colour run over pixels that a later one draws, would be the patch upstream.
    """

    def encode(self, picture: Image, size: Size, bar: bool) -> str:
        width, height = size.width * self.cell_width, size.height * self.cell_height
        return sixels(picture, width, height, bar, allowance(LIMIT, size))

    def pixels(self, columns: int) -> int:
        from skintui.tui.widgets.painting.sixel_choice import grid_of

        return grid_of(columns * self.cell_width, columns * self.cell_width).width

    def show(self, placed: Placed) -> str:
        data = self.kept.peek(placed.name) or ""
        tmux, region = self.graphics.tmux, placed.region
        left, top = (tmux.left, tmux.top) if tmux else (0, 0)
        sequence = f"\x1b[{top + region.y + 1};{left + region.x + 1}H{data}"
        return wrapped(sequence) if tmux else sequence

    def hide(self, _placed: Placed) -> str:
        return ""

    def is_hurt(self, placed: Placed, written: list[Region]) -> bool:
        return any(placed.region.overlaps(region) for region in written)


def sixels(picture: Image, width: int, height: int, bar: bool = True, limit: int = LIMIT) -> str:
    """``picture`` at ``width`` × ``height`` pixels, in at most ``limit`` bytes where smoothing can do it."""
    from skintui.tui.widgets.painting.sixel_choice import WEIGHT, grid_of, quantised, smooth

    grid = grid_of(width, height)
    errors, palette = quantised(picture, grid)
    weight = WEIGHT
    while True:
        labels = smooth(errors, weight)
        flat = labels.reshape(-1, grid.width)
        flat[grid.height :] = -1
        if bar:
            mark_bar(flat, bar_place(grid.width, grid.height), len(palette), len(palette) + 1)
        coded = _coded(flat.reshape(labels.shape), [*palette, LIGHT, DARK] if bar else palette, grid, width, height)
        if len(coded) <= limit or weight > 1e6:
            return coded
        weight *= max(1.3, len(coded) / limit)


def _coded(labels: NDArray[np.intp], palette: list[tuple[int, int, int]], grid: Grid, width: int, height: int) -> str:
    """The sequence for colours by number (bands × lines × width of the grid)."""
    import numpy as np

    from skintui.tui.widgets.painting.sixel_choice import BAND

    head = "".join(
        f"#{number};2;" + ";".join(str(round(channel * 100 / 255)) for channel in colour)
        for number, colour in enumerate(palette)
    )
    one = (1 << grid.step_y) - 1
    bits = np.array([one << (line * grid.step_y) for line in range(grid.lines)], np.uint8)
    drawn = (labels[:, None] == np.arange(len(palette))[None, :, None, None]) * bits[None, None, :, None]
    wanted = drawn.sum(2).astype(np.uint8)
    wanted[-1] &= (1 << (height - BAND * (len(wanted) - 1))) - 1  # the grid may reach beyond the picture
    planes, order = overlaid(wanted)
    bands = []
    for band, numbers in zip(planes, order.tolist(), strict=True):
        lines = [(f"#{number}", _runs(plane, grid.step_x, width)) for number, plane in zip(numbers, band, strict=True)]
        bands.append("$".join(number + runs for number, runs in lines if runs))
    return f'\x1bP0;1q"1;1;{width};{height}{head}{"-".join(bands)}\x1b\\'


def overlaid(planes: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Planes (bands × colours × width, six bits a column) in the order of drawing, with their colours' numbers.

    The colour with most runs is drawn first. Every one may also cover what later ones draw over it, and does where that
    lets its run go on: a sixth fewer bytes, the same picture.
    """
    import numpy as np

    runs = (np.diff(planes, axis=2) != 0).sum(2) + (planes != 0).any(2)
    order = np.argsort(-runs, axis=1, kind="stable")
    planes = np.take_along_axis(planes, order[:, :, None], 1)
    later = np.bitwise_or.accumulate(planes[:, ::-1], axis=1)[:, ::-1]
    free = np.zeros_like(planes)
    free[:, :-1] = later[:, 1:]
    out = np.empty_like(planes)
    last = planes[:, :, 0].copy()
    last[:, 0] |= free[:, 0, 0]
    out[:, :, 0] = last
    for x in range(1, planes.shape[2]):
        own, may = planes[:, :, x], free[:, :, x]
        goes_on = ((last & ~(own | may)) == 0) & ((own & ~last) == 0)
        last = np.where(goes_on, last, own | (may & last))
        out[:, :, x] = last
    out[~(planes != 0).any(2)] = 0
    return out, order


def _runs(plane: NDArray[np.uint8], step: int, width: int) -> str:
    """One colour of one band; what is empty at its end is left out."""
    columns = plane.tobytes().rstrip(b"\0")
    parts, at = [], 0
    for value, run in groupby(columns):
        count = min(len(list(run)) * step, width - at)
        at += count
        letter = chr(63 + value)
        parts.append(letter * count if count <= 3 else f"!{count}{letter}")
    return "".join(parts)
