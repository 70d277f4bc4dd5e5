"""Pictures made of one tile or two: with outlines, or their difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skintui.session.known import Known

if TYPE_CHECKING:
    from PIL.Image import Image

    from skintui.dataset.outline import Mask

TILE, OUTLINE, OUTLINES, ABSOLUTE, SIGNED = "tile", "outline", "outlines", "absolute", "signed"
"""Kinds: as it is; with its lesion's outline; with the other's as well; the difference; the difference in lightness."""

OWN_INK, OTHER_INK = (0, 235, 255), (190, 255, 0)
"""Colours of outlines, far from any skin; the other's is dashed besides."""
_DASH = 4
"""Pixels of a dash and of the gap behind it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be drawn."""

    kind: str
    row: int
    other: int
    """The lesion beside it."""
    pixels: int
    """Pixels across, for lines one pixel wide; a picture without lines keeps its own."""

    @property
    def key(self) -> str:
        """A name of its own for each picture."""
        if self.kind == TILE:
            return str(self.row)
        if self.kind == OUTLINE:
            return f"{self.row}/outline/{self.pixels}"
        return f"{self.row}/{self.kind}/{self.other}" + (f"/{self.pixels}" if self.kind == OUTLINES else "")


@dataclass(frozen=True, slots=True)
class Drawn:
    """The picture, and what has to be said to it."""

    picture: Image
    legend: str = ""


def drawn(known: Known, drawing: Drawing) -> Drawn:
    """Draw. Raises TileError where a tile cannot be read."""
    tile = known.tile(drawing.row)
    if drawing.kind == TILE:
        return Drawn(tile)
    if drawing.kind == OUTLINE:
        return _outlined(tile, None, drawing.pixels)
    other = known.tile(drawing.other)
    if drawing.kind == OUTLINES:
        return _outlined(tile, other, drawing.pixels)
    return _subtracted(tile, other, signed=drawing.kind == SIGNED)


def _subtracted(tile: Image, other: Image, *, signed: bool) -> Drawn:
    from skintui.dataset.difference import absolute_difference, signed_difference

    if signed:
        found = signed_difference(tile, other)
        skin = f"skin {found.skin:+.0f} L* taken off".replace("-", "−")
        scale = f"lightness of the other tile · dark blue: darker by {found.full:.0f} L* or more · grey: same"
        return Drawn(found.picture, f"{scale} · light orange: lighter · max {found.largest:.0f} · {skin}")
    found = absolute_difference(tile, other)
    scale = f"distance in colour · black: same · white: ΔE {found.full:.0f} or more · max {found.largest:.0f}"
    return Drawn(found.picture, scale)


def _outlined(tile: Image, other: Image | None, pixels: int) -> Drawn:
    """The tile enlarged, with lines one pixel wide round its lesion and, dashed, round where the other's would lie."""
    from PIL import Image as PILImage

    from skintui.dataset.outline import contour, enlarged, lesion_mask

    size = (pixels, pixels)
    canvas = np.array(tile.resize(size, PILImage.Resampling.BICUBIC))
    own = lesion_mask(tile)
    said = "" if own.any() else "no outline: nothing stands out from the skin"
    if other is not None:
        canvas[_dashed(contour(enlarged(lesion_mask(other), size)))] = OTHER_INK
    canvas[contour(enlarged(own, size))] = OWN_INK
    return Drawn(PILImage.fromarray(canvas), said)


def _dashed(line: Mask) -> Mask:
    """A line with gaps."""
    y, x = np.indices(line.shape)
    broken: Mask = line & ((x + y) // _DASH % 2 == 0)
    return broken
