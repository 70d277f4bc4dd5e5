from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from skintui.vectors.estimate import Codes, Estimates, best_estimated
from skintui.vectors.exact import Hits, exact_search, ranked
from skintui.vectors.rows import unit_query, unit_rows
from skintui.vectors.signs import Signs
from skintui.vectors.structured import structured_vectors

N, D = 3000, 192


@pytest.fixture(scope="module")
def matrix() -> NDArray[np.float16]:
    return unit_rows(structured_vectors(N, D, clusters=20))


@pytest.fixture(scope="module")
def codes(matrix: NDArray[np.float16]) -> Codes:
    """In another order than the lesions, the first of which has no vector."""
    rows = np.random.default_rng(0).permutation(np.arange(1, N))
    vectors = matrix[rows].astype(np.float32)
    signs = Signs.around(vectors.mean(axis=0))
    return Codes(signs, signs.pack(vectors), rows, vectors @ signs.mean)


def cosines_of(matrix: NDArray[np.float16], query: NDArray[np.float32]) -> NDArray[np.float32]:
    return matrix.astype(np.float32) @ query


def test_estimates_are_near_the_cosines(codes: Codes, matrix: NDArray[np.float16]) -> None:
    query = unit_query(matrix[5], D)
    found = codes.estimates(query)
    others = found.rows != 5  # its own bits agree, so that nothing is in doubt
    off = ((found.cosine - cosines_of(matrix, query)[found.rows])[others]) / found.error[others]
    assert abs(np.mean(off)) < 0.5
    assert np.sqrt(np.mean(off**2)) < 1.5


def test_a_vector_opposite_around_the_mean_differs_in_every_bit() -> None:
    """Mean (0.6, 0): the unit vectors (0.6, 0.8) and (0.6, -0.8) lie on both sides; their cosine is 0.36 - 0.64."""
    signs = Signs(np.array([0.6, 0.0], np.float32))
    vectors = np.array([[0.6, 0.8], [0.6, -0.8]], np.float32)
    packed = np.array([[0b00000000] * 8, [0b11111111] * 8], np.uint8)
    codes = Codes(signs, packed, np.array([0, 1]), vectors @ signs.mean)
    query = np.array([0.6, -0.8], np.float32)  # its own bits are (0, 0): those of the first
    assert codes.estimates(query).cosine.tolist() == pytest.approx([1.0, -0.28], abs=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9])
def test_a_mask_leaves_the_allowed_ones_as_they_are(codes: Codes, matrix: NDArray[np.float16], share: float) -> None:
    query, allowed = unit_query(matrix[5], D), np.random.default_rng(1).random(N) < share
    every, some = codes.estimates(query), codes.estimates(query, allowed)
    kept = allowed[every.rows]
    assert np.array_equal(some.rows, every.rows[kept])
    assert np.array_equal(some.cosine, every.cosine[kept])


@pytest.mark.parametrize("part", [1, 2, 10])
def test_the_far_lesions_are_ranked_as_by_computing_all(codes: Codes, matrix: NDArray[np.float16], part: int) -> None:
    hits = total = 0
    for row in range(1, N, 300):
        query = unit_query(matrix[row], D)
        allowed = np.zeros(N, np.bool_)
        allowed[np.argsort(cosines_of(matrix, query), kind="stable")[: N // part]] = True
        allowed[0] = False

        def best(rows: NDArray[np.int64], k: int, query: NDArray[np.float32] = query) -> Hits:
            return ranked(rows, matrix[rows].astype(np.float64) @ query, k)

        found = best_estimated(codes.estimates(query, allowed), best, 10, 40)
        hits += np.isin(found.rows, exact_search(matrix, query, 10, allowed).rows).sum()
        total += 10
    assert hits >= 0.98 * total


def test_no_more_is_computed_than_could_be_among_the_best() -> None:
    """Estimates that are right to 0.001 leave nothing but the first few to compute."""
    cosine = np.linspace(0, 1, 5000, dtype=np.float32)
    found = Estimates(np.arange(5000), cosine, np.full(5000, 1e-3, np.float32))
    computed: list[int] = []

    def best(rows: NDArray[np.int64], k: int) -> Hits:
        computed.extend(rows.tolist())
        return ranked(rows, cosine[rows] + 1e-3 * (-1.0) ** rows, k)

    assert best_estimated(found, best, 5, 50).rows.tolist() == [4998, 4996, 4994, 4992, 4990]
    assert len(computed) < 400


def test_of_many_that_look_alike_all_are_computed() -> None:
    """The best lesion's estimate is the worst of all, and all are as unsure."""
    cosine = np.linspace(0, 0.01, 2000, dtype=np.float32)
    truth = np.linspace(0.01, 0, 2000)
    found = Estimates(np.arange(2000), cosine, np.full(2000, 0.01, np.float32))
    hits = best_estimated(found, lambda rows, k: ranked(rows, truth[rows], k), 3, 10)
    assert hits.rows.tolist() == [0, 1, 2]


def test_once_computes_the_first_only() -> None:
    cosine = np.linspace(0, 1, 1000, dtype=np.float32)
    found = Estimates(np.arange(1000), cosine, np.ones(1000, np.float32))
    sizes: list[int] = []

    def best(rows: NDArray[np.int64], k: int) -> Hits:
        sizes.append(rows.size)
        return ranked(rows, cosine[rows], k)

    assert best_estimated(found, best, 3, 20, once=True).rows.tolist() == [999, 998, 997]
    assert max(sizes) == 20


def test_no_lesion_is_no_hit() -> None:
    nothing = np.empty(0, np.float32)
    found = Estimates(np.empty(0, np.int64), nothing, nothing)
    assert len(best_estimated(found, lambda rows, k: ranked(rows, nothing, k), 5, 10)) == 0
