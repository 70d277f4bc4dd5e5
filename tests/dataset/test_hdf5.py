from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest

from skintui.dataset.hdf5 import Hdf5Tiles, index_offsets
from skintui.errors import Cancelled, DatasetError, TileError
from skintui.progress import Silent
from tests.dataset.conftest import jpeg, write_hdf5

TILES = {f"ISIC_{k}": jpeg(31, 100 + k) for k in range(5)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_hdf5(tmp_path / "t.hdf5", TILES)
    return tmp_path / "t.hdf5"


@pytest.fixture(params=["by name", "by offset"])
def tiles(request: pytest.FixtureRequest, path: Path) -> Hdf5Tiles:
    """The same file before and after a scan."""
    if request.param == "by name":
        return Hdf5Tiles(path)
    offsets = path.with_name("tiles.parquet")
    index_offsets(path, offsets)
    source = Hdf5Tiles(path, offsets)
    assert source.indexed
    return source


def test_bytes_come_out_as_they_went_in(tiles: Hdf5Tiles) -> None:
    assert {isic_id: tiles.read(isic_id) for isic_id in TILES} == TILES


def test_ids_are_those_stored(tiles: Hdf5Tiles) -> None:
    assert sorted(tiles.ids()) == sorted(TILES)


def test_membership(tiles: Hdf5Tiles) -> None:
    assert "ISIC_3" in tiles
    assert "ISIC_33" not in tiles
    assert "ISIC_3/x" not in tiles
    assert 3 not in tiles


def test_a_missing_tile_is_a_tile_error(tiles: Hdf5Tiles) -> None:
    with pytest.raises(TileError, match="no tile 'ISIC_9'"):
        tiles.read("ISIC_9")


@pytest.mark.parametrize("isic_id", ["../t", "/ISIC_1", "", "."])
def test_no_id_is_a_path(tiles: Hdf5Tiles, isic_id: str) -> None:
    with pytest.raises(TileError, match="cannot name a tile"):
        tiles.read(isic_id)


def test_threads_read_side_by_side(tiles: Hdf5Tiles) -> None:
    wanted = list(TILES) * 40
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(tiles.read, wanted)) == [TILES[isic_id] for isic_id in wanted]


def test_reading_goes_on_after_close(tiles: Hdf5Tiles) -> None:
    tiles.read("ISIC_1")
    tiles.close()
    assert tiles.read("ISIC_1") == TILES["ISIC_1"]


def test_zero_bytes_at_the_end_are_kept(tmp_path: Path) -> None:
    write_hdf5(tmp_path / "t.hdf5", {"a": b"ends\0\0"})
    assert Hdf5Tiles(tmp_path / "t.hdf5").read("a") == b"ends\0\0"


@pytest.mark.parametrize("indexed", [False, True])
def test_other_ways_to_store_bytes_are_read(tmp_path: Path, indexed: bool) -> None:
    data = jpeg(31)
    path = tmp_path / "t.hdf5"
    with h5py.File(path, "w") as file:
        file["void"] = np.void(data)
        file["array"] = np.frombuffer(data, dtype=np.uint8)
        file.create_dataset("packed", data=np.frombuffer(data, dtype=np.uint8), compression="gzip")
        file.create_dataset("variable", data=data.hex(), dtype=h5py.string_dtype())
        file.create_dataset("empty", data=h5py.Empty("S1"))
        file["floats"] = np.zeros(3)
    offsets = tmp_path / "o.parquet"
    if indexed:
        index_offsets(path, offsets)
    tiles = Hdf5Tiles(path, offsets if indexed else None)
    assert [tiles.read(name) for name in ("void", "array", "packed")] == [data] * 3
    assert tiles.read("variable") == data.hex().encode()
    for broken in ("floats", "empty"):
        with pytest.raises(TileError):
            tiles.read(broken)


def test_a_link_to_another_file_is_not_followed(tmp_path: Path) -> None:
    write_hdf5(tmp_path / "other.hdf5", {"secret": b"secret"})
    path = tmp_path / "t.hdf5"
    with h5py.File(path, "w") as file:
        file["out"] = h5py.ExternalLink(str(tmp_path / "other.hdf5"), "/secret")
    with pytest.raises(TileError, match="a link, not a tile"):
        Hdf5Tiles(path).read("out")
    offsets = tmp_path / "o.parquet"
    index_offsets(path, offsets)
    assert "out" not in Hdf5Tiles(path, offsets)


def test_bytes_kept_in_another_file_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "passwords").write_bytes(b"secret")
    path = tmp_path / "t.hdf5"
    with h5py.File(path, "w") as file:
        outside = [(str(tmp_path / "passwords"), 0, 6)]
        file.create_dataset("out", shape=(6,), dtype=np.uint8, external=outside)
    offsets = tmp_path / "o.parquet"
    index_offsets(path, offsets)
    for tiles in (Hdf5Tiles(path), Hdf5Tiles(path, offsets)):
        with pytest.raises(TileError, match="its bytes lie in another file"):
            tiles.read("out")


def test_a_group_is_no_tile(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "t.hdf5", "w") as file:
        file.create_group("folder")
    with pytest.raises(TileError, match="a group, not a tile"):
        Hdf5Tiles(tmp_path / "t.hdf5").read("folder")


def test_a_giant_claim_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "t.hdf5", "w") as file:
        file.create_dataset("giant", shape=(1 << 40,), dtype=np.uint8, chunks=(1 << 16,))
    with pytest.raises(TileError, match="larger than 32 MiB"):
        Hdf5Tiles(tmp_path / "t.hdf5").read("giant")


def test_a_file_cut_short_is_said(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(DatasetError, match="cut short; copy or download it again"):
        Hdf5Tiles(path).read("ISIC_1")


@pytest.mark.parametrize("content", [b"", b"not HDF5 at all" * 100])
def test_a_file_of_another_kind_is_said(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DatasetError) as caught:
        Hdf5Tiles(path).read("ISIC_1")
    assert "HDF5" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_gone_is_said(path: Path) -> None:
    path.unlink()
    with pytest.raises(DatasetError, match=r"t\.hdf5"):
        Hdf5Tiles(path).read("ISIC_1")


def test_offsets_of_another_state_of_the_file_are_not_used(path: Path) -> None:
    offsets = path.with_name("o.parquet")
    index_offsets(path, offsets)
    write_hdf5(path, {"ISIC_0": b"something else"})
    tiles = Hdf5Tiles(path, offsets)
    assert not tiles.indexed
    assert tiles.read("ISIC_0") == b"something else"


def test_a_damaged_index_is_not_used(path: Path) -> None:
    offsets = path.with_name("o.parquet")
    offsets.write_bytes(b"PAR1 damaged")
    assert not Hdf5Tiles(path, offsets).indexed


def test_a_file_cut_after_opening_is_a_tile_error(path: Path) -> None:
    offsets = path.with_name("o.parquet")
    index_offsets(path, offsets)
    tiles = Hdf5Tiles(path, offsets)
    os.truncate(path, 100)
    with pytest.raises(TileError, match="cut short"):
        tiles.read("ISIC_1")


def test_stopping_while_indexing_leaves_no_index(path: Path) -> None:
    class Stopped(Silent):
        @property
        def cancelled(self) -> bool:
            return True

    offsets = path.with_name("o.parquet")
    with pytest.raises(Cancelled):
        index_offsets(path, offsets, Stopped())
    assert not offsets.exists()


def test_reading_by_offset_does_not_load_h5py(path: Path) -> None:
    offsets = path.with_name("o.parquet")
    index_offsets(path, offsets)
    code = (
        "import sys; from pathlib import Path; from skintui.dataset.hdf5 import Hdf5Tiles\n"
        "Hdf5Tiles(Path(sys.argv[1]), Path(sys.argv[2])).read('ISIC_1'); assert 'h5py' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(path), str(offsets)], check=True)
