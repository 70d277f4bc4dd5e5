"""Measurements on masks and tiles whose values can be worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from skintui.dataset.drawn.colour import published_planes_to_srgb, srgb_to_published_lab
from skintui.dataset.drawn.measure import (
    CELL_MM,
    CELL_MM2,
    asymmetry,
    chain_length,
    eccentricity,
    feret,
    measure,
    one_piece,
)

Mask = NDArray[np.bool_]


def _mask(*rows: str) -> Mask:
    return np.array([[char == "#" for char in row] for row in rows])


def _disc(width: int, radius_px: float) -> Mask:
    y, x = np.mgrid[:width, :width] - (width - 1) / 2
    disc: Mask = np.hypot(x, y) <= radius_px
    return disc


def _srgb(lab: ArrayLike) -> NDArray[np.uint8]:
    """8-bit sRGB of published L*, a*, b*, both of shape (..., 3)."""
    values = np.asarray(lab, dtype=np.float32)
    L, A, B = np.moveaxis(values.reshape(1, -1, 3), 2, 0)
    return published_planes_to_srgb(L, A, B).reshape(values.shape)


def _tile(mask: Mask, inside: tuple[float, float, float], outside: tuple[float, float, float]) -> NDArray[np.uint8]:
    return _srgb(np.where(mask[..., None], inside, outside))


def test_chain_of_a_square_of_four_is_twelve() -> None:
    assert chain_length(np.ones((4, 4), dtype=bool)) == pytest.approx(12.0)


def test_chain_of_a_plus_is_four_diagonals() -> None:
    assert chain_length(_mask(".#.", "###", ".#.")) == pytest.approx(4 * math.sqrt(2))


def test_chain_of_a_line_goes_there_and_back() -> None:
    assert chain_length(_mask("#####")) == pytest.approx(8.0)


def test_chain_of_a_diagonal_pair_goes_there_and_back() -> None:
    assert chain_length(_mask("#.", ".#")) == pytest.approx(2 * math.sqrt(2))


def test_chain_of_a_single_pixel_is_zero() -> None:
    assert chain_length(_mask("#")) == 0.0


def test_feret_of_a_rectangle_is_diagonal_and_short_side() -> None:
    longest, shortest = feret(np.ones((4, 9), dtype=bool))
    assert longest == pytest.approx(math.hypot(8, 3), rel=2e-4)
    assert shortest == pytest.approx(3.0)


def test_eccentricity_of_a_rectangle_worked_by_hand() -> None:
    # variances of a 20 x 10 rectangle are 400/12 and 100/12: e = √(1 − 1/4)
    assert eccentricity(np.ones((10, 20), dtype=bool)) == pytest.approx(math.sqrt(0.75), abs=1e-6)


def test_a_square_is_symmetric() -> None:
    assert asymmetry(np.ones((11, 11), dtype=bool))[0] == pytest.approx(0.0, abs=1e-6)


def test_a_wedge_is_symmetric_about_one_axis_only() -> None:
    y, x = np.mgrid[:41, :41] - 20
    unlike, axis = asymmetry((x > -15) & (np.abs(y) < (x + 15) * 0.35))
    assert axis in (0, 5, 175)
    assert unlike > 0.2


def test_one_piece_drops_crumbs_and_fills_holes() -> None:
    found = one_piece(_mask("####.", "#..#.", "####.", "....." + "", "....#"))
    assert found.tolist() == _mask("####.", "####.", "####.", ".....", ".....").tolist()


def test_area_of_a_disc_in_cells_of_the_grid() -> None:
    mask = _disc(129, 20.0)  # radius 20 · 15/129 = 2.326 mm
    area = measure(_tile(mask, (40, 20, 25), (60, 15, 25)), mask)["tbp_lv_areaMM2"]
    assert area == pytest.approx(math.pi * (20 * 15 / 129) ** 2, rel=0.03)
    assert area / CELL_MM2 == pytest.approx(round(area / CELL_MM2), abs=1e-6)


@pytest.mark.parametrize("radius", [4.5, 8.0, 15.0, 31.0])
def test_no_shape_beats_the_circle(radius: float) -> None:
    mask = _disc(129, radius)
    assert measure(_tile(mask, (40, 20, 25), (60, 15, 25)), mask)["tbp_lv_area_perim_ratio"] >= 4 * math.pi * (
        1 - 1e-12
    )


def test_ratio_is_perimeter_squared_over_area() -> None:
    mask = _disc(129, 25.0)
    found = measure(_tile(mask, (40, 20, 25), (60, 15, 25)), mask)
    assert found["tbp_lv_area_perim_ratio"] == pytest.approx(found["tbp_lv_perimeterMM"] ** 2 / found["tbp_lv_areaMM2"])


def test_long_diameter_of_a_bar() -> None:
    mask = np.zeros((129, 129), dtype=bool)
    mask[60:69, 30:99] = True  # 69 px = 8.02 mm long
    found = measure(_tile(mask, (40, 20, 25), (60, 15, 25)), mask)
    # through the centres of the border cells, hence up to one cell shorter
    assert 69 * 15 / 129 - 1.5 * CELL_MM <= found["clin_size_long_diam_mm"] <= 69 * 15 / 129 + 0.5 * CELL_MM


def test_colours_of_a_flat_lesion_on_flat_skin() -> None:
    mask = _disc(129, 25.0)
    found = measure(_tile(mask, (40, 20, 25), (60, 15, 22)), mask)
    inside, outside = srgb_to_published_lab(_srgb([40, 20, 25])), srgb_to_published_lab(_srgb([60, 15, 22]))
    assert [found[f"tbp_lv_{c}ext"] for c in "LAB"] == pytest.approx(outside.tolist(), abs=0.02)
    assert [found[f"tbp_lv_{c}"] for c in "LAB"] == pytest.approx(inside.tolist(), abs=0.6)  # border cells are mixed
    assert found["tbp_lv_stdLExt"] == pytest.approx(0.0, abs=0.02)


def test_contrast_in_the_lb_plane_is_at_least_that_of_the_means() -> None:
    mask = _disc(129, 25.0)
    tile = _tile(mask, (40, 20, 25), (60, 15, 22))
    tile[mask] += np.random.default_rng(0).integers(0, 20, (int(mask.sum()), 3)).astype(np.uint8)
    found = measure(tile, mask)
    assert found["tbp_lv_deltaLB"] > math.hypot(found["tbp_lv_deltaL"], found["tbp_lv_deltaB"])


def test_two_coloured_halves_vary_more_than_one_colour() -> None:
    mask = _disc(129, 25.0)
    tile = _tile(mask, (40, 20, 25), (60, 15, 22))
    flat = measure(tile, mask)
    half = mask & (np.arange(129) < 64)
    tile[half] = _srgb([40, 30, 15])
    varied = measure(tile, mask)
    # a* and b* lie 5 from their means on both sides: half of √(25 + 25)
    assert varied["tbp_lv_color_std_mean"] == pytest.approx(0.5 * math.sqrt(50), rel=0.05)
    assert flat["tbp_lv_color_std_mean"] == pytest.approx(0.0, abs=0.05)


def test_colour_variation_of_a_tiny_lesion_is_missing() -> None:
    mask = _disc(129, 5.0)
    found = measure(_tile(mask, (40, 20, 25), (60, 15, 22)), mask)
    assert found["tbp_lv_norm_color"] == found["tbp_lv_radial_color_std_max"] == found["tbp_lv_color_std_mean"] == 0.0


def test_padding_is_not_skin() -> None:
    mask = _disc(129, 25.0)
    tile = _tile(mask, (40, 20, 25), (60, 15, 22))
    bare = measure(tile, mask)
    tile[:, :34] = 0
    assert measure(tile, mask)["tbp_lv_Lext"] == pytest.approx(bare["tbp_lv_Lext"], abs=0.3)


def test_a_hair_is_not_skin() -> None:
    mask = _disc(129, 20.0)
    tile = _tile(mask, (40, 20, 25), (60, 15, 22))
    tile[38:41] = _srgb([10, 3, 5])
    assert measure(tile, mask)["tbp_lv_Lext"] == pytest.approx(60.0, abs=0.8)


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(ValueError, match="too small"):
        measure(np.zeros((129, 129, 3), dtype=np.uint8), np.zeros((129, 129), dtype=bool))


def test_no_skin_around_is_an_error() -> None:
    mask = np.ones((129, 129), dtype=bool)
    with pytest.raises(ValueError, match="no skin"):
        measure(_tile(mask, (40, 20, 25), (60, 15, 22)), mask)
