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
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from skintui.errors import VectorsError, WorkspaceError
from skintui.files import sha256_of, written_beside
from skintui.progress import SILENT, Progress, stop_if_cancelled
from skintui.vectors.axes import Axes
from skintui.vectors.hamming import in_parts
from skintui.vectors.manifest import FileRecord, Manifest, open_manifest
from skintui.vectors.order import Tour, entering
from skintui.vectors.pages import ask_for_large_pages
from skintui.vectors.rows import HALF
from skintui.vectors.signs import Signs
from skintui.vectors.store import VectorStore

CONNECTIVITY = 16
EXPANSION_ADD = 128
"""Half of it would double the build rate, but loses neighbours in small clusters for good."""

_BLOCK = 4096
_SAMPLE = 4096
"""Vectors that mean, axes and tour are learnt from."""
_LEAST_PART = 512
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
    progress.start(f"read vectors of {view}", total=store.n)
    store.refuse_damaged(view)
    with threadpool_limits(1, "blas"):  # two threads of ours turn vectors
        learnt = _learnt(store, view)
        with written_beside(store.folder / f"{view}.axes") as temporary, temporary.open("wb") as file:
            known = _known(store, view, learnt, file, progress)
    progress.start(f"index {view}", total=store.n)
    index = _filled(known, learnt.signs.bits, progress, threads)
    graph, codes = f"{view}.usearch", {"file": f"{view}.usearch", "offset": _CODES_OFFSET}
    _save_index(index, store.folder / graph)
    written = [graph, f"{view}.axes", f"{view}.bits.npz"]
    slots = _slot_rows(store.folder / graph, known.packed, known.rows)
    if slots is None:
        codes, slots = {"file": f"{view}.bits", "offset": 0}, known.rows
        with written_beside(store.folder / f"{view}.bits") as temporary:
            temporary.write_bytes(known.packed.tobytes())
        written.append(f"{view}.bits")
    with written_beside(store.folder / f"{view}.bits.npz") as temporary, temporary.open("wb") as file:
        numbers = {"along": known.along, "lengths": known.lengths, "rests": known.rests}
        arrays = {"axes": learnt.axes.directions, **learnt.signs.arrays()}
        np.savez(file, rows=slots.astype(np.int32), **numbers, **arrays)  # type: ignore[arg-type]
    for name in written:
        manifest.files[name] = _record(store.folder / name)
    manifest.files[f"{view}.f16"] = FileRecord(known.checksum, store.path(view).stat().st_size)
    manifest.views[view] = {"digest": digest, "codes": codes, "bits": learnt.signs.bits}
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
class _Known:
    """What is known of the lesions beside the graph."""

    packed: NDArray[np.uint8]
    """(m, B/8) of the lesions that have a vector."""
    rows: NDArray[np.int64]
    """(m,) of these."""
    stops: NDArray[np.int16]
    """(m,) theirs on the tour."""
    along: NDArray[np.float32]
    lengths: NDArray[np.float32]
    rests: NDArray[np.float32]
    """(n,) as in :class:`skintui.vectors.estimate.Codes`, zero for a lesion without vector."""
    checksum: str
    """SHA-256 of the file of vectors."""


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What a sample of the vectors tells."""

    signs: Signs
    axes: Axes
    tour: Tour


def _learnt(store: VectorStore, view: str) -> _Learnt:
    """From lesions that have a vector, spread evenly over the file.

    Estimates are right around any point; the sample's mean is off by 1/64 of the spread, which costs them nothing.
    """
    there = np.flatnonzero(store.present())
    sample = np.unique(np.linspace(0, there.size - 1, min(_SAMPLE, there.size)).astype(np.int64))
    vectors = store.row_file(view).read(there[sample])
    vectors = vectors[vectors.view(np.uint16).any(axis=1)].astype(np.float32)
    mean = vectors.mean(axis=0) if len(vectors) else np.zeros(store.d, np.float32)
    axes = Axes.learnt(vectors - mean)
    return _Learnt(Signs.around(mean), axes, Tour.through(axes.of(vectors - mean)[0], there.size))


def _known(store: VectorStore, view: str, learnt: _Learnt, file: IO[bytes], progress: Progress) -> _Known:
    """Everything but the graph, from one reading; the coordinates (n, r) along the axes are written to ``file``."""
    signs, axes, tour = learnt.signs, learnt.axes, learnt.tour
    packed, stops, digest = (
        np.zeros((store.n, signs.bits // 8), np.uint8),
        np.zeros(store.n, np.int16),
        hashlib.sha256(),
    )
    there = np.zeros(store.n, np.bool_)
    along, lengths, rests = np.zeros((3, store.n), np.float32)
    for start, block, present in _blocks(store, view):
        stop_if_cancelled(progress)
        coordinates = np.zeros((len(block), len(axes.directions)), HALF)

        def turn(
            first: int,
            stop: int,
            start: int = start,
            block: NDArray[np.float16] = block,
            present: NDArray[np.int64] = present,
            coordinates: NDArray[np.float16] = coordinates,
        ) -> None:
            within = present[first:stop]
            vectors, at = block[within].astype(np.float32), within + start
            along[at] = vectors @ signs.mean
            vectors -= signs.mean
            packed[at] = signs.pack_centred(vectors)
            lengths[at] = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
            along_axes, rests[at] = axes.of(vectors)
            coordinates[within], stops[at] = along_axes, tour.stop_of(along_axes)

        in_parts(turn, present.size, least=_LEAST_PART)
        digest.update(block.data)
        file.write(coordinates.data)
        there[present + start] = True
        progress.advance(len(block))
    rows = np.flatnonzero(there)
    kept = packed if rows.size == store.n else packed[rows]
    return _Known(kept, rows, stops[rows], along, lengths, rests, digest.hexdigest())


def _filled(known: _Known, bits: int, progress: Progress, threads: int) -> Any:
    """The graph of all codes."""
    from usearch.index import Index, MetricKind, ScalarKind

    index = Index(
        ndim=bits,
        metric=MetricKind.Hamming,
        dtype=ScalarKind.B1,
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
    )
    order = entering(known.stops)
    for start in range(0, order.size, _BLOCK):
        stop_if_cancelled(progress)
        at = order[start : start + _BLOCK]
        index.add(known.rows[at].astype(np.uint64), known.packed[at], threads=threads or _usable_threads())
        ask_for_large_pages()
        progress.advance(at.size)
    progress.advance(known.along.size - order.size)
    return index


def _usable_threads() -> int:
    """Cores given to this process (usearch itself would count the machine's), or as many as numeric libraries may."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    told = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(told)) if told.isdecimal() and int(told) else cores


def _save_index(index: Any, path: Path) -> None:
    with written_beside(path) as temporary:
        try:
            index.save(str(temporary))
            whole = int(index.serialized_length)
            if temporary.stat().st_size != whole:  # it does not look whether the last bytes could be written
                raise RuntimeError(f"{temporary.stat().st_size:,} of {whole:,} bytes")
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
