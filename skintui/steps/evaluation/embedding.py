"""Vectors of many tiles made for one evaluation: units of rows, done by any engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.attributes import Attribute
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.engine import Engine, Model
from skintui.steps.place import Place
from skintui.steps.reading import Batch, decoded_batches
from skintui.steps.weights import Weights
from skintui.workspace import Workspace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.lesions import Lesions
    from skintui.steps.evaluation.cohort import Part

    Rows = NDArray[np.int64]
    Vectors = NDArray[np.float32]

BATCH = 16
UNIT_ROWS = 16 * BATCH
"""Lesions per unit: whole batches, so that every engine makes the same ones."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some of the rows to embed, from position ``start`` on."""

    start: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Embedding:
    """Tiles to vectors: of the image, or of one prompt that asks for several attributes at once."""

    place: Place
    model: Model
    asked: tuple[Attribute, ...] = ()
    lesions: Lesions | None = field(default=None, compare=False, repr=False)

    noun = "part"

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"lesions": None}

    def needs(self) -> list[Path]:
        folders: list[Path] = self.model.folders() if isinstance(self.model, Weights) else []
        return [self.place.files.metadata, self.place.files.images, self.place.workspace.root, *folders]

    def size(self, unit: Span) -> int:
        return len(unit.rows)

    def taken_up(self) -> EmbeddingHands:
        return EmbeddingHands(self)


class EmbeddingHands:
    """The lesions open for one process."""

    def __init__(self, work: Embedding) -> None:
        self.asked = work.asked
        self.lesions = work.lesions if work.lesions is not None else work.place.lesions()

    def close(self) -> None: ...

    def batches(self, unit: Span) -> Iterator[Batch]:
        return decoded_batches(self.lesions, unit.rows, BATCH)

    def do(self, model: Any, unit: Span, batches: Iterable[Batch], progress: Progress) -> Vectors:
        """(m, d); zeros where a tile does not decode."""
        vectors = np.zeros((len(unit.rows), model.hidden_size), np.float32)
        place = {row: i for i, row in enumerate(unit.rows)}
        for batch in batches:
            stop_if_cancelled(progress)
            if batch.rows:
                made = model.embed_joint(batch.images, self.asked) if self.asked else model.embed_images(batch.images)
                vectors[[place[row] for row in batch.rows]] = made
            progress.advance(batch.size)
        return vectors


def embedded(
    engine: Engine, model: Model, part: Part, rows: Rows, progress: Progress, asked: tuple[Attribute, ...] = ()
) -> Vectors:
    """Vectors (m, d) of the tiles of ``rows`` of the part's data set; zeros where one does not decode."""
    place = Place(part.lesions.files, Workspace(part.store.folder.parent)).absolute()
    listed = rows.tolist()
    units = [Span(start, tuple(listed[start : start + UNIT_ROWS])) for start in range(0, len(listed), UNIT_ROWS)]
    vectors = np.zeros((0, 0), np.float32)
    for unit, made in engine.run(Embedding(place, model, asked, part.lesions), units, progress):
        if not len(vectors):
            vectors = np.zeros((rows.size, made.shape[1]), np.float32)
        vectors[unit.start : unit.start + len(made)] = made
    return vectors
