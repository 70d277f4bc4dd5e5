"""Search of one view: by the graph, by a masked scan of axes and signs, or exactly; ranked by the stored vectors."""

from __future__ import annotations

import mmap
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skintui.errors import VectorsError
from skintui.vectors.axes import Axes
from skintui.vectors.estimate import Codes, Exact, Question, best_estimated, best_known
from skintui.vectors.exact import Hits, best_of
from skintui.vectors.fingerprint import damaged
from skintui.vectors.graph import codes_of
from skintui.vectors.manifest import Manifest, open_manifest
from skintui.vectors.rerank import best_stored
from skintui.vectors.rows import HALF, RowFile, unit_query
from skintui.vectors.signs import Signs

Method = Literal["auto", "graph", "scan", "exact"]

EXACT_BYTES = 16 << 20
"""Up to this many bytes of vectors are all computed: as fast as the graph and never misses."""

RERANK = 100
"""Candidates ranked again by the stored vectors at least: axes and signs tell which."""

NEAR = 700
"""Lesions taken from the graph, nearest by bits, to begin with; four times as many where a filter leaves some out."""
_NEAR_PER_HIT = 12
NEAR_MOST = 10_000
_SURE_SHARE = 1 / 2
"""Where a hit comes from behind this share of what the graph finds, the bits tell these lesions apart poorly and more
is taken: four times as much, up to NEAR_MOST, and then the scan."""
_GROWTH = 4
_FRONT, _LEFT_SHARE = NEAR // 2, 0.4
"""Where a filter leaves less than this share of the first the graph finds, the best of those it leaves lie too far down
for the graph to have them all."""


class ViewIndex:
    """The index of one view, open for searching; may be used from several threads."""

    def __init__(self, manifest: Manifest, view: str) -> None:
        record = manifest.views.get(view)
        if record is None:
            known = ", ".join(manifest.views) or "none"
            raise VectorsError(f"'{view}' is not indexed", where=manifest.folder, do=f"indexed are: {known}")
        self.folder, self.view, self.n, self.d = manifest.folder, view, manifest.n, manifest.d
        graph = manifest.check(f"{view}.usearch")
        codes = manifest.check(str(record["codes"]["file"]))
        arrays = _read_arrays(manifest.check(f"{view}.bits.npz"))
        signs, axes, rows = Signs.of_arrays(arrays), Axes(arrays["axes"]), arrays["rows"]
        self._vectors = RowFile(manifest.check_vectors(view), self.n, self.d)
        self._codes = Codes(
            signs,
            axes,
            codes_of(codes, int(record["codes"]["offset"]), rows.size, signs.bits),
            rows.astype(np.int32),
            np.full(self.n, -1, np.int32),
            RowFile(manifest.check(f"{view}.axes"), self.n, axes.directions.shape[0]),
            arrays["along"],
            arrays["lengths"],
            arrays["rests"],
        )
        self._codes.places[rows] = np.arange(rows.size)
        self._graph, self._mapped = _open_graph(graph, signs.bits, rows.size)
        self._lock = threading.Lock()
        self._present = self._codes.places >= 0
        self._count = rows.size

    @classmethod
    def open(cls, folder: Path, view: str, fingerprint: Mapping[str, Any] | None = None) -> ViewIndex:
        """Open one view. Raises VectorsError (missing, damaged) or StaleError naming what changed."""
        return cls(open_manifest(folder, fingerprint), view)

    def close(self) -> None:
        self._vectors.close()
        self._codes.coordinates.close()

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which lesions (n,) have a vector."""
        return self._present

    def rows(self, rows: ArrayLike) -> NDArray[np.float32]:
        """Stored vectors (m, d) of lesions."""
        return self.stored(rows).astype(np.float32)

    def stored(self, rows: ArrayLike) -> NDArray[np.float16]:
        """Stored vectors (m, d) of lesions as they are on disk."""
        return self._vectors.read(rows)

    def search(
        self,
        query: ArrayLike,
        k: int,
        allowed: NDArray[np.bool_] | None = None,
        rerank: int | None = None,
        *,
        method: Method = "auto",
    ) -> Hits:
        """The k lesions most similar to ``query`` (d,), among ``allowed`` (n,) if given.

        Candidates are ranked by the stored vectors, ``rerank`` of them if given; else 100, or twice k, and more until
        it is as good as sure that none is missing. ``auto`` computes everything where that is quick, else takes the
        graph, and the scan where lesions are left out and too few of what the graph finds remain: under a narrow or
        adverse filter a graph finds nothing. ``graph`` with ``allowed`` is refused.
        """
        vector = unit_query(query, self.d)
        if allowed is not None and allowed.shape != (self.n,):
            raise VectorsError(f"the filter covers {allowed.size} lesions, the index {self.n}")
        mask = self._present if allowed is None else self._present & allowed
        count, once = int(np.count_nonzero(mask)), rerank is not None
        depth = max(RERANK, 2 * k) if rerank is None else max(rerank, k)
        if k <= 0 or count == 0:
            return Hits.none()
        if method == "graph" and allowed is not None:
            raise VectorsError("a graph cannot answer under a filter", do="use the scan")
        if method == "exact" or (method == "auto" and self._is_small(count, depth)):
            return self._exact(vector, k, mask)
        question = self._codes.question(vector)

        def exact(rows: NDArray[np.int64], k: int) -> Hits:
            return best_stored(self._vectors, rows, vector, k)

        if method == "graph" or (method == "auto" and 2 * count > self.n):
            hits = self._by_graph(question, exact, k, depth, allowed, once=once, always=method == "graph")
            if hits is not None:
                return hits
        return best_known(self._codes, question, np.flatnonzero(mask), exact, k, depth, once=once)

    def neighbours(
        self, row: int, k: int, allowed: NDArray[np.bool_] | None = None, *, method: Method = "auto"
    ) -> Hits:
        """The k lesions most similar to a stored one, itself left out."""
        hits = self.search(self.rows([row])[0], k + 1, allowed, method=method)
        others = hits.rows != row
        return Hits(hits.rows[others][:k], hits.similarity[others][:k])

    def _is_small(self, count: int, depth: int) -> bool:
        return count <= depth or count * self.d * HALF.itemsize <= EXACT_BYTES

    def _exact(self, vector: NDArray[np.float32], k: int, mask: NDArray[np.bool_]) -> Hits:
        rows = np.flatnonzero(mask)
        if rows.size == self.n:
            return best_of(self._vectors.matrix(), rows, vector, k)
        return best_stored(self._vectors, rows, vector, k)

    def _by_graph(
        self,
        question: Question,
        exact: Exact,
        k: int,
        depth: int,
        allowed: NDArray[np.bool_] | None,
        *,
        once: bool,
        always: bool,
    ) -> Hits | None:
        """By the graph, from more for as long as hits come from far down; None where it would not be sure.

        ``once``: from what is found first, if it holds k. ``always``: not being sure is no reason for None.
        """
        count = max(NEAR, _NEAR_PER_HIT * k) * (1 if allowed is None else 4)
        while True:
            near = self._near(question, min(count, self._count))
            rows = np.sort(near if allowed is None else near[allowed[near]])
            if allowed is not None and np.count_nonzero(allowed[near[:_FRONT]]) < _LEFT_SHARE * len(near[:_FRONT]):
                return None
            hits = best_estimated(self._codes.estimates(question, rows), exact, k, depth, once=once or allowed is None)
            if once or count >= self._count or is_sure(near, hits):
                return hits
            if count >= NEAR_MOST:
                return hits if always else None
            count, depth = _GROWTH * count, 2 * depth

    def _near(self, question: Question, count: int) -> NDArray[np.int64]:
        """Rows (count,) that the graph finds nearest by bits, nearest first."""
        with self._lock:
            self._graph.expansion_search = count
            found = self._graph.search(question.bits, count, threads=1)
        return np.asarray(found.keys).reshape(-1).astype(np.int64)


def is_sure(candidates: NDArray[np.int64], hits: Hits) -> bool:
    """Whether all hits stand so near the front of the candidates (nearest by bits first) that more would not help."""
    last = np.flatnonzero(np.isin(candidates, hits.rows))
    return last.size == 0 or int(last[-1]) < _SURE_SHARE * candidates.size


def _read_arrays(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in (*Signs.NAMES, "axes", "rows", "along", "lengths", "rests")}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise damaged(path) from error


def _open_graph(path: Path, bits: int, count: int) -> tuple[Any, mmap.mmap]:
    """Map the graph instead of loading it: open in milliseconds, pages come when a search touches them.

    Without a table of keys, for which every node would be read; and once open without reading ahead, which on a cold
    disk would fetch all of the file for the few thousand codes a search touches. The mapping has to outlive the index.
    """
    from usearch.index import Index, MetricKind, ScalarKind

    index = Index(ndim=bits, metric=MetricKind.Hamming, dtype=ScalarKind.B1, enable_key_lookups=False)
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        index.view(mapped)
    except (OSError, RuntimeError, ValueError) as error:
        raise damaged(path) from error
    if index.ndim != bits or len(index) != count:
        raise damaged(path)
    if hasattr(mmap, "MADV_RANDOM"):
        mapped.madvise(mmap.MADV_RANDOM)
    return index, mapped
