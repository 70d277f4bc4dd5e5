"""A tiny model shared by the room's tests, made once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from skintui.attributes import ATTRIBUTES
from skintui.model.reader import LesionReader
from tests.tiny import write_tiny_model


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random-weight Qwen2-VL folder laid out like the hub's."""
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny_reader(tiny_base: Path) -> LesionReader:
    return LesionReader.load(tiny_base, device="cpu")


@pytest.fixture(scope="session")
def tiles() -> list[Image.Image]:
    """Three tiles of different odd sizes."""
    rng = np.random.default_rng(5)
    return [Image.fromarray(rng.integers(0, 255, (side, side, 3), dtype=np.uint8)) for side in (51, 133, 99)]


class Coloured:
    """Training samples whose 16 labels are read off the tile's colour, so that there is something to learn."""

    def __init__(self, count: int = 12) -> None:
        rng = np.random.default_rng(0)
        self.levels = rng.integers(0, 10, count)

    def __len__(self) -> int:
        return len(self.levels)

    def image(self, i: int) -> Image.Image:
        return Image.new("RGB", (33, 33), (25 * int(self.levels[i]), 90, 60))

    def labels(self, i: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        values = np.full(len(ATTRIBUTES), float(self.levels[i]) + 1)
        values[i % len(ATTRIBUTES)] = np.nan
        return values


@pytest.fixture
def samples() -> Coloured:
    return Coloured()
