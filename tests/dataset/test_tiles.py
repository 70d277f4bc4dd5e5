from __future__ import annotations

import struct
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from skintui.dataset.locate import DatasetFiles
from skintui.dataset.tiles import FolderTiles, check_tile, decode_tile, open_tiles, safe_name
from skintui.errors import DatasetError, TileError
from tests.dataset.conftest import jpeg, write_folder


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size its few bytes of data do not have."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def encoded(picture: Image.Image, kind: str) -> bytes:
    stream = BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


def test_a_jpeg_decodes_to_rgb() -> None:
    picture = decode_tile(jpeg(61))
    assert (picture.size, picture.mode) == ((61, 61), "RGB")


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "I;16"])
def test_a_png_of_another_mode_becomes_rgb(mode: str) -> None:
    assert decode_tile(encoded(Image.new(mode, (5, 5)), "PNG")).mode == "RGB"


BAD = {
    "empty": (b"", "the tile is empty"),
    "words": (b"not an image at all", "neither JPEG nor PNG"),
    "gif": (encoded(Image.new("L", (5, 5)), "GIF"), "neither JPEG nor PNG"),
    "truncated": (jpeg()[:-300], "cannot be decoded .*truncated"),
    "cut in a table": (jpeg()[:600], "cannot be decoded .*Truncated"),
    "header": (jpeg()[:20], "cannot be decoded"),
    "marker": (b"\xff\xd8\xff", "cannot be decoded"),
    "png cut": (encoded(Image.effect_noise((99, 99), 50), "PNG")[:900], "cannot be decoded"),
    "png header": (png_claiming(9, 9)[:20], "cannot be decoded"),
    "bomb": (png_claiming(50_000, 50_000), "50000 × 50000 pixels is too large"),
    "one side": (png_claiming(4097, 1), "4097 × 1 pixels is too large"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_decode_is_one_line(name: str) -> None:
    data, message = BAD[name]
    with pytest.raises(TileError, match=message) as caught:
        decode_tile(data)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", BAD)
def test_checking_finds_what_decoding_finds(name: str) -> None:
    data, message = BAD[name]
    with pytest.raises(TileError, match=message):
        check_tile(data)


def test_checking_passes_what_decodes() -> None:
    check_tile(jpeg())
    check_tile(encoded(Image.new("RGB", (5, 5)), "PNG"))


def test_a_bomb_is_refused_before_decoding() -> None:
    began = time.process_time()
    with pytest.raises(TileError):
        decode_tile(png_claiming(50_000, 50_000))
    assert time.process_time() - began < 0.5


def test_every_prefix_of_a_tile_is_refused_or_whole() -> None:
    data = jpeg(21)
    for length in range(0, len(data) - 2, 7):
        with pytest.raises(TileError):
            decode_tile(data[:length])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_folder(tmp_path / "images", {"ISIC_1": b"one", "ISIC_2": b"two"})
    (tmp_path / "images" / "ISIC_3.PNG").write_bytes(b"three")
    (tmp_path / "images" / "notes.txt").write_bytes(b"no tile")
    (tmp_path / "images" / ".hidden.jpg").write_bytes(b"no tile")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return tmp_path / "images"


def test_a_folder_knows_its_tiles(folder: Path) -> None:
    tiles = FolderTiles(folder)
    assert sorted(tiles.ids()) == ["ISIC_1", "ISIC_2", "ISIC_3"]
    assert "ISIC_1" in tiles
    assert "ISIC_9" not in tiles


def test_a_folder_gives_the_bytes_whatever_the_suffix(folder: Path) -> None:
    tiles = FolderTiles(folder)
    assert (tiles.read("ISIC_1"), tiles.read("ISIC_3")) == (b"one", b"three")


def test_a_tile_that_is_not_there_is_a_tile_error(folder: Path) -> None:
    with pytest.raises(TileError, match="no tile 'ISIC_9'"):
        FolderTiles(folder).read("ISIC_9")


@pytest.mark.parametrize("isic_id", ["../secret", "a/b", "..\\secret", "", ".hidden", "a\0b", "x" * 300])
def test_no_id_leads_out_of_the_folder(folder: Path, isic_id: str) -> None:
    tiles = FolderTiles(folder)
    with pytest.raises(TileError, match="cannot name a tile"):
        tiles.read(isic_id)
    assert isic_id not in tiles


def test_safe_name_returns_a_usual_id() -> None:
    assert safe_name("ISIC_0000001") == "ISIC_0000001"


def test_a_folder_in_place_of_a_tile_is_a_tile_error(folder: Path) -> None:
    (folder / "ISIC_8.jpg").mkdir()
    with pytest.raises(TileError):
        FolderTiles(folder).read("ISIC_8")


def test_a_folder_that_is_gone_is_a_data_set_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="folder of tiles cannot be read"):
        list(FolderTiles(tmp_path / "gone").ids())


def test_open_tiles_opens_nothing_yet(tmp_path: Path) -> None:
    missing = DatasetFiles(tmp_path, tmp_path / "m.csv", tmp_path / "gone.hdf5", "hdf5")
    tiles = open_tiles(missing, tmp_path / "none.parquet")
    with pytest.raises(DatasetError):
        tiles.read("ISIC_1")
