from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from skintui.dataset.seal import read_sealed_json, write_sealed_json
from skintui.errors import StaleError, VectorsError
from skintui.vectors.exact import exact_search
from skintui.vectors.graph import build_graphs
from skintui.vectors.search import Method, ViewIndex
from skintui.vectors.store import VectorStore
from skintui.vectors.structured import structured_vectors
from tests.vectors.conftest import D, N

WAYS: tuple[Method, ...] = ("auto", "graph", "scan", "exact")


def matrix_of(index: ViewIndex) -> NDArray[np.float16]:
    return index.stored(np.arange(index.n))


@pytest.mark.parametrize("method", WAYS)
def test_every_way_finds_what_computing_all_finds(index: ViewIndex, method: Method) -> None:
    matrix = matrix_of(index)
    for row in range(0, N, 50):
        found, expected = index.search(matrix[row], 5, method=method), exact_search(matrix, matrix[row], 5)
        assert found.rows.tolist() == expected.rows.tolist()
        assert np.allclose(found.similarity, expected.similarity, atol=1e-5)


@pytest.mark.parametrize("method", WAYS)
def test_a_lesion_without_vector_is_never_found(index: ViewIndex, method: Method) -> None:
    assert 7 not in index.search(np.ones(D), N, method=method, rerank=N).rows


@pytest.mark.parametrize("method", ["auto", "scan", "exact"])
def test_the_far_half_is_searched_like_the_near_one(index: ViewIndex, method: Method) -> None:
    matrix = matrix_of(index)
    query = matrix[3]
    allowed = np.zeros(N, np.bool_)
    allowed[np.argsort(matrix.astype(np.float32) @ query.astype(np.float32))[: N // 2]] = True
    assert index.search(query, 5, allowed, method=method).rows.tolist() == (
        exact_search(matrix, query, 5, allowed).rows.tolist()
    )


@pytest.mark.parametrize("method", ["auto", "scan", "exact"])
def test_one_allowed_lesion_is_found(index: ViewIndex, method: Method) -> None:
    allowed = np.arange(N) == 640
    assert index.search(np.ones(D), 5, allowed, method=method).rows.tolist() == [640]


@pytest.mark.parametrize("method", WAYS)
def test_no_allowed_lesion_is_an_empty_answer(index: ViewIndex, method: Method) -> None:
    assert len(index.search(np.ones(D), 5, np.zeros(N, np.bool_), method=method)) == 0


def test_a_graph_is_not_asked_under_a_filter(index: ViewIndex) -> None:
    with pytest.raises(VectorsError, match="cannot answer under a filter"):
        index.search(np.ones(D), 5, np.ones(N, np.bool_), method="graph")


def test_a_filter_of_another_length_is_refused(index: ViewIndex) -> None:
    with pytest.raises(VectorsError, match="covers 3 lesions, the index 1000"):
        index.search(np.ones(D), 5, np.ones(3, np.bool_))


def test_a_query_of_another_model_is_refused(index: ViewIndex) -> None:
    with pytest.raises(VectorsError, match="8 numbers, the index 64"):
        index.search(np.ones(8), 5)


def test_the_length_of_the_query_does_not_matter(index: ViewIndex) -> None:
    query = structured_vectors(1, D, seed=9)[0]
    assert index.search(query, 5).rows.tolist() == index.search(query * 1000, 5).rows.tolist()


def test_neighbours_leave_the_lesion_itself_out(index: ViewIndex) -> None:
    hits = index.neighbours(11, 5)
    assert len(hits) == 5
    assert 11 not in hits.rows


def test_a_lesion_without_vector_has_no_neighbours(index: ViewIndex) -> None:
    with pytest.raises(VectorsError, match="could not be read"):
        index.neighbours(7, 5)


def test_more_than_all_are_all(index: ViewIndex) -> None:
    assert len(index.search(np.ones(D), 5 * N)) == N - 1


def test_threads_search_at_once(index: ViewIndex) -> None:
    queries = structured_vectors(64, D, seed=5)
    expected = [index.search(query, 5, method="graph").rows.tolist() for query in queries]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda query: index.search(query, 5, method="graph").rows.tolist(), queries))
    assert found == expected


@pytest.mark.parametrize(("n", "longest"), [(20_000, 1), (8_000, 5)])
def test_recall_at_ten_of_thousands_of_structured_vectors(tmp_path: Path, n: int, longest: int) -> None:
    d = 256
    vectors = structured_vectors(n, d, seed=1)
    vectors[:, 3] *= longest  # a dimension that dominates, as in the hidden states of language models
    with VectorStore.create(tmp_path, {}, ("image",), n, d, n) as store:
        store.write_shard(0, {"image": vectors}, pl.DataFrame({"row": range(n)}))
        build_graphs(store, threads=1)
        matrix = np.asarray(store.matrix("image"))
    index, queries = ViewIndex.open(tmp_path, "image"), range(0, n, 200)
    expected = [set(exact_search(matrix, matrix[row], 10).rows) for row in queries]
    for method in WAYS:
        found = [set(index.search(matrix[row], 10, method=method).rows) for row in queries]
        recall = np.mean([len(a & b) / 10 for a, b in zip(found, expected, strict=True)])
        assert recall >= 0.995, method


@pytest.mark.parametrize("left_out", [10, 1000, 15_000])
def test_leaving_out_the_nearest_leaves_the_next_ones(tmp_path: Path, left_out: int) -> None:
    """Where a graph finds none but those left out, or few others, the scan answers."""
    n, d = 20_000, 256
    with VectorStore.create(tmp_path, {}, ("image",), n, d, n) as store:
        store.write_shard(0, {"image": structured_vectors(n, d, seed=1)}, pl.DataFrame({"row": range(n)}))
        build_graphs(store, threads=1)
        matrix = np.asarray(store.matrix("image"))
    index, shared = ViewIndex.open(tmp_path, "image"), 0
    for row in range(0, n, 1000):
        cosine = matrix.astype(np.float32) @ matrix[row].astype(np.float32)
        allowed = np.ones(n, np.bool_)
        allowed[np.argsort(-cosine, kind="stable")[:left_out]] = False
        found = index.search(matrix[row], 10, allowed, method="auto" if left_out < n // 2 else "scan")
        shared += np.isin(found.rows, exact_search(matrix, matrix[row], 10, allowed).rows).sum()
    assert shared >= 0.99 * 200


def test_an_index_of_an_earlier_version_is_refused_in_one_line(tmp_path: Path) -> None:
    """Schema 2 had no coordinates along axes."""
    with VectorStore.create(tmp_path, {}, ("image",), 5, 4) as store:
        store.write_shard(0, {"image": np.eye(5, 4)}, pl.DataFrame({"row": range(5)}))
        build_graphs(store, threads=1)
        content = read_sealed_json((tmp_path / "manifest.json").read_bytes())
        write_sealed_json(tmp_path / "manifest.json", {**content, "schema": 2})
        with pytest.raises(StaleError, match="the file format changed") as caught:
            ViewIndex.open(tmp_path, "image")
        assert "\n" not in str(caught.value)
        build_graphs(store, threads=1)
    assert len(ViewIndex.open(tmp_path, "image").search([1.0, 0, 0, 0], 2)) == 2
