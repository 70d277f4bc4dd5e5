"""The shards of an index as units of work: read the tiles of one, put its bytes in their place, say what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.errors import StaleError
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.engine import Facts
from skintui.steps.place import Place
from skintui.steps.predictions import frame_of
from skintui.steps.reading import Batch, Shard, Unreadable, decoded_batches
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.lesions import Lesions
    from skintui.vectors.journal import ShardRecord
    from skintui.vectors.shard_writer import ShardWriter


@dataclass(frozen=True, slots=True)
class ShardDone:
    """A shard whose bytes are on the disk; it counts once its record is journalled."""

    record: ShardRecord
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True)
class TileReading:
    """What every pass of the reader over tiles needs; it travels without the lesions, which are opened anew."""

    place: Place
    model: Weights
    facts: Facts
    """Of the model as it was loaded first: one that differs on another machine must not mix its numbers in."""
    dataset_sha256: str
    attributes: tuple[Attribute, ...]
    batch_size: int
    lesions: Lesions | None = field(default=None, compare=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"lesions": None}

    def needs(self) -> list[Path]:
        files = self.place.files
        return [files.metadata, files.images, self.place.workspace.root, *self.model.folders()]

    def opened_lesions(self) -> Lesions:
        lesions = self.lesions if self.lesions is not None else self.place.lesions()
        if lesions.dataset_sha256 != self.dataset_sha256:
            raise StaleError("the data set is another one here", where=self.place.files.metadata)
        return lesions

    def check(self, reader: Any, *, only_arithmetic: bool = False) -> None:
        """Raise StaleError where the model that was loaded here is not the one this work is of."""
        found, do = Facts.of(reader), "use machines of one kind, or name --device and --dtype"
        if found.dtype != self.facts.dtype:
            what = f"the model computes in {found.dtype} here, not in {self.facts.dtype}"
            raise StaleError(what, where=self.model.base, do=do)
        if found != self.facts and not only_arithmetic:
            raise StaleError("the model is another one here", where=self.model.base, do=do)


@dataclass(frozen=True)
class ShardReading(TileReading):
    """Units are numbers of shards."""

    fold: NDArray[np.int16] = field(default_factory=lambda: np.empty(0, np.int16), compare=False)
    """(n,) the fold adapter that answers for a lesion; -1 for this model."""
    folder: Path = Path()
    """The store's."""
    description: Mapping[str, Any] = field(default_factory=dict)

    noun = "shard"

    def needs(self) -> list[Path]:
        return [*super().needs(), self.folder / "store.json"]

    def size(self, unit: int) -> int:
        return len(self.rows(unit))

    def rows(self, unit: int) -> range:
        """Rows of the data set."""
        size = int(self.description["shard_rows"])
        return range(unit * size, min((unit + 1) * size, int(self.description["n"])))

    def taken_up(self) -> ShardHands:
        return ShardHands(self)


class ShardHands:
    """Lesions and store open for one process."""

    def __init__(self, work: ShardReading) -> None:
        self.work = work
        self.lesions = work.opened_lesions()
        self._writer: ShardWriter | None = None

    @property
    def writer(self) -> ShardWriter:
        """Opened by who writes: a process that only decodes tiles has no use for it."""
        from skintui.vectors.shard_writer import ShardWriter

        if self._writer is None:
            self._writer = ShardWriter(self.work.folder, self.work.description)
        return self._writer

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def batches(self, unit: int) -> Iterator[Batch]:
        """Batches begin anew at each shard, so that whoever reads it makes the same ones."""
        return decoded_batches(self.lesions, self.work.rows(unit), self.work.batch_size)

    def do(self, model: Any, unit: int, batches: Iterable[Batch], progress: Progress) -> ShardDone:
        work, (start, stop) = self.work, self.writer.span(unit)
        work.check(model)
        shard = Shard.empty(stop - start, self.writer.d, work.attributes)
        unreadable: list[Unreadable] = []
        for batch in batches:
            stop_if_cancelled(progress)
            unreadable += batch.unreadable
            if batch.rows:
                rows = np.asarray(batch.rows)
                decode = bool((work.fold[rows] < 0).any())  # fold adapters answer for the others
                labels = labels_of(self.lesions, work.attributes, batch.rows)
                shard.take(rows - start, model, batch.images, work.attributes, labels, decode=decode)
            progress.advance(batch.size)
        names, fold = [a.name for a in work.attributes], np.full(stop - start, -1, np.int16)
        frame = frame_of(
            self.lesions.ids[start:stop], names, shard.predicted, shard.spread, shard.label_logprob, fold,
            shard.label_tail,
        )  # fmt: skip
        self.writer.refuse_another_store()
        return ShardDone(self.writer.write(unit, shard.vectors, frame), tuple(unreadable))


def labels_of(lesions: Lesions, attributes: Sequence[Attribute], rows: Sequence[int]) -> NDArray[np.float64]:
    """(m, A) annotated values of some lesions, NaN where missing."""
    return lesions.labels()[np.ix_(list(rows), [ATTRIBUTES.index(a) for a in attributes])]
