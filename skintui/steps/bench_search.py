"""``bench search``: the neighbour search on structured random vectors against exact search."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from skintui.progress import SILENT, Progress, stop_if_cancelled
from skintui.steps.measures import Measure, Measures

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from skintui.vectors.exact import Hits
    from skintui.vectors.search import ViewIndex
    from skintui.vectors.store import VectorStore

K = 10
_SHARD = 4096


def bench_search(progress: Progress, *, rows: int = 100_000, dimensions: int = 256, queries: int = 200) -> Measures:
    """Milliseconds per query and recall@10 of graph and masked scan; vectors per second of building the graph."""
    from skintui.vectors.exact import exact_search
    from skintui.vectors.search import ViewIndex

    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="skintui-bench-"))
        store = stack.enter_context(_stored(Path(folder), rows, dimensions, progress))
        built = _build(store, progress)
        progress.start("searching", 2 * queries)
        begun = perf_counter()
        index = ViewIndex.open(store.folder, "image")
        opened = perf_counter() - begun
        stack.callback(index.close)
        matrix = store.matrix("image")
        vectors = index.rows(np.random.default_rng(1).choice(rows, queries, replace=False))
        allowed = np.random.default_rng(2).random(rows) < 0.05
        truth = _timed(vectors, lambda v: exact_search(matrix, v, K), progress)
        kept = _timed(vectors, lambda v: exact_search(matrix, v, K, allowed), SILENT)
        found = _timed(vectors, lambda v: index.search(v, K), progress)
        masked = _timed(vectors, lambda v: index.search(v, K, allowed), SILENT)
        size = _bytes(store, index) / 2**30
    peer = f"{truth[0]:.3g} ms exact"
    return Measures(
        (
            Measure("k = 10, warm", found[0], "ms", "<= 5", peer, rows),
            Measure("recall@10", _recall(found[1], truth[1]), "", ">= 0.995", "1 exact", rows),
            Measure("k = 10, 5 % of the lesions allowed", masked[0], "ms", "<= 60", f"{kept[0]:.3g} ms exact", rows),
            Measure("recall@10, 5 % allowed", _recall(masked[1], kept[1]), "", ">= 0.995", "1 exact", rows),
            Measure("opening the index", opened * 1e3, "ms", "<= 150", "", rows),
            Measure("building the graph", rows / built, "vectors/s", "", "", rows),
            Measure("graph and bits on disk", size, "GiB", "<= 0.5 at 401,059 rows", "", rows),
        )
    )


def _stored(folder: Path, rows: int, dimensions: int, progress: Progress) -> VectorStore:
    import polars as pl

    from skintui.vectors.store import VectorStore
    from skintui.vectors.structured import structured_vectors

    progress.start("drawing vectors", rows)
    vectors = structured_vectors(rows, dimensions)
    store = VectorStore.create(folder, {"dataset_sha256": "drawn"}, ["image"], rows, dimensions, _SHARD)
    for shard in store.remaining():
        stop_if_cancelled(progress)
        start, stop = store.span(shard)
        store.write_shard(shard, {"image": vectors[start:stop]}, pl.DataFrame({"row": np.arange(start, stop)}))
        progress.advance(stop - start)
    return store


def _build(store: VectorStore, progress: Progress) -> float:
    from skintui.vectors.graph import build_graph

    begun = perf_counter()
    build_graph(store, "image", progress)
    return perf_counter() - begun


def _timed(
    vectors: NDArray[np.float32], search: Callable[[NDArray[np.float32]], Hits], progress: Progress
) -> tuple[float, list[NDArray[np.int64]]]:
    """Median milliseconds per query after one that is not timed, and the rows found."""
    search(vectors[0])
    times, found = [], []
    for vector in vectors:
        stop_if_cancelled(progress)
        begun = perf_counter()
        hits = search(vector)
        times.append(perf_counter() - begun)
        found.append(hits.rows)
        progress.advance()
    return median(times) * 1e3, found


def _recall(found: list[NDArray[np.int64]], truth: list[NDArray[np.int64]]) -> float:
    shared = sum(np.intersect1d(ours, theirs).size for ours, theirs in zip(found, truth, strict=True))
    return shared / max(sum(theirs.size for theirs in truth), 1)


def _bytes(store: VectorStore, index: ViewIndex) -> int:
    return sum(path.stat().st_size for path in store.folder.glob(f"{index.view}.*") if path.suffix != ".f16")
