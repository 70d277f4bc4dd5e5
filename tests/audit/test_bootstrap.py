from __future__ import annotations

import numpy as np
import pytest

from skintui.audit.bootstrap import Draws, Estimate, PatientBootstrap
from skintui.audit.metrics import mae, r2, spearman

# Two patients are drawn as aa, ab or bb; a has two lesions.
TWO = ["a", "a", "b"]


def by_draw(bootstrap: PatientBootstrap, draws: Draws) -> dict[tuple[int, int], float]:
    return {(int(a), int(b)): float(x) for (a, b), x in zip(bootstrap.weights, draws.replicates, strict=True)}


def test_the_median_of_every_draw_by_hand() -> None:
    bootstrap = PatientBootstrap(TWO, replicates=50)
    found = bootstrap.median([1.0, 2.0, 10.0])
    assert found.value == 2.0
    assert by_draw(bootstrap, found) == {(2, 0): 1.5, (1, 1): 2.0, (0, 2): 10.0}


def test_the_mean_absolute_error_of_every_draw_by_hand() -> None:
    bootstrap = PatientBootstrap(TWO, replicates=50)
    found = bootstrap.mae([0.0, 0.0, 0.0], [1.0, -3.0, 5.0])
    assert found.value == 3.0
    assert by_draw(bootstrap, found) == {(2, 0): 2.0, (1, 1): 3.0, (0, 2): 5.0}


def test_r2_of_every_draw_by_hand() -> None:
    # aa: labels 0, 2 about 1, errors 1 and 0: 1 − 1/2. ab: 0, 2, 4 about 2, errors 1, 0, 1: 1 − 2/8. bb never varies.
    bootstrap = PatientBootstrap(TWO, replicates=50)
    found = by_draw(bootstrap, bootstrap.r2([0.0, 2.0, 4.0], [1.0, 2.0, 3.0]))
    assert found[2, 0] == pytest.approx(0.5)
    assert found[1, 1] == pytest.approx(0.75)
    assert np.isnan(found[0, 2])


def test_every_figure_is_that_of_the_resample_laid_out() -> None:
    draw = np.random.default_rng(1)
    patients = draw.integers(0, 7, 60)
    y = np.round(draw.normal(40, 3, 60), 0)  # many ties
    f = np.round(y + draw.normal(0, 2, 60), 0)
    y[5], f[9] = np.nan, np.nan
    bootstrap = PatientBootstrap(patients, replicates=20, seed=3)
    for i, weights in enumerate(bootstrap.weights):
        rows = np.repeat(np.arange(60), weights[bootstrap.patient])
        assert bootstrap.r2(y, f).replicates[i] == pytest.approx(r2(y[rows], f[rows]))
        assert bootstrap.mae(y, f).replicates[i] == pytest.approx(mae(y[rows], f[rows]))
        assert bootstrap.spearman(y, f).replicates[i] == pytest.approx(spearman(y[rows], f[rows]))
        assert bootstrap.median(y).replicates[i] == pytest.approx(np.nanmedian(y[rows]))


def test_several_values_may_belong_to_one_row() -> None:
    bootstrap = PatientBootstrap(["a", "b"], replicates=50)
    found = bootstrap.median([[1.0, 3.0], [5.0, np.nan]], np.array([0, 0, 1, 1]))
    assert by_draw(bootstrap, found) == {(2, 0): 2.0, (1, 1): 3.0, (0, 2): 5.0}


def test_the_interval_holds_the_middle_95_of_100_draws() -> None:
    found = Draws(50.0, np.arange(101.0)).estimate()
    assert (found.low, found.high) == pytest.approx((2.5, 97.5))


def test_the_same_seed_draws_the_same_patients() -> None:
    first, again, other = (PatientBootstrap(range(9), replicates=40, seed=seed).weights for seed in (4, 4, 5))
    assert (first == again).all()
    assert (first != other).any()
    assert (first.sum(axis=1) == 9).all()


def test_one_patient_has_a_figure_and_no_interval() -> None:
    bootstrap = PatientBootstrap(["a", "a", "a"], replicates=10)
    for found in (bootstrap.median([1.0, 2.0, 4.0]), bootstrap.mae([1.0, 2.0, 4.0], [1.0, 2.0, 1.0])):
        estimate = found.estimate()
        assert np.isfinite(estimate.value)
        assert np.isnan([estimate.low, estimate.high]).all()


def test_a_difference_is_of_independent_draws() -> None:
    found = Draws(0.9, np.array([0.8, 1.0])).minus(Draws(0.5, np.array([0.6, 0.4])))
    assert found.value == pytest.approx(0.4)
    assert found.replicates.tolist() == pytest.approx([0.2, 0.6])


def test_an_estimate_is_written_with_six_decimals() -> None:
    assert Estimate(1 / 3, 0.1, 2 / 3).as_object() == {"value": 0.333333, "low": 0.1, "high": 0.666667}
