"""The colours of quadrant cells: the best picture for the bytes it costs.

A cell shows 2 × 2 pixels in two colours. The terminal keeps the colours it was last told, so that a cell which makes do
with those of the cell to its left costs one glyph, and each other colour about 20 bytes. Per row of cells the sequence
of colour pairs is found that minimises squared error + ``weight`` × bytes, exactly, by dynamic programming; all rows at
once. Against two true colours per half cell (14 kB for 26 × 13 cells) this takes a quarter of the bytes at the same
distance from the tile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLOURS = 24
"""Colours of one picture."""
WEIGHT = 8.0
"""Squared error (of one pixel's three channels) that a byte is worth."""
LIMIT = 3900
"""Bytes of a tile; beyond them a byte is weighed higher until it fits."""

_GLYPH, _SPACE = 3, 1
_ONE, _BOTH = 8, 15
"""Bytes around the numbers of one colour (``ESC [38;2; m``) and of two."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A picture in quadrant cells; every array is rows × columns of cells."""

    front: NDArray[np.intp]
    """Number of the colour in front."""
    ground: NDArray[np.intp]
    """Number of the colour behind."""
    mask: NDArray[np.intp]
    """Which quadrants are in front: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""
    palette: list[tuple[int, int, int]]


def choose(picture: Image.Image, width: int, height: int, limit: int = LIMIT) -> Choice:
    """The cells of ``picture`` at ``width`` × ``height`` of them, in about ``limit`` bytes at most."""
    errors, palette = _errors(picture, width, height)
    pairs = np.minimum(errors[..., :, None], errors[..., None, :]).sum(2)
    digits = np.array([len(f"{r};{g};{b}") for r, g, b in palette])
    weight = WEIGHT
    while True:
        front, ground, size = _cheapest(errors, pairs, digits, weight)
        if size <= limit or weight > 1e6:
            break
        weight *= 1.5
    at = np.arange(width)[None, :, None], np.arange(height)[:, None, None], np.arange(4)[None, None]
    shown = errors[(*at, front[..., None])] < errors[(*at, ground[..., None])]
    mask = (shown * np.array([1, 2, 4, 8])).sum(2)
    mask[_is_plain(errors, pairs, weight)[at[0][..., 0], at[1][..., 0], front, ground]] = 0
    return Choice(front, ground, mask, palette)


def _errors(picture: Image.Image, width: int, height: int) -> tuple[NDArray[np.float32], list[tuple[int, int, int]]]:
    """Squared error of each quadrant in each colour (columns × rows × 4 × colours), and the colours."""
    smaller = picture.width >= width * 2
    how = Image.Resampling.BOX if smaller else Image.Resampling.BICUBIC
    small = picture.convert("RGB").resize((width * 2, height * 2), how)
    few = small.quantize(COLOURS, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    flat = (few.getpalette() or [0, 0, 0])[: 3 * COLOURS]
    palette = [(flat[i], flat[i + 1], flat[i + 2]) for i in range(0, len(flat), 3)]
    pixels = np.asarray(small, np.float32)
    apart = ((pixels[:, :, None, :] - np.array(palette, np.float32)) ** 2).sum(-1)
    cells = apart.reshape(height, 2, width, 2, len(palette)).transpose(2, 0, 1, 3, 4)
    return np.ascontiguousarray(cells.reshape(width, height, 4, len(palette))), palette


def _is_plain(errors: NDArray[np.float32], pairs: NDArray[np.float32], weight: float) -> NDArray[np.bool_]:
    """Whether a space on the ground colour does, being two bytes shorter than a glyph."""
    plain: NDArray[np.bool_] = errors.sum(2)[:, :, None, :] <= pairs + (_GLYPH - _SPACE) * weight
    return plain


def _cheapest(
    errors: NDArray[np.float32], pairs: NDArray[np.float32], digits: NDArray[np.intp], weight: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """Colours in front and behind per cell, and the bytes they cost.

    ``best[row, f, g]`` is the cost of a row up to a column that ends with the colours (f, g); a pair is reached from
    itself for nothing, from one that shares a colour for one change, from any other for two.
    """
    width, height, _, count = errors.shape
    plain = errors.sum(2)[:, :, None, :]
    cost = np.minimum(pairs + _GLYPH * weight, plain + _SPACE * weight)
    one = (_ONE + digits) * weight
    two = (_BOTH + digits[:, None] + digits[None, :]) * weight
    best = cost[0] + two
    steps = []
    for column in range(1, width):
        by_ground, by_front = best.min(1), best.min(2)
        ways = np.stack(
            [
                best,
                by_ground[:, None, :] + one[None, :, None] + np.zeros_like(best),
                by_front[:, :, None] + one[None, None, :] + np.zeros_like(best),
                by_ground.min(1)[:, None, None] + two,
            ]
        )
        way = ways.argmin(0)
        steps.append((way, best.argmin(1), best.argmin(2), by_ground.argmin(1)))
        best = np.take_along_axis(ways, way[None], 0)[0] + cost[column]
    front, ground = np.zeros((height, width), np.intp), np.zeros((height, width), np.intp)
    f, g = np.divmod(best.reshape(height, -1).argmin(1), count)
    row, size = np.arange(height), 0
    changed = np.zeros(4, np.intp)
    for column in range(width - 1, -1, -1):
        front[:, column], ground[:, column] = f, g
        taken = plain[column, row, 0, g] + _SPACE * weight <= pairs[column, row, f, g] + _GLYPH * weight
        size += int(np.where(taken, _SPACE, _GLYPH).sum())
        if column:
            way, front_of, ground_of, best_ground = steps[column - 1]
            taken_way = way[row, f, g]
            changed += np.bincount(taken_way, minlength=4)
            apart = taken_way == 3
            f, g = (
                np.where(apart, front_of[row, best_ground], np.where(taken_way == 1, front_of[row, g], f)),
                np.where(apart, best_ground, np.where(taken_way == 2, ground_of[row, f], g)),
            )
    mean = float(digits.mean())
    size += int((changed[1] + changed[2]) * (_ONE + mean) + (changed[3] + height) * (_BOTH + 2 * mean) + 8 * height)
    return front, ground, size
