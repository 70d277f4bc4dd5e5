"""Which tile of a data set a piece of a screen shows, by its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skintui.dataset.lesions import Lesions

FINE, COARSE = 40, 12
"""Pixels a side at which pictures are compared: drawn by pixels, drawn by cells."""
NEAR, ALIKE = 8.0, 0.8
"""Greatest difference from the tile that is shown and least correlation with it; fewer colours cost some of either."""
CLEARLY = 1.5
"""How many times farther every other tile must be."""


@dataclass(frozen=True, slots=True)
class Match:
    """How like a piece of the screen is to one tile."""

    isic_id: str
    difference: float
    """Mean absolute difference of the channels, 0–255."""
    correlation: float
    """Of the deviations from each channel's mean."""


class Tiles:
    """Every tile of a data set, ready to be compared."""

    def __init__(self, lesions: Lesions) -> None:
        self._pictures = {isic_id: lesions.tile(isic_id).convert("RGB") for isic_id in lesions.ids}
        self._scaled: dict[int, dict[str, NDArray[np.float64]]] = {}

    def matches(self, piece: Image.Image, side: int = FINE) -> list[Match]:
        """Every tile, the most like first."""
        seen = _seen(piece, side)
        if side not in self._scaled:
            self._scaled[side] = {name: _seen(picture, side) for name, picture in self._pictures.items()}
        matches = [
            Match(name, float(np.abs(seen - tile).mean()), _correlation(seen, tile))
            for name, tile in self._scaled[side].items()
        ]
        return sorted(matches, key=lambda match: match.difference)


def faults(matches: list[Match], isic_id: str) -> list[str]:
    """Why a piece of the screen is not the tile ``isic_id``; nothing where it is.

    It must be the nearest by difference and by correlation, near in itself, and every other clearly farther.
    """
    first, second = matches[:2]
    likest = max(matches, key=lambda match: match.correlation)
    told = f"{first.isic_id} differs by {first.difference:.1f} (r {first.correlation:.3f})"
    told += f", the next by {second.difference:.1f}"
    if first.isic_id != isic_id:
        right = next(match for match in matches if match.isic_id == isic_id)
        return [f"not {isic_id} (differs by {right.difference:.1f}, r {right.correlation:.3f}): {told}"]
    if first.difference > NEAR or first.correlation < ALIKE:
        return [f"{isic_id} is not drawn well: {told}"]
    if likest.isic_id != isic_id or second.difference < CLEARLY * first.difference:
        return [f"{isic_id} is not clearly the one: {told}"]
    return []


def _seen(picture: Image.Image, side: int) -> NDArray[np.float64]:
    """The picture at one size, without the corner where the scale bar lies; (pixels, 3)."""
    scaled = np.asarray(picture.convert("RGB").resize((side, side), Image.Resampling.BOX), dtype=np.float64)
    outside = np.ones((side, side), dtype=np.bool_)
    outside[side * 3 // 4 :, : side // 2] = False
    return scaled[outside]


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    a, b = (a - a.mean(axis=0)).ravel(), (b - b.mean(axis=0)).ravel()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale else 0.0
