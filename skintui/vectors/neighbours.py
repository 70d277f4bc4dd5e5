"""The nearest lesions of every lesion: the table the audit compares labels with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skintui.progress import SILENT, Progress, stop_if_cancelled
from skintui.vectors.exact import ranked
from skintui.vectors.search import ViewIndex
from skintui.vectors.store import VectorStore

EXACT_ROWS = 30_000
"""Up to this many lesions every pair is computed."""

_BLOCK = 512


def all_neighbours(
    store: VectorStore,
    view: str,
    k: int,
    progress: Progress = SILENT,
    *,
    groups: NDArray[np.int64] | None = None,
    index: ViewIndex | None = None,
) -> NDArray[np.int64]:
    """Rows (n, k) of the k lesions most similar to each lesion, itself left out; -1 where there are fewer.

    ``groups`` (n,) leaves out lesions of the same group (the patient). Every pair is computed up to 30,000 lesions;
    above that the view's index answers (``index``, opened if not given). Raises Cancelled between two blocks.
    """
    progress.start(f"neighbours {view}", total=store.n)
    if store.n <= EXACT_ROWS and index is None:
        return _all_pairs(store.matrix(view), store.present(), k, progress, groups)
    opened = ViewIndex.open(store.folder, view) if index is None else index
    try:
        return _by_index(opened, k, progress, groups)
    finally:
        if index is None:
            opened.close()


def _all_pairs(
    matrix: NDArray[np.float16],
    present: NDArray[np.bool_],
    k: int,
    progress: Progress,
    groups: NDArray[np.int64] | None,
) -> NDArray[np.int64]:
    n = matrix.shape[0]
    vectors = np.asarray(matrix).astype(np.float32)
    empty: NDArray[np.bool_] = np.logical_not(present & vectors.any(axis=1))
    everyone = np.arange(n)
    result = np.full((n, k), -1, np.int64)
    for start in range(0, n, _BLOCK):
        stop_if_cancelled(progress)
        rows = everyone[start : start + _BLOCK]
        similarity = vectors[rows] @ vectors.T
        similarity[:, empty] = -np.inf
        similarity[np.arange(rows.size), rows] = -np.inf
        if groups is not None:
            similarity[groups[rows][:, np.newaxis] == groups] = -np.inf
        for row in rows[~empty[rows]].tolist():
            hits = ranked(everyone, similarity[row - start], k)
            result[row, : len(hits)] = hits.rows
        progress.advance(rows.size)
    return result


def _by_index(index: ViewIndex, k: int, progress: Progress, groups: NDArray[np.int64] | None) -> NDArray[np.int64]:
    result = np.full((index.n, k), -1, np.int64)
    for start in range(0, index.n, _BLOCK):
        stop_if_cancelled(progress)
        rows = np.arange(start, min(start + _BLOCK, index.n))
        for row in rows[index.present[rows]].tolist():
            found = index.neighbours(row, k, None if groups is None else groups != groups[row]).rows
            result[row, : found.size] = found
        progress.advance(rows.size)
    return result
