"""A small store, its graphs, and the parts the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from skintui.vectors.graph import build_graphs
from skintui.vectors.search import ViewIndex
from skintui.vectors.store import VectorStore
from skintui.vectors.structured import structured_vectors

FINGERPRINT = {"dataset_sha256": "d", "model_sha256": "m", "adapter_sha256": "a", "prompt_sha256": "p"}
VIEWS = ("image", "areaMM2")
N, D, SHARD_ROWS = 1000, 64, 128


@pytest.fixture(scope="session")
def vectors() -> dict[str, NDArray[np.float32]]:
    """Vectors per view (N, D); lesion 7 could not be read."""
    made = {view: structured_vectors(N, D, seed, clusters=20) for seed, view in enumerate(VIEWS)}
    for block in made.values():
        block[7] = np.nan
    return made


def predictions(start: int, stop: int) -> pl.DataFrame:
    return pl.DataFrame({"isic_id": [f"ISIC_{row:07d}" for row in range(start, stop)], "predicted": float(start)})


Write = Callable[..., VectorStore]


@pytest.fixture
def write(vectors: dict[str, NDArray[np.float32]]) -> Write:
    """Write the remaining shards, or only the first few of them, of a store in a folder."""

    def run(folder: Path, shards: int | None = None, **changes: object) -> VectorStore:
        settings: dict[str, object] = {"fingerprint": FINGERPRINT, "views": VIEWS, "n": N, "d": D, **changes}
        store = VectorStore.create(folder, **settings, shard_rows=SHARD_ROWS)  # type: ignore[arg-type]
        for shard in store.remaining()[:shards]:
            start, stop = store.span(shard)
            blocks = {view: vectors[view][start:stop] for view in VIEWS}
            store.write_shard(shard, blocks, predictions(start, stop))
        return store

    return run


@pytest.fixture
def store(tmp_path: Path, write: Write) -> Iterator[VectorStore]:
    with write(tmp_path / "vectors") as store:
        yield store


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory, vectors: dict[str, NDArray[np.float32]]) -> ViewIndex:
    """The open image index of a finished store; tests only search it."""
    folder = tmp_path_factory.mktemp("indexed")
    with VectorStore.create(folder, FINGERPRINT, VIEWS, N, D, N) as store:
        store.write_shard(0, vectors, predictions(0, N))
        build_graphs(store, threads=1)
    return ViewIndex.open(folder, "image")
