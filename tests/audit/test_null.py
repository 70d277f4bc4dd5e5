from __future__ import annotations

import numpy as np
import pytest

from skintui.audit.null import StudentNull, TailTable, benjamini_hochberg, fit_null, null_p_values


def test_benjamini_hochberg_by_hand() -> None:
    # sorted .01 .02 .03 .5: p·m/rank = .04 .04 .04 .5
    assert benjamini_hochberg(np.array([0.03, 0.5, 0.01, 0.02])).tolist() == pytest.approx([0.04, 0.5, 0.04, 0.04])


def test_a_missing_p_is_not_a_test() -> None:
    q = benjamini_hochberg(np.array([[0.01, np.nan], [0.02, np.nan]]))
    assert q[:, 0].tolist() == pytest.approx([0.02, 0.02])
    assert np.isnan(q[:, 1]).all()


def test_q_is_at_most_one() -> None:
    assert benjamini_hochberg(np.array([0.9, 1.0])).max() == 1.0


def test_no_p_at_all() -> None:
    assert benjamini_hochberg(np.empty((0, 3))).shape == (0, 3)


def test_two_sided_p_of_a_known_t() -> None:
    # t with 10 degrees: 2.228 is the two-sided 5 % point in every table
    assert StudentNull(0.0, 1.0, 10.0).two_sided(np.array([2.228, -2.228])).tolist() == pytest.approx(
        [0.05] * 2, abs=1e-4
    )


def test_p_of_a_huge_score_is_small_not_zero() -> None:
    assert 0 < StudentNull(0.0, 1.0, 3.0).two_sided(np.array([1e6])).item() < 1e-15


def test_the_normal_is_recognised() -> None:
    null = fit_null(3.0 + 2.0 * np.random.default_rng(0).normal(size=20_000))
    assert null is not None
    assert null.centre == pytest.approx(3.0, abs=0.06)
    assert null.scale == pytest.approx(2.0, rel=0.05)
    assert null.degrees > 15


def test_heavy_tails_are_recognised() -> None:
    null = fit_null(np.random.default_rng(0).standard_t(3, 20_000))
    assert null is not None
    assert 2.4 < null.degrees < 4


def test_a_few_errors_hardly_move_it() -> None:
    z = np.random.default_rng(0).normal(size=20_000)
    z[:400] += 50
    null = fit_null(z)
    assert null is not None
    assert null.scale == pytest.approx(1.0, abs=0.06)
    assert null.degrees > 5


def test_too_few_scores_give_no_p() -> None:
    assert fit_null(np.arange(49.0)) is None
    assert np.isnan(null_p_values(np.arange(49.0)[:, None])).all()


def test_p_is_uniform_where_nothing_is_wrong() -> None:
    p = null_p_values(np.random.default_rng(0).normal(size=(10_000, 1)))
    assert (p < 0.1).mean() == pytest.approx(0.1, abs=0.015)
    assert (p < 0.01).mean() == pytest.approx(0.01, abs=0.005)


def test_tails_read_between_knots_are_those_of_student() -> None:
    from scipy.stats import t as student

    at = np.concatenate([np.geomspace(1e-9, 1e8, 5000), [0.0, np.inf]])
    for degrees in (2.0, 7.3, 200.0):
        np.testing.assert_allclose(TailTable.of(degrees)(at), 2 * student.sf(at, degrees), rtol=1e-10, atol=1e-290)


def test_a_missing_score_has_no_tail() -> None:
    assert np.isnan(TailTable.of(5.0)(np.array([np.nan]))).all()
