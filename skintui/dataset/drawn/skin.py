"""The skin under a drawn lesion: colour, texture, furrows, mottling, freckles and hair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skintui.dataset.drawn.patient import PatientStyle
from skintui.dataset.drawn.texture import Scale, look_up, splat_hairs

Float32 = NDArray[np.float32]


@dataclass(slots=True)
class Planes:
    """L*, a* and b* of a tile being drawn, each of shape (w, w), and the share of L* that is fine relief."""

    L: Float32
    A: Float32
    B: Float32
    relief: Float32


def draw_skin(
    rng: np.random.Generator, patient: PatientStyle, colour: tuple[float, float, float], x: Float32, y: Float32
) -> Planes:
    """Bare skin of one colour (L*, a*, b*) at the points x, y in mm."""
    rough = patient.texture * float(np.exp(rng.normal(0.0, 0.16)))
    furrow = float(np.clip(patient.furrow + rng.normal(0.0, 0.15), 0.0, 1.0))
    bearing = rng.uniform(0.0, np.pi)
    pore = look_up(rng, "pore", x, y)
    relief = np.float32(1.05 * rough) * pore
    relief += np.float32(1.0 * rough) * look_up(rng, "grain", x, y)
    relief += np.float32((0.35 + 1.3 * furrow) * rough) * look_up(rng, "line", x, y, angle=bearing)
    slow = look_up(rng, "mottle", x, y, zoom=0.8)
    patch = look_up(rng, "blotch", x, y, zoom=1.3)
    mottled = patient.mottling * float(np.exp(rng.normal(0.0, 0.25)))
    lightness = np.float32(colour[0]) + relief + np.float32(1.0 * mottled) * slow
    lightness -= np.float32(0.8 * mottled) * patch
    green_red = np.float32(colour[1]) - np.float32(0.45) * relief + np.float32(0.85 * mottled) * patch
    blue_yellow = np.float32(colour[2]) - np.float32(0.12) * relief + np.float32(0.5 * mottled) * slow
    blue_yellow += np.float32(0.35 * mottled) * look_up(rng, "blotch", x, y)
    picture = Planes(lightness, green_red, blue_yellow, relief)
    if patient.freckling > 0.15 and rng.random() < 0.7:
        _add_freckles(rng, patient.freckling, picture, x, y)
    if rng.random() < 0.3:
        glint = np.maximum(pore - np.float32(rng.uniform(2.0, 2.9)), 0)
        picture.L += np.float32(rng.uniform(3.0, 9.0)) * glint
    return picture


def _add_freckles(rng: np.random.Generator, density: float, picture: Planes, x: Float32, y: Float32) -> None:
    scale: Scale = "grain" if rng.random() < 0.5 else "blotch"
    spots = look_up(rng, scale, x, y, zoom=float(rng.uniform(0.6, 1.3)))
    cover = np.clip((spots - np.float32(2.1 - 1.1 * density)) * np.float32(1.6), 0.0, 1.0)
    dark = rng.uniform(1.5, 5.0)
    picture.L -= np.float32(dark) * cover
    picture.A += np.float32(0.45 * dark) * cover
    picture.B += np.float32(0.35 * dark) * cover


def add_hairs(rng: np.random.Generator, patient: PatientStyle, picture: Planes) -> int:
    """Lay hairs over skin and lesion; returns their number."""
    count = int(min(rng.poisson(patient.hairs * rng.gamma(2.0, 0.5)), 45))
    if count == 0:
        return 0
    thickness = float(rng.uniform(0.05, 0.13))
    cover = splat_hairs(rng, picture.L.shape[0], count, rng.uniform(0.0, 2 * np.pi), thickness)
    cover *= np.float32(rng.uniform(0.45, 0.9))
    light = patient.hair_lightness + float(rng.normal(0.0, 4.0))
    # a hair cannot be darker than the skin's own shade allows: scale its lightness with the light on the tile
    light = min(light, 90.0) * min(1.0, 0.45 + float(picture.L.mean()) / 90.0)
    picture.L += cover * (np.float32(light) - picture.L)
    picture.A += cover * (np.float32(5.0) - picture.A)
    picture.B += cover * (np.float32(9.0) - picture.B)
    return count
