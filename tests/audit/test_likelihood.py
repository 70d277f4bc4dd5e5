from __future__ import annotations

import numpy as np
import pytest

from skintui.attributes import attribute
from skintui.audit.likelihood import Expectation, fit


def test_one_residual_at_the_centre_costs_nothing() -> None:
    # t density up to its constant: 0 at the centre; shift 0 and width 1 are the likeliest beforehand
    assert fit(np.zeros(1), 1.0).shift == 0.0


def test_residuals_of_the_usual_width_keep_it() -> None:
    r = np.random.default_rng(0)
    found = fit(r.standard_t(4, 4000), 1.0)
    assert found.shift == pytest.approx(0, abs=0.05)
    assert found.width == pytest.approx(1, abs=0.05)


def test_a_shift_within_what_groups_are_apart_is_found() -> None:
    r = np.random.default_rng(0)
    assert fit(2 + r.standard_t(4, 2000), 2.0).shift == pytest.approx(2, abs=0.1)


def test_a_shift_costs_more_the_closer_groups_are() -> None:
    u = 5 + np.random.default_rng(0).standard_t(4, 100)
    assert fit(u, 0.5).log_likelihood < fit(u, 5.0).log_likelihood - 20


def test_few_residuals_far_out_are_outliers() -> None:
    u = np.array([0.1, -0.3, 0.5, 0.2, -0.6, 0.0, 0.4, 90.0])
    assert abs(fit(u, 0.5).shift) < 0.3


def test_residuals_of_sizes_are_between_logarithms() -> None:
    expected = Expectation(attribute("areaMM2"), np.log([2.0]), np.array([0.5]))
    # ln 4 − ln 2 = .693, over .5
    np.testing.assert_allclose(expected.residuals(np.array([4.0])), [1.3863], atol=1e-4)


def test_densities_of_sizes_are_per_unit_of_the_size() -> None:
    expected = Expectation(attribute("areaMM2"), np.log([2.0, 2.0]), np.array([0.5, 0.5]))
    assert expected.log_stretch(np.array([4.0, 2.0])) == pytest.approx(-np.log(8))
