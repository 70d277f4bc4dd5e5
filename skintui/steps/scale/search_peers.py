"""Other indexes of the same vectors, each with the settings its authors recommend for a recall like ours."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINKS, BUILD, SEARCH = 16, 128, 128
"""Edges per node, and nodes looked at while building and while searching, of every graph."""

Ask = Callable[[NDArray[np.float32]], NDArray[np.int64]]


def search_peers(
    vectors: Path,
    n: int,
    queries: NDArray[np.float32],
    truth: list[NDArray[np.int64]],
    k: int,
    recall_of: Callable[[list[NDArray[np.int64]], list[NDArray[np.int64]], int], float],
) -> str:
    """Build rate, milliseconds per question and recall of usearch's own graph, faiss and hnswlib, those installed.

    ``recall_of`` (rows found, best rows, k) tells the recall.
    """
    d = queries.shape[1]
    matrix = np.memmap(vectors, np.float16, "r", shape=(n, d))
    told = []
    for name, module, made in (
        ("usearch i8", "usearch", _usearch),
        ("faiss HNSW16-SQ8", "faiss", _faiss),
        ("hnswlib", "hnswlib", _hnswlib),
    ):
        if find_spec(module) is None:
            continue
        begun = perf_counter()
        ask = made(matrix, k)
        rate = n / (perf_counter() - begun)
        times, found = [], []
        for query in queries:
            begun = perf_counter()
            rows = ask(query)
            times.append(perf_counter() - begun)
            found.append(rows)
        recall = recall_of(found, truth, k)
        told.append(f"{name} {median(times) * 1e3:.1f} ms, recall {recall:.3f}, {rate:.0f} vectors/s")
        del ask
    return "; ".join(told)


def _usearch(matrix: NDArray[np.float16], k: int) -> Ask:
    from usearch.index import Index

    index: Any = Index(
        ndim=matrix.shape[1], metric="cos", dtype="i8", connectivity=LINKS, expansion_add=BUILD, expansion_search=SEARCH
    )
    for start, block in _blocks(matrix):
        index.add(np.arange(start, start + len(block)), block)
    return lambda query: np.asarray(index.search(query, k).keys).astype(np.int64)


def _faiss(matrix: NDArray[np.float16], k: int) -> Ask:
    faiss: Any = import_module("faiss")
    index = faiss.IndexHNSWSQ(matrix.shape[1], faiss.ScalarQuantizer.QT_8bit, LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = BUILD, SEARCH
    index.train(matrix[:: max(1, len(matrix) // 10_000)].astype(np.float32))
    for _, block in _blocks(matrix):
        index.add(block)
    return lambda query: np.asarray(index.search(query[np.newaxis], k)[1][0], np.int64)


def _hnswlib(matrix: NDArray[np.float16], k: int) -> Ask:
    hnswlib: Any = import_module("hnswlib")
    index = hnswlib.Index(space="ip", dim=matrix.shape[1])
    index.init_index(max_elements=len(matrix), ef_construction=BUILD, M=LINKS)
    index.set_ef(SEARCH)
    for start, block in _blocks(matrix):
        index.add_items(block, np.arange(start, start + len(block)))
    return lambda query: np.asarray(index.knn_query(query, k)[0][0], np.int64)


def _blocks(matrix: NDArray[np.float16]) -> Any:
    for start in range(0, len(matrix), 8192):
        yield start, matrix[start : start + 8192].astype(np.float32)
