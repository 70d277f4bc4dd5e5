"""Graphs over the signs of stored vectors, one usearch file per view, rebuildable from the vectors at any time.

A view's graph is ``<view>.usearch`` (usearch, Hamming distance on bits); ``<view>.bits.npz`` says how vectors become
bits and coordinates, ``<view>.axes`` holds the coordinates (:mod:`skintui.vectors.axes`), in half precision and in the
order of the lesions. usearch writes the bits as one block at the front of its file, and the masked scan reads them
there; where a version of usearch arranges them otherwise they are written once more to ``<view>.bits``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from skintui.errors import VectorsError, WorkspaceError
from skintui.files import sha256_of, written_beside
from skintui.progress import SILENT, Progress, stop_if_cancelled
from skintui.vectors.axes import Axes
from skintui.vectors.manifest import FileRecord, Manifest, open_manifest
from skintui.vectors.pages import ask_for_large_pages
from skintui.vectors.rows import HALF
from skintui.vectors.signs import Signs
from skintui.vectors.store import VectorStore

CONNECTIVITY = 16
EXPANSION_ADD = 128
"""Half of it would double the build rate, but loses neighbours in small clusters for good."""

_BLOCK = 4096
_SAMPLE = 4096
"""Vectors that mean and axes are learnt from."""
_CODES_OFFSET = 8
"""usearch's file starts with two 32-bit counts, rows and bytes per row, then the vectors."""


def build_graphs(
    store: VectorStore, progress: Progress = SILENT, *, views: Sequence[str] | None = None, threads: int = 0
) -> Manifest:
    """Build every view's graph that is missing or made from other vectors; the manifest is rewritten after each.

    ``threads`` 0 means all cores that this process may use, at most ``OMP_NUM_THREADS``; with one thread the same
    vectors give the same bytes. Raises Cancelled between two blocks; views finished before are kept.
    """
    try:
        manifest = open_manifest(store.folder, store.fingerprint)
        if (manifest.n, manifest.d) != (store.n, store.d):
            manifest = Manifest(store.folder, store.fingerprint, store.n, store.d)
    except VectorsError:
        manifest = Manifest(store.folder, store.fingerprint, store.n, store.d)
    for view in store.views if views is None else views:
        if not _is_fresh(manifest, store, view):
            build_graph(store, view, progress, threads=threads, manifest=manifest)
    return manifest


def build_graph(
    store: VectorStore,
    view: str,
    progress: Progress = SILENT,
    *,
    threads: int = 0,
    manifest: Manifest | None = None,
) -> Manifest:
    """Build one view's graph and enter it into the manifest, which is written last.

    Files are written beside and renamed. Raises Cancelled between two blocks, WorkspaceError for a full disk.
    """
    from threadpoolctl import threadpool_limits

    manifest = Manifest(store.folder, store.fingerprint, store.n, store.d) if manifest is None else manifest
    digest = store.digest(view)
    progress.start(f"index {view}", total=store.n)
    store.refuse_damaged(view)
    with threadpool_limits(1, "blas"):  # while one thread turns vectors, the others have the graph to fill
        signs, axes = _learnt(store, view)
        with written_beside(store.folder / f"{view}.axes") as temporary, temporary.open("wb") as file:
            made = _filled(store, view, signs, axes, file, progress, threads)
    graph, codes = f"{view}.usearch", {"file": f"{view}.usearch", "offset": _CODES_OFFSET}
    _save_index(made.index, store.folder / graph)
    written = [graph, f"{view}.axes", f"{view}.bits.npz"]
    slots = _slot_rows(store.folder / graph, made.packed, made.rows)
    if slots is None:
        codes, slots = {"file": f"{view}.bits", "offset": 0}, made.rows
        with written_beside(store.folder / f"{view}.bits") as temporary:
            temporary.write_bytes(made.packed.tobytes())
        written.append(f"{view}.bits")
    with written_beside(store.folder / f"{view}.bits.npz") as temporary, temporary.open("wb") as file:
        numbers = {"along": made.along, "lengths": made.lengths, "rests": made.rests, "axes": axes.directions}
        np.savez(file, rows=slots.astype(np.int32), **numbers, **signs.arrays())  # type: ignore[arg-type]
    for name in written:
        manifest.files[name] = _record(store.folder / name)
    manifest.files[f"{view}.f16"] = FileRecord(made.checksum, store.path(view).stat().st_size)
    manifest.views[view] = {"digest": digest, "codes": codes, "bits": signs.bits}
    manifest.save()
    return manifest


def _is_fresh(manifest: Manifest, store: VectorStore, view: str) -> bool:
    record = manifest.views.get(view)
    if record is None or record.get("digest") != store.digest(view):
        return False
    names = {f"{view}.usearch", f"{view}.axes", f"{view}.bits.npz", record["codes"]["file"]}
    try:
        for name in names:
            manifest.check(name)
    except VectorsError:
        return False
    return True


def _blocks(store: VectorStore, view: str) -> Iterator[tuple[int, NDArray[np.float16], NDArray[np.int64]]]:
    """First row, stored vectors, and which of them are vectors of finished shards."""
    vectors, present = store.row_file(view), store.present()
    for start in range(0, store.n, _BLOCK):
        block = vectors.read(np.arange(start, min(start + _BLOCK, store.n)))  # a mapping would count as memory held
        some = block.view(np.uint16).any(axis=1)  # zeros by their bits: numpy is slow at half precision
        yield start, block, np.flatnonzero(some & present[start : start + _BLOCK])


@dataclass(frozen=True, slots=True)
class _Made:
    """A graph and what is known beside it."""

    index: Any
    packed: NDArray[np.uint8]
    """(m, B/8) of the lesions that have a vector."""
    rows: NDArray[np.int64]
    """(m,) of these."""
    along: NDArray[np.float32]
    lengths: NDArray[np.float32]
    rests: NDArray[np.float32]
    """(n,) as in :class:`skintui.vectors.estimate.Codes`, zero for a lesion without vector."""
    checksum: str
    """SHA-256 of the file of vectors."""


def _learnt(store: VectorStore, view: str) -> tuple[Signs, Axes]:
    """Mean and axes of a sample of the lesions that have a vector, spread evenly over the file.

    Estimates are right around any point; the sample's mean is off by 1/64 of the spread, which costs them nothing.
    """
    there = np.flatnonzero(store.present())
    sample = np.unique(np.linspace(0, there.size - 1, min(_SAMPLE, there.size)).astype(np.int64))
    vectors = store.row_file(view).read(there[sample])
    vectors = vectors[vectors.view(np.uint16).any(axis=1)].astype(np.float32)
    mean = vectors.mean(axis=0) if len(vectors) else np.zeros(store.d, np.float32)
    return Signs.around(mean), Axes.learnt(vectors - mean)


def _filled(
    store: VectorStore, view: str, signs: Signs, axes: Axes, file: IO[bytes], progress: Progress, threads: int
) -> _Made:
    """The graph of all vectors, read once; their coordinates (n, r) along the axes are written to ``file``.

    One thread turns the next vectors into bits while the others enter the last ones.
    """
    from usearch.index import Index, MetricKind, ScalarKind

    index = Index(
        ndim=signs.bits,
        metric=MetricKind.Hamming,
        dtype=ScalarKind.B1,
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
    )
    packed, rows, digest = [np.empty((0, signs.bits // 8), np.uint8)], [np.empty(0, np.int64)], hashlib.sha256()
    along, lengths, rests = np.zeros((3, store.n), np.float32)
    with ThreadPoolExecutor(1, thread_name_prefix="graph") as pool:
        entered: Future[Any] | None = None
        for start, block, there in _blocks(store, view):
            stop_if_cancelled(progress)
            digest.update(block.data)
            vectors = (block if there.size == len(block) else block[there]).astype(np.float32)
            at = there + start
            along[at] = vectors @ signs.mean
            vectors -= signs.mean
            bits, coordinates = signs.pack_centred(vectors), np.zeros((len(block), len(axes.directions)), HALF)
            coordinates[there], rests[at] = axes.of(vectors)
            lengths[at] = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
            file.write(coordinates.data)
            if entered is not None:
                entered.result()
            ask_for_large_pages()
            if there.size:
                entered = pool.submit(index.add, at.astype(np.uint64), bits, threads=threads or _usable_threads())
                packed.append(bits)
                rows.append(at)
            progress.advance(block.shape[0])
        if entered is not None:
            entered.result()
    return _Made(index, np.concatenate(packed), np.concatenate(rows), along, lengths, rests, digest.hexdigest())


def _usable_threads() -> int:
    """Cores given to this process (usearch itself would count the machine's), or as many as numeric libraries may."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    told = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(told)) if told.isdecimal() and int(told) else cores


def _save_index(index: Any, path: Path) -> None:
    with written_beside(path) as temporary:
        try:
            index.save(str(temporary))
        except RuntimeError as error:  # usearch reports every failure to write this way
            what = f"the graph cannot be written ({error})"
            raise WorkspaceError(what, where=path, do="is the disk full? free some space and run it again") from error


def codes_of(path: Path, offset: int, count: int, bits: int) -> NDArray[np.uint8]:
    """The packed bits (count, bits/8) inside a file, as a read-only mapping."""
    if count == 0:
        return np.empty((0, bits // 8), np.uint8)
    return np.asarray(np.memmap(path, np.uint8, "r", offset=offset, shape=(count, bits // 8)))


def _slot_rows(path: Path, packed: NDArray[np.uint8], rows: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """The lesion of each code in usearch's file, or None where the file does not hold the codes as one block.

    Several threads add in any order, so codes are matched by content; lesions of equal codes may change places, which
    changes no distance.
    """
    if path.stat().st_size < _CODES_OFFSET + packed.nbytes:
        return None
    found = codes_of(path, _CODES_OFFSET, packed.shape[0], packed.shape[1] * 8)
    if np.array_equal(found, packed):
        return rows
    slots = np.empty_like(rows)
    order_found, order_packed = np.argsort(_hashes(found)), np.argsort(_hashes(packed))
    if not np.array_equal(found[order_found], packed[order_packed]):
        return None
    slots[order_found] = rows[order_packed]
    return slots


def _hashes(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    words = np.ascontiguousarray(codes).view(np.uint64)
    factors = 2 * np.random.default_rng(0).integers(1, 2**62, (words.shape[1],), dtype=np.uint64) + 1
    hashes = np.zeros(words.shape[0], np.uint64)
    for column in range(words.shape[1]):
        hashes = (hashes ^ words[:, column]) * factors[column]
        hashes ^= hashes >> np.uint64(29)
    return hashes


def _record(path: Path) -> FileRecord:
    return FileRecord(sha256_of(path), path.stat().st_size)
