"""A bar of 2 mm at the lower left of a tile, light with a dark rim so that it stands out from any skin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import ImageDraw
from PIL.Image import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TILE_MM = 15.0
"""Side of a tile."""
BAR_MM = 2.0
LIGHT, DARK = (255, 255, 255), (0, 0, 0)

Ink = tuple[int, int, int] | int
Box = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two lie outside."""


def bar_length(width: int) -> int:
    """Pixels of the bar on a tile ``width`` pixels across."""
    return max(2, round(width * BAR_MM / TILE_MM))


def bar_place(width: int, height: int) -> Box:
    """Where the light part of the bar lies on a picture; its rim is one pixel around it."""
    margin, thick = max(2, round(width / 26)), max(1, round(height / 90))
    left, bottom = margin, height - margin
    return left, bottom - thick, left + bar_length(width), bottom


def draw_bar(picture: Image, light: Ink = LIGHT, dark: Ink = DARK) -> None:
    """Draw the bar on ``picture``, in colours or in numbers of its palette."""
    left, top, right, bottom = bar_place(*picture.size)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((left - 1, top - 1, right, bottom), fill=dark)
    draw.rectangle((left, top, right - 1, bottom - 1), fill=light)


def mark_bar(labels: NDArray[np.intp], box: Box, light: int, dark: int) -> None:
    """Write the bar into colour numbers (rows × columns)."""
    left, top, right, bottom = box
    labels[top - 1 : bottom + 1, left - 1 : right + 1] = dark
    labels[top:bottom, left:right] = light
