from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from skintui.errors import StaleError, VectorsError
from skintui.vectors import checked
from skintui.vectors import manifest as module
from skintui.vectors.graph import build_graphs
from skintui.vectors.manifest import open_manifest
from skintui.vectors.search import ViewIndex
from skintui.vectors.store import VectorStore
from tests.vectors.conftest import FINGERPRINT


@pytest.fixture
def folder(store: VectorStore) -> Path:
    build_graphs(store, threads=1)
    return store.folder


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(content)


def test_every_file_of_every_view_has_a_checksum(folder: Path) -> None:
    assert set(json.loads((folder / "manifest.json").read_text())["files"]) == {
        f"{view}{ending}" for view in ("image", "areaMM2") for ending in (".f16", ".usearch", ".axes", ".bits.npz")
    }


@pytest.mark.parametrize("name", ["image.usearch", "image.axes", "image.bits.npz"])
@pytest.mark.parametrize("at", [0, 9, 200, -1])
def test_one_flipped_byte_is_refused_in_one_line(folder: Path, name: str, at: int) -> None:
    flip(folder / name, at)
    with pytest.raises(VectorsError) as caught:
        ViewIndex.open(folder, "image")
    assert str(caught.value) == f"{folder / name}: damaged; rebuild with skintui index"


def test_a_byte_flipped_after_a_good_opening_is_refused(folder: Path) -> None:
    ViewIndex.open(folder, "image").close()
    flip(folder / "image.usearch", 5000)
    with pytest.raises(VectorsError, match="damaged"):
        ViewIndex.open(folder, "image")


def test_a_file_compared_once_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: now)
    read: list[Path] = []
    digest = module._digest_of
    monkeypatch.setattr(module, "_digest_of", lambda path: read.append(path) or digest(path))  # type: ignore[func-returns-value]
    manifest = open_manifest(folder)
    manifest.check("image.usearch")
    checked._CHECKED.clear()
    manifest.check("image.usearch")
    assert len(read) == 1


def test_a_remembered_file_that_was_touched_is_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: now)
    manifest = open_manifest(folder)
    before = manifest.check("image.usearch").stat()
    flip(folder / "image.usearch", 300)
    os.utime(folder / "image.usearch", ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(VectorsError, match="damaged"):
        manifest.check("image.usearch")


def test_a_graph_cut_short_is_refused(folder: Path) -> None:
    path = folder / "image.usearch"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(VectorsError, match="damaged"):
        ViewIndex.open(folder, "image")


def test_a_missing_graph_is_named(folder: Path) -> None:
    (folder / "image.usearch").unlink()
    with pytest.raises(VectorsError, match=r"image\.usearch: missing; rebuild with skintui index"):
        ViewIndex.open(folder, "image")


def test_damage_in_the_vectors_is_found_by_reading_everything(folder: Path) -> None:
    flip(folder / "areaMM2.f16", 1234)
    assert open_manifest(folder).damaged_files() == ["areaMM2.f16"]


def test_no_index_says_how_to_make_one(store: VectorStore) -> None:
    with pytest.raises(VectorsError, match="no finished index here; run 'skintui index' first"):
        open_manifest(store.folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"views": [], "files": []}'])
def test_a_damaged_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(VectorsError, match=r"manifest\.json: damaged"):
        open_manifest(folder)


def test_a_manifest_that_names_files_elsewhere_is_refused(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_text())
    content["files"]["../store.json"] = {"sha256": "", "bytes": 0}
    (folder / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(VectorsError, match="damaged"):
        open_manifest(folder)


def test_the_input_that_changed_is_named(folder: Path) -> None:
    with pytest.raises(StaleError, match="the adapter changed"):
        open_manifest(folder, {**FINGERPRINT, "adapter_sha256": "other"})


def test_a_view_without_index_is_named(folder: Path) -> None:
    with pytest.raises(VectorsError, match="'deltaL' is not indexed; indexed are: areaMM2, image"):
        ViewIndex.open(folder, "deltaL")
