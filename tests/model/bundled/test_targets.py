from __future__ import annotations

import math

import numpy as np
import pytest

from skintui.model.bundled.targets import CHANNELS, box, dense_targets, edge_maps, lab


def channel(name: str) -> int:
    return CHANNELS.index(name)


def left_half() -> tuple[np.ndarray, np.ndarray]:
    """A 16 × 16 tile whose twelve left columns are lesion: cells of 8 are full, or half covered with an edge inside."""
    mask = np.zeros((16, 16), dtype=bool)
    mask[:, :12] = True
    tile = np.where(mask[..., None], np.uint8(0), np.uint8(255)) * np.ones(3, dtype=np.uint8)
    return tile, mask


def test_white_and_black_in_lab() -> None:
    tile = np.array([[[255, 255, 255], [0, 0, 0]]], dtype=np.uint8)
    np.testing.assert_allclose(lab(tile)[0], [[100, 0, 0], [0, 0, 0]], atol=0.02)


def test_coverage_of_a_full_and_a_half_covered_cell() -> None:
    cells = dense_targets(*left_half())
    np.testing.assert_allclose(cells[:, :, channel("coverage")], [[1, 0.5], [1, 0.5]])


def test_steps_along_a_straight_edge_are_one_cell_side() -> None:
    cells = dense_targets(*left_half())
    np.testing.assert_allclose(cells[:, :, channel("edge_steps")], [[0, 1], [0, 1]])


def test_crofton_length_of_one_pixel() -> None:
    # Four steps and four slanted crossings: π/8 · (4 + 4/√2).
    mask = np.zeros((5, 5), dtype=np.float32)
    mask[2, 2] = 1
    assert edge_maps(mask)[0].sum() == pytest.approx(math.pi / 8 * (4 + 4 / math.sqrt(2)), rel=1e-6)


def test_crofton_length_of_a_disc_is_its_circumference_within_two_percent() -> None:
    y, x = np.mgrid[:128, :128] + 0.5
    disc = (np.hypot(y - 64, x - 64) < 40).astype(np.float32)
    assert edge_maps(disc)[0].sum() == pytest.approx(2 * math.pi * 40, rel=0.02)


def test_box_mean_repeats_the_edge() -> None:
    values = np.zeros((4, 4), dtype=np.float32)
    values[0, 0] = 9
    assert box(values, 1)[0, 0] == pytest.approx(4.0)  # the corner stands for itself and the three beyond it
    assert box(values, 1)[1, 1] == pytest.approx(1.0)


def test_a_straight_edge_turns_less_than_a_corner() -> None:
    square = np.zeros((16, 16), dtype=bool)
    square[4:12, 4:12] = True
    tile = np.zeros((16, 16, 3), dtype=np.uint8)
    corner = dense_targets(tile, square, cell=4)[2, 2]
    straight = dense_targets(tile, left_half()[1], cell=4)[1, 2]
    per_length = [c[channel("bend_fine")] / c[channel("edge")] for c in (corner, straight)]
    assert per_length[0] > per_length[1]


def test_spread_of_a_cell_half_black_half_white() -> None:
    cells = dense_targets(*left_half())
    assert cells[0, 1, channel("std_L")] == pytest.approx(50, abs=0.05)
    assert cells[0, 0, channel("std_L")] == pytest.approx(0, abs=0.05)


def test_inside_colour_is_weighted_with_coverage() -> None:
    cells = dense_targets(*left_half())
    # Black lesion: L* 0 less the centre 50, over half the cell.
    assert cells[0, 1, channel("inside_L")] == pytest.approx(-25, abs=0.01)
