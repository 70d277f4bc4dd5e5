"""The best of some lesions by their stored vectors: few are read one by one, many compared where they lie in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skintui.vectors.exact import MARGIN, Hits, best_of, best_precisely, cosines, ranked
from skintui.vectors.rows import RowFile

MANY = 1024
"""From how many lesions on they are compared in the mapping."""

WIDE = 64
"""From how many hits on, near-ties are not told apart beyond 1e-6: no person goes through so many in their order."""


def best_stored(vectors: RowFile, rows: NDArray[np.int64], query: NDArray[np.float32], k: int) -> Hits:
    """The k best of ascending ``rows``, whose vectors are not zero; ``query`` (d,) has unit length."""
    if rows.size <= MANY and k < WIDE:
        return best_of(vectors.read(rows), rows, query, k)
    if rows.size <= MANY:
        return ranked(rows, cosines(vectors.read(rows), query), k)
    similarity = cosines(vectors.matrix(), query, rows)
    count = min(k + MARGIN, rows.size)
    near = np.sort(rows[np.argpartition(similarity, rows.size - count)[rows.size - count :]])
    return best_precisely(vectors.read(near), near, query, k)
