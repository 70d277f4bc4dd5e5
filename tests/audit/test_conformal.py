from __future__ import annotations

import numpy as np
import pytest

from skintui.audit.conformal import conformal_p_values, readiness


def test_p_by_hand() -> None:
    scores = np.array([[1.0], [2.0], [3.0], [2.5]])
    calibration = np.array([[True], [True], [True], [False]])
    # the last: one of three calibration scores ≥ 2.5, (1 + 1) / (3 + 1); the first: 2 others ≥ 1, (1 + 2) / (2 + 1)
    assert conformal_p_values(scores, calibration).ravel().tolist() == pytest.approx([1.0, 2 / 3, 1 / 3, 0.5])


def test_a_patient_does_not_vouch_for_itself() -> None:
    scores = np.array([[1.0], [2.0], [1.5]])
    calibration = np.array([[True], [True], [False]])
    patients = np.array(["a", "b", "b"], dtype=object)
    # the last is of b: only a's 1.0 counts, (1 + 0) / (1 + 1)
    assert conformal_p_values(scores, calibration, patients)[2, 0] == 0.5


def test_a_missing_score_has_no_p() -> None:
    assert np.isnan(conformal_p_values(np.array([[np.nan]]), np.array([[False]]))).all()


def test_p_is_valid_on_clean_scores() -> None:
    r = np.random.default_rng(0)
    scores = r.exponential(size=(5000, 1))
    p = conformal_p_values(scores, r.random((5000, 1)) < 0.2)
    assert (p <= 0.1).mean() == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(("confirmed", "extreme"), [(500, 8006), (2000, 2005), (10_000, 402)])
def test_the_published_numbers_of_extreme_scores(confirmed: int, extreme: int) -> None:
    # m = 401,059, q = .1: m / (q (n + 1)), rounded up
    assert readiness(confirmed, 401_059, extreme, 0.1).ready
    state = readiness(confirmed, 401_059, extreme - 5, 0.1)
    assert not state.ready
    assert f"{extreme:,} of 401,059" in state.why


def test_it_says_how_many_are_needed() -> None:
    # 1,000 suspicious of 100,000 at .1: n + 1 ≥ 1,000
    state = readiness(10, 100_000, 1000, 0.1)
    assert state.needed == 999
    assert "999" in state.why


def test_nothing_confirmed_is_never_enough() -> None:
    assert not readiness(0, 10, 10, 0.5).ready
