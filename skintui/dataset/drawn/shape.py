"""The outline of a drawn lesion: an ellipse with lobes and notches no finer than a tile can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skintui.dataset.drawn.texture import look_up

Float32 = NDArray[np.float32]

_STEPS: Final = 720
_ANGLES: Final = np.arange(_STEPS) * (2 * np.pi / _STEPS)
FINEST_MM: Final = 0.45  # wavelength along the border below which a 0.117 mm pixel shows nothing
TILE_MM: Final = 15.0


@dataclass(frozen=True, slots=True)
class Outline:
    """Radius in mm by direction (720 steps of half a degree), with how obliquely the border runs there."""

    radius: Float32
    slant: Float32
    warp_mm: float


def draw_outline(rng: np.random.Generator, area_mm2: float, axis_ratio: float, roughness: float) -> Outline:
    """An outline of the given area.

    Args:
        rng: gives direction, lobes and notches.
        area_mm2: area enclosed, before the warp.
        axis_ratio: minor over major axis of the ellipse underneath, 0..1.
        roughness: standard deviation of the log radius about the ellipse.
    """
    direction = rng.uniform(0.0, np.pi)
    along, across = np.cos(_ANGLES - direction), np.sin(_ANGLES - direction)
    ellipse = 1.0 / np.hypot(along * np.sqrt(axis_ratio), across / np.sqrt(axis_ratio))
    mean_radius = np.sqrt(area_mm2 / np.pi)
    radius = ellipse * np.exp(_ripple(rng, mean_radius, roughness))
    for _ in range(rng.poisson(6.5 * roughness)):
        radius *= _notch(rng, mean_radius)
    radius *= np.sqrt(area_mm2 / (0.5 * np.sum(radius**2) * (2 * np.pi / _STEPS)))
    change = (np.roll(radius, -1) - np.roll(radius, 1)) / (2 * (2 * np.pi / _STEPS))
    slant = radius / np.hypot(radius, change)
    warp = min(0.35, 0.9 * roughness) * min(1.0, mean_radius / 1.3)
    return Outline(radius.astype(np.float32), slant.astype(np.float32), float(warp))


def _ripple(rng: np.random.Generator, radius: float, roughness: float) -> NDArray[np.float64]:
    """Random waves of 2 and more lobes a turn, weaker the finer they are."""
    finest = int(np.clip(2 * np.pi * radius / FINEST_MM, 6, 48))
    lobes = np.arange(2, finest + 1)
    spectrum = np.zeros(_STEPS // 2 + 1, dtype=np.complex128)
    size = (lobes / 2.0) ** -rng.uniform(1.5, 2.4)
    size /= np.sqrt(np.sum(size**2))
    wave = rng.standard_normal(lobes.size) + 1j * rng.standard_normal(lobes.size)
    spectrum[lobes] = wave * size * (_STEPS / 2)
    return np.clip(roughness * np.fft.irfft(spectrum, _STEPS), -0.9, 0.7)


def _notch(rng: np.random.Generator, radius: float) -> NDArray[np.float64]:
    """A factor on the radius: one bay cut in, or one streak put on, at least half the finest wavelength wide."""
    half_width = max(rng.uniform(0.25, 0.6) / radius, 0.08)
    away = np.angle(np.exp(1j * (_ANGLES - rng.uniform(0.0, 2 * np.pi))))
    depth = rng.uniform(-0.38, 0.24)
    factor: NDArray[np.float64] = 1.0 + depth * np.exp(-0.5 * (away / (0.6 * half_width)) ** 2)
    return factor


def pixel_centres(width: int) -> tuple[Float32, Float32]:
    """Coordinates in mm from the tile's centre of the pixels of a tile: x of shape (1, width), y of (width, 1)."""
    axis = ((np.arange(width) + 0.5) * (TILE_MM / width) - TILE_MM / 2).astype(np.float32)
    return axis[None, :], axis[:, None]


def distances(rng: np.random.Generator, outline: Outline, x_mm: Float32, y_mm: Float32) -> tuple[Float32, Float32]:
    """Distance from the border in mm (negative inside), and distance from the centre as a share of the radius.

    Args:
        rng: gives the warp of the plane.
        outline: the border.
        x_mm: abscissae from the lesion's centre, e.g. of shape (1, w) or (h, w).
        y_mm: ordinates, e.g. of shape (h, 1) or (h, w).
    """
    if outline.warp_mm > 0.02:
        x_mm = x_mm + np.float32(outline.warp_mm) * look_up(rng, "blotch", x_mm, y_mm)
        y_mm = y_mm + np.float32(outline.warp_mm) * look_up(rng, "blotch", x_mm, y_mm)
    step = np.arctan2(y_mm, x_mm) * np.float32(_STEPS / (2 * np.pi)) + np.float32(_STEPS)
    index = step.astype(np.int32)  # 360 to 1080: half a turn from either side of the second turn
    index[index >= _STEPS] -= _STEPS
    radius = outline.radius.take(index, mode="clip")
    away = np.hypot(x_mm, y_mm)
    beyond: Float32 = ((away - radius) * outline.slant.take(index, mode="clip")).astype(np.float32)
    return beyond, (away / radius).astype(np.float32)
