from __future__ import annotations

import numpy as np
import pytest

from skintui.dataset.drawn.shape import distances, draw_outline, pixel_centres


def test_pixel_centres_are_symmetric_about_the_tile_s_centre() -> None:
    x, y = pixel_centres(51)
    assert x[0, 25] == y[25, 0] == pytest.approx(0.0, abs=1e-6)
    assert x[0, 50] == pytest.approx(7.5 - 7.5 / 51, abs=1e-5)


def test_the_outline_encloses_the_area_asked_for() -> None:
    outline = draw_outline(np.random.default_rng(3), 9.0, 0.6, 0.2)
    assert 0.5 * np.sum(outline.radius.astype(float) ** 2) * (2 * np.pi / len(outline.radius)) == pytest.approx(9.0)


def test_a_smooth_outline_is_the_ellipse() -> None:
    radius = draw_outline(np.random.default_rng(3), np.pi * 2.0, 0.5, 0.0).radius  # semi-axes 2 and 1
    assert radius.max() == pytest.approx(2.0, rel=1e-3)
    assert radius.min() == pytest.approx(1.0, rel=1e-3)


def test_roughness_makes_the_border_longer() -> None:
    lengths = []
    for roughness in (0.05, 0.3):
        radius = draw_outline(np.random.default_rng(8), 6.0, 0.8, roughness).radius.astype(float)
        angle = np.arange(radius.size) * 2 * np.pi / radius.size
        points = radius * np.exp(1j * angle)
        lengths.append(np.abs(np.diff(points)).sum())
    assert lengths[1] > 1.1 * lengths[0]


def test_distance_is_negative_inside_and_near_true_outside() -> None:
    rng = np.random.default_rng(1)
    outline = draw_outline(rng, np.pi * 4.0, 1.0, 0.0)  # a circle of 2 mm
    x, y = np.array([0.5, 3.0], dtype=np.float32), np.array([0.0, 0.0], dtype=np.float32)
    away, share = distances(rng, outline, x, y)
    assert away.tolist() == pytest.approx([-1.5, 1.0], abs=1e-3)
    assert share.tolist() == pytest.approx([0.25, 1.5], abs=1e-3)
