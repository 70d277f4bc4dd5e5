from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from skintui.vectors.exact import Hits, best_of, exact_search, ranked
from skintui.vectors.rows import unit_query, unit_rows
from skintui.vectors.structured import structured_vectors

BY_HAND = unit_rows([[1.0, 0.0], [0.0, 0.0], [3.0, 4.0], [-1.0, 0.0], [0.0, 1.0]])


def test_cosines_by_hand() -> None:
    """Against (2, 0): 1, none, 0.6, -1, 0."""
    hits = exact_search(BY_HAND, [2.0, 0.0], 5)
    assert hits.rows.tolist() == [0, 2, 4, 3]
    assert np.allclose(hits.similarity, [1.0, 0.6, 0.0, -1.0], atol=1e-3)


def test_only_allowed_lesions_are_found() -> None:
    allowed = np.array([False, True, False, True, True])
    assert exact_search(BY_HAND, [2.0, 0.0], 2, allowed).rows.tolist() == [4, 3]


def test_nothing_allowed_is_nothing_found() -> None:
    assert len(exact_search(BY_HAND, [1.0, 0.0], 3, np.zeros(5, np.bool_))) == 0


@pytest.mark.parametrize("k", [0, -1])
def test_no_hits_asked_for_are_none(k: int) -> None:
    assert len(exact_search(BY_HAND, [1.0, 0.0], k)) == 0


def test_equal_similarities_come_in_the_order_of_their_rows() -> None:
    rows = np.array([9, 4, 7], np.int64)
    assert ranked(rows, np.array([0.5, 0.5, 0.5], np.float32), 2).rows.tolist() == [4, 7]


def test_best_of_agrees_with_computing_all() -> None:
    stored = unit_rows(structured_vectors(3000, 96, clusters=5))
    for row in range(0, 3000, 300):
        query = unit_query(stored[row], 96)
        found, expected = best_of(stored, np.arange(3000), query, 10), exact_search(stored, query, 10)
        assert found.rows.tolist() == expected.rows.tolist()
        assert np.allclose(found.similarity, expected.similarity, atol=1e-6)


def test_best_of_nothing_is_nothing() -> None:
    empty: NDArray[np.float16] = np.empty((0, 2), np.float16)
    assert len(best_of(empty, np.empty(0, np.int64), unit_query([1.0, 0.0], 2), 5)) == len(Hits.none()) == 0
