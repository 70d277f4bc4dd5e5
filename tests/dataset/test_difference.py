from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from skintui.dataset.difference import absolute_difference, signed_difference


def grey(level: int, size: tuple[int, int] = (20, 20)) -> Image.Image:
    return Image.new("RGB", size, (level, level, level))


def half(left: int, right: int) -> Image.Image:
    pixels = np.full((20, 20, 3), left, np.uint8)
    pixels[:, 10:] = right
    return Image.fromarray(pixels)


def test_tiles_that_agree_are_black() -> None:
    found = absolute_difference(grey(120), grey(120))
    assert (found.full, found.largest) == (0, 0)
    assert np.asarray(found.picture).max() == 0


def test_the_largest_difference_is_white_and_half_of_it_grey() -> None:
    # greys: ΔE is the difference in L*; sRGB 119 is L* 50.03, 0 is L* 0, 59 is L* 24.8
    pixels = np.zeros((20, 20, 3), np.uint8)
    pixels[:10], pixels[10:] = 119, 59
    found = absolute_difference(grey(0), Image.fromarray(pixels))
    assert found.largest == pytest.approx(50.03, abs=0.05)
    shown = np.asarray(found.picture)[..., 0]
    assert shown[0, 0] == 255
    assert shown[19, 0] == pytest.approx(255 * 24.8 / 50.03, abs=3)


def test_one_pixel_does_not_set_the_scale() -> None:
    other = np.full((20, 20, 3), 130, np.uint8)
    other[0, 0] = 255
    found = absolute_difference(grey(120), Image.fromarray(other))
    assert found.full < 10 < found.largest


def test_the_sign_shows_as_light_and_dark() -> None:
    found = signed_difference(grey(120), half(90, 150))
    lightness = np.asarray(found.picture.convert("L"), float)
    assert lightness[:, :9].mean() + 60 < lightness[:, 11:].mean()
    red, blue = (np.asarray(found.picture, int)[..., channel] for channel in (0, 2))
    assert (red - blue)[:, 12].min() > 50
    assert (blue - red)[:, 5].min() > 30


def test_what_the_skin_differs_by_is_taken_off() -> None:
    pixels = np.full((20, 20, 3), 150, np.uint8)
    pixels[8:12, 8:12] = 60
    found = signed_difference(grey(120), Image.fromarray(pixels))
    # sRGB 120 is L* 50.4, 150 is L* 62.1, 60 is L* 25.2
    assert found.skin == pytest.approx(11.6, abs=0.2)
    assert found.largest == pytest.approx(36.8, abs=0.3)
    skin = np.asarray(found.picture, int)[0, 0]
    assert skin.max() - skin.min() < 3


def test_tiles_of_different_sizes_are_compared_at_the_larger_ones() -> None:
    found = signed_difference(grey(120, (51, 51)), grey(120, (131, 131)))
    assert found.picture.size == (131, 131)
    assert found.largest == pytest.approx(0, abs=0.01)
