from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skintui.errors import Cancelled, WorkspaceError
from skintui.progress import Silent
from skintui.vectors import graph
from skintui.vectors.exact import exact_search
from skintui.vectors.graph import build_graph, build_graphs
from skintui.vectors.search import ViewIndex
from skintui.vectors.store import VectorStore
from tests.vectors.conftest import N, Write


class Counting(Silent):
    """Counts units and can ask to stop after some of them."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.total, self.done, self.stop_after = 0, 0, stop_after

    def start(self, stage: str, total: int | None = None, done: int = 0) -> None:
        self.total += total or 0

    def advance(self, count: int = 1, **figures: float) -> None:
        self.done += count

    @property
    def cancelled(self) -> bool:
        return self.stop_after is not None and self.done >= self.stop_after


def test_progress_adds_up(store: VectorStore) -> None:
    progress = Counting()
    build_graphs(store, progress, threads=1)
    assert progress.done == progress.total == 4 * N  # per view, reading and entering


def test_stopping_keeps_the_views_already_built(store: VectorStore) -> None:
    with pytest.raises(Cancelled):
        build_graphs(store, Counting(stop_after=2 * N), threads=1)
    assert ViewIndex.open(store.folder, "image").view == "image"
    progress = Counting()
    build_graphs(store, progress, threads=1)
    assert progress.total == 2 * N


def test_fresh_graphs_are_not_built_again(store: VectorStore) -> None:
    build_graphs(store, threads=1)
    progress = Counting()
    build_graphs(store, progress, threads=1)
    assert progress.total == 0


def test_a_damaged_graph_is_built_again(store: VectorStore) -> None:
    build_graphs(store, threads=1)
    path = store.folder / "image.usearch"
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    progress = Counting()
    build_graphs(store, progress, threads=1)
    assert progress.total == 2 * N
    ViewIndex.open(store.folder, "image").close()


def test_a_lesion_without_vector_is_not_in_the_graph(store: VectorStore) -> None:
    build_graph(store, "image", threads=1)
    index = ViewIndex.open(store.folder, "image")
    assert not index.present[7]
    assert index.present.sum() == N - 1


def test_rows_of_an_unfinished_shard_are_not_in_the_graph(tmp_path: Path, write: Write) -> None:
    with write(tmp_path, shards=2) as store:
        with store.path("image").open("r+b") as file:
            file.seek(600 * 128)
            file.write(b"\x11" * 128)  # as a kill in the middle of a later shard leaves it
        build_graphs(store, threads=1)
        assert np.array_equal(ViewIndex.open(tmp_path, "image").present, store.present() & (np.arange(N) != 7))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("offset", [8, 12])
def test_the_scan_finds_the_codes_wherever_usearch_puts_them(
    store: VectorStore, monkeypatch: pytest.MonkeyPatch, threads: int, offset: int
) -> None:
    """At another offset the block is not recognised, and the codes are written once more beside the graph."""
    monkeypatch.setattr(graph, "_CODES_OFFSET", offset)
    build_graph(store, "image", threads=threads)
    assert (store.folder / "image.bits").exists() == (offset != 8)
    index, matrix = ViewIndex.open(store.folder, "image"), store.matrix("image")
    for row in range(0, N, 100):
        found = index.search(matrix[row], 5, method="scan", rerank=300)
        assert found.rows.tolist() == exact_search(matrix, matrix[row], 5).rows.tolist()


def test_a_disk_that_fills_up_leaves_no_half_graph(store: VectorStore, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def save(self, path: str) -> None:
            Path(path).write_bytes(b"half")
            raise RuntimeError("No space left on device")

    monkeypatch.setattr(graph, "_filled", lambda *_: Full())
    with pytest.raises(WorkspaceError, match="cannot be written"):
        build_graph(store, "image")
    assert not [path.name for path in store.folder.iterdir() if "usearch" in path.name or path.name == "manifest.json"]


def test_a_store_without_any_vector_has_an_empty_index(tmp_path: Path, vectors: dict[str, NDArray[np.float32]]) -> None:
    import polars as pl

    with VectorStore.create(tmp_path, {}, ("image",), 3, 4) as store:
        store.write_shard(0, {"image": np.zeros((3, 4))}, pl.DataFrame({"row": [0, 1, 2]}))
        build_graphs(store, threads=1)
    assert len(ViewIndex.open(tmp_path, "image").search([1.0, 0.0, 0.0, 0.0], 5)) == 0


def test_a_graph_whose_last_bytes_found_no_room_is_not_put_in_its_place(tmp_path: Path) -> None:
    class Full:
        """As usearch on a disk that fills up with the last block: it says nothing."""

        serialized_length = 9848

        def save(self, path: str) -> None:
            Path(path).write_bytes(bytes(8192))

    with pytest.raises(WorkspaceError, match=r"cannot be written \(8,192 of 9,848 bytes\); is the disk full"):
        graph._save_index(Full(), tmp_path / "image.usearch")
    assert not list(tmp_path.glob("*image*"))
