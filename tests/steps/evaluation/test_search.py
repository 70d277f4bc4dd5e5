from __future__ import annotations

import numpy as np
import pytest

from skintui.steps.evaluation import search
from skintui.steps.evaluation.search import nearest, percentiles, reranked


def medianed(values: np.ndarray, asked: list[int], results: list[list[int]]) -> float:
    own = np.array(asked)
    known = percentiles(values, values[own], np.array(results), own)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if known.size else float("nan")


def test_the_percentile_of_the_nearest_value_by_hand() -> None:
    # Query 10 against the others 11, 13, 20, 40: (10-11)² is the smallest of four, so its mid-rank is 0.5 of 4.
    values = np.array([10.0, 11.0, 13.0, 20.0, 40.0])
    assert medianed(values, [0], [[1]]) == pytest.approx(12.5)
    assert medianed(values, [0], [[4]]) == pytest.approx(87.5)


def test_a_result_of_the_querys_own_value_ties_with_nobody_else() -> None:
    values = np.array([10.0, 10.0, 13.0, 20.0, 40.0])
    assert medianed(values, [0], [[1]]) == pytest.approx(12.5)


def test_missing_values_and_missing_results_are_left_out() -> None:
    values = np.array([10.0, np.nan, 13.0, 20.0, 40.0])
    assert np.isnan(medianed(values, [0], [[1, -1]]))
    assert medianed(values, [0], [[1, 2]]) == pytest.approx(100 * 0.5 / 3)


def test_a_query_from_outside_is_ranked_among_the_whole_database() -> None:
    # |12 − d| = 2, 1, 8, 28: 13 is the nearest of four (mid-rank 0.5), 10 the second (1.5).
    values = np.array([10.0, 13.0, 20.0, 40.0])
    found = percentiles(values, np.array([12.0]), np.array([[1, 0]]), np.array([-1]))
    assert found.tolist() == [[12.5, 37.5]]


def test_random_results_have_percentile_fifty() -> None:
    draw = np.random.default_rng(0)
    values = draw.standard_normal(400)
    results = [draw.permutation(np.delete(np.arange(400), i))[:5].tolist() for i in range(400)]
    assert medianed(values, list(range(400)), results) == pytest.approx(50, abs=3)


def test_nearest_are_by_cosine_without_the_query_and_empty_rows() -> None:
    vectors = np.array([[1, 0], [2, 0.2], [0, 0], [0, 1], [1, 1]], np.float32)
    asked = np.array([0, 2])
    assert nearest(vectors, vectors[asked], asked, 3).tolist() == [[1, 4, 3], [-1, -1, -1]]


def test_a_query_of_another_data_set_finds_its_twin() -> None:
    vectors = np.array([[1, 0], [0, 1]], np.float32)
    assert nearest(vectors, vectors[:1], np.array([-1]), 3).tolist() == [[0, 1, -1]]


def test_what_has_the_querys_own_code_is_not_found() -> None:
    vectors = np.array([[1, 0], [1, 0.1], [0, 1], [1, 1]], np.float32)
    codes = np.array([7, 7, 8, 9])
    found = nearest(vectors, vectors[:1], np.array([0]), 3, apart=(codes, codes[:1]))
    assert found.tolist() == [[3, 2, -1]]


def test_reranking_keeps_to_the_candidates() -> None:
    vectors = np.array([[1, 0], [1, 0.1], [0, 1], [1, 1]], np.float32)
    assert reranked(vectors, vectors[:1], np.array([[2, 3, -1]]), 5).tolist() == [[3, 2, -1, -1, -1]]


def test_a_large_database_is_searched_in_smaller_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(0).standard_normal((50, 4)).astype(np.float32)
    everything = np.arange(50)
    whole = nearest(vectors, vectors, everything, 5)
    monkeypatch.setattr(search, "_CELLS", 150)
    assert nearest(vectors, vectors, everything, 5).tolist() == whole.tolist()
