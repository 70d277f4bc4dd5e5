"""Search of one view: by the graph, by a masked scan of the bits, or exactly; ranked by the stored vectors always."""

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
from skintui.vectors.estimate import Codes, best_estimated
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

RERANK = 400
"""Candidates ranked again by the stored vectors, to begin with."""

RERANK_MOST = 6400
_SURE_SHARE = 1 / 2
"""Where a hit comes from behind this share of the candidates, the bits tell these lesions apart poorly and more
candidates are taken: four times as many, up to RERANK_MOST, and then the scan."""
_GROWTH = 4

_EXPANSION = 400
"""Nodes the graph visits at least; below this, neighbours in small clusters are missed."""
_WIDER = 2
"""Times as many are taken from the graph as are ranked again: the known part of the cosine, which bits do not hold,
tells which of them."""


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
        self.signs, slots, along = _read_signs(manifest.check(f"{view}.bits.npz"))
        packed = codes_of(codes, int(record["codes"]["offset"]), slots.size, self.signs.bits)
        self._codes = Codes(self.signs, packed, slots, along)
        self._vectors = RowFile(manifest.check_vectors(view), self.n, self.d)
        self._graph, self._mapped = _open_graph(graph, self.signs.bits, slots.size)
        self._lock = threading.Lock()
        self._present = np.zeros(self.n, np.bool_)
        self._present[slots] = True
        self._along = np.zeros(self.n, np.float32)
        self._along[slots] = along

    @classmethod
    def open(cls, folder: Path, view: str, fingerprint: Mapping[str, Any] | None = None) -> ViewIndex:
        """Open one view. Raises VectorsError (missing, damaged) or StaleError naming what changed."""
        return cls(open_manifest(folder, fingerprint), view)

    def close(self) -> None:
        self._vectors.close()

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

        Candidates are ranked by the stored vectors, ``rerank`` of them if given; else 400, or four times k, and more
        until it is as good as sure that none is missing. ``auto`` computes everything where that is quick, else takes
        the graph, and the scan where lesions are left out and too few of what the graph finds remain: under a narrow or
        adverse filter a graph finds nothing. ``graph`` with ``allowed`` is refused.
        """
        vector = unit_query(query, self.d)
        if allowed is not None and allowed.shape != (self.n,):
            raise VectorsError(f"the filter covers {allowed.size} lesions, the index {self.n}")
        mask = self._present if allowed is None else self._present & allowed
        count, depth = int(np.count_nonzero(mask)), self.depth(k, rerank)
        if k <= 0 or count == 0:
            return Hits.none()
        if method == "graph" and allowed is not None:
            raise VectorsError("a graph cannot answer under a filter", do="use the scan")
        if method == "exact" or (method == "auto" and self._is_small(count, depth)):
            return self._exact(vector, k, mask)
        if method == "graph":
            return self._by_graph(vector, k, depth, grow=rerank is None)
        if method == "auto" and 2 * count > self.n:
            first = depth if allowed is None or rerank is not None else _GROWTH * depth
            hits = self._by_graph_among(vector, k, first, allowed, once=rerank is not None)
            if hits is not None:
                return hits
        return self._by_scan(vector, k, depth, allowed, once=rerank is not None)

    def neighbours(
        self, row: int, k: int, allowed: NDArray[np.bool_] | None = None, *, method: Method = "auto"
    ) -> Hits:
        """The k lesions most similar to a stored one, itself left out."""
        hits = self.search(self.rows([row])[0], k + 1, allowed, method=method)
        others = hits.rows != row
        return Hits(hits.rows[others][:k], hits.similarity[others][:k])

    def depth(self, k: int, rerank: int | None = None) -> int:
        """How many candidates are ranked again for k hits."""
        return max(RERANK if rerank is None else rerank, 4 * k)

    def candidates(self, queries: NDArray[np.float32], depth: int, threads: int = 1) -> NDArray[np.int64]:
        """Rows (m, depth) the graph finds for unit vectors (m, d), nearest by bits first; -1 where it finds fewer."""
        bits = self.signs.pack(queries)
        with self._lock:
            self._graph.expansion_search = max(depth, _EXPANSION)
            found = self._graph.search(bits, depth, threads=threads)
        keys = np.asarray(found.keys).reshape(queries.shape[0], -1).astype(np.int64)
        counts = np.asarray(getattr(found, "counts", [keys.shape[1]])).reshape(-1, 1)
        keys[np.arange(keys.shape[1]) >= counts] = -1
        return keys

    def _is_small(self, count: int, depth: int) -> bool:
        return count <= depth or count * self.d * HALF.itemsize <= EXACT_BYTES

    def _exact(self, vector: NDArray[np.float32], k: int, mask: NDArray[np.bool_]) -> Hits:
        rows = np.flatnonzero(mask)
        if rows.size == self.n:
            return best_of(self._vectors.matrix(), rows, vector, k)
        return best_stored(self._vectors, rows, vector, k)

    def _by_graph(self, vector: NDArray[np.float32], k: int, depth: int, *, grow: bool) -> Hits:
        """By the graph alone, from more candidates for as long as hits come from far down."""
        while True:
            rows, hits = self._reranked(vector, k, depth, None)
            if not grow or depth >= min(RERANK_MOST, self._codes.rows.size) or is_sure(rows, hits):
                return hits
            depth *= _GROWTH

    def _by_graph_among(
        self, vector: NDArray[np.float32], k: int, depth: int, allowed: NDArray[np.bool_] | None, *, once: bool
    ) -> Hits | None:
        """By the graph where lesions that are left out leave enough of its answer; None where it would not be sure.

        ``once``: from these candidates, if they hold k.
        """
        while depth <= RERANK_MOST:
            rows, hits = self._reranked(vector, k, depth, allowed)
            if allowed is not None and len(hits) < k:
                return None
            if once or is_sure(rows, hits) or depth >= self._codes.rows.size:
                return hits
            depth *= _GROWTH
        return None

    def _reranked(
        self, vector: NDArray[np.float32], k: int, depth: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], Hits]:
        """Of what the graph finds the ``depth`` likeliest, best first; and the k best of them that are allowed."""
        rows = self._likeliest(vector, depth)
        kept = np.sort(rows if allowed is None else rows[allowed[rows]])
        return rows, best_stored(self._vectors, kept, vector, k)

    def _likeliest(self, vector: NDArray[np.float32], depth: int) -> NDArray[np.int64]:
        """Rows that the graph finds nearest by bits, the ``depth`` with the largest cosine told from bits and mean."""
        bits, wider = self.signs.pack(vector[np.newaxis])[0], min(_WIDER * depth, self._codes.rows.size)
        with self._lock:
            self._graph.expansion_search = max(wider, _EXPANSION)
            found = self._graph.search(bits, wider, threads=1)
        rows = np.asarray(found.keys).reshape(-1).astype(np.int64)
        differing = np.asarray(found.distances, np.float32).reshape(-1)
        cosine = self._codes.cosines(vector, rows, self._along[rows], differing).cosine
        return rows[np.argsort(-cosine, kind="stable")[:depth]]

    def _by_scan(
        self, vector: NDArray[np.float32], k: int, depth: int, allowed: NDArray[np.bool_] | None, *, once: bool
    ) -> Hits:
        found = self._codes.estimates(vector, allowed)
        return best_estimated(found, lambda rows, k: best_stored(self._vectors, rows, vector, k), k, depth, once=once)


def is_sure(candidates: NDArray[np.int64], hits: Hits) -> bool:
    """Whether all hits stand so near the front of the candidates (nearest by bits first) that more would not help."""
    last = np.flatnonzero(np.isin(candidates, hits.rows))
    return last.size == 0 or int(last[-1]) < _SURE_SHARE * candidates.size


def _read_signs(path: Path) -> tuple[Signs, NDArray[np.int64], NDArray[np.float32]]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            content = {name: arrays[name] for name in arrays.files}
        return Signs.of_arrays(content), content["rows"].astype(np.int64), content["along"].astype(np.float32)
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
