from __future__ import annotations

import numpy as np
import pytest

from skintui.dataset.drawn.border import visible_border
from skintui.dataset.drawn.shape import pixel_centres
from skintui.dataset.drawn.skin import Planes

PITCH = 15 / 129


def _disc(depth: float, softness_mm: float = 0.05) -> tuple[Planes, np.ndarray]:
    """A disc of 2 mm on plain skin, and the distance from its border in mm."""
    x, y = pixel_centres(129)
    away = np.hypot(x, y) - np.float32(2.0)
    cover = 1 / (1 + np.exp(np.clip(away / np.float32(softness_mm), -20, 20)))
    flat = np.zeros((129, 129), dtype=np.float32)
    return Planes(60 - np.float32(depth) * cover, flat + 15, flat + 26, flat), away


def test_a_hard_edge_is_found_where_it_was_drawn() -> None:
    picture, away = _disc(10.0)
    mask = visible_border(picture, away < 0, away, PITCH)
    assert mask is not None
    assert mask.sum() * PITCH**2 == pytest.approx(np.pi * 4.0, rel=0.06)


def test_a_notch_in_the_pixels_is_a_notch_in_the_mask() -> None:
    picture, away = _disc(10.0)
    picture.L[56:73, 64:90] = 60.0
    mask = visible_border(picture, away < 0, away, PITCH)
    assert mask is not None
    assert not mask[60:69, 70:84].any()


def test_what_does_not_stand_out_has_no_border() -> None:
    picture, away = _disc(1.0)
    assert visible_border(picture, away < 0, away, PITCH) is None
