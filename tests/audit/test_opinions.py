from __future__ import annotations

import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.audit.neighbours import summarise
from skintui.audit.opinions import Opinion, combined
from skintui.audit.score import Scores
from skintui.audit.spread import Floats

ONE = ATTRIBUTES[13:14]
NAME = ONE[0].name


def _case(near_noise: float, model_noise: float = 1.0, n: int = 800) -> tuple[Floats, Floats, Scores, np.ndarray]:
    """Labels in eighty groups of ten alike; the model and the neighbours are off by so much."""
    r = np.random.default_rng(0)
    true = np.repeat(r.normal(size=n // 10) * 10, 10)
    labels = (true + near_noise * r.normal(size=n))[:, None]
    predicted = (true + model_noise * r.normal(size=n))[:, None]
    spread = np.full((n, 1), float(np.median(np.abs(labels - predicted)) / 0.6745))
    groups = np.arange(n).reshape(-1, 10)
    return labels, predicted, Scores((labels - predicted) / spread, spread, predicted), np.repeat(groups, 10, axis=0)


def _combined(labels: Floats, scores: Scores, near: np.ndarray) -> Scores:
    return combined(labels, scores, {NAME: near}, {NAME: summarise(labels[:, 0], near)}, ONE)


def test_neighbours_that_know_more_are_heard() -> None:
    labels, predicted, scores, near = _case(near_noise=0.3)
    spoilt = labels.copy()
    spoilt[5] += 2.5
    alone = np.abs((spoilt - predicted) / scores.sigma)[:, 0]
    both = _combined(spoilt, Scores((spoilt - predicted) / scores.sigma, scores.sigma, predicted), near)
    assert np.abs(both.signed[:, 0]).argmax() == 5
    assert (alone > alone[5]).sum() > 0


def test_neighbours_that_know_nothing_are_not() -> None:
    labels, _predicted, scores, near = _case(near_noise=0.3, model_noise=0.02)
    shuffled = np.random.default_rng(1).permutation(near.ravel()).reshape(near.shape)
    assert _combined(labels, scores, shuffled) is scores


def test_without_neighbours_the_model_stands_alone() -> None:
    labels, _predicted, scores, _near = _case(near_noise=0.3)
    assert combined(labels, scores, None, {}, ONE) is scores


def test_the_spread_is_one_of_the_scores() -> None:
    labels, _predicted, scores, near = _case(near_noise=0.3)
    both = _combined(labels, scores, near)
    assert np.median(np.abs(both.signed)) == pytest.approx(0.6745, abs=1e-3)


def test_a_lesion_without_neighbours_is_scored_by_the_model() -> None:
    labels, predicted, scores, near = _case(near_noise=0.3)
    near[0] = -1
    both = _combined(labels, scores, near)
    # σ is level for the model here, so the score is the residual over the attribute's one σ
    assert both.signed[0, 0] * both.sigma[0, 0] == pytest.approx(labels[0, 0] - predicted[0, 0])


def test_surprise_by_hand() -> None:
    # z = 0 and 2, σ = 1: (0 + 2.5 ln 2) / 2
    assert Opinion(np.zeros(2), np.ones(2)).surprise(np.array([0.0, 2.0])) == pytest.approx(1.25 * np.log(2))
