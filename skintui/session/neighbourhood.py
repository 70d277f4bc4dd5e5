"""The nearest lesions of one lesion, from the stored vectors alone: no model is asked."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.errors import VectorsError
from skintui.session.listing import Cell

if TYPE_CHECKING:
    from skintui.vectors.search import ViewIndex

MODES = ("attribute", "image", "hierarchical")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One lesion near another."""

    row: int
    similarity: float
    """Cosine of the vectors compared."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The answer for one annotation and mode, nearest first, without the lesion itself."""

    cell: Cell
    mode: str
    found: tuple[Neighbour, ...]


class Neighbourhood:
    """Opens each view's index when it is first asked for. Safe in several threads.

    Raises VectorsError where there is no finished index, StaleError where it belongs to another data set.
    """

    def __init__(self, folder: Path, dataset_sha256: str) -> None:
        from skintui.vectors.manifest import open_manifest

        self._manifest = open_manifest(folder, {"dataset_sha256": dataset_sha256})
        self._indexes: dict[str, ViewIndex] = {}
        self._lock = threading.Lock()

    def nearest(self, cell: Cell, mode: str, k: int) -> Neighbours:
        """The ``k`` nearest. Raises VectorsError for a lesion or attribute without vectors, or a damaged index."""
        from skintui.vectors.hierarchical import hierarchical

        row, name = cell.row, ATTRIBUTES[cell.attribute].name
        index = self._index("image" if mode == "image" else name)
        if row >= index.n or not index.present[row]:
            raise VectorsError("this lesion has no vectors", do="look at its tile, or continue with 'skintui index'")
        if mode == "hierarchical":
            hits = hierarchical(
                self._index("image"), self._index("image").rows([row])[0], index.rows([row])[0], index.stored, k + 1
            )
        else:
            hits = index.neighbours(row, k)
        found = [
            Neighbour(int(other), float(similarity))
            for other, similarity in zip(hits.rows, hits.similarity, strict=True)
            if other != row
        ]
        return Neighbours(cell, mode, tuple(found[:k]))

    def similarities(self, cell: Cell, mode: str, rows: NDArray[np.int64]) -> list[float]:
        """Cosines (m,) of given lesions with that of ``cell``, NaN for one without vectors. Raises VectorsError."""
        index = self._index("image" if mode == "image" else ATTRIBUTES[cell.attribute].name)
        known = np.array([row < index.n and bool(index.present[row]) for row in (cell.row, *rows.tolist())], np.bool_)
        cosines = np.full(len(rows), np.nan)
        if known[0] and known[1:].any():
            vectors = index.rows(np.r_[cell.row, rows[known[1:]]])
            lengths = np.maximum(np.linalg.norm(vectors, axis=1), np.finfo(np.float32).tiny)
            cosines[known[1:]] = vectors[1:] @ vectors[0] / (lengths[1:] * lengths[0])
        return [float(cosine) for cosine in cosines]

    def _index(self, view: str) -> ViewIndex:
        from skintui.vectors.search import ViewIndex

        with self._lock:
            if view not in self._indexes:
                self._indexes[view] = ViewIndex(self._manifest, view)
            return self._indexes[view]
