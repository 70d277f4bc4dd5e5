"""Two-stage search: the nearest by the image, ranked again by what a question about them says (arXiv 2508.20188)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skintui.vectors.exact import Hits, cosines, ranked
from skintui.vectors.rows import HALF, unit_query, unit_rows
from skintui.vectors.search import ViewIndex

BREADTH = 200
"""Lesions taken by the image before the second ranking: b in the paper."""

CANDIDATES = 2
"""Times as many, likeliest by axes and signs, the b nearest are chosen from: a lesion missed at the very edge of them
is not seen again among the k best."""


def hierarchical(
    image_index: ViewIndex,
    image_query: ArrayLike,
    attribute_query: ArrayLike,
    attribute_rows: Callable[[NDArray[np.int64]], ArrayLike],
    k: int,
    breadth: int = BREADTH,
    allowed: NDArray[np.bool_] | None = None,
) -> Hits:
    """The ``breadth`` nearest lesions by image vector, the k best of them by attribute vector.

    ``attribute_rows(rows (b,)) -> (b, d)`` gives the attribute vectors of just these lesions, stored (in half
    precision, at unit length) or computed on the fly; with a joint question's vectors this is the joint search. A
    lesion whose vector is zero or not finite is left out. Similarities returned are those of the attribute vectors.
    """
    near = image_index.search(image_query, breadth, allowed, rerank=CANDIDATES * breadth)
    if not len(near):
        return Hits.none()
    vectors = np.asarray(attribute_rows(near.rows))
    query = unit_query(attribute_query, vectors.shape[1])
    if vectors.dtype != HALF:
        vectors = unit_rows(vectors)
    similarity = cosines(vectors, query)
    is_there = vectors.view(np.uint16).any(axis=1)  # zeros by their bits: numpy is slow at half precision
    return ranked(near.rows, np.where(is_there, similarity, -np.inf).astype(np.float32), k)
