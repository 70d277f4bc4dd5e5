from __future__ import annotations

import numpy as np
import pytest

from skintui.errors import Cancelled
from skintui.vectors.exact import exact_search
from skintui.vectors.neighbours import all_neighbours
from skintui.vectors.search import ViewIndex
from skintui.vectors.store import VectorStore
from tests.vectors.conftest import N
from tests.vectors.test_graph import Counting

PATIENTS = np.arange(N) // 50


@pytest.fixture
def expected(index: ViewIndex) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """The five nearest others of every lesion, each by its own exact search."""
    matrix, result = index.stored(np.arange(N)), np.full((N, 5), -1, np.int64)
    for row in np.flatnonzero(matrix.any(axis=1)):
        result[row] = exact_search(matrix, matrix[row], 5, np.arange(N) != row).rows
    return result


@pytest.mark.parametrize("by_graph", [False, True])
def test_the_table_is_every_lesions_own_search(
    index: ViewIndex, expected: np.ndarray[tuple[int, int], np.dtype[np.int64]], by_graph: bool
) -> None:
    store = VectorStore.open(index.folder)
    table = all_neighbours(store, "image", 5, index=index if by_graph else None)
    assert np.mean(table == expected) > 0.999


@pytest.mark.parametrize("by_graph", [False, True])
def test_no_neighbour_is_of_the_same_patient(index: ViewIndex, by_graph: bool) -> None:
    store = VectorStore.open(index.folder)
    table = all_neighbours(store, "image", 5, groups=PATIENTS, index=index if by_graph else None)
    matrix = index.stored(np.arange(N))
    for row in range(0, N, 100):
        others = exact_search(matrix, matrix[row], 5, PATIENTS[row] != PATIENTS)
        assert table[row].tolist() == others.rows.tolist()


@pytest.mark.parametrize("by_graph", [False, True])
def test_a_patient_with_nearly_all_lesions_still_gets_the_others(index: ViewIndex, by_graph: bool) -> None:
    groups = (np.arange(N) >= 997).astype(np.int64)
    table = all_neighbours(VectorStore.open(index.folder), "image", 5, groups=groups, index=index if by_graph else None)
    assert sorted(table[0]) == [-1, -1, 997, 998, 999]


@pytest.mark.parametrize("by_graph", [False, True])
def test_a_lesion_without_vector_has_no_neighbours(index: ViewIndex, by_graph: bool) -> None:
    table = all_neighbours(VectorStore.open(index.folder), "image", 5, index=index if by_graph else None)
    assert table[7].tolist() == [-1] * 5
    assert 7 not in table


def test_progress_adds_up_and_stops(index: ViewIndex) -> None:
    progress, store = Counting(), VectorStore.open(index.folder)
    all_neighbours(store, "image", 3, progress)
    assert progress.done == progress.total == N
    with pytest.raises(Cancelled):
        all_neighbours(store, "image", 3, Counting(stop_after=512))
