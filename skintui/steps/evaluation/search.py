"""Nearest lesions of many queries by computing every similarity, and how near their values are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skintui.audit.metrics import attribute_difference_percentile
from skintui.progress import SILENT, Progress, stop_if_cancelled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Vectors = NDArray[np.float32]

_BLOCK = 256
"""Queries compared with the whole database at once, at most."""
_CELLS = 2**25
"""Similarities in memory at once, also at most."""


def unit(vectors: Vectors) -> Vectors:
    """Rows of length 1; a row of zeros (an unreadable tile) stays zero."""
    return np.asarray(vectors * _scales(vectors)[:, None], np.float32)


def _scales(vectors: Vectors) -> Vectors:
    """(m,) what brings each row to length 1, 0 for a row of zeros; without a copy of all vectors."""
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return np.asarray(np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0), np.float32)


def nearest(
    database: Vectors,
    queries: Vectors,
    own: Rows,
    k: int,
    *,
    apart: tuple[Rows, Rows] | None = None,
    progress: Progress = SILENT,
) -> Rows:
    """Positions (q, k) in the database of each query's most similar vectors, nearest first; -1 where none is left.

    Args:
        database: (N, d); rows of zeros are not found.
        queries: (q, d); a row of zeros finds nothing.
        own: (q,) the query's own position in the database, which is not found; -1 where it is not in there.
        k: at most that many.
        apart: codes (N,) and (q,): a query does not find what has its own code.
        progress: asked between blocks whether to stop.
    """
    scales, asked = _scales(database), unit(queries)
    empty, silent = scales == 0, np.logical_not(asked.any(axis=1))
    width = min(k, len(database))
    found = np.full((len(asked), k), -1, np.int64)
    block = max(1, min(_BLOCK, _CELLS // max(len(database), 1)))
    for start in range(0, len(asked), block):
        stop_if_cancelled(progress)
        part = slice(start, start + block)
        similarity = asked[part] @ database.T
        similarity *= scales
        similarity[:, empty] = -np.inf
        inside = np.flatnonzero(own[part] >= 0)
        similarity[inside, own[part][inside]] = -np.inf
        if apart is not None:
            similarity[apart[1][part][:, None] == apart[0][None, :]] = -np.inf
        near = np.argpartition(-similarity, width - 1, axis=1)[:, :width]
        picked = np.take_along_axis(similarity, near, axis=1)
        order = np.argsort(-picked, axis=1, kind="stable")
        near, picked = np.take_along_axis(near, order, axis=1), np.take_along_axis(picked, order, axis=1)
        found[part, :width] = np.where(np.isfinite(picked) & ~silent[part, None], near, -1)
    return found


def reranked(database: Vectors, queries: Vectors, wide: Rows, k: int) -> Rows:
    """Positions (q, k) of the best of each query's candidates ``wide`` (q, b), -1 for none, by other vectors."""
    asked = unit(queries)
    found = np.full((len(asked), k), -1, np.int64)
    for i, candidates in enumerate(wide):
        near = candidates[candidates >= 0]
        base = unit(database[near])
        known = base.any(axis=1) if asked[i].any() else np.zeros(near.size, bool)
        near, base = near[known], base[known]
        order = np.argsort(-(base @ asked[i]), kind="stable")[:k]
        found[i, : order.size] = near[order]
    return found


def percentiles(database: Floats, queries: Floats, results: Rows, own: Rows) -> Floats:
    """Attribute difference percentile (q, k) of results among all of the database but the query itself.

    Args:
        database: (N,) values, NaN where missing.
        queries: (q,) the queries' values.
        results: (q, k) positions found, -1 for none.
        own: (q,) the query's own position in the database, -1 where it is not in there.
    """
    result = np.where(results >= 0, database[results], np.nan)
    plain = attribute_difference_percentile(queries, result, database)
    n = int(np.isfinite(database).sum())
    inside = (own >= 0)[:, None]
    if n < 2:
        return np.full(result.shape, np.nan)
    tie = np.where(result == queries[:, None], 0.5, 1.0)  # the query's own difference is 0: a tie, or below
    return np.where(inside, (plain / 100.0 * n - tie) / (n - 1) * 100.0, plain)
