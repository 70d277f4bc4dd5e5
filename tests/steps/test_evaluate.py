from __future__ import annotations

import numpy as np
import pytest

from skintui.errors import VectorsError
from skintui.steps.evaluate import _held_out, _median_percentile, _nearest, _reranked
from skintui.steps.place import Place
from skintui.steps.predictions import read_predictions
from tests.small_fixtures import store_near_labels


def test_the_percentile_of_the_nearest_value_by_hand() -> None:
    # Query 10 against the others 11, 13, 20, 40: (10-11)² is the smallest of four, so its mid-rank is 0.5 of 4.
    values = np.array([10.0, 11.0, 13.0, 20.0, 40.0])
    assert _median_percentile(values, np.array([0]), np.array([[1]])) == pytest.approx(12.5)
    assert _median_percentile(values, np.array([0]), np.array([[4]])) == pytest.approx(87.5)


def test_a_result_of_the_querys_own_value_ties_with_nobody_else() -> None:
    values = np.array([10.0, 10.0, 13.0, 20.0, 40.0])
    assert _median_percentile(values, np.array([0]), np.array([[1]])) == pytest.approx(12.5)


def test_missing_values_and_missing_results_are_left_out() -> None:
    values = np.array([10.0, np.nan, 13.0, 20.0, 40.0])
    assert np.isnan(_median_percentile(values, np.array([0]), np.array([[1, -1]])))
    assert _median_percentile(values, np.array([0]), np.array([[1, 2]])) == pytest.approx(100 * 0.5 / 3)


def test_random_results_have_percentile_fifty() -> None:
    draw = np.random.default_rng(0)
    values = draw.standard_normal(400)
    results = np.stack([draw.permutation(np.delete(np.arange(400), i))[:5] for i in range(400)])
    assert _median_percentile(values, np.arange(400), results) == pytest.approx(50, abs=3)


def test_nearest_are_by_cosine_without_the_query_and_empty_rows() -> None:
    vectors = np.array([[1, 0], [2, 0.2], [0, 0], [0, 1], [1, 1]], np.float32)
    assert _nearest(vectors, np.array([0, 2]), 3).tolist() == [[1, 4, 3], [-1, -1, -1]]


def test_reranking_keeps_to_the_candidates() -> None:
    vectors = np.array([[1, 0], [1, 0.1], [0, 1], [1, 1]], np.float32)
    assert _reranked(vectors, np.array([0]), np.array([[2, 3, -1]])).tolist()[0][:2] == [3, 2]


def test_held_out_are_the_patients_the_adapter_has_not_trained_on(predicted: Place) -> None:
    store_near_labels(predicted, train_patients=("IP_0000000", "IP_0000001", "elsewhere"))
    lesions = predicted.lesions()
    rows, trained, tested = _held_out(lesions, read_predictions(predicted.workspace.predictions, lesions), 24)
    assert (len(rows), trained, tested) == (16, 3, 4)
    assert not {"IP_0000000", "IP_0000001"} & set(lesions.patients[rows].tolist())


def test_without_a_record_the_default_split_holds_out(predicted: Place) -> None:
    store_near_labels(predicted, train_patients=None)
    lesions = predicted.lesions()
    rows, trained, tested = _held_out(lesions, read_predictions(predicted.workspace.predictions, lesions), 24)
    assert (len(rows), trained, tested) == (4, 5, 1)


def test_nothing_held_out_is_an_error_that_says_so(predicted: Place) -> None:
    store_near_labels(predicted, train_patients=tuple(f"IP_{p:07d}" for p in range(6)))
    lesions = predicted.lesions()
    with pytest.raises(VectorsError, match="only 0 indexed lesions"):
        _held_out(lesions, read_predictions(predicted.workspace.predictions, lesions), 24)
