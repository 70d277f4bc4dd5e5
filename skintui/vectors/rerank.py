"""The best of some lesions by their stored vectors: few are read one by one, many compared where they lie in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skintui.vectors.exact import MARGIN, Hits, best_of, best_precisely, ranked
from skintui.vectors.hamming import in_parts
from skintui.vectors.rows import HALF, RowFile

MANY = 4096
"""From how many lesions on they are compared in the mapping."""

WIDE = 64
"""From how many hits on, near-ties are not told apart beyond 1e-6: no person goes through so many in their order."""

_TOGETHER = 64
"""Vectors copied at once: as many as stay in the processor's cache."""
_SHARPER = 2048
"""A query is two half-precision ones, the second this much finer: rounded once, it would move cosines by up to 1e-4,
and of many lesions far from a query hundreds lie closer together than that."""


def best_stored(vectors: RowFile, rows: NDArray[np.int64], query: NDArray[np.float32], k: int) -> Hits:
    """The k best of ascending ``rows``, whose vectors are not zero; ``query`` (d,) has unit length."""
    if rows.size <= MANY and k < WIDE:
        return best_of(vectors.read(rows), rows, query, k)
    if rows.size <= MANY:
        return ranked(rows, cosines(vectors.read(rows), np.arange(rows.size), query), k)
    similarity = cosines(vectors.matrix(), rows, query)
    count = min(k + MARGIN, rows.size)
    near = np.sort(rows[np.argpartition(similarity, rows.size - count)[rows.size - count :]])
    return best_precisely(vectors.read(near), near, query, k)


def cosines(matrix: NDArray[np.float16], rows: NDArray[np.int64], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of rows (m,) of a matrix (n, d) of unit vectors to a unit query (d,): to 1e-6, on all cores."""
    import numkong

    coarse = query.astype(HALF)
    target = np.stack([coarse, ((query - coarse) * _SHARPER).astype(HALF)])
    similarity = np.empty(rows.size, np.float32)

    def compare(start: int, stop: int) -> None:
        for first in range(start, stop, _TOGETHER):
            block = slice(first, min(first + _TOGETHER, stop))
            found = np.asarray(numkong.cdist(matrix[rows[block]], target, metric="inner", dtype="float16"))
            similarity[block] = found[:, 0] + found[:, 1] / _SHARPER

    in_parts(compare, rows.size, least=1024)
    return similarity
