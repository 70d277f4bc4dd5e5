"""Hits, and the exact search over all stored vectors that every other way is measured against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skintui.vectors.hamming import in_parts
from skintui.vectors.rows import HALF, unit_query

_BLOCK = 4096
MARGIN = 32
"""Candidates kept beyond k before similarities are computed in double precision: near-ties may change places among
these only."""

_TOGETHER = 64
"""Vectors copied at once: as many as stay in the processor's cache."""
SHARPER = 2048
"""A query is two half-precision ones, the second this much finer: rounded once, it would move cosines by up to 1e-4,
and of many lesions far from a query hundreds lie closer together than that."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Lesions found, most similar first; at most k, fewer where fewer are allowed."""

    rows: NDArray[np.int64]
    similarity: NDArray[np.float32]
    """Cosine of query and lesion."""

    def __len__(self) -> int:
        return int(self.rows.size)

    @staticmethod
    def none() -> Hits:
        return Hits(np.empty(0, np.int64), np.empty(0, np.float32))


def ranked(rows: NDArray[np.int64], similarity: NDArray[np.floating], k: int) -> Hits:
    """The k most similar of ``rows``; equal ones in the order of their rows; -inf is left out."""
    if k <= 0:
        return Hits.none()
    kept = np.flatnonzero(similarity > -np.inf)
    if kept.size > k:
        least = np.partition(similarity[kept], kept.size - k)[kept.size - k]
        kept = kept[similarity[kept] >= least]
    order = kept[np.lexsort((rows[kept], -similarity[kept]))][:k]
    return Hits(rows[order], similarity[order].astype(np.float32))


def exact_search(
    matrix: NDArray[np.float16], query: ArrayLike, k: int, allowed: NDArray[np.bool_] | None = None
) -> Hits:
    """The k lesions of ``matrix`` (n, d), unit rows, with the largest cosine to ``query`` (d,): all are computed.

    ``allowed`` (n,) leaves lesions out. Rows of zeros, lesions without a vector, are never returned.
    """
    n, d = matrix.shape
    vector = unit_query(query, d)
    rows = np.arange(n, dtype=np.int64) if allowed is None else np.flatnonzero(allowed)
    similarity = np.empty(rows.size, np.float32)
    for start in range(0, rows.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        picked = matrix[block] if allowed is None else matrix[rows[block]]
        similarity[block] = picked.astype(np.float32) @ vector
    near = ranked(rows, _without_empty(matrix, rows, similarity), k + MARGIN).rows
    return ranked(near, matrix[near].astype(np.float64) @ vector, k)


def _without_empty(
    matrix: NDArray[np.float16], rows: NDArray[np.int64], similarity: NDArray[np.float32]
) -> NDArray[np.float32]:
    zero = np.flatnonzero(similarity == 0.0)  # an orthogonal lesion is possible, a zero vector always looks like one
    for start in range(0, zero.size, _BLOCK):
        block = zero[start : start + _BLOCK]
        similarity[block[~matrix[rows[block]].any(axis=1)]] = -np.inf
    return similarity


def cosines(
    matrix: NDArray[np.float16], query: NDArray[np.float32], rows: NDArray[np.int64] | None = None
) -> NDArray[np.float32]:
    """Inner products of a query (d,) and all rows (n, d) of a matrix or those of ``rows`` (m,): to 1e-6, on all cores.

    numpy would convert every number to single precision first, which takes ten times as long.
    """
    import numkong

    coarse = query.astype(HALF)
    target = numkong.dots_pack(np.stack([coarse, ((query - coarse) * SHARPER).astype(HALF)]), dtype="float16")
    size, d = matrix.shape if rows is None else (rows.size, matrix.shape[1])
    together = max(_TOGETHER, (_TOGETHER << 14) // d)
    out = np.empty(size, np.float32)

    def multiply(start: int, stop: int) -> None:
        for first in range(start, stop, together):
            block = slice(first, min(first + together, stop))
            found = np.asarray(numkong.dots_packed(matrix[block] if rows is None else matrix[rows[block]], target))
            out[block] = found[:, 0] + found[:, 1] / np.float32(SHARPER)

    in_parts(multiply, size, least=max(1024, (1 << 22) // d))
    return out


def best_of(vectors: NDArray[np.float16], rows: NDArray[np.int64], query: NDArray[np.float32], k: int) -> Hits:
    """The k best of already fetched ``vectors`` (m, d) of lesions ``rows``, none zero; ``query`` has unit length."""
    count = min(k + MARGIN, rows.size)
    if k <= 0 or count == 0:
        return Hits.none()
    if count < rows.size:
        near = np.argpartition(cosines(vectors, query), rows.size - count)[rows.size - count :]
        vectors, rows = vectors[near], rows[near]
    return best_precisely(vectors, rows, query, k)


def best_precisely(vectors: NDArray[np.float16], rows: NDArray[np.int64], query: NDArray[np.float32], k: int) -> Hits:
    """As :func:`best_of`, the order of near-ties told in double precision.

    Far from a query a thousand cosines may share the digits that single precision has.
    """
    if rows.size > k + MARGIN:
        similarity = np.einsum("ij,j->i", vectors.astype(np.float32), query)  # BLAS' threads would only spin
        near = np.argpartition(similarity, rows.size - k - MARGIN)[rows.size - k - MARGIN :]
        vectors, rows = vectors[near], rows[near]
    return ranked(rows, np.einsum("ij,j->i", vectors.astype(np.float64), query), k)
