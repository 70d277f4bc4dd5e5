from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest

from skintui.dataset.hdf5_structure import Links, located, read_links
from tests.dataset.conftest import write_hdf5

MOST = 1 << 20
TILES = {f"ISIC_{k:04d}": bytes([k % 251 + 1]) * (200 + k) for k in range(700)}
"""Enough for a B-tree of two levels."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("structure") / "t.hdf5"
    write_hdf5(path, TILES)
    return path


@contextmanager
def opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def links_of(path: Path) -> Links | None:
    with opened(path) as handle:
        return read_links(handle)


def places_of(path: Path, most: int = MOST) -> dict[str, tuple[int, int]]:
    """Offset and size by name."""
    with opened(path) as handle:
        links = read_links(handle)
        assert links is not None
        found = {}
        for rows, offsets, sizes in located(handle, links.headers, most):
            for row, offset, size in zip(rows.tolist(), offsets.tolist(), sizes.tolist(), strict=True):
                found[links.names[row]] = (offset, size)
        return found


def test_places_are_those_of_the_library(path: Path) -> None:
    with h5py.File(path) as file:
        told = {name: (file[name].id.get_offset(), file[name].id.get_storage_size()) for name in file}
    assert places_of(path) == told


def test_there_are_the_bytes(path: Path) -> None:
    content = path.read_bytes()
    assert {name: content[at : at + size] for name, (at, size) in places_of(path).items()} == TILES


def test_names_come_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "t.hdf5", "w") as file:
        for name in ("b", "c", "a", "B"):
            file[name] = np.bytes_(b"tile")
    links = links_of(tmp_path / "t.hdf5")
    assert links is not None
    assert links.names == ["B", "a", "b", "c"]


def test_arrays_of_bytes_lie_in_one_piece_too(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "t.hdf5", "w") as file:
        for k in range(4):
            file[f"array{k}"] = np.full(10 + k, k, np.uint8)
            file[f"void{k}"] = np.void(b"v" * (20 + k))
    content = (tmp_path / "t.hdf5").read_bytes()
    found = {name: content[at : at + size] for name, (at, size) in places_of(tmp_path / "t.hdf5").items()}
    assert found == {f"array{k}": bytes([k]) * (10 + k) for k in range(4)} | {
        f"void{k}": b"v" * (20 + k) for k in range(4)
    }


@pytest.mark.parametrize("kind", ["chunked", "compact", "floats", "variable", "empty", "external", "group"])
def test_what_does_not_lie_in_one_piece_is_asked_of_the_library(tmp_path: Path, kind: str) -> None:
    with h5py.File(tmp_path / "t.hdf5", "w") as file:
        for name in ("a", "b"):
            if kind == "chunked":
                file.create_dataset(name, data=np.zeros(64, np.uint8), chunks=(16,))
            elif kind == "compact":
                plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                plan.set_layout(h5py.h5d.COMPACT)
                space, stored = h5py.h5s.create_simple((8,)), h5py.h5t.NATIVE_UINT8
                h5py.h5d.create(file.id, name.encode(), stored, space, plan).write(space, space, np.ones(8, np.uint8))
            elif kind == "floats":
                file[name] = np.ones(8)
            elif kind == "variable":
                file.create_dataset(name, data="text", dtype=h5py.string_dtype())
            elif kind == "empty":
                file.create_dataset(name, data=h5py.Empty("S1"))
            elif kind == "external":
                file.create_dataset(name, shape=(6,), dtype=np.uint8, external=[("other", 0, 6)])
            else:
                file.create_group(name)
    assert places_of(tmp_path / "t.hdf5") == {"a": (-1, 0), "b": (-1, 0)}


def test_too_large_a_tile_is_asked_of_the_library(path: Path) -> None:
    apart = [name for name, place in places_of(path, most=300).items() if place == (-1, 0)]
    assert sorted(apart) == [name for name, data in TILES.items() if len(data) > 300]


def test_a_header_unlike_all_others_is_asked_of_the_library(path: Path, tmp_path: Path) -> None:
    with h5py.File(path) as file:
        address = h5py.h5o.get_info(file["ISIC_0300"].id).addr
    content = bytearray(path.read_bytes())
    content[address + 4] = 7  # the number of references to it
    (tmp_path / "t.hdf5").write_bytes(content)
    assert [name for name, place in places_of(tmp_path / "t.hdf5").items() if place == (-1, 0)] == ["ISIC_0300"]


def test_soft_links_are_left_out(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "t.hdf5", "w") as file:
        file["a"] = np.bytes_(b"tile")
        file["b"] = h5py.SoftLink("/a")
    links = links_of(tmp_path / "t.hdf5")
    assert links is not None
    assert links.names == ["a"]


def test_files_of_another_form_are_left_to_the_library(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "new.hdf5", "w", libver="latest") as file:
        file["a"] = np.bytes_(b"tile")
    with h5py.File(tmp_path / "block.hdf5", "w", userblock_size=512) as file:
        file["a"] = np.bytes_(b"tile")
    with h5py.File(tmp_path / "changed.hdf5", "w") as file:
        file["a"] = np.bytes_(b"tile")
        file["é"] = np.bytes_(b"tile")  # the library gives the group another form, and leaves the first one behind
    with h5py.File(tmp_path / "none.hdf5", "w"):
        pass
    (tmp_path / "short.hdf5").write_bytes(b"\x89HDF\r\n\x1a\n")
    for name in ("new", "block", "changed", "none", "short"):
        assert links_of(tmp_path / f"{name}.hdf5") is None


def test_damaged_tables_never_raise(path: Path, tmp_path: Path) -> None:
    places = places_of(path)
    content = np.frombuffer(path.read_bytes(), np.uint8)
    tables = content != 0
    for at, size in places.values():
        tables[at : at + size] = False
    where, chance = np.flatnonzero(tables).tolist(), random.Random(3)
    target = tmp_path / "t.hdf5"
    for _ in range(150):
        damaged = bytearray(content.tobytes())
        for at in chance.sample(where, 3):
            damaged[at] = chance.randrange(256)
        target.write_bytes(damaged)
        with opened(target) as handle:
            links = read_links(handle)
            if links is not None:
                for _, offsets, sizes in located(handle, links.headers, MOST):
                    assert (offsets + sizes <= len(content)).all()
