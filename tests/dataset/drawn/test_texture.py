from __future__ import annotations

import numpy as np
import pytest

from skintui.dataset.drawn.shape import pixel_centres
from skintui.dataset.drawn.texture import Scale, field, look_up, splat_hairs

SCALES: tuple[Scale, ...] = ("pore", "grain", "blotch", "mottle", "line")


@pytest.mark.parametrize("scale", SCALES)
def test_a_field_has_mean_zero_and_variance_one(scale: Scale) -> None:
    assert abs(float(field(scale).mean())) < 1e-3
    assert float(field(scale).std()) == pytest.approx(1.0, abs=1e-3)


def test_a_patch_is_given_by_the_generator_alone() -> None:
    x, y = pixel_centres(51)
    first, second = (look_up(np.random.default_rng(5), "grain", x, y) for _ in range(2))
    assert np.array_equal(first, second)


def test_zoom_makes_features_larger() -> None:
    x, y = pixel_centres(129)
    fine = look_up(np.random.default_rng(5), "grain", x, y, zoom=1.0)
    coarse = look_up(np.random.default_rng(5), "grain", x, y, zoom=3.0)
    assert np.abs(np.diff(coarse, axis=1)).mean() < 0.6 * np.abs(np.diff(fine, axis=1)).mean()


def test_hairs_cover_between_nothing_and_everything() -> None:
    cover = splat_hairs(np.random.default_rng(2), 129, 12, 0.3, 0.1)
    assert cover.shape == (129, 129)
    assert 0 <= cover.min() <= 0.01
    assert 0.3 < cover.max() <= 1.0


def test_more_hairs_cover_more() -> None:
    few, many = (splat_hairs(np.random.default_rng(2), 129, n, 0.3, 0.1).mean() for n in (3, 30))
    assert many > 3 * few
