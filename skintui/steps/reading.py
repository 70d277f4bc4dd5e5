"""Tiles in, readings out: batches decoded ahead in a thread while the model computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from skintui.errors import TileError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    from skintui.attributes import Attribute
    from skintui.dataset.lesions import Lesions
    from skintui.model.reader import LesionReader

AHEAD = 2
"""Batches decoded while one is computed."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A tile that could not be read, and why."""

    isic_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of the data set with the tiles that decode."""

    rows: tuple[int, ...]
    """Rows with a tile, in the order asked for."""
    images: tuple[Image, ...]
    unreadable: tuple[Unreadable, ...]
    size: int
    """How many rows were asked for."""


def decoded_batches(lesions: Lesions, rows: Sequence[int], size: int) -> Iterator[Batch]:
    """Batches of ``size`` rows in order; the next ones are decoded while the caller works on one."""
    waiting: list[Future[Batch]] = []
    with ThreadPoolExecutor(1, thread_name_prefix="tiles") as pool:
        try:
            for part in _batched(rows, size):
                waiting.append(pool.submit(_decoded, lesions, part))
                if len(waiting) > AHEAD:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()


def _decoded(lesions: Lesions, rows: tuple[int, ...]) -> Batch:
    kept: list[int] = []
    images: list[Image] = []
    lost: list[Unreadable] = []
    for row in rows:
        isic_id = lesions.ids[row]
        try:
            images.append(lesions.tile(isic_id))
            kept.append(row)
        except TileError as error:
            lost.append(Unreadable(isic_id, error.what))
    return Batch(tuple(kept), tuple(images), tuple(lost), len(rows))


@dataclass(slots=True)
class Shard:
    """Everything read of m consecutive lesions; zero vectors and NaN where a tile could not be read."""

    vectors: dict[str, NDArray[np.float32]]
    """(m, d) per view."""
    predicted: NDArray[np.float64]
    spread: NDArray[np.float64]
    label_logprob: NDArray[np.float64]
    label_tail: NDArray[np.float64]
    """(m, A) each."""

    @classmethod
    def empty(cls, m: int, d: int, attributes: Sequence[Attribute]) -> Shard:
        views = ["image", *(a.name for a in attributes)]
        vectors = {view: np.zeros((m, d), np.float32) for view in views}
        return cls(vectors, *(np.full((m, len(attributes)), np.nan) for _ in range(4)))

    def take(
        self,
        places: NDArray[np.int64],
        reader: LesionReader,
        images: Sequence[Image],
        attributes: Sequence[Attribute],
        labels: NDArray[np.float64],
        *,
        decode: bool,
    ) -> None:
        """Read ``images`` and put what comes out at ``places`` (b,) of the shard."""
        reading = reader.read(images, attributes=attributes, labels=labels, decode=decode)
        self.vectors["image"][places] = reading.image_vectors
        for j, attribute in enumerate(attributes):
            self.vectors[attribute.name][places] = reading.attribute_vectors[:, j]
        self.predicted[places], self.spread[places] = reading.predicted, reading.spread
        self.label_logprob[places], self.label_tail[places] = reading.label_logprob, reading.label_tail


def _batched(rows: Sequence[int], size: int) -> Iterator[tuple[int, ...]]:
    """``itertools.batched``, which Python 3.11 does not have."""
    left = iter(rows)
    while part := tuple(islice(left, size)):
        yield part
