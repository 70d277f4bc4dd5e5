from __future__ import annotations

import numpy as np
import pytest

from skintui.audit.metrics import spearman
from skintui.audit.spread import (
    Floats,
    local_spread,
    neighbour_mean,
    shared_features,
    standardised,
    typical_error,
)


def uneven(n: int = 2000, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Prediction, σ that grows with it, and residual."""
    r = np.random.default_rng(seed)
    x = r.normal(size=n)
    sigma = 0.5 * np.exp(0.8 * x)
    return x, sigma, sigma * r.normal(size=n)


def spread_of(x: Floats, residual: Floats, **more: object) -> Floats:
    return local_spread(residual, shared_features(x[:, None], None, None), x, **more)  # type: ignore[arg-type]


def test_spread_follows_the_true_sigma() -> None:
    x, sigma, residual = uneven()
    found = spread_of(x, residual)
    assert spearman(found, sigma) > 0.95
    assert np.median(found / sigma) == pytest.approx(1.0, abs=0.1)


def test_spread_is_a_standard_deviation_where_noise_is_normal_and_even() -> None:
    r = np.random.default_rng(1)
    x = r.normal(size=4000)
    assert np.median(spread_of(x, 2.0 * r.normal(size=4000))) == pytest.approx(2.0, rel=0.07)


def test_wrong_labels_hardly_widen_it() -> None:
    x, _, residual = uneven()
    spoilt = residual.copy()
    spoilt[::50] += 100.0
    ratio = spread_of(x, spoilt) / spread_of(x, residual)
    assert np.median(ratio) == pytest.approx(1.0, abs=0.08)


def test_a_lesion_does_not_excuse_itself() -> None:
    x, _, residual = uneven(500)
    near = np.argsort(np.abs(x[:, None] - x), axis=1)[:, :30]  # the lesion itself comes first
    before = spread_of(x, residual, neighbours=near)[7]
    residual[7] = 1000.0
    assert spread_of(x, residual, neighbours=near)[7] == pytest.approx(before, rel=0.02)


def test_neighbours_find_noise_that_no_feature_shows() -> None:
    r = np.random.default_rng(2)
    place = r.uniform(0, 1, 2000)
    sigma = np.where(place < 0.3, 3.0, 0.3)
    residual, x = sigma * r.normal(size=2000), r.normal(size=2000)
    near = np.argsort(np.abs(place[:, None] - place), axis=1)[:, 1:31]
    assert spearman(spread_of(x, residual, neighbours=near), sigma) > 0.7
    assert abs(spearman(spread_of(x, residual), sigma)) < 0.2


def test_spread_never_vanishes_under_perfect_predictions() -> None:
    x = np.linspace(0, 1, 200)
    assert (spread_of(x, np.zeros(200), resolution=0.003) >= 0.003).all()


def test_half_of_the_residuals_being_zero_leaves_a_spread() -> None:
    x, _, residual = uneven(400)
    residual[:300] = 0.0
    assert (spread_of(x, residual) > 0.01).all()


def test_few_lesions_get_the_typical_error() -> None:
    residual = np.array([1.0, -1.0, 2.0, -2.0, 0.0])
    found = spread_of(np.arange(5.0), residual)
    assert found.tolist() == pytest.approx([typical_error(residual)] * 5)


def test_no_residual_at_all_is_no_failure() -> None:
    assert np.isfinite(spread_of(np.arange(3.0), np.full(3, np.nan))).all()


def test_without_a_prediction_there_is_no_spread() -> None:
    x, _, residual = uneven(300)
    x[5] = residual[5] = np.nan
    assert np.isnan(spread_of(x, residual)[5])


def test_typical_error_by_hand() -> None:
    # median 0, |r| = 0 1 1 2 2: median 1
    assert typical_error(np.array([0.0, 1, -1, 2, -2])) == pytest.approx(1.4826, abs=1e-4)


def test_neighbour_mean_by_hand() -> None:
    values = np.array([1.0, 2.0, 6.0, np.nan])
    near = np.array([[1, 2], [0, -1], [2, 3], [0, 1]])
    got = neighbour_mean(values, near)
    assert got[[0, 1, 3]].tolist() == [4.0, 1.0, 1.5]
    assert np.isnan(got[2])  # itself and one without a value


def test_a_constant_column_is_no_feature() -> None:
    assert standardised(np.ones(5)) is None
    assert standardised(np.full(5, np.nan)) is None


def test_a_patient_stays_in_one_fold() -> None:
    patients = np.array([f"IP_{i % 7}" for i in range(70)], dtype=object)
    folds = shared_features(np.zeros((70, 1)), None, patients).folds
    assert all(len(set(folds[patients == p])) == 1 for p in set(patients))
    assert len(set(folds)) == 5
