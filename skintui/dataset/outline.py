"""Where the lesion of a tile ends, by a classical segmentation: a help for the eye, not a measurement.

Hair is closed over, what each pixel differs from the skin around (darker, redder, browner) is smoothed, and of several
thresholds the one is kept whose border is steepest on average; of its parts the central one counts.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skintui.dataset.drawn.colour import Float32, srgb_to_lab

Mask = NDArray[np.bool_]

TILE_MM: Final = 15.0
_SMOOTHING_MM: Final = 0.08
_HAIR_MM: Final = 0.35  # wider dark lines are no hair
_HAIR_DEPTH: Final = 6.0  # L*: shallower ones do no harm
_SKIN_MM: Final = 3.5  # from the centre; beyond it mostly skin lies
_REACH_MM: Final = 1.5  # how far from the centre a lesion counts in full
_CORE_MM: Final = 1.0
_BRIDGE_MM: Final = 0.25  # radius: thinner parts do not join a lesion to what lies beside it
_WEIGHTS: Final = np.array([-1.0, 0.45, 0.3], np.float32)  # L*, a*, b*
_LEVELS: Final = np.linspace(0.3, 0.7, 9)  # of the core's contrast
_SIZE_COUNTS: Final = 0.1  # exponent: of borders about as steep, that of the larger part
_AT_THE_EDGE: Final = 0.3  # factor for a part that leaves the tile, as lesions do not
_BLACK: Final = 8  # padding is darker than any skin


def lesion_mask(picture: Image.Image) -> Mask:
    """The lesion's pixels, shape (height, width); all False where nothing stands out from the skin."""
    from scipy import ndimage

    rgb = np.asarray(picture.convert("RGB"))
    valid = rgb.max(axis=2) > _BLACK
    best: Mask = np.zeros_like(valid)
    steepest = 0.0
    pixels_per_mm = max(valid.shape) / TILE_MM
    away = _from_centre(valid) / pixels_per_mm
    contrast = _contrast(rgb, valid, away, pixels_per_mm)
    core = contrast[valid & (away < _CORE_MM)]
    top = float(np.quantile(core, 0.9)) if core.size else 0.0
    if top <= 0:
        return best
    slope = np.hypot(ndimage.sobel(contrast, 0), ndimage.sobel(contrast, 1))
    near = np.exp(-((away / _REACH_MM) ** 2))
    disc = _disc(_BRIDGE_MM * pixels_per_mm)
    for level in _LEVELS * top:
        inside = ndimage.binary_opening(valid & (contrast > level), disc)
        part = _central_part(inside, (contrast - level) * near)
        steepness = _steepness(part, slope)
        if steepness > steepest:
            best, steepest = part, steepness
    return best


def contour(mask: Mask) -> Mask:
    """The mask's pixels at its border: a line one pixel wide."""
    from scipy import ndimage

    line: Mask = mask & ~ndimage.binary_erosion(mask)
    return line


def enlarged(mask: Mask, size: tuple[int, int]) -> Mask:
    """The mask at another size (width, height), its border smooth."""
    soft = Image.fromarray(mask.astype(np.uint8) * 255).resize(size, Image.Resampling.BICUBIC)
    inside: Mask = np.asarray(soft) > 127
    return inside


def _from_centre(like: Mask) -> Float32:
    """Distance in pixels from the middle of the picture."""
    height, width = like.shape
    y, x = np.ogrid[:height, :width]
    away: Float32 = np.hypot(y - (height - 1) / 2, x - (width - 1) / 2).astype(np.float32)
    return away


def _contrast(rgb: NDArray[np.uint8], valid: Mask, away: Float32, pixels_per_mm: float) -> Float32:
    """How much darker, redder and browner than the skin each pixel is, smoothed."""
    from scipy import ndimage

    lab = srgb_to_lab(rgb)
    width = max(3, round(_HAIR_MM * pixels_per_mm) | 1)
    closed = ndimage.grey_closing(lab[..., 0], size=(width, width))
    lab[..., 0] = np.where(closed - lab[..., 0] > _HAIR_DEPTH, closed, lab[..., 0])
    around = valid & (away > _SKIN_MM)
    around = around if around.any() else valid
    skin = np.median(lab[around], axis=0) if around.any() else np.zeros(3, np.float32)
    smooth: Float32 = ndimage.gaussian_filter((lab - skin) @ _WEIGHTS, _SMOOTHING_MM * pixels_per_mm)
    return smooth


def _disc(radius: float) -> Mask:
    reach = max(1, int(radius))
    y, x = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    disc: Mask = y * y + x * x <= max(1.0, radius) ** 2
    return disc


def _central_part(inside: Mask, weight: Float32) -> Mask:
    """Of the connected parts the heaviest, its holes filled."""
    from scipy import ndimage

    parts, count = ndimage.label(inside)
    if not count:
        return inside
    best = 1 + int(np.argmax(ndimage.sum_labels(weight, parts, np.arange(1, count + 1))))
    filled: Mask = ndimage.binary_fill_holes(parts == best)
    return filled


def _steepness(part: Mask, slope: Float32) -> float:
    """Mean slope of the contrast along the border of a part; 0 for none."""
    if not part.any():
        return 0.0
    leaves = part[[0, -1]].any() or part[:, [0, -1]].any()
    return float(slope[contour(part)].mean() * part.sum() ** _SIZE_COUNTS) * (_AT_THE_EDGE if leaves else 1.0)
