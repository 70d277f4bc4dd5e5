"""Random fields for skin: periodic noise at fixed scales in mm, looked up turned, stretched and shifted.

The fields are made once per process from a fixed seed; a tile draws only the place and direction from its own
random generator, which is some fifty times faster than filtering fresh noise and just as reproducible.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Scale = Literal["pore", "grain", "blotch", "mottle", "line"]

_SIDE: Final = 1024
_PITCH_MM: Final = 0.06
_CORRELATION_MM: Final[dict[Scale, tuple[float, float]]] = {
    # standard deviation of the Gaussian kernel along and across, in mm
    "pore": (0.075, 0.075),
    "grain": (0.22, 0.22),
    "blotch": (0.45, 0.45),
    "mottle": (1.5, 1.5),
    "line": (0.75, 0.09),
}


@cache
def field(scale: Scale) -> Float32:
    """The periodic noise field of one scale, shape (1024, 1024) at 0.06 mm, mean 0, variance 1."""
    along, across = _CORRELATION_MM[scale]
    rng = np.random.default_rng([71, list(_CORRELATION_MM).index(scale)])
    frequency = np.fft.fftfreq(_SIDE, d=_PITCH_MM)
    kernel = np.exp(-2 * (np.pi * frequency * across) ** 2)[:, None]
    kernel = kernel * np.exp(-2 * (np.pi * frequency * along) ** 2)[None, :]
    noise = np.fft.ifft2(np.fft.fft2(rng.standard_normal((_SIDE, _SIDE))) * kernel).real
    if scale == "line":  # thin dark furrows where the waves cross zero, between broad ridges
        wave = noise / noise.std()
        noise = 0.5 * wave - np.exp(-((wave / 0.45) ** 2))
    noise = (noise - noise.mean()) / noise.std()
    return np.ascontiguousarray(noise, dtype=np.float32)


def look_up(
    rng: np.random.Generator,
    scale: Scale,
    x_mm: Float32,
    y_mm: Float32,
    *,
    angle: float | None = None,
    zoom: float = 1.0,
) -> Float32:
    """A patch of a field at the points (x_mm, y_mm), of the shape to which these broadcast.

    A row of abscissae with a column of ordinates costs half of what full planes cost.

    Args:
        rng: gives the place in the field and, without `angle`, the direction.
        scale: which field.
        x_mm: abscissae, e.g. of shape (1, w) or (h, w).
        y_mm: ordinates, e.g. of shape (h, 1) or (h, w).
        angle: direction of the field's long axis in radians, measured from x towards y.
        zoom: above 1 makes every feature larger by that factor.
    """
    turn = rng.uniform(0.0, 2 * np.pi) if angle is None else angle
    start = rng.uniform(0.0, _SIDE, 2)
    step = 1.0 / (_PITCH_MM * zoom)
    cos, sin = np.float32(np.cos(turn) * step), np.float32(np.sin(turn) * step)
    # a large positive offset keeps truncation equal to floor; the side is a power of two, so & wraps
    place = x_mm * cos + y_mm * sin
    place += np.float32(start[0] + 16 * _SIDE)
    column = place.astype(np.int32)
    np.subtract(y_mm * cos, x_mm * sin, out=place)
    place += np.float32(start[1] + 16 * _SIDE)
    row = place.astype(np.int32)
    column &= _SIDE - 1
    row &= _SIDE - 1
    row <<= _SIDE.bit_length() - 1
    row |= column
    patch: Float32 = field(scale).ravel().take(row, mode="wrap")  # "wrap" only spares the check of bounds
    return patch


def splat_hairs(rng: np.random.Generator, width: int, count: int, bearing: float, thickness_mm: float) -> Float32:
    """Coverage 0..1, shape (width, width), of `count` curved hairs on a 15 mm tile lying near one bearing (radians)."""
    points = int(2.2 * width)
    t = np.linspace(0.0, 1.0, points, dtype=np.float32)[None, :]
    angle = bearing + rng.normal(0.0, 0.45, (count, 1))
    length = rng.uniform(0.2, 1.0, (count, 1)) * width
    bend = rng.normal(0.0, 0.15, (count, 1)) * length
    start = rng.uniform(-0.25, 1.1, (count, 2)) * width
    along, aside = (t - 0.25) * length, bend * (4 * t * (1 - t))
    x = start[:, :1] + along * np.cos(angle) - aside * np.sin(angle)
    y = start[:, 1:] + along * np.sin(angle) + aside * np.cos(angle)
    # a hair tapers to its tip; the weight per point makes a line of one pixel reach full cover
    weight = np.broadcast_to((1.1 - t**3), x.shape) * (length / points)
    weight = weight * np.float32(thickness_mm * width / 15.0)
    return _deposit(x.ravel(), y.ravel(), weight.ravel(), width)


def _deposit(x: NDArray[np.floating], y: NDArray[np.floating], weight: NDArray[np.floating], width: int) -> Float32:
    """Spread weighted points bilinearly over the pixels of a square."""
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    inside = (column >= 0) & (row >= 0) & (column < width - 1) & (row < width - 1)
    column, row, weight = column[inside], row[inside], weight[inside]
    right, down = x[inside] - column, y[inside] - row
    place = row * width + column
    cover = np.zeros(width * width)
    for offset, share in (
        (0, (1 - right) * (1 - down)),
        (1, right * (1 - down)),
        (width, (1 - right) * down),
        (width + 1, right * down),
    ):
        cover += np.bincount(place + offset, weight * share, minlength=width * width)
    return np.minimum(cover, 1.0).astype(np.float32).reshape(width, width)
