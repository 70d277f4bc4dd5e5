from __future__ import annotations

import numpy as np
import pytest

from skintui.audit.score import combined_spread

NORMAL = 0.6744897501960817


def test_the_spread_is_the_geometric_mean_of_both() -> None:
    # the median of |r| / own is 0.6745: factor 1, so √(4 · 1) = 2
    got = combined_spread(np.full(60, 4.0), np.ones(60), np.full(60, NORMAL))
    np.testing.assert_allclose(got, 2.0)


def test_the_models_spread_is_put_to_the_size_of_the_residuals() -> None:
    # residuals 9 times larger than the model says: √(4 · 9) = 6
    got = combined_spread(np.full(60, 4.0), np.ones(60), np.full(60, -9 * NORMAL))
    np.testing.assert_allclose(got, 6.0)


def test_a_missing_spread_leaves_sigma() -> None:
    own = np.ones(60)
    own[7] = np.nan
    got = combined_spread(np.full(60, 4.0), own, np.full(60, NORMAL))
    assert got[7] == 4.0


def test_few_residuals_leave_sigma() -> None:
    np.testing.assert_array_equal(combined_spread(np.full(9, 4.0), np.ones(9), np.ones(9)), 4.0)


def test_the_models_spread_is_never_below_the_resolution() -> None:
    own = np.ones(60)
    own[3] = 1e-9
    got = combined_spread(np.full(60, 4.0), own, np.full(60, NORMAL), resolution=0.25)
    assert got[3] == pytest.approx(1.0)
