"""A file of vectors is read whole once it was touched, and never answers when it is not what was written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from skintui.errors import VectorsError
from skintui.vectors import checked
from skintui.vectors.graph import build_graphs
from skintui.vectors.search import ViewIndex
from skintui.vectors.store import VectorStore
from tests.vectors.conftest import FINGERPRINT


@pytest.fixture
def folder(store: VectorStore) -> Path:
    build_graphs(store)
    store.close()
    return store.folder


def flip(path: Path, at: int = 5) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_an_index_over_changed_vectors_is_not_opened(folder: Path) -> None:
    ViewIndex.open(folder, "image").close()
    flip(folder / "image.f16")
    with pytest.raises(VectorsError, match=r"image\.f16: damaged; rebuild with skintui index"):
        ViewIndex.open(folder, "image")


def test_changed_vectors_are_not_read_from_a_store(folder: Path) -> None:
    flip(folder / "image.f16")
    with VectorStore.open(folder, FINGERPRINT) as store, pytest.raises(VectorsError, match="damaged"):
        store.rows("image", [0])


def test_the_shards_that_are_damaged_are_named_to_be_made_again(folder: Path) -> None:
    flip(folder / "image.f16")
    with VectorStore.open(folder, FINGERPRINT) as store:
        assert store.damaged_shards() == [0]


def test_untouched_vectors_are_read_whole_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: now)
    ViewIndex.open(folder, "image").close()
    checked._CHECKED.clear()
    monkeypatch.setattr(VectorStore, "_holds", lambda store, view: pytest.fail("read again"))
    with VectorStore.open(folder, FINGERPRINT) as store:
        assert store.rows("image", [0]).shape[0] == 1
