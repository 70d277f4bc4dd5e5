"""Neighbours among vectors of the full model's width: building, disk, warm and cold questions, every kind of filter."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.measures import Measure
from skintui.steps.scale.apart import apart, cold

if TYPE_CHECKING:
    from skintui.vectors.exact import Hits
    from skintui.vectors.search import ViewIndex
    from skintui.vectors.store import VectorStore

VIEW = "image"
K, BREADTH = 10, 200
QUERIES, COLD = 100, 7
TIE = 1e-6
"""Difference of cosines that single precision cannot tell."""
REVIEWED = 300
"""Lesions of the filter "only reviewed"."""
_BLOCK = 8192

Masks = Mapping[str, NDArray[np.bool_]]
"""Per filter which lesions (n,) it leaves."""


@dataclass(frozen=True, slots=True)
class Groups:
    """What filters go by: a code per lesion (n,)."""

    patients: NDArray[np.int32]
    sources: NDArray[np.int32]


def measure_search(
    folder: Path, groups: Groups, dimensions: int, progress: Progress, *, peers: bool
) -> Iterator[Measure]:
    """Everything that is measured of one view of structured random vectors, kept in ``folder`` for the next time."""
    n = groups.patients.size
    with _stored(folder, n, dimensions, progress) as store:
        built = _built(store, progress)
        beside = f"vectors {_bytes(folder, only='.f16') / 1e9:.2f} GB"
        yield Measure("index of one view", n / built, "vectors/s", ">= 2500", "", n)
        yield Measure("index of one view, on disk", _bytes(folder, but=".f16") / 1e9, "GB", "<= 0.5", beside, n)
    progress.start("searching")
    stop_if_cancelled(progress)
    yield from apart(measure_questions, folder, groups, peers).value


def measure_questions(folder: Path, groups: Groups, peers: bool) -> list[Measure]:
    """Milliseconds and recall of every kind of question; exact search over all vectors is the truth."""
    from skintui.vectors.hierarchical import hierarchical

    n = groups.patients.size
    chosen = np.random.default_rng(1).choice(n, min(QUERIES, n), replace=False)
    with _opened(folder) as index:
        queries = index.rows(chosen)
        similarity = _similarities(index, queries)
        truth = [_best(row, np.ones(n, np.bool_)) for row in similarity]
        warm, found = _timed(lambda i: index.search(queries[i], K), chosen.size)
        out = [
            Measure(f"k = {K}, warm", warm, "ms", "<= 5", "", n),
            Measure(f"k = {K}, recall", recall_of(found, truth), "", ">= 0.995", "exact 1", n),
        ]
        for name in _masks(0, chosen, similarity, groups):
            masks = [_masks(i, chosen, similarity, groups)[name] for i in range(chosen.size)]
            taken, found = _timed(lambda i, masks=masks: index.search(queries[i], K, masks[i]), chosen.size)  # type: ignore[misc]
            exact = [_best(row, mask) for row, mask in zip(similarity, masks, strict=True)]
            out.append(Measure(f"k = {K}, {name}", taken, "ms", "<= 60", "", n))
            out.append(Measure(f"k = {K}, {name}, recall", recall_of(found, exact), "", ">= 0.995", "exact 1", n))
        del similarity

        def attribute_rows(rows: NDArray[np.int64]) -> NDArray[np.float16]:
            return index.stored((rows * 7 + 3) % n)  # as far apart in the file as those of another view

        taken, _ = _timed(
            lambda i: hierarchical(index, queries[i], queries[i - 1], attribute_rows, K, BREADTH), chosen.size
        )
        out.append(Measure(f"hierarchical, b = {BREADTH}", taken, "ms", "<= 20", "", n))
        joint = np.random.default_rng(2).standard_normal((BREADTH, index.d)).astype(np.float32)
        taken, _ = _timed(
            lambda i: hierarchical(index, queries[i], queries[i - 1], lambda rows: joint[: rows.size], K, BREADTH),
            chosen.size,
        )
        out.append(Measure("joint of two attributes, beside the model", taken, "ms", "<= 20", "", n))
    out.append(
        Measure(f"k = {K}, cold disk, opening included", _cold_search(folder, queries[:COLD]), "ms", "<= 150", "", n)
    )
    if peers:
        from skintui.steps.scale.search_peers import search_peers

        told = search_peers(folder / f"{VIEW}.f16", n, queries, truth, K, recall_of)
        out[0] = Measure(out[0].what, out[0].value, out[0].unit, out[0].goal, told, n)
    return out


def _masks(i: int, chosen: NDArray[np.int64], similarity: NDArray[np.float32], groups: Groups) -> Masks:
    """The filters of the i-th question."""
    n, row = groups.patients.size, chosen[i]
    reviewed = np.zeros(n, np.bool_)
    reviewed[np.random.default_rng(3).choice(n, min(REVIEWED, n), replace=False)] = True
    return {
        "same patient left out": groups.patients != groups.patients[row],
        "one source": groups.sources == groups.sources[row],
        f"{REVIEWED} reviewed": reviewed,
        "the far half": similarity[i] < np.median(similarity[i]),
    }


def _stored(folder: Path, n: int, d: int, progress: Progress) -> VectorStore:
    """The store of structured random vectors, drawn where it is not there yet."""
    import polars as pl

    from skintui.vectors.store import VectorStore
    from skintui.vectors.structured import BLOCK, structured_blocks

    store = VectorStore.create(folder, {"dataset_sha256": "drawn"}, [VIEW], n, d, BLOCK)
    left = set(store.remaining())
    if left:
        progress.start(f"drawing {n:,} vectors of {d} numbers", store.shard_count, store.shard_count - len(left))
        for shard, block in enumerate(structured_blocks(n, d)):
            stop_if_cancelled(progress)
            if shard in left:
                start, stop = store.span(shard)
                store.write_shard(shard, {VIEW: block}, pl.DataFrame({"row": np.arange(start, stop)}))
                progress.advance()
    return store


def _built(store: VectorStore, progress: Progress) -> float:
    """Seconds of building the view's index anew."""
    from skintui.vectors.graph import build_graph

    for path in store.folder.glob("manifest.json"):
        path.unlink()
    begun = perf_counter()
    build_graph(store, VIEW, progress)
    return perf_counter() - begun


@contextmanager
def _opened(folder: Path) -> Iterator[ViewIndex]:
    """An index that is closed with the block, its mapped files let go of."""
    from skintui.vectors.search import ViewIndex

    index = ViewIndex.open(folder, VIEW)
    try:
        yield index
    finally:
        index.close()
        del index
        gc.collect()


def _similarities(index: ViewIndex, queries: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosines (m, n) of all stored vectors to the queries, in single precision."""
    out = np.empty((len(queries), index.n), np.float32)
    for start in range(0, index.n, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, index.n))
        out[:, rows] = queries @ index.rows(rows).T
    return out


def _best(similarity: NDArray[np.float32], allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows as similar as the k-th best of those allowed: more than k where some tie with it."""
    rows: NDArray[np.int64] = np.flatnonzero(allowed)
    if rows.size <= K:
        return rows
    least = float(np.partition(similarity[rows], rows.size - K)[rows.size - K])
    return rows[similarity[rows] >= least - TIE]


def _timed(ask: Callable[[int], Hits], count: int) -> tuple[float, list[NDArray[np.int64]]]:
    """Median milliseconds, after a first round that is not timed, and the rows found."""
    times, found = [], []
    for number in range(count):
        ask(number)
    for number in range(count):
        begun = perf_counter()
        hits = ask(number)
        times.append(perf_counter() - begun)
        found.append(hits.rows)
    return median(times) * 1e3, found


def _cold_search(folder: Path, queries: NDArray[np.float32]) -> float:
    """Median milliseconds of opening an index and asking one question, nothing of it in the system's cache."""
    times = []
    for query in queries:
        cold(folder)
        begun = perf_counter()
        with _opened(folder) as index:
            index.search(query, K)
            times.append(perf_counter() - begun)
    return median(times) * 1e3


def recall_of(found: list[NDArray[np.int64]], truth: list[NDArray[np.int64]], k: int = K) -> float:
    """Share of the k best that were found; rows of ``truth`` beyond k tie with the k-th."""
    shared = sum(min(np.intersect1d(ours, best).size, k) for ours, best in zip(found, truth, strict=True))
    return shared / max(sum(min(best.size, k) for best in truth), 1)


def _bytes(folder: Path, *, only: str = "", but: str = "") -> int:
    found = (path for path in folder.glob(f"{VIEW}.*") if path.suffix != but and path.suffix.endswith(only))
    return sum(path.stat().st_size for path in found)
