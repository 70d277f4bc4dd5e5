"""Colour conversion against values worked by hand and published ones."""

from __future__ import annotations

import numpy as np
import pytest

from skintui.dataset.drawn.colour import (
    lab_to_srgb,
    planes_to_srgb,
    published_planes_to_srgb,
    srgb_to_lab,
    srgb_to_published_lab,
)


def test_white_is_exactly_neutral() -> None:
    assert srgb_to_lab([255, 255, 255]) == pytest.approx([100.0, 0.0, 0.0], abs=2e-3)


def test_black_is_zero() -> None:
    assert srgb_to_lab([0, 0, 0]) == pytest.approx([0.0, 0.0, 0.0], abs=1e-4)


def test_mid_grey_worked_by_hand() -> None:
    # 119/255 = 0.46667; ((0.46667 + 0.055)/1.055)^2.4 = 0.18447; L = 116·0.18447^(1/3) − 16 = 50.03
    assert srgb_to_lab([119, 119, 119]) == pytest.approx([50.03, 0.0, 0.0], abs=0.01)


def test_dark_grey_uses_both_straight_parts() -> None:
    # 2/255/12.92 = 0.000607 linear, below (6/29)³; L = 116·(0.000607·7.787 + 4/29) − 16 = 903.3·0.000607 = 0.548
    assert srgb_to_lab([2, 2, 2])[0] == pytest.approx(0.548, abs=0.002)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ([255, 0, 0], [53.24, 80.09, 67.20]),
        ([0, 255, 0], [87.73, -86.18, 83.18]),
        ([0, 0, 255], [32.30, 79.19, -107.86]),
    ],
)
def test_primaries_have_their_published_values(rgb: list[int], lab: list[float]) -> None:
    assert srgb_to_lab(rgb) == pytest.approx(lab, abs=0.03)


def test_back_and_forth_keeps_every_level() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (500, 3))
    assert np.abs(lab_to_srgb(srgb_to_lab(rgb)).astype(int) - rgb).max() <= 1


def test_out_of_gamut_is_clipped() -> None:
    assert lab_to_srgb([150.0, 0.0, 0.0]).tolist() == [255, 255, 255]
    assert lab_to_srgb([-20.0, 0.0, 0.0]).tolist() == [0, 0, 0]


def test_planes_agree_with_interleaved_values() -> None:
    lab = srgb_to_lab(np.random.default_rng(2).integers(0, 256, (6, 7, 3)))
    assert np.array_equal(planes_to_srgb(lab[..., 0], lab[..., 1], lab[..., 2]), lab_to_srgb(lab))


def test_published_white_worked_by_hand() -> None:
    # XYZ (0.96422, 1, 0.82521) over the D65 white (0.95047, 1, 1.08883): roots 1.00480, 1, 0.91175
    assert srgb_to_published_lab([255, 255, 255]) == pytest.approx([100.0, 2.40, 17.65], abs=0.03)


def test_exposure_is_undone_in_linear_light() -> None:
    light, red, yellow = (np.full((1, 1), value, dtype=np.float32) for value in (50.0, 15.0, 26.0))
    tile = published_planes_to_srgb(light, red, yellow, exposure=1.7)
    assert srgb_to_published_lab(tile, 1.7)[0, 0] == pytest.approx([50.0, 15.0, 26.0], abs=0.6)
    assert srgb_to_published_lab(tile)[0, 0, 0] == pytest.approx(62.8, abs=0.5)  # (50 + 16)·1.7^(1/3) − 16
