"""Attributes of a tile read off its pixels and its lesion mask, by the definitions of the SLICE-3D table.

The vendor's areas are multiples of 0.018765246 mm², so the mask is first brought to that grid (0.137 mm).

* **Perimeter**: length of the 8-connected chain code through the centres of the border pixels (Freeman 1961: 1 per
  step along the grid, √2 per diagonal step), which is the rule the published values obey to six digits. Through pixel
  centres a small round lesion comes out below the circle's perimeter; there the length is raised to √(4π·area), so that
  perimeter²/area ≥ 4π always.
* **Long diameter, minor axis**: largest and smallest distance between parallel tangents (Feret) of those centres.
* **Eccentricity**: of the ellipse with the mask's second moments.
* **Asymmetry**: 1 − intersection/union of the mask and its reflection, the larger of two perpendicular axes through the
  centroid, at the direction (0–175° in steps of 5°) where the single-axis value is smallest.
* **Colours**: L*, a*, b* in the published convention (see `colour`), in the light the camera measured by.
* **Outside**: a ring from 2 to 9 grid cells (0.27–1.23 mm) around the lesion; black padding and pixels further than
  11 L* from the ring's median (hairs, glints, neighbours) are left out.
* **deltaLB**: mean distance in the L*-b* plane of the lesion's pixels from the outside mean, hence slightly above
  √(deltaL² + deltaB²). **deltaLBnorm** divides it by (Lext / 35.8)^0.68, fitted to published rows.
* **Colour variation and asymmetry**: within the lesion less a rim of two cells, `color_std_mean` is half the root mean
  square distance from the mean in the a*-b* plane, and `radial_color_std_max` the largest half root mean variance of
  L*, a*, b* within one of four rings about the centroid. Both are 0, that is missing, where fewer than 60 cells
  remain. `norm_color` = 1.471·color_std_mean + 1.5265·radial_color_std_max (exact in published rows), at most 10.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from skintui.dataset.drawn.colour import Float32, UInt8, srgb_to_published_lab

Mask = NDArray[np.bool_]
Float64 = NDArray[np.float64]

CELL_MM2: Final = 0.018765246
CELL_MM: Final = CELL_MM2**0.5
TILE_MM: Final = 15.0
_CELLS: Final = int(TILE_MM / CELL_MM)
_AROUND: Final = np.ones((3, 3), dtype=bool)  # neighbours of a pixel, itself included
BESIDE: Final = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=bool)
_RING: Final = (2, 9)
_FEW_CELLS: Final = 60
_OUTLIER_L: Final = 11.0
_TANGENTS: Final = np.deg2rad(np.arange(180.0))
_AXES: Final = np.deg2rad(np.arange(0.0, 180.0, 5.0))
# Chain length of a 2 x 2 block by its pattern (bits: 1 top left, 2 top right, 4 bottom left, 8 bottom right): two
# neighbours are a straight step, three a diagonal one, two across the diagonal are passed on both sides.
_STEP: Final = np.array(
    [0, 0, 0, 1, 0, 1, 2 * 2**0.5, 2**0.5, 0, 2 * 2**0.5, 1, 2**0.5, 1, 2**0.5, 2**0.5, 0], dtype=np.float64
)


def chain_length(mask: Mask) -> float:
    """Length, in pixels, of the 8-connected chain code of the borders of a mask (outer, and of holes)."""
    padded = _padded(mask, 1).view(np.uint8)
    code = padded[:-1, :-1] + 2 * padded[:-1, 1:] + 4 * padded[1:, :-1] + 8 * padded[1:, 1:]
    return float(np.bincount(code.ravel(), minlength=16) @ _STEP)


def one_piece(mask: Mask) -> Mask:
    """The largest 8-connected part of a mask, its holes filled."""
    from scipy import ndimage

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return mask
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))  # labelling is what takes the time
    piece = mask[box]
    labels, parts = ndimage.label(piece, structure=_AROUND)
    if parts > 1:
        piece = labels == 1 + int(np.argmax(np.bincount(labels.ravel())[1:]))
    outside, holes = ndimage.label(~_padded(piece, 1), structure=BESIDE)
    if holes > 1:
        piece = (outside != outside[0, 0])[1:-1, 1:-1]
    elif parts == 1:
        return mask
    filled: Mask = np.zeros_like(mask)
    filled[box] = piece
    return filled


def _padded(mask: Mask, margin: int) -> Mask:
    """The mask with a margin of False."""
    wide: Mask = np.zeros((mask.shape[0] + 2 * margin, mask.shape[1] + 2 * margin), dtype=bool)
    wide[margin:-margin, margin:-margin] = mask
    return wide


def feret(mask: Mask) -> tuple[float, float]:
    """Largest and smallest distance in pixels between parallel tangents of the pixel centres."""
    rows, columns = np.nonzero(mask & ~_eroded(mask))
    along = np.outer(np.cos(_TANGENTS), columns) + np.outer(np.sin(_TANGENTS), rows)
    extent = along.max(axis=1) - along.min(axis=1)
    return float(extent.max()), float(extent.min())


def eccentricity(mask: Mask) -> float:
    """Eccentricity of the ellipse with the second moments of the mask."""
    rows, columns = np.nonzero(mask)
    moments = np.cov(np.stack([columns, rows]), bias=True) + np.eye(2) / 12
    low, high = np.linalg.eigvalsh(moments)
    return float(np.sqrt(max(0.0, 1.0 - low / high)))


def asymmetry(mask: Mask) -> tuple[float, int]:
    """Asymmetry about the best axis and its perpendicular (0 symmetric, 1 disjoint), and the axis in degrees."""
    rows, columns = np.nonzero(mask)
    y, x = (rows - rows.mean()).astype(np.float32), (columns - columns.mean()).astype(np.float32)
    stride = 1 + x.size // 1500
    y_part, x_part = y[::stride], x[::stride]
    cos, sin = (np.cos(2 * _AXES).astype(np.float32)[:, None], np.sin(2 * _AXES).astype(np.float32)[:, None])
    far = int(np.hypot(*mask.shape)) + 2
    around = _padded(mask, far)
    column = np.rint(cos * x_part + sin * y_part + (columns.mean() + far)).astype(np.int32)
    row = np.rint(sin * x_part - cos * y_part + (rows.mean() + far)).astype(np.int32)
    row *= around.shape[1]
    row += column
    hits = around.ravel().take(row, mode="wrap").mean(axis=1)
    unlike = 1.0 - hits / (2.0 - hits)
    best = int(np.argmin(unlike))
    across = (best + _AXES.size // 2) % _AXES.size
    return float(max(unlike[best], unlike[across])), 5 * best


def measure(tile: UInt8, mask: Mask, valid: Mask | None = None, exposure: float = 1.0) -> dict[str, float]:
    """Attributes by column name that depend on the picture alone.

    Args:
        tile: shape (w, w, 3), sRGB, 15 mm wide.
        mask: shape (w, w), the lesion.
        valid: shape (w, w), False where the tile is padding; by default the pixels that are not black.
        exposure: linear light of the tile over that of the measurement.

    Raises:
        ValueError: the lesion covers fewer than 9 cells of the vendor's grid, or no skin shows around it.
    """
    lesion, lab, ring = _on_grid(tile, mask, valid, exposure)
    if np.count_nonzero(lesion) < 9:
        raise ValueError("the lesion is too small to measure")
    return _form(lesion) | _colours(lab, lesion, ring)


def _on_grid(tile: UInt8, mask: Mask, valid: Mask | None, exposure: float) -> tuple[Mask, Float32, Mask]:
    """Lesion, Lab and outside ring on the vendor's grid, cut to the lesion and its surroundings."""
    width = mask.shape[0]
    place = (np.arange(_CELLS) + 0.5) * CELL_MM + 0.5 * (TILE_MM - _CELLS * CELL_MM)
    place = np.clip(place * (width / TILE_MM) - 0.5, 0.0, width - 1.001).astype(np.float32)
    whole = one_piece(_interpolate(mask.astype(np.float32), place, place) >= 0.5)
    window = (_window(np.any(whole, axis=1)), _window(np.any(whole, axis=0)))
    lesion = whole[window]
    rows, columns = place[window[0]], place[window[1]]
    ring = _dilated(lesion, _RING[1]) & ~_dilated(lesion, _RING[0])
    used = lesion | ring
    lab: Float32 = np.zeros((*lesion.shape, 3), dtype=np.float32)
    lab[used] = srgb_to_published_lab(_interpolate(tile, rows, columns)[used], exposure)
    if valid is None:
        ring &= lab[..., 0] > 3.0
    else:
        ring &= _interpolate(valid.astype(np.float32), rows, columns) > 0.99
    return lesion, lab, ring


def _window(occupied: Mask) -> slice:
    places = np.flatnonzero(occupied)
    if places.size == 0:
        return slice(0, occupied.size)
    margin = _RING[1] + 1
    return slice(max(0, int(places[0]) - margin), min(occupied.size, int(places[-1]) + margin + 1))


def _interpolate(values: Float32 | UInt8, rows: Float32, columns: Float32) -> Float32:
    """Bilinear values at the crossings of fractional rows and columns."""
    top, left = rows.astype(np.int64), columns.astype(np.int64)
    down, right = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    more = (1,) * (values.ndim - 2)
    band = values[top] * (1 - down).reshape(-1, 1, *more) + values[top + 1] * down.reshape(-1, 1, *more)
    share = right.reshape(1, -1, *more)
    mixed: Float32 = (band[:, left] * (1 - share) + band[:, left + 1] * share).astype(np.float32)
    return mixed


def _eroded(mask: Mask) -> Mask:
    """The mask less its 4-connected border."""
    padded = _padded(mask, 1)
    return mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]


def _dilated(mask: Mask, radius: int) -> Mask:
    """The mask grown by an octagon: a square and a diamond-like cut, each side spread by itself."""
    grown = _box(mask, radius, max(1, radius // 2)) | _box(mask, max(1, radius // 2), radius)
    return grown | _box(mask, round(0.75 * radius), round(0.75 * radius))


def _box(mask: Mask, vertical: int, horizontal: int) -> Mask:
    return _stretched(_stretched(mask, vertical).T, horizontal).T


def _stretched(mask: Mask, reach: int) -> Mask:
    """True up to `reach` rows above and below what is True; runs are doubled until they are long enough."""
    rows = mask.shape[0]
    run: Mask = np.zeros((rows + 2 * reach, mask.shape[1]), dtype=bool)
    run[2 * reach :] = mask  # run[i]: any of `length` rows of the mask from row i − 2·reach on
    length = 1
    while length < 2 * reach + 1:
        step = min(length, 2 * reach + 1 - length)
        run[:-step] |= run[step:].copy()
        length += step
    return run[reach : reach + rows]


def _form(lesion: Mask) -> dict[str, float]:
    cells = int(np.count_nonzero(lesion))
    length = max(chain_length(lesion), float(np.sqrt(4 * np.pi * cells)))
    longest, shortest = feret(lesion)
    unlike, axis = asymmetry(lesion)
    ratio = length**2 / cells
    return {
        "clin_size_long_diam_mm": longest * CELL_MM,
        "tbp_lv_areaMM2": cells * CELL_MM2,
        "tbp_lv_perimeterMM": length * CELL_MM,
        "tbp_lv_area_perim_ratio": ratio,
        "tbp_lv_minorAxisMM": shortest * CELL_MM,
        "tbp_lv_eccentricity": eccentricity(lesion),
        "tbp_lv_symm_2axis": unlike,
        "tbp_lv_symm_2axis_angle": float(axis),
        "tbp_lv_norm_border": float(np.clip(0.18184 * ratio + 7.41842 * unlike - 2.28474, 0.0, 10.0)),
    }


def _colours(lab: Float32, lesion: Mask, ring: Mask) -> dict[str, float]:
    inside = lab[lesion].astype(np.float64)
    outside = lab[ring].astype(np.float64)
    if len(outside) > 20:
        outside = outside[np.abs(outside[:, 0] - np.median(outside[:, 0])) <= _OUTLIER_L]
    if len(outside) == 0:
        raise ValueError("no skin shows around the lesion")
    within, without = inside.mean(axis=0), outside.mean(axis=0)
    apart = float(np.hypot(inside[:, 0] - without[0], inside[:, 2] - without[2]).mean())
    variation, lopsided = _colour_spread(lab, lesion)
    found = {
        "tbp_lv_stdL": float(inside[:, 0].std()),
        "tbp_lv_stdLExt": float(outside[:, 0].std()),
        "tbp_lv_deltaLB": apart,
        "tbp_lv_deltaLBnorm": apart / float((without[0] / 35.8) ** 0.68),
        "tbp_lv_color_std_mean": variation,
        "tbp_lv_radial_color_std_max": lopsided,
        "tbp_lv_norm_color": min(10.0, 1.471 * variation + 1.5265 * lopsided),
    }
    for name, value, beyond in zip("LAB", within, without, strict=True):
        found |= {f"tbp_lv_{name}": float(value), f"tbp_lv_{name}ext": float(beyond)}
        found[f"tbp_lv_delta{name}"] = float(value - beyond)
    for ext, mean in (("", within), ("ext", without)):
        found[f"tbp_lv_C{ext}"] = float(np.hypot(mean[1], mean[2]))
        found[f"tbp_lv_H{ext}"] = float(np.degrees(np.arctan2(mean[2], mean[1])))
    return found


def _colour_spread(lab: Float32, lesion: Mask) -> tuple[float, float]:
    """Colour variation over the lesion's core and its largest variation along a ring; 0, 0 for a tiny lesion."""
    core = _eroded(_eroded(lesion))
    rows, columns = np.nonzero(core)
    if rows.size < _FEW_CELLS:
        return 0.0, 0.0
    colour = lab[core].astype(np.float64)
    variation = 0.5 * float(np.sqrt(colour[:, 1:].var(axis=0).sum()))
    away = np.hypot(rows - rows.mean(), columns - columns.mean())
    ring = np.minimum((4 * away / (away.max() + 1e-9)).astype(np.int64), 3)
    count = np.bincount(ring, minlength=4)
    lopsided = 0.0
    for k in np.flatnonzero(count >= 12):
        lopsided = max(lopsided, 0.5 * float(np.sqrt(colour[ring == k].var(axis=0).mean())))
    return variation, lopsided
