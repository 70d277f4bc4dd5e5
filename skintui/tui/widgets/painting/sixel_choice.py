"""The colours of a sixel picture: the best picture for the bytes it costs.

A band of six lines is sent colour by colour as runs of equal columns, so that what costs bytes is a change from pixel
to pixel. Each line gets the colours that minimise squared error + ``weight`` × (changes along it, and against the line
above in the same band), exactly per line, by dynamic programming, all bands at once. The tile's 129 pixels are drawn
once each, not those that scaling would invent between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLOURS = 14
"""Colours of one picture; with the scale bar's two they fit the 16 registers of a VT340."""
WEIGHT = 60.0
"""Squared error (of one pixel's three channels) that a change of colour is worth."""
BAND = 6
"""Lines of one sixel."""
ACROSS = 130
"""Pixels of a picture beyond which its columns and lines are doubled (a tile has about 129)."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How a picture of some pixels is divided: pixels of the grid are ``step_x`` × ``step_y`` of the terminal."""

    width: int
    height: int
    step_x: int
    step_y: int

    @property
    def lines(self) -> int:
        """Lines of the grid in one band."""
        return BAND // self.step_y


def grid_of(width: int, height: int) -> Grid:
    """The grid for ``width`` × ``height`` pixels, at least as fine as a tile; a band holds whole lines of it."""
    step_x = max(1, width // ACROSS)
    step_y = max((step for step in (1, 2, 3, 6) if step <= height // ACROSS), default=1)
    return Grid(-(-width // step_x), -(-height // step_y), step_x, step_y)


def quantised(picture: Image.Image, grid: Grid) -> tuple[NDArray[np.float32], list[tuple[int, int, int]]]:
    """Squared error of each pixel of the grid in each colour (bands × lines × width × colours), and the colours."""
    small = picture.convert("RGB").resize((grid.width, grid.height), Image.Resampling.BICUBIC)
    few = small.quantize(COLOURS, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    flat = (few.getpalette() or [0, 0, 0])[: 3 * COLOURS]
    palette = [(flat[i], flat[i + 1], flat[i + 2]) for i in range(0, len(flat), 3)]
    pixels = np.asarray(small, np.float32)
    errors = ((pixels[:, :, None, :] - np.array(palette, np.float32)) ** 2).sum(-1)
    short = -grid.height % grid.lines
    padded = np.concatenate([errors, np.zeros((short, *errors.shape[1:]), np.float32)])
    return padded.reshape(-1, grid.lines, grid.width, len(palette)), palette


def smooth(errors: NDArray[np.float32], weight: float) -> NDArray[np.intp]:
    """The colour of each pixel (bands × lines × width)."""
    bands, lines, width, _ = errors.shape
    labels = np.zeros((bands, lines, width), np.intp)
    for line in range(lines):
        cost = errors[:, line].transpose(1, 0, 2)
        if line:
            above = labels[:, line - 1].T[:, :, None]
            cost = cost + weight
            np.put_along_axis(cost, above, np.take_along_axis(cost, above, 2) - weight, 2)
        labels[:, line] = _along(np.ascontiguousarray(cost), weight).T
    return labels


def _along(cost: NDArray[np.float32], weight: float) -> NDArray[np.intp]:
    """The cheapest colours along lines (width × lines), given each one's cost (width × lines × colours)."""
    width, lines, _ = cost.shape
    every = np.arange(lines)
    best = cost[0]
    came = np.zeros(cost.shape, np.bool_)
    cheapest = np.zeros((width, lines), np.intp)
    for x in range(1, width):
        cheapest[x] = best.argmin(1)
        other = best[every, cheapest[x]][:, None] + weight
        came[x] = other < best
        best = np.where(came[x], other, best) + cost[x]
    found = np.zeros((width, lines), np.intp)
    at = best.argmin(1)
    for x in range(width - 1, -1, -1):
        found[x] = at
        at = np.where(came[x][every, at], cheapest[x], at)
    return found
