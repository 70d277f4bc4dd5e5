"""What training sees and in which order: a pure function of the seed, so that a resumed run sees the same."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skintui.attributes import ATTRIBUTES
from skintui.errors import ModelError
from skintui.model.pack import Question
from skintui.model.prompt import Prompt, format_answer


class TrainingSamples(Protocol):
    """Tiles with labels; a damaged tile raises TileError and is passed over."""

    def __len__(self) -> int: ...

    def image(self, i: int) -> Image.Image: ...

    def labels(self, i: int) -> NDArray[np.float64]:
        """(16,) in the order of ATTRIBUTES, NaN where missing."""
        ...


@dataclass(frozen=True)
class Order:
    """Which samples stand in which step."""

    usable: NDArray[np.int64]
    """Samples with at least one label."""
    batch_size: int
    epochs: int
    seed: int

    @classmethod
    def of(cls, labels: NDArray[np.float64], batch_size: int, epochs: int, seed: int) -> Order:
        usable = np.flatnonzero(np.isfinite(labels).any(axis=1))
        if not len(usable):
            raise ModelError("no tile has a label to learn from", do="check the 16 attribute columns")
        return cls(usable, batch_size, epochs, seed)

    @property
    def steps_per_epoch(self) -> int:
        return math.ceil(len(self.usable) / self.batch_size)

    @property
    def steps(self) -> int:
        return self.steps_per_epoch * self.epochs

    def batch(self, step: int) -> NDArray[np.int64]:
        """Samples of one step (0-based); every epoch has an order of its own."""
        epoch, place = divmod(step, self.steps_per_epoch)
        order = np.random.default_rng((self.seed, epoch)).permutation(self.usable)
        return order[place * self.batch_size : (place + 1) * self.batch_size]


def labels_of(samples: TrainingSamples) -> NDArray[np.float64]:
    """(n, 16) labels of all samples, NaN where missing."""
    if not len(samples):
        raise ModelError("there is no tile to learn from", do="check the data set and the split")
    return np.stack([np.asarray(samples.labels(i), dtype=np.float64) for i in range(len(samples))])


def labels_sha256(labels: NDArray[np.float64]) -> str:
    return hashlib.sha256(np.ascontiguousarray(labels).tobytes()).hexdigest()


def drawn_attributes(labels: NDArray[np.float64], count: int, seed: Sequence[int]) -> NDArray[np.int64]:
    """Indices of the ``count`` attributes asked about one tile, those that have a label (16,) first."""
    shuffled = np.random.default_rng(tuple(seed)).permutation(len(ATTRIBUTES))
    missing = ~np.isfinite(labels[shuffled])
    return shuffled[np.argsort(missing, kind="stable")][:count]


def questions(prompt: Prompt, labels: NDArray[np.float64], chosen: NDArray[np.int64]) -> list[Question]:
    """The ``chosen`` questions about one tile with labels (16,).

    Where a tile has fewer labels, the rest is asked without an answer and adds nothing to the loss.
    """
    return [
        Question(
            prompt.question(ATTRIBUTES[a].question),
            prompt.answer(format_answer(ATTRIBUTES[a], float(labels[a]))) if np.isfinite(labels[a]) else None,
        )
        for a in chosen
    ]


def chance_of_an_answer(labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """(16,) log-probability of one answer among all that the middle 98 % of the labels (n, 16) span, taken as equal.

    What a wrong label may read like; 0 where an attribute has no label.
    """
    chances = np.zeros(len(ATTRIBUTES))
    for j, attribute in enumerate(ATTRIBUTES):
        known = labels[np.isfinite(labels[:, j]), j]
        if known.size:
            low, high = np.quantile(known, (0.01, 0.99))
            chances[j] = -math.log(max((high - low) * 10**attribute.decimals, 1.0))
    return chances


def turned(image: Image.Image, seed: Sequence[int]) -> Image.Image:
    """One of the eight views of a square tile, turned and mirrored; the attributes are the same in all of them."""
    views = (None, *Image.Transpose)
    view = views[int(np.random.default_rng((*seed, len(views))).integers(len(views)))]
    return image if view is None else image.transpose(view)
