from __future__ import annotations

import numpy as np
import pytest

from skintui.attributes import BY_NAME, Attribute
from skintui.audit.scale import from_scale, scale_of_spread, spread_in_units, to_scale

AREA, DELTA = BY_NAME["areaMM2"], BY_NAME["deltaL"]


@pytest.mark.parametrize("attribute", [AREA, DELTA])
def test_the_way_back_from_the_scale(attribute: Attribute) -> None:
    values = np.array([0.5, 8.9, np.nan])
    np.testing.assert_allclose(from_scale(to_scale(values, attribute), attribute), values)


def test_sizes_are_compared_as_logarithms() -> None:
    assert to_scale(np.array([np.e, 1.0]), AREA).tolist() == [1.0, 0.0]


def test_contrasts_stay_as_they_are() -> None:
    assert to_scale(np.array([-3.0]), DELTA).tolist() == [-3.0]


def test_missing_stays_missing() -> None:
    assert np.isnan(to_scale(np.array([np.nan]), AREA)).all()


def test_a_size_with_a_flipped_sign_lies_below_every_size() -> None:
    low = to_scale(np.array([AREA.low]), AREA).item()
    wrong = to_scale(np.array([-1.0, -100.0]), AREA)
    assert wrong[1] < wrong[0] < low


def test_spread_in_units_is_proportional_to_a_size() -> None:
    assert spread_in_units(np.array([0.1]), np.array([50.0]), AREA).tolist() == [5.0]
    assert spread_in_units(np.array([0.1]), np.array([50.0]), DELTA).tolist() == [0.1]


def test_a_spread_of_zero_says_nothing() -> None:
    assert np.isnan(scale_of_spread(np.array([0.0, np.inf]), np.array([1.0, 1.0]), DELTA)).all()


def test_spread_goes_to_the_scale_and_back() -> None:
    there = scale_of_spread(np.array([2.0]), np.array([8.0]), AREA)
    assert spread_in_units(there, np.array([8.0]), AREA).item() == pytest.approx(2.0)
