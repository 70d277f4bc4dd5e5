"""The drawn lesions of pre-training: tiles, dense targets, words and other quantities, in memory-mapped files.

No file holds the sixteen attributes as numbers: only the bin (word) each falls into.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.errors import ModelError
from skintui.files import write_json
from skintui.model.bundled.questions import LEVELS, TRAITS
from skintui.model.bundled.targets import CHANNELS

MISSING_LEVEL = -1
_SIDE, _CELLS = 128, 16


@dataclass(frozen=True)
class Drawings:
    """n drawn lesions."""

    tiles: NDArray[np.uint8]
    """(n, 128, 128, 3) sRGB, as decoded from JPEG and resized like the model's input."""
    cells: NDArray[np.float16]
    """(n, 16, 16, len(CHANNELS)) dense targets."""
    levels: NDArray[np.int8]
    """(n, 16) which word describes each attribute; ``MISSING_LEVEL`` where it is missing."""
    traits: NDArray[np.float32]
    """(n, len(TRAITS)) the other quantities; NaN where missing."""

    def __len__(self) -> int:
        return len(self.tiles)

    @classmethod
    def open(cls, folder: Path) -> Drawings:
        """Map the files of a finished folder. Raises ModelError where one is missing."""
        try:
            tiles, cells, levels, traits = (
                np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("tiles", "cells", "levels", "traits")
            )
        except (OSError, ValueError) as error:
            raise ModelError("no drawn lesions here", where=folder, do="run the stage 'draw' first") from error
        return cls(tiles, cells, levels, traits)


def blank(n: int) -> Drawings:
    """Room for n lesions in memory."""
    return Drawings(
        np.zeros((n, _SIDE, _SIDE, 3), np.uint8),
        np.zeros((n, _CELLS, _CELLS, len(CHANNELS)), np.float16),
        np.full((n, len(ATTRIBUTES)), MISSING_LEVEL, np.int8),
        np.full((n, len(TRAITS)), np.nan, np.float32),
    )


def save(drawings: Drawings, folder: Path) -> None:
    """Write the four files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("tiles", "cells", "levels", "traits"):
        np.save(folder / f"{name}.npy", getattr(drawings, name))


def level_cuts(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(LEVELS - 1, 16) values between the words: septiles of drawn attributes (n, 16), NaN = missing."""
    return np.nanquantile(values, np.arange(1, LEVELS) / LEVELS, axis=0)


def to_levels(values: NDArray[np.float64], cuts: NDArray[np.float64]) -> NDArray[np.int8]:
    """(n, 16) numbers to words' indices."""
    level = (values[:, None, :] > cuts[None]).sum(axis=1)
    return np.where(np.isnan(values), MISSING_LEVEL, level).astype(np.int8)


def write_scales(drawings: Drawings, cuts: NDArray[np.float64], path: Path) -> None:
    """Mean and deviation of dense targets and traits, and the cuts between words, for the record."""
    some = np.asarray(drawings.cells[:2000], np.float32).reshape(-1, len(CHANNELS))
    scales: Mapping[str, list[float] | list[list[float]]] = {
        "cells_mean": some.mean(0).tolist(),
        "cells_std": (some.std(0) + 1e-6).tolist(),
        "traits_mean": np.nanmean(drawings.traits, axis=0).tolist(),
        "traits_std": (np.nanstd(drawings.traits, axis=0) + 1e-6).tolist(),
        "cuts": cuts.tolist(),
    }
    write_json(path, dict(scales))


def turned(array: NDArray[np.generic], turns: int, mirrored: bool) -> NDArray[np.generic]:
    """One of the eight views of an image (H, W, …) or of its cells."""
    view = array[:, ::-1] if mirrored else array
    return np.rot90(view, turns)
