"""``index``: one resumable pass over the tiles, then the neighbour graphs.

Order of what is written: vectors and predictions shard by shard (a kill costs at most one shard), the fold adapters'
predictions part by part, ``predictions.parquet``, the graphs, and ``manifest.json`` last of all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.errors import SkintuiError, StaleError, VectorsError
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.folds import TrainingRecord, predictions_kind, training_record, usable_folds
from skintui.steps.model_record import remember_model
from skintui.steps.place import Place
from skintui.steps.predictions import About, frame_of, read_about, write_predictions
from skintui.steps.reading import Shard, Unreadable, decoded_batches
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.lesions import Lesions
    from skintui.model.reader import LesionReader
    from skintui.vectors.store import VectorStore

SHARD_ROWS = 64
"""Lesions per shard of a small data set: what a kill can cost on a laptop is a few seconds."""
LARGE, LARGE_SHARD_ROWS = 10_000, 256
"""From how many lesions on shards are larger, and how large: each shard costs a sync per view."""
NOTED = 10
"""Unreadable tiles that are named one by one."""


@dataclass(slots=True)
class Indexed:
    """What an indexing run did."""

    lesions: int
    """Lesions in the index."""
    read: int
    """Lesions read in this run."""
    seconds: float
    """Spent reading in this run."""
    predictions_kind: str
    unreadable: list[Unreadable] = field(default_factory=list)
    """Tiles of this run that could not be read: they have no vector and no prediction."""

    @property
    def tiles_per_second(self) -> float:
        return self.read / self.seconds if self.seconds > 0 else 0.0

    def summary(self) -> str:
        lost = f", {len(self.unreadable)} tiles unreadable" if self.unreadable else ""
        pace = f" ({self.read} read at {self.tiles_per_second:.1f} tiles/s)" if self.read else " (nothing left to read)"
        return f"{self.lesions} lesions indexed{pace}; predictions {self.predictions_kind}{lost}"


@dataclass(frozen=True, slots=True)
class Run:
    """Everything one run works with."""

    place: Place
    lesions: Lesions
    reader: LesionReader
    weights: Weights
    attributes: tuple[Attribute, ...]
    batch_size: int
    record: TrainingRecord | None
    fold: NDArray[np.int16]
    progress: Progress

    def labels(self, rows: Sequence[int]) -> NDArray[np.float64]:
        columns = [ATTRIBUTES.index(a) for a in self.attributes]
        return self.lesions.labels()[np.ix_(list(rows), columns)]


def index(
    place: Place,
    weights: Weights,
    progress: Progress,
    *,
    attributes: Sequence[Attribute] = ATTRIBUTES,
    batch_size: int = 16,
    limit: int | None = None,
) -> Indexed:
    """Embed the first ``limit`` lesions (default: all), predict their attributes, build the graphs.

    A store of the same inputs is continued and never made smaller; one of other inputs is named and made anew. Raises
    Cancelled between two batches once the user asked to stop: every finished shard is kept.
    """
    from skintui.steps.fold_predictions import discard_parts, overlaid

    lesions = place.lesions(progress)
    if not len(lesions):
        raise VectorsError("the data set has no lesion to index", where=place.files.metadata)
    progress.start("loading the model")
    record = training_record(weights)
    fold_adapters = usable_folds(weights, record)
    reader = weights.load()
    patients = lesions.patients.tolist()
    fold = record.fold_rows(patients) if record is not None else np.full(len(lesions), -1, np.int16)
    store, chosen = _open_store(
        place, lesions, _fingerprint(lesions, reader, fold), reader.hidden_size, tuple(attributes), limit, progress
    )
    run = Run(place, lesions, reader, weights, chosen, batch_size, record, fold, progress)
    with store:
        done = _read_shards(run, store)
        remember_model(place.workspace, weights, reader.fingerprint)
        about = _about(run, store, fold_adapters)
        if done.read or not _already_written(place, about):
            frame = store.finish()
            if fold_adapters:
                frame = overlaid(run, frame, fold_adapters, store.n)
            write_predictions(place.workspace.predictions, frame, about)
            discard_parts(run)
        _build_graphs(store, progress)
    done.predictions_kind = about.kind
    return done


def _open_store(
    place: Place,
    lesions: Lesions,
    fingerprint: dict[str, str],
    d: int,
    attributes: tuple[Attribute, ...],
    limit: int | None,
    progress: Progress,
) -> tuple[VectorStore, tuple[Attribute, ...]]:
    """Continue the store of these inputs, or begin anew and say why; the attributes it holds come back too."""
    from skintui.vectors.store import VectorStore

    folder = place.workspace.vectors
    n = min(limit or len(lesions), len(lesions))
    restart = False
    try:
        with VectorStore.open(folder, fingerprint) as stored:
            held = tuple(a for a in ATTRIBUTES if a.name in stored.views)
            if stored.n >= n and stored.d == d and set(attributes) <= set(held):
                n, attributes = min(stored.n, len(lesions)), held
            else:
                restart = True
                progress.note("more lesions or attributes than were indexed: reading from the start")
    except StaleError as stale:
        restart = True
        progress.note(f"{stale.what}: reading from the start")
    except VectorsError:
        restart = (folder / "store.json").exists()
    views = ["image", *(a.name for a in attributes)]
    rows = SHARD_ROWS if n < LARGE else LARGE_SHARD_ROWS
    return VectorStore.create(folder, fingerprint, views, n, d, rows, restart=restart), attributes


def _fingerprint(lesions: Lesions, reader: LesionReader, fold: NDArray[np.int16]) -> dict[str, str]:
    """What the stored bytes depend on; lesions that a fold adapter answers for are not decoded by the main one."""
    made_from = {"dataset_sha256": lesions.dataset_sha256, **reader.fingerprint, "precision": reader.dtype}
    made_from["decode"] = reader.decode
    return made_from | {"folds": hashlib.sha256(fold.tobytes()).hexdigest() if (fold >= 0).any() else ""}


def _already_written(place: Place, about: About) -> bool:
    """Whether ``predictions.parquet`` is of these very inputs, so that fold adapters need not read again."""
    try:
        return read_about(place.workspace.predictions) == about
    except SkintuiError:
        return False


def _read_shards(run: Run, store: VectorStore) -> Indexed:
    left = store.remaining()
    spans = [store.span(shard) for shard in left]
    count = sum(stop - start for start, stop in spans)
    run.progress.start("reading tiles", store.n, done=store.n - count)
    done = Indexed(store.n, count, 0.0, "")
    begun = perf_counter()
    for shard, (start, stop) in zip(left, spans, strict=True):
        read = _read_shard(run, start, stop, store.d, done.unreadable)
        names = [a.name for a in run.attributes]
        fold = np.full(stop - start, -1, np.int16)
        ids = run.lesions.ids[start:stop]
        frame = frame_of(ids, names, read.predicted, read.spread, read.label_logprob, fold, read.label_tail)
        store.write_shard(shard, read.vectors, frame)
    done.seconds = perf_counter() - begun
    if len(done.unreadable) > NOTED:
        run.progress.note(f"{len(done.unreadable) - NOTED} more tiles could not be read; 'skintui scan' lists them")
    return done


def _read_shard(run: Run, start: int, stop: int, d: int, unreadable: list[Unreadable]) -> Shard:
    """Read one shard. Batches begin anew at each shard, so an interrupted run makes the same ones."""
    shard = Shard.empty(stop - start, d, run.attributes)
    for batch in decoded_batches(run.lesions, range(start, stop), run.batch_size):
        stop_if_cancelled(run.progress)
        for lost in batch.unreadable:
            if len(unreadable) < NOTED:
                run.progress.note(f"tile {lost.isic_id} left out: {lost.reason}")
            unreadable.append(lost)
        if batch.rows:
            rows = np.asarray(batch.rows)
            decode = bool((run.fold[rows] < 0).any())  # fold adapters answer for the others
            shard.take(rows - start, run.reader, batch.images, run.attributes, run.labels(batch.rows), decode=decode)
        run.progress.advance(batch.size)
    return shard


def _about(run: Run, store: VectorStore, fold_adapters: Sequence[Any]) -> About:
    from skintui.model.fingerprint import adapter_sha256

    patients = run.lesions.patients.tolist()
    record = run.record
    return About(
        kind=predictions_kind(record, patients[: store.n], run.fold[: store.n]),
        dataset_sha256=run.lesions.dataset_sha256,
        rows=store.n,
        decode=run.reader.decode,
        attributes=tuple(a.name for a in run.attributes),
        folds=tuple(adapter_sha256(folder) for folder in fold_adapters),
        train_patients=None if record is None else tuple(sorted(record.train)),
        held_out=() if record is None else record.held_out(patients),
        **run.reader.fingerprint,
    )


def _build_graphs(store: VectorStore, progress: Progress) -> None:
    """One graph per view from the stored vectors, and the manifest over all files once every graph is there."""
    from skintui.vectors.graph import build_graphs

    build_graphs(store, progress)
