from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skintui.vectors.axes import Axes
from skintui.vectors.estimate import Codes, Estimates, Exact, best_estimated, best_known
from skintui.vectors.exact import Hits, exact_search, ranked
from skintui.vectors.rows import HALF, RowFile, unit_query, unit_rows
from skintui.vectors.signs import Signs
from skintui.vectors.structured import structured_vectors

N, D = 3000, 192


def codes_of(
    folder: Path, matrix: NDArray[np.float16], signs: Signs, axes: Axes, order: NDArray[np.int64] | None = None
) -> Codes:
    """Of a matrix of unit rows, their signs in another order than the lesions; a row of zeros has none."""
    rows = np.flatnonzero(matrix.any(axis=1)) if order is None else order
    vectors, places = matrix.astype(np.float32), np.full(len(matrix), -1, np.int32)
    places[rows] = np.arange(rows.size)
    coordinates, rests = axes.of(vectors - signs.mean)
    (folder / "v.axes").write_bytes(coordinates.astype(HALF).tobytes())
    file = RowFile(folder / "v.axes", *coordinates.shape)
    lengths = np.linalg.norm(vectors - signs.mean, axis=1)
    return Codes(
        signs,
        axes,
        signs.pack(vectors[rows]),
        rows.astype(np.int32),
        places,
        file,
        vectors @ signs.mean,
        lengths,
        rests,
    )


@pytest.fixture(scope="module")
def matrix() -> NDArray[np.float16]:
    made = unit_rows(structured_vectors(N, D, clusters=20))
    made[0] = 0
    return made


@pytest.fixture(scope="module")
def codes(matrix: NDArray[np.float16], tmp_path_factory: pytest.TempPathFactory) -> Codes:
    vectors = matrix[1:].astype(np.float32)
    mean = vectors.mean(axis=0)
    order = np.random.default_rng(0).permutation(np.arange(1, N))
    return codes_of(tmp_path_factory.mktemp("codes"), matrix, Signs.around(mean), Axes.learnt(vectors - mean), order)


def cosines_of(matrix: NDArray[np.float16], query: NDArray[np.float32]) -> NDArray[np.float32]:
    return matrix.astype(np.float32) @ query


def exact_of(matrix: NDArray[np.float16], query: NDArray[np.float32], read: list[int] | None = None) -> Exact:
    def best(rows: NDArray[np.int64], k: int) -> Hits:
        if read is not None:
            read.extend(rows.tolist())
        return ranked(rows, matrix[rows].astype(np.float64) @ query, k)

    return best


def test_estimates_are_near_the_cosines(codes: Codes, matrix: NDArray[np.float16]) -> None:
    query, rows = unit_query(matrix[5], D), np.arange(1, N)
    found = codes.estimates(codes.question(query), rows)
    off = (found.cosine - cosines_of(matrix, query)[rows]) / found.error
    assert abs(np.mean(off)) < 0.3
    assert np.sqrt(np.mean(off**2)) < 1.2


def test_signs_bring_estimates_nearer_than_axes_alone(codes: Codes, matrix: NDArray[np.float16]) -> None:
    query, rows = unit_query(structured_vectors(1, D, seed=8)[0], D), np.arange(1, N)
    question, truth = codes.question(query), cosines_of(matrix, query)[rows]
    by_axes, both = codes.by_axes(question, rows), codes.estimates(question, rows).cosine
    assert np.std(both - truth) < 0.7 * np.std(by_axes - truth)


def test_axes_are_never_off_by_more_than_what_they_leave(codes: Codes, matrix: NDArray[np.float16]) -> None:
    query, rows = unit_query(matrix[5], D), np.arange(1, N)
    question = codes.question(query)
    off = np.abs(codes.by_axes(question, rows) - cosines_of(matrix, query)[rows])
    assert (off <= codes.most(question, rows)).all()


def test_a_cosine_along_the_axes_needs_no_sign(tmp_path: Path) -> None:
    """Mean (0.6, 0), axis (0, 1): (0.6, 0.8) and (0.6, -0.8) lie at 0.8 and -0.8 on it; their cosine is 0.36 - 0.64."""
    matrix = np.array([[0.6, 0.8], [0.6, -0.8]], np.float16)
    signs, axes = Signs(np.array([0.6, 0.0], np.float32)), Axes(np.array([[0.0, 1.0]], np.float32))
    codes = codes_of(tmp_path, matrix, signs, axes)
    question = codes.question(np.array([0.6, -0.8], np.float32))
    assert question.coordinates.tolist() == pytest.approx([-0.8])
    assert codes.estimates(question, np.array([0, 1])).cosine.tolist() == pytest.approx([-0.28, 1.0], abs=1e-3)


def test_planes_add_up_to_what_the_axes_leave_of_the_query(codes: Codes) -> None:
    """In 16 even steps, a number on average within a third of one: a correlation above 0.99."""
    query = unit_query(structured_vectors(1, D, seed=8)[0], D)
    question = codes.question(query)
    planes = 2.0 * np.unpackbits(question.planes, axis=1) - 1
    turned = codes.signs.turned(codes.axes.split(query - codes.signs.mean)[1][np.newaxis])[0]
    assert np.corrcoef(question.weights @ planes, turned)[0, 1] > 0.99
    assert (question.weights / question.weights[0]).tolist() == [1, 2, 4, 8]


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_some_lesions_are_estimated_as_among_all(codes: Codes, matrix: NDArray[np.float16], share: float) -> None:
    question, rows = codes.question(unit_query(matrix[5], D)), np.arange(1, N)
    some = rows[np.random.default_rng(1).random(rows.size) < share]
    every = codes.estimates(question, rows).cosine
    assert np.allclose(codes.estimates(question, some).cosine, every[some - 1], atol=1e-6)


@pytest.mark.parametrize("part", [1, 2, 10])
def test_the_far_lesions_are_ranked_as_by_computing_all(codes: Codes, matrix: NDArray[np.float16], part: int) -> None:
    hits = total = 0
    for row in range(1, N, 300):
        query = unit_query(matrix[row], D)
        allowed = np.zeros(N, np.bool_)
        allowed[np.argsort(cosines_of(matrix, query), kind="stable")[: N // part]] = True
        allowed[0] = False
        found = best_known(codes, codes.question(query), np.flatnonzero(allowed), exact_of(matrix, query), 10, 40)
        hits += np.isin(found.rows, exact_search(matrix, query, 10, allowed).rows).sum()
        total += 10
    assert hits >= 0.98 * total


def test_few_of_the_far_half_are_read(codes: Codes, matrix: NDArray[np.float16]) -> None:
    query, read = unit_query(matrix[5], D), list[int]()
    rows = np.sort(np.argsort(cosines_of(matrix, query), kind="stable")[1 : N // 2])
    best_known(codes, codes.question(query), rows[rows > 0], exact_of(matrix, query, read), 10, 40)
    assert len(set(read)) < N // 4


def test_once_reads_the_first_only_of_what_axes_and_signs_tell(codes: Codes, matrix: NDArray[np.float16]) -> None:
    query, read = unit_query(matrix[5], D), list[int]()
    rows = np.arange(1, N)
    hits = best_known(codes, codes.question(query), rows, exact_of(matrix, query, read), 10, 60, once=True)
    assert hits.rows.tolist() == exact_search(matrix, query, 10).rows.tolist()
    assert len(set(read)) == 60


def test_no_more_is_computed_than_could_be_among_the_best() -> None:
    """Estimates that are right to 0.001 leave nothing but the first few to compute."""
    cosine = np.linspace(0, 1, 5000, dtype=np.float32)
    found = Estimates(np.arange(5000), cosine, np.zeros(5000, np.float32), np.full(5000, 1e-3, np.float32))
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
    found = Estimates(np.arange(2000), cosine, np.zeros(2000, np.float32), np.full(2000, 0.01, np.float32))
    hits = best_estimated(found, lambda rows, k: ranked(rows, truth[rows], k), 3, 10)
    assert hits.rows.tolist() == [0, 1, 2]


def test_once_computes_the_first_only() -> None:
    cosine = np.linspace(0, 1, 1000, dtype=np.float32)
    found = Estimates(np.arange(1000), cosine, np.zeros(1000, np.float32), np.ones(1000, np.float32))
    sizes: list[int] = []

    def best(rows: NDArray[np.int64], k: int) -> Hits:
        sizes.append(rows.size)
        return ranked(rows, cosine[rows], k)

    assert best_estimated(found, best, 3, 20, once=True).rows.tolist() == [999, 998, 997]
    assert max(sizes) == 20


def test_no_lesion_is_no_hit() -> None:
    nothing = np.empty(0, np.float32)
    found = Estimates(np.empty(0, np.int64), nothing, nothing, nothing)
    assert len(best_estimated(found, lambda rows, k: ranked(rows, nothing, k), 5, 10)) == 0
