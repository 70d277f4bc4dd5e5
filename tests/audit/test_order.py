"""Positions by value."""

from __future__ import annotations

import numpy as np
import pytest

from skintui.audit.order import by_value


def test_a_case_worked_by_hand() -> None:
    assert by_value(np.array([0.5, 0.0, 3.0, 0.25])).tolist() == [1, 3, 0, 2]


def test_falling() -> None:
    assert by_value(np.array([0.5, 0.0, np.inf, 0.25]), falling=True).tolist() == [2, 0, 3, 1]


@pytest.mark.parametrize("falling", [False, True])
def test_of_equal_values_the_first_comes_first(falling: bool) -> None:
    assert by_value(np.array([7.0, 7.0, 7.0]), falling=falling).tolist() == [0, 1, 2]


@pytest.mark.parametrize("falling", [False, True])
def test_values_that_differ_in_the_last_bit_alone_are_told_apart(falling: bool) -> None:
    rising = [1.0, np.nextafter(1.0, 2.0), np.nextafter(np.nextafter(1.0, 2.0), 2.0)]
    values = np.array([rising[1], rising[2], rising[0]])
    assert by_value(values, falling=falling).tolist() == ([1, 0, 2] if falling else [2, 0, 1])


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_values(count: int) -> None:
    assert by_value(np.arange(float(count))).tolist() == list(range(count))


@pytest.mark.parametrize("falling", [False, True])
def test_as_a_stable_sort_of_values_near_and_far(falling: bool) -> None:
    draw = np.random.default_rng(0)
    values = np.concatenate([np.abs(draw.standard_t(2, 5000)), 1 + draw.random(5000) * 1e-12, draw.integers(0, 9, 999)])
    draw.shuffle(values)
    expected = np.argsort(-values if falling else values, kind="stable")
    assert np.array_equal(by_value(values, falling=falling), expected)
