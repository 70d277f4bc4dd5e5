"""Tiles of every kind and of no kind: each becomes a picture or one line."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from skintui.dataset.csvfile import read_csv_text
from skintui.dataset.tiles import check_tile, decode_tile
from skintui.errors import DatasetError, TileError

PICTURE = Image.new("RGB", (32, 24), (200, 120, 90))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(*chunks: tuple[bytes, bytes], side: int = 8) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    whole = [(b"IHDR", header), *chunks, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in whole
    )


@pytest.mark.parametrize("mode", ["CMYK", "L", "YCbCr"])
def test_a_jpeg_of_any_colour_model_is_rgb(mode: str) -> None:
    assert decode_tile(saved(PICTURE.convert(mode), "JPEG")).mode == "RGB"


@pytest.mark.parametrize("mode", ["I;16", "1", "P", "LA", "RGBA"])
def test_a_png_of_any_depth_is_rgb(mode: str) -> None:
    source = PICTURE.convert("L").convert(mode) if mode == "I;16" else PICTURE.convert(mode)
    assert decode_tile(saved(source, "PNG")).mode == "RGB"


def test_a_progressive_jpeg_is_read() -> None:
    assert decode_tile(saved(PICTURE, "JPEG", progressive=True)).size == (32, 24)


def test_a_tile_is_taken_as_it_is_stored_not_turned_by_its_exif() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode_tile(saved(PICTURE, "JPEG", exif=exif)).size == (32, 24)


@pytest.mark.parametrize(
    "data",
    [
        saved(PICTURE, "GIF"),
        saved(PICTURE, "TIFF"),
        saved(PICTURE, "WEBP"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        saved(PICTURE, "JPEG")[:200],
        saved(PICTURE, "PNG")[:60],
        png((b"IDAT", zlib.compress(bytes(1000))), side=50_000),
        png((b"iTXt", b"k\0\1\0\0\0" + zlib.compress(bytes(80 << 20))), (b"IDAT", zlib.compress(bytes(200)))),
        png((b"iCCP", b"k\0\0" + zlib.compress(bytes(80 << 20)))),
    ],
    ids=["gif", "tiff", "webp", "eps", "svg", "cut jpeg", "cut png", "bomb", "text bomb", "profile bomb"],
)
def test_what_is_no_tile_is_one_line(data: bytes) -> None:
    for read in (decode_tile, check_tile):
        with pytest.raises(TileError) as caught:
            read(data)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"isic_id" + b",a" * 400_000 + b"\n1\n", "columns"),
        (b"isic_id" + b",a" * 10_000_000 + b"\n1\n", "columns or does not end"),
        (b"isic_id,patient_id\na,b\nc," + b"x" * (16 << 20) + b"\n", "line 3 is longer than 4 MiB"),
    ],
    ids=["columns", "line", "field"],
)
def test_a_line_without_end_is_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=message) as caught:
        read_csv_text(path)
    assert len(str(caught.value)) < 500
