"""Dense targets of the vision stage: what each 8-pixel cell of a drawn tile holds.

Border shape lives in these maps rather than in any label: the edge length of the cells sums to the perimeter, their
coverage to the area, and the bend of the edge says how jagged it is.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

CHANNELS: tuple[str, ...] = (
    "coverage",
    "edge",
    "edge_steps",
    "bend_fine",
    "turn_fine",
    "bend_coarse",
    "turn_coarse",
    "L",
    "A",
    "B",
    "std_L",
    "std_A",
    "std_B",
    "inside_L",
    "inside_A",
    "inside_B",
    "inside_LL",
    "outside_LL",
)
"""Names of the values of one cell, in order."""

LAB_CENTRE = np.array([50.0, 18.0, 27.0], dtype=np.float32)
"""Colour subtracted before weighting with coverage, so that an empty cell and a grey one differ little."""

_WHITE = np.array([0.95047, 1.0, 1.08883])
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_BYTE = np.arange(256) / 255
_LINEAR = np.where(_BYTE <= 0.04045, _BYTE / 12.92, ((_BYTE + 0.055) / 1.055) ** 2.4).astype(np.float32)


def lab(tile: NDArray[np.uint8]) -> Array:
    """CIELAB (D65) of sRGB bytes; last axis 3 in both."""
    xyz = _LINEAR[tile] @ (_TO_XYZ / _WHITE[:, None]).T.astype(np.float32)
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116).astype(np.float32)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def edge_maps(mask: Array) -> tuple[Array, Array]:
    """Edge length per pixel of a 0/1 mask (H, W), in pixels: by Crofton's formula in four directions, and by steps.

    Crofton (1868): length = ½ ∫ crossings dp dθ ≈ π/8 · Σ over the four directions of crossings × line spacing (1 along
    the grid, 1/√2 aslant). The steps count each side between a pixel inside and one outside; the quotient of both
    tells the direction of the edge.
    """
    across, down = np.abs(np.diff(mask, axis=1)), np.abs(np.diff(mask, axis=0))
    steps = np.zeros_like(mask)
    steps[:, :-1] += across
    steps[:-1] += down
    slanted = np.zeros_like(mask)
    slanted[:-1, :-1] = np.abs(mask[1:, 1:] - mask[:-1, :-1]) + np.abs(mask[1:, :-1] - mask[:-1, 1:])
    length: Array = (math.pi / 8 * (steps + slanted / math.sqrt(2))).astype(np.float32)
    return length, steps


def box(values: Array, radius: int) -> Array:
    """Mean over a square of 2·radius + 1 pixels, edges repeated."""
    size = 2 * radius + 1
    padded = np.pad(values, ((radius + 1, radius), (radius + 1, radius)), mode="edge").cumsum(0).cumsum(1)
    total = padded[size:, size:] - padded[:-size, size:] - padded[size:, :-size] + padded[:-size, :-size]
    mean: Array = (total / size**2).astype(np.float32)
    return mean


def _between(values: Array) -> Array:
    """Means of 2 × 2 pixels, so that a value belongs to the side between a pixel and the next, like the edge."""
    after = np.pad(values, ((0, 1), (0, 1)), mode="edge")
    mean: Array = ((after[:-1, :-1] + after[1:, :-1] + after[:-1, 1:] + after[1:, 1:]) / 4).astype(np.float32)
    return mean


def dense_targets(tile: NDArray[np.uint8], mask: NDArray[np.bool_], cell: int = 8) -> Array:
    """Targets (H / cell, W / cell, len(CHANNELS)) of a tile (H, W, 3) and its lesion mask (H, W).

    ``coverage`` is a fraction, edge lengths are in cell sides; ``bend`` is the edge-weighted distance of the
    surrounding square's coverage from one half (0 on a straight edge), ``turn`` the same with its sign (positive
    where the lesion is hollow); colours are LAB.
    """
    inside = mask.astype(np.float32)
    edge, steps = edge_maps(inside)
    fine, coarse = (_between(box(inside, radius)) - 0.5 for radius in (2, 4))
    colour = lab(tile)
    centred = colour - LAB_CENTRE
    edge, steps = edge * cell, steps * cell  # a cell's mean times its area over its side
    maps = [inside, edge, steps, edge * np.abs(fine), edge * fine, edge * np.abs(coarse), edge * coarse]
    light = centred[..., 0] ** 2 / 10
    weighted = [centred * inside[..., None], (light * inside)[..., None], (light * (1 - inside))[..., None]]
    means = _cells(np.concatenate([np.stack(maps, -1), colour, colour**2, *weighted], axis=-1), cell)
    base = len(maps)
    spread = np.sqrt(np.maximum(means[..., base + 3 : base + 6] - means[..., base : base + 3] ** 2, 0))
    return np.concatenate([means[..., : base + 3], spread, means[..., base + 6 :]], axis=-1).astype(np.float32)


def _cells(values: Array, cell: int) -> Array:
    """Mean of each cell."""
    height, width, channels = values.shape
    means: Array = values.reshape(height // cell, cell, width // cell, cell, channels).mean(axis=(1, 3))
    return means
