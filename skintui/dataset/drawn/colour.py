"""sRGB to CIELAB and back (IEC 61966-2-1 transfer curve, CIE 1976 L*a*b*, D65 white, 2° observer)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]

_TO_XYZ: Final = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ],
    dtype=np.float64,
)
_WHITE: Final = _TO_XYZ.sum(axis=1)  # XYZ of sRGB (1, 1, 1), so that white is exactly (100, 0, 0)
_TO_RELATIVE_XYZ: Final = (_TO_XYZ / _WHITE[:, None]).astype(np.float32)
_FROM_RELATIVE_XYZ: Final = (np.linalg.inv(_TO_XYZ) * _WHITE[None, :]).astype(np.float32)
_DELTA: Final = np.float32(6 / 29)
_CURVE_STEPS: Final = 8192  # 0.4 of an 8-bit level per step where the curve is steepest


def _encode(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear light in 0..1 to sRGB in 0..1."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0.0) ** (1 / 2.4) - 0.055)


_CURVE: Final[UInt8] = np.rint(255 * _encode(np.linspace(0.0, 1.0, _CURVE_STEPS))).astype(np.uint8)


def srgb_to_lab(rgb: ArrayLike) -> Float32:
    """CIELAB of sRGB values.

    Args:
        rgb: shape (..., 3), values 0..255 (8-bit levels; fractions between levels are allowed).

    Returns:
        Shape (..., 3): L* 0..100, a*, b*.
    """
    level = np.asarray(rgb, dtype=np.float32) / np.float32(255)
    curved = ((level + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    linear = np.where(level <= np.float32(0.04045), level / np.float32(12.92), curved)
    xyz = linear @ _TO_RELATIVE_XYZ.T
    root = np.where(xyz > _DELTA**3, np.cbrt(xyz), xyz / (3 * _DELTA**2) + np.float32(4 / 29)).astype(np.float32)
    lab: Float32 = np.empty(root.shape, dtype=np.float32)
    lab[..., 0] = 116 * root[..., 1] - 16
    lab[..., 1] = 500 * (root[..., 0] - root[..., 1])
    lab[..., 2] = 200 * (root[..., 1] - root[..., 2])
    return lab


def planes_to_srgb(lightness: Float32, green_red: Float32, blue_yellow: Float32) -> UInt8:
    """8-bit sRGB, shape (h, w, 3), of three planes L*, a*, b* of shape (h, w); out of gamut is clipped."""
    f = np.empty((3, lightness.size), dtype=np.float32)
    f[1] = (lightness.ravel() + np.float32(16)) / np.float32(116)
    f[0] = f[1] + green_red.ravel() / np.float32(500)
    f[2] = f[1] - blue_yellow.ravel() / np.float32(200)
    xyz = np.where(f > _DELTA, f * f * f, (f - np.float32(4 / 29)) * (3 * _DELTA**2))
    linear = _FROM_RELATIVE_XYZ @ xyz.astype(np.float32)
    step = (linear * np.float32(_CURVE_STEPS - 1) + np.float32(0.5)).astype(np.int32)
    np.clip(step, 0, _CURVE_STEPS - 1, out=step)
    return np.ascontiguousarray(_CURVE[step].T).reshape(*lightness.shape, 3)


def lab_to_srgb(lab: ArrayLike) -> UInt8:
    """8-bit sRGB of CIELAB values, both of shape (..., 3); what sRGB cannot show is clipped."""
    values = np.asarray(lab, dtype=np.float32)
    flat = values.reshape(1, -1, 3)
    return planes_to_srgb(flat[..., 0], flat[..., 1], flat[..., 2]).reshape(values.shape)
