"""Ways to turn a tile into a vector without a question: the stored image vectors' rivals.

A new rival is one :class:`ImageMethod`; ``untuned`` shows how.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.reading import decoded_batches
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    from skintui.dataset.lesions import Lesions

    Vectors = NDArray[np.float32]

BATCH = 16


class ImageEncoder(Protocol):
    """A loaded model."""

    @property
    def hidden_size(self) -> int:
        """Length d of its vectors."""

    def embed_images(self, images: Sequence[Image]) -> Vectors:
        """(B, d) vectors of B tiles."""


@dataclass(frozen=True, slots=True)
class ImageMethod:
    """An encoder by its name in the retrieval table, loaded when its turn comes."""

    name: str
    load: Callable[[], ImageEncoder]


def untuned(weights: Weights) -> ImageMethod:
    """The base model without its adapter."""
    return ImageMethod("untuned", weights.untuned.load)


def monet(source: str, weights: Weights) -> ImageMethod:
    """MONET from a folder or hub id, computing where ``weights`` does."""

    def load() -> ImageEncoder:
        from skintui.model.clip import ClipEncoder

        return ClipEncoder.load(source, device=weights.device, dtype=weights.dtype)

    return ImageMethod("monet", load)


def embedded(encoder: ImageEncoder, lesions: Lesions, rows: NDArray[np.int64], progress: Progress) -> Vectors:
    """Vectors (m, d) of the tiles of ``rows``; zeros where one does not decode."""
    vectors = np.zeros((rows.size, encoder.hidden_size), np.float32)
    place = {int(row): i for i, row in enumerate(rows.tolist())}
    for batch in decoded_batches(lesions, rows.tolist(), BATCH):
        stop_if_cancelled(progress)
        if batch.rows:
            vectors[[place[row] for row in batch.rows]] = encoder.embed_images(batch.images)
        progress.advance(batch.size)
    return vectors
