"""Ways to turn a tile into a vector without a question: the stored image vectors' rivals.

A new rival is one :class:`ImageMethod`; ``untuned`` shows how.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from skintui.steps.engine import Model
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from skintui.model.clip import ClipEncoder


@dataclass(frozen=True, slots=True)
class ImageMethod:
    """An encoder by its name in the retrieval table, loaded when its turn comes: it has ``embed_images``."""

    name: str
    model: Model


def untuned(weights: Weights) -> ImageMethod:
    """The base model without its adapter."""
    return ImageMethod("untuned", weights.untuned.absolute())


@dataclass(frozen=True, slots=True)
class Monet:
    """MONET as a worker loads it."""

    source: str
    device: str
    dtype: str

    def load(self) -> ClipEncoder:
        from skintui.model.clip import ClipEncoder

        return ClipEncoder.load(self.source, device=self.device, dtype=self.dtype)


def monet(source: str, weights: Weights) -> ImageMethod:
    """MONET from a folder or hub id, computing where ``weights`` does."""
    folder = Path(source).expanduser()
    return ImageMethod(
        "monet", Monet(str(folder.absolute()) if folder.is_dir() else source, weights.device, weights.dtype)
    )
