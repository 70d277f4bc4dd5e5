"""Coverage of the spread, worked by hand."""

from __future__ import annotations

import numpy as np

from skintui.steps.evaluation.readings import Readings


def one_attribute(residuals: list[float], spreads: list[float]) -> Readings:
    """Predictions of 10 with these residuals of the first attribute; nothing of the others."""
    labels, spread = np.full((len(residuals), 16), np.nan), np.full((len(residuals), 16), np.nan)
    labels[:, 0], spread[:, 0] = 10 + np.array(residuals), spreads
    return Readings(labels, np.full(labels.shape, 10.0), spread)


def test_shares_within_the_normal_intervals() -> None:
    # z = 0.5, 1, 1.5, 3; the intervals reach 0.674, 1.282 and 1.960
    found = one_attribute([0.5, -2, 3, 3], [1, 2, 2, 1]).coverage(0)
    assert found.tolist() == [0.25, 0.5, 0.75]


def test_pairs_without_a_spread_do_not_count() -> None:
    readings = one_attribute([0.1, 5, 5], [1, 0, float("nan")])
    assert (readings.told(0), readings.coverage(0).tolist()) == (1, [1, 1, 1])


def test_without_any_pair_there_is_no_share() -> None:
    assert np.isnan(one_attribute([0.1], [1]).coverage(3)).all()
