"""What lies around and over a drawn lesion: neighbours, clothing or background, light, padding, the camera's blur."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skintui.dataset.drawn.measure import Mask
from skintui.dataset.drawn.patient import PatientStyle
from skintui.dataset.drawn.shape import TILE_MM, distances, draw_outline
from skintui.dataset.drawn.skin import Planes
from skintui.dataset.drawn.texture import look_up

Float32 = NDArray[np.float32]


def add_neighbours(
    rng: np.random.Generator, patient: PatientStyle, picture: Planes, x: Float32, y: Float32, reach_mm: float
) -> int:
    """Other lesions beyond `reach_mm` from the centre; returns how many show."""
    wanted = int(min(rng.poisson(patient.neighbours), 6))
    keep_off = reach_mm + 0.55
    shown = 0
    for _ in range(wanted):
        area = float(np.exp(rng.normal(0.1, 0.9)))
        spot = rng.uniform(-7.3, 7.3, 2)
        outline = draw_outline(rng, area, float(rng.uniform(0.4, 0.95)), 0.16)
        reach = float(outline.radius.max()) + 0.5
        if np.hypot(*spot) < keep_off + reach:
            continue
        pitch = TILE_MM / y.shape[0]
        low = np.maximum(((spot + 7.5 - reach) / pitch).astype(int), 0)
        high = np.maximum(((spot + 7.5 + reach) / pitch).astype(int) + 1, 0)
        box = (slice(low[1], high[1]), slice(low[0], high[0]))
        if picture.L[box].size == 0:
            continue
        away, _share = distances(rng, outline, x[:, box[1]] - np.float32(spot[0]), y[box[0]] - np.float32(spot[1]))
        cover = 1.0 / (1.0 + np.exp(np.clip(away / np.float32(np.exp(rng.normal(-2.2, 0.5))), -20, 20)))
        dark = float(np.exp(rng.normal(1.8, 0.5)))
        picture.L[box] -= np.float32(dark) * cover
        picture.A[box] += np.float32(0.5 * dark + rng.normal(0.0, 1.5)) * cover
        picture.B[box] += np.float32(rng.normal(1.4, 2.4)) * cover
        shown += 1
    return shown


def add_background(rng: np.random.Generator, picture: Planes, x: Float32, y: Float32, reach_mm: float) -> None:
    """Clothing, or the dark room behind a limb, beyond an edge that passes the lesion; on one tile in twenty."""
    if rng.random() >= 0.05 or reach_mm > 5.0:
        return
    turn = rng.uniform(0.0, 2 * np.pi)
    along = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    along = along + np.float32(rng.uniform(0.0, 0.4)) * look_up(rng, "mottle", x, y)
    edge = rng.uniform(reach_mm + 1.2, 8.5)
    cover = 1.0 / (1.0 + np.exp(np.clip((edge - along) / np.float32(rng.uniform(0.04, 0.3)), -20, 20)))
    cloth = (float(rng.uniform(4.0, 30.0) if rng.random() < 0.7 else rng.uniform(40.0, 88.0)), rng.normal(2.0, 5.0))
    weave = look_up(rng, "line", x, y, zoom=float(rng.uniform(0.6, 1.5)))
    picture.L += cover * (np.float32(cloth[0]) + weave - picture.L)
    picture.A += cover * (np.float32(cloth[1]) - picture.A)
    picture.B += cover * (np.float32(rng.normal(9.0, 6.0)) - picture.B)


def add_light(rng: np.random.Generator, patient: PatientStyle, picture: Planes, x: Float32, y: Float32) -> float:
    """Let the light fall off across the tile; returns the fall in L* over its width."""
    fall = float(patient.lighting * rng.gamma(1.3, 0.8))
    turn = rng.uniform(0.0, 2 * np.pi)
    along = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    picture.L += along * np.float32(fall / TILE_MM)
    if rng.random() < 0.25:  # the body turns away from the light: the fall grows towards one side
        picture.L -= np.float32(rng.gamma(1.5, 2.0)) * np.square(np.maximum(along, 0) / np.float32(7.5))
    return fall


def padding(rng: np.random.Generator, x: Float32, y: Float32, reach_mm: float) -> Mask:
    """False on a black stripe at one side, on one tile in fifty; the lesion itself stays whole."""
    valid = np.ones((y.shape[0], x.shape[1]), dtype=bool)
    if rng.random() < 0.02:
        axis = x if rng.random() < 0.5 else y
        clear = min(reach_mm + 1.0, 7.2)
        edge = rng.uniform(clear, 7.4)
        valid &= axis < edge if rng.random() < 0.5 else axis > -edge
    return valid


def photograph(rng: np.random.Generator, picture: Planes) -> None:
    """Blur the planes as the lens and the resampling did, and sharpen some as the camera did."""
    from scipy import ndimage

    blur = float(np.clip(0.5 * np.exp(0.5 * rng.standard_normal()), 0.15, 2.2)) * picture.L.shape[0] / 129.0
    sharpen = float(rng.uniform(0.2, 0.9)) if rng.random() < 0.4 else 0.0
    for plane, least in ((picture.L, 0.25), (picture.A, 0.6), (picture.B, 0.6)):  # JPEG halves the colours anyway
        if blur > least:
            plane[:] = ndimage.gaussian_filter(plane, blur, truncate=3.0)
    if sharpen:
        picture.L += np.float32(sharpen) * (picture.L - ndimage.gaussian_filter(picture.L, 1.1, truncate=2.5))
