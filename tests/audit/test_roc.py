from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from skintui.audit.bootstrap import PatientBootstrap
from skintui.audit.roc import Roc, auroc, partial_auroc, with_draws


def isic_2024(target: np.ndarray, scores: np.ndarray) -> float:
    """The challenge's score by its own recipe: McClish's partial area of the reversed problem, its scaling undone."""
    scaled = float(roc_auc_score(~target, -scores, max_fpr=0.2))
    least, most = 0.2**2 / 2, 0.2
    return least + (most - least) * (scaled - 0.5) / 0.5


def test_auroc_by_hand() -> None:
    # Of the six pairs of a positive (.9, .4) with a negative (.7, .4, .1), the positive wins four, ties one: 4.5 / 6.
    assert auroc([1, 0, 1, 0, 0], [0.9, 0.7, 0.4, 0.4, 0.1]) == pytest.approx(0.75)


def test_the_area_above_80_percent_by_hand() -> None:
    # Five positives, four negatives, from the top + + + + − + − − −. TPR is .8 up to FPR .25 and 1 from there:
    # over the line lie 0 for the first quarter of FPR and .2 for the other three, .75 × .2.
    assert partial_auroc([1, 1, 1, 1, 0, 1, 0, 0, 0], np.arange(9, 0, -1)) == pytest.approx(0.15)


def test_a_segment_that_crosses_the_line_counts_from_there() -> None:
    # One score for all: the diagonal. It crosses .8 at FPR .8 and leaves a triangle of .2 × .2 / 2.
    assert partial_auroc([1, 0, 1, 0], [5, 5, 5, 5]) == pytest.approx(0.02)
    assert auroc([1, 0, 1, 0], [5, 5, 5, 5]) == pytest.approx(0.5)


def test_perfect_and_reversed_scores_are_the_ends() -> None:
    target = [True, True, False, False]
    assert (auroc(target, [4, 3, 2, 1]), partial_auroc(target, [4, 3, 2, 1])) == pytest.approx((1.0, 0.2))
    assert (auroc(target, [1, 2, 3, 4]), partial_auroc(target, [1, 2, 3, 4])) == pytest.approx((0.0, 0.0))


@pytest.mark.parametrize("seed", range(4))
def test_both_are_those_of_the_challenge(seed: int) -> None:
    draw = np.random.default_rng(seed)
    target = draw.random(300) < 0.1
    scores = np.round(draw.standard_normal(300) + 1.5 * target, seed)  # with ties, fewer and fewer
    assert auroc(target, scores) == pytest.approx(roc_auc_score(target, scores))
    assert partial_auroc(target, scores) == pytest.approx(isic_2024(target, scores))


def test_one_kind_of_rows_has_no_area() -> None:
    for target in ([], [True], [False, False]):
        assert np.isnan(auroc(target, np.ones(len(target))))
        assert np.isnan(partial_auroc(target, np.ones(len(target))))


def test_a_weight_is_a_row_repeated() -> None:
    target, scores = np.array([1, 0, 1, 0], bool), np.array([4.0, 3.0, 2.0, 1.0])
    whole, partial = Roc(target, scores).areas([[1, 2, 3, 0], [2, 0, 0, 0]])
    repeated = np.repeat(np.arange(4), [1, 2, 3, 0])
    assert whole[0] == pytest.approx(auroc(target[repeated], scores[repeated]))
    assert partial[0] == pytest.approx(partial_auroc(target[repeated], scores[repeated]))
    assert np.isnan(whole[1])


def test_the_interval_holds_the_figure_and_all_lesions_of_a_patient_move_together() -> None:
    draw = np.random.default_rng(0)
    target = np.tile([True, False], 40)
    scores = draw.standard_normal(80) + target
    alone, _ = with_draws(PatientBootstrap(np.arange(80)), target, scores)
    paired, partial = with_draws(PatientBootstrap(np.arange(80) // 40), target, scores)
    assert alone.estimate().low < alone.value < alone.estimate().high
    assert len(set(np.round(paired.replicates, 9).tolist())) == 3  # two patients: one twice, the other twice, both
    assert partial.value == pytest.approx(partial_auroc(target, scores))
