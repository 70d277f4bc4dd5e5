"""Two tiles subtracted from each other, stretched so that the eye can read what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from skintui.dataset.drawn.colour import Float32, lab_to_srgb, srgb_to_lab

_FULL: Final = 0.995  # share of the pixels below the difference that is drawn in full: a hair must not set the scale
_LIGHTER, _DARKER = (78.0, 20.0, 62.0), (22.0, 14.0, -48.0)  # L*, a*, b* of the ends of the signed scale
_SAME: Final = (52.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Difference:
    """A picture of how two tiles differ."""

    picture: Image.Image
    full: float
    """The difference drawn in full colour; larger ones look the same."""
    largest: float
    """The largest difference of any pixel."""
    skin: float = 0.0
    """L* by which the other tile's skin is lighter, where that has been taken off."""


def absolute_difference(query: Image.Image, other: Image.Image) -> Difference:
    """Colour distance (CIE76 ΔE) per pixel: black where the tiles agree, white where they differ most."""
    one, two = _alike(query, other)
    distance = np.linalg.norm(two - one, axis=2)
    full, largest = _scale(distance)
    grey = (
        np.rint(255 * np.minimum(distance / full, 1)).astype(np.uint8) if full else np.zeros(distance.shape, np.uint8)
    )
    return Difference(Image.fromarray(grey).convert("RGB"), full, largest)


def signed_difference(query: Image.Image, other: Image.Image) -> Difference:
    """L* of ``other`` less that of ``query``: light orange where the other is lighter, dark blue where it is darker.

    What the tiles differ by on the whole, which is their skin, is taken off: else it is all there is to see.
    """
    one, two = _alike(query, other)
    change = two[..., 0] - one[..., 0]
    skin = float(np.median(change))
    change -= skin
    full, largest = _scale(np.abs(change))
    share = np.clip(change / full, -1, 1)[..., None] if full else np.zeros((*change.shape, 1), np.float32)
    same = np.array(_SAME, np.float32)
    ends = np.where(share > 0, np.array(_LIGHTER, np.float32), np.array(_DARKER, np.float32))
    return Difference(Image.fromarray(lab_to_srgb(same + np.abs(share) * (ends - same))), full, largest, skin)


def _alike(query: Image.Image, other: Image.Image) -> tuple[Float32, Float32]:
    """Both in CIELAB at the larger one's size: every tile is as many millimetres wide."""
    size = max(query.size, other.size)
    return tuple(  # type: ignore[return-value]  # a pair of two
        srgb_to_lab(np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BICUBIC)))
        for picture in (query, other)
    )


def _scale(distance: Float32) -> tuple[float, float]:
    """The difference to draw in full, and the largest."""
    largest = float(distance.max())
    return float(np.quantile(distance, _FULL)) or largest, largest
