from __future__ import annotations

import numpy as np
import pytest

from skintui.attributes import attribute
from skintui.model.decode_values import centre, deviation, label_tail, plausible

SAMPLES = np.array([[[1.0, 2.0, 3.0, 6.0]]])


def test_mean_and_median_by_hand() -> None:
    assert centre(SAMPLES, "mean")[0, 0] == 3.0
    assert centre(SAMPLES, "median")[0, 0] == 2.5


def test_what_is_no_number_is_left_out() -> None:
    assert centre(np.array([[[1.0, np.nan, 3.0, np.nan]]]), "mean")[0, 0] == 2.0


def test_too_few_numbers_make_no_prediction() -> None:
    assert np.isnan(centre(np.array([[[1.0, np.nan, np.nan, np.nan]]]), "median")[0, 0])


def test_the_spread_is_around_the_prediction() -> None:
    # around 2.5: (2.25 + 0.25 + 0.25 + 12.25) / 4 = 3.75
    assert deviation(SAMPLES, np.array([[2.5]]))[0, 0] == pytest.approx(3.75**0.5)


def test_a_missing_prediction_has_no_spread() -> None:
    assert np.isnan(deviation(SAMPLES, np.array([[np.nan]]))[0, 0])


def test_an_implausible_answer_is_left_out() -> None:
    got = plausible(np.array([[[2.0, 12.0]]]), [attribute("norm_color")])
    np.testing.assert_array_equal(got, [[[2.0, np.nan]]])


def tail(samples: list[float], spread: float, label: float, predicted: float = 0.0) -> float:
    given = np.array(samples).reshape(1, 1, -1), np.array([[predicted]]), np.array([[spread]]), np.array([[label]])
    return float(label_tail(*given)[0, 0])


def test_a_tail_by_hand() -> None:
    # h = 0.9 · (1 / (0.9 · 2^-0.2)) · 2^-0.2 = 1; P(X ≥ 2) = (P(Z ≥ 3) + P(Z ≥ 1)) / 2 = (0.00135 + 0.15866) / 2
    spread = 1 / (0.9 * 2**-0.2)
    assert tail([-1.0, 1.0], spread, 2.0) == pytest.approx(0.00135 + 0.15866, abs=1e-5)


def test_both_tails_count_alike() -> None:
    assert tail([-1.0, 1.0], 1.0, -3.0) == pytest.approx(tail([-1.0, 1.0], 1.0, 3.0))


def test_the_middle_is_no_tail() -> None:
    assert tail([-1.0, 1.0], 1.0, 0.0) == 1.0


def test_without_samples_the_answer_is_normal() -> None:
    assert tail([], 2.0, 13.92, predicted=10.0) == pytest.approx(0.05, abs=1e-4)


def test_a_sure_answer_has_the_width_of_its_rounding() -> None:
    # 0.01 away is √12 = 3.46 standard deviations of rounding
    assert tail([5.0, 5.0], 0.0, 5.01, predicted=5.0) == pytest.approx(5.3e-4, rel=0.02)


def test_a_missing_label_has_no_tail() -> None:
    assert np.isnan(tail([1.0, 2.0], 1.0, np.nan))
