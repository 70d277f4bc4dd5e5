"""``index``: one resumable pass over the tiles, then the neighbour graphs.

Order of what is written: vectors and predictions shard by shard (a kill costs at most one shard), the fold adapters'
predictions part by part, ``predictions.parquet``, the graphs, and ``manifest.json`` last of all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.errors import SkintuiError, StaleError, VectorsError
from skintui.nouns import counted
from skintui.progress import Progress
from skintui.steps.engine import Engine, Facts, Local
from skintui.steps.folds import TrainingRecord, predictions_kind, training_record, usable_folds
from skintui.steps.model_record import remember_model
from skintui.steps.place import Place
from skintui.steps.predictions import About, read_about, write_predictions
from skintui.steps.reading import Unreadable
from skintui.steps.shards import ShardReading, TileReading
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.lesions import Lesions
    from skintui.vectors.store import VectorStore

Reading = TypeVar("Reading", bound=TileReading)

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
    facts: Facts
    weights: Weights
    attributes: tuple[Attribute, ...]
    batch_size: int
    record: TrainingRecord | None
    fold: NDArray[np.int16]
    progress: Progress
    engine: Engine

    def work(self, kind: type[Reading], weights: Weights | None = None, **more: Any) -> Reading:
        """A pass over tiles of this run, by its model or another."""
        return kind(
            self.place.absolute(),
            (weights or self.weights).absolute(),
            self.facts,
            self.lesions.dataset_sha256,
            self.attributes,
            self.batch_size,
            self.lesions,
            **more,
        )


def index(
    place: Place,
    weights: Weights,
    progress: Progress,
    *,
    attributes: Sequence[Attribute] = ATTRIBUTES,
    batch_size: int = 16,
    limit: int | None = None,
    engine: Engine | None = None,
) -> Indexed:
    """Embed the first ``limit`` lesions (default: all), predict their attributes, build the graphs.

    ``engine`` computes (default: this process); every engine leaves the same bytes, and one goes on where another
    stopped.

    A store of the same inputs is continued and never made smaller; one of other inputs is named and made anew. Raises
    Cancelled between two batches once the user asked to stop: every finished shard is kept.
    """
    from skintui.steps.fold_predictions import discard_parts, overlaid

    lesions = place.lesions(progress)
    if not len(lesions):
        raise VectorsError("the data set has no lesion to index", where=place.files.metadata)
    record = training_record(weights)
    fold_adapters = usable_folds(weights, record)
    engine = engine or Local()
    facts = engine.facts(weights.absolute(), progress)
    fold = np.full(len(lesions), -1, np.int16)
    if record is not None and record.fold_of:
        fold = record.fold_rows(lesions.patients.tolist())
    store, chosen = _open_store(
        place, lesions, _fingerprint(lesions, facts, fold), facts.hidden_size, tuple(attributes), limit, progress
    )
    run = Run(place, lesions, facts, weights, chosen, batch_size, record, fold, progress, engine)
    with store:
        done = _read_shards(run, store)
        if lost := store.damaged_shards():
            progress.note(f"{counted(len(lost), 'shard')} damaged on the disk: reading again")
            store.redo(lost)
            done = _read_shards(run, store)
        remember_model(place.workspace, weights, facts.fingerprint)
        about = _about(run, store, fold_adapters)
        if done.read or not _already_written(place, about):
            frame = store.finish()
            if fold_adapters:
                frame = overlaid(run, frame, fold_adapters, store.n)
            write_predictions(place.workspace.predictions, frame, about)
            discard_parts(run)
        engine.rest()
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


def _fingerprint(lesions: Lesions, facts: Facts, fold: NDArray[np.int16]) -> dict[str, str]:
    """What the stored bytes depend on; lesions that a fold adapter answers for are not decoded by the main one."""
    made_from = {"dataset_sha256": lesions.dataset_sha256, **facts.fingerprint, "precision": facts.dtype}
    made_from["decode"] = facts.decode
    return made_from | {"folds": hashlib.sha256(fold.tobytes()).hexdigest() if (fold >= 0).any() else ""}


def _already_written(place: Place, about: About) -> bool:
    """Whether ``predictions.parquet`` is of these very inputs, so that fold adapters need not read again."""
    try:
        return read_about(place.workspace.predictions) == about
    except SkintuiError:
        return False


def _read_shards(run: Run, store: VectorStore) -> Indexed:
    left = store.remaining()
    count = sum(stop - start for start, stop in map(store.span, left))
    work = run.work(ShardReading, fold=run.fold, folder=store.folder.absolute(), description=store.description)
    if left:
        store.take_back_graphs()
    run.progress.start("reading tiles", store.n, done=store.n - count)
    done = Indexed(store.n, count, 0.0, "")
    begun = perf_counter()
    for _, shard in run.engine.run(work, left, run.progress):
        for lost in shard.unreadable:
            if len(done.unreadable) < NOTED:
                run.progress.note(f"tile {lost.isic_id} left out: {lost.reason}")
            done.unreadable.append(lost)
        store.commit(shard.record)
    done.seconds = perf_counter() - begun
    if len(done.unreadable) > NOTED:
        run.progress.note(f"{len(done.unreadable) - NOTED} more tiles could not be read; 'skintui scan' lists them")
    return done


def _about(run: Run, store: VectorStore, fold_adapters: Sequence[Any]) -> About:
    from skintui.model.fingerprint import adapter_sha256

    patients = run.lesions.patients.tolist()
    record = run.record
    return About(
        kind=predictions_kind(record, patients[: store.n], run.fold[: store.n]),
        dataset_sha256=run.lesions.dataset_sha256,
        rows=store.n,
        decode=run.facts.decode,
        attributes=tuple(a.name for a in run.attributes),
        folds=tuple(adapter_sha256(folder) for folder in fold_adapters),
        train_patients=None if record is None else tuple(sorted(record.train)),
        held_out=() if record is None else record.held_out(patients),
        **run.facts.fingerprint,
    )


def _build_graphs(store: VectorStore, progress: Progress) -> None:
    """One graph per view from the stored vectors, and the manifest over all files once every graph is there."""
    from skintui.vectors.graph import build_graphs

    build_graphs(store, progress)
