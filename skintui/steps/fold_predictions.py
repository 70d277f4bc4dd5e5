"""Predictions by fold adapters: each lesion by the one that never saw its patient.

Each adapter reads its own lesions part by part into the workspace's ``folds/`` folder; a part that is there is not read
again. The parts are named by the inputs they were made from, so those of other inputs are never taken for these.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from skintui.dataset.parquet import write_parquet
from skintui.dataset.seal import is_intact
from skintui.errors import VectorsError
from skintui.files import explained
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.predictions import SCHEMA, frame_of
from skintui.steps.reading import Batch, decoded_batches
from skintui.steps.shards import TileReading, labels_of

if TYPE_CHECKING:
    from skintui.steps.index import Run

PART_ROWS = 256


def overlaid(run: Run, frame: pl.DataFrame, adapters: Sequence[Path], n: int) -> pl.DataFrame:
    """``frame`` with the predictions of every lesion of a fold replaced by its fold adapter's."""
    folder = run.place.workspace.root / "folds"
    parts = [part for k, adapter in enumerate(adapters) for part in _fold_parts(run, k, adapter, folder, n)]
    if not parts:
        return frame
    fresh = pl.concat([_read_part(path) for path in parts])
    kept = frame.join(fresh.select("isic_id").unique(), on="isic_id", how="anti")
    order = pl.DataFrame({"isic_id": run.lesions.ids[:n]}, schema={"isic_id": pl.String}).with_row_index("_row")
    names = {a.name: j for j, a in enumerate(run.attributes)}
    together = pl.concat([kept.select(list(SCHEMA)), fresh]).join(order, on="isic_id", how="inner")
    place = pl.col("attribute").replace_strict(names, return_dtype=pl.Int64)
    return together.sort("_row", place).select(list(SCHEMA))


def discard_parts(run: Run) -> None:
    """Remove the parts once ``predictions.parquet`` holds them."""
    shutil.rmtree(run.place.workspace.root / "folds", ignore_errors=True)


def _fold_parts(run: Run, k: int, adapter: Path, folder: Path, n: int) -> list[Path]:
    """Files with the predictions of fold ``k``, read now where they are missing; the adapter loads only then."""
    from skintui.steps.model_record import fingerprint_of

    rows = np.flatnonzero(run.fold[:n] == k).tolist()
    weights = replace(run.weights, adapter=adapter)
    made_from = [*sorted(fingerprint_of(run.place.workspace, weights).values()), run.lesions.dataset_sha256]
    made_from += [run.facts.dtype, run.facts.decode, *(a.name for a in run.attributes), str(n)]
    stamp = hashlib.sha256("\n".join(made_from).encode()).hexdigest()[:16]
    spans = [tuple(rows[start : start + PART_ROWS]) for start in range(0, len(rows), PART_ROWS)]
    paths = [folder.absolute() / f"{k}-{stamp}-{number:05d}.parquet" for number in range(len(spans))]
    missing = [FoldPart(span, path) for span, path in zip(spans, paths, strict=True) if not path.is_file()]
    run.progress.start(f"fold {k}", len(rows), done=len(rows) - sum(len(part.rows) for part in missing))
    for _ in run.engine.run(run.work(FoldReading, weights, fold=k), missing, run.progress):
        pass  # a part counts by its file
    if missing:
        _ = list(folder.iterdir())  # a network file system may still remember that they were not there
    return paths


@dataclass(frozen=True, slots=True)
class FoldPart:
    """Some lesions of one fold, and the file that their predictions go to."""

    rows: tuple[int, ...]
    path: Path


@dataclass(frozen=True)
class FoldReading(TileReading):
    """Predictions of one fold adapter, part by part."""

    fold: int = -1

    noun = "part"

    def size(self, unit: FoldPart) -> int:
        return len(unit.rows)

    def taken_up(self) -> FoldHands:
        return FoldHands(self)


class FoldHands:
    """The lesions open for one process."""

    def __init__(self, work: FoldReading) -> None:
        self.work, self.lesions = work, work.opened_lesions()

    def close(self) -> None: ...

    def batches(self, unit: FoldPart) -> Iterator[Batch]:
        return decoded_batches(self.lesions, unit.rows, self.work.batch_size)

    def do(self, model: Any, unit: FoldPart, batches: Iterable[Batch], progress: Progress) -> None:
        self.work.check(model, only_arithmetic=True)
        attributes, rows = self.work.attributes, unit.rows
        predicted, spread, logprob, tail = (np.full((len(rows), len(attributes)), np.nan) for _ in range(4))
        place = {row: i for i, row in enumerate(rows)}
        for batch in batches:
            stop_if_cancelled(progress)
            if batch.rows:
                labels = labels_of(self.lesions, attributes, batch.rows)
                read = model.read(batch.images, attributes=attributes, labels=labels)
                at = [place[row] for row in batch.rows]
                predicted[at], spread[at], logprob[at] = read.predicted, read.spread, read.label_logprob
                tail[at] = read.label_tail
            progress.advance(batch.size)
        ids, names = [self.lesions.ids[row] for row in rows], [a.name for a in attributes]
        fold = np.full(len(rows), self.work.fold, np.int16)
        write_parquet(frame_of(ids, names, predicted, spread, logprob, fold, tail), unit.path)


def _read_part(path: Path) -> pl.DataFrame:
    try:
        if not is_intact(path):
            raise pl.exceptions.ComputeError("not as it was sealed")
        return pl.read_parquet(path, glob=False).select(list(SCHEMA))
    except OSError as error:
        raise explained(error, path) from error
    except pl.exceptions.PolarsError as error:
        path.unlink(missing_ok=True)
        raise VectorsError(
            "a part of the predictions was damaged and is removed", where=path, do="run it again"
        ) from error
