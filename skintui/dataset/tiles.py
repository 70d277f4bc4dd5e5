"""The tiles: where their bytes come from, and how they become pictures without trusting them."""

from __future__ import annotations

import os
import struct
import threading
import zlib
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from skintui.dataset.locate import DatasetFiles
from skintui.errors import DatasetError, TileError
from skintui.texts import printable

if TYPE_CHECKING:
    from PIL import Image, ImageFile

MAX_TILE_BYTES = 1 << 25
"""No tile is this large (32 MiB; SLICE-3D's are 1 to 6.5 kB)."""
MAX_TILE_SIDE = 4096
"""Pixels per side a picture may claim before it is decoded (SLICE-3D's tiles have 51 to 239)."""
_SUFFIXES = (".jpg", ".jpeg", ".png")
_DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
)


class TileSource(Protocol):
    """Bytes of tiles by ``isic_id``. Reading is safe from several threads."""

    def ids(self) -> Iterable[str]:
        """Every id that has a tile; may take seconds at full size, so only a scan asks."""

    def __contains__(self, isic_id: object) -> bool: ...

    def read(self, isic_id: str) -> bytes:
        """The encoded tile. Raises TileError for this one, DatasetError where the whole store is unreadable."""

    def as_stored(self, ids: Sequence[str]) -> Sequence[str]:
        """The same ids in the order in which reading all of them is quickest."""

    def close(self) -> None: ...


def open_tiles(files: DatasetFiles, offsets: Path | None = None) -> TileSource:
    """The tiles of a data set. Opens nothing yet; ``offsets`` is the scan's index of byte offsets into the HDF5."""
    if files.kind == "folder":
        return FolderTiles(files.images)
    from skintui.dataset.hdf5 import Hdf5Tiles

    return Hdf5Tiles(files.images, offsets)


def safe_name(isic_id: str) -> str:
    """``isic_id`` if it may name a file or HDF5 entry, so that no id of the metadata leads elsewhere."""
    if not isic_id or isic_id.startswith(".") or any(mark in isic_id for mark in "/\\\0") or len(isic_id) > 200:
        raise TileError("this isic_id cannot name a tile", where=f"'{printable(isic_id, 60)}'", do="mend the metadata")
    return isic_id


def tile_missing(isic_id: str, where: Path) -> TileError:
    return TileError(f"no tile '{printable(isic_id, 60)}'", where=printable(str(where)))


class FolderTiles:
    """Tiles as ``<isic_id>.jpg`` (also .jpeg, .png) in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, str] | None = None
        self._lock = threading.Lock()

    def ids(self) -> Iterable[str]:
        return self._listed().keys()

    def __contains__(self, isic_id: object) -> bool:
        return isinstance(isic_id, str) and isic_id in self._listed()

    def read(self, isic_id: str) -> bytes:
        name = f"{safe_name(isic_id)}.jpg"
        try:
            return self._bytes(name)
        except FileNotFoundError:
            listed = self._listed().get(isic_id)
        if listed is None or listed == name:
            raise tile_missing(isic_id, self._folder)
        try:
            return self._bytes(listed)
        except FileNotFoundError as error:
            raise tile_missing(isic_id, self._folder) from error

    def as_stored(self, ids: Sequence[str]) -> Sequence[str]:
        return ids

    def close(self) -> None:
        """Nothing is held open."""

    def _bytes(self, name: str) -> bytes:
        path = self._folder / name
        try:
            if not path.is_file():
                raise FileNotFoundError(name)
            with path.open("rb") as file:
                data = file.read(MAX_TILE_BYTES + 1)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise TileError(f"cannot be read ({error.strerror or error})", where=printable(str(path))) from error
        if len(data) > MAX_TILE_BYTES:
            raise TileError(f"larger than {MAX_TILE_BYTES >> 20} MiB: not a tile", where=printable(str(path)))
        return data

    def _listed(self) -> dict[str, str]:
        """File name by id, listed once."""
        with self._lock:
            if self._names is None:
                try:
                    with os.scandir(self._folder) as entries:
                        names = sorted(e.name for e in entries if e.name.lower().endswith(_SUFFIXES))
                except OSError as error:
                    what = f"the folder of tiles cannot be read ({error.strerror or error})"
                    raise DatasetError(what, where=printable(str(self._folder)), do="check the path") from error
                found: dict[str, str] = {}
                for name in names:
                    if not name.startswith("."):
                        found.setdefault(name.rpartition(".")[0], name)
                self._names = found
            return self._names


def decode_tile(data: bytes) -> Image.Image:
    """The picture of an encoded tile, RGB.

    Raises:
        TileError: empty, truncated, neither JPEG nor PNG, or larger than 4096 × 4096 (known before it is decoded).
    """
    picture = _opened(data)
    try:
        picture.load()
        return picture.convert("RGB")
    except _DECODING_ERRORS as error:
        raise _undecodable(error) from error


def check_tile(data: bytes) -> None:
    """Raise the TileError :func:`decode_tile` would, at a fraction of its time: a JPEG is decoded at 1/8 its size."""
    from skintui.dataset.jpeg import surely_decodes

    if surely_decodes(data, MAX_TILE_SIDE):
        return
    picture = _opened(data)
    try:
        picture.draft("RGB", (1, 1))
        picture.load()
    except _DECODING_ERRORS as error:
        raise _undecodable(error) from error


def _opened(data: bytes) -> ImageFile.ImageFile:
    """Header read, size checked, nothing decoded. The format is known from the bytes, so no other parser ever runs."""
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    if not data:
        raise TileError("the tile is empty (0 bytes)")
    picture: ImageFile.ImageFile
    try:
        if data.startswith(b"\xff\xd8\xff"):
            picture = JpegImageFile(BytesIO(data))
        elif data.startswith(b"\x89PNG\r\n\x1a\n"):
            picture = PngImageFile(BytesIO(data))
        else:
            raise TileError("neither JPEG nor PNG")
    except _DECODING_ERRORS as error:
        raise _undecodable(error) from error
    width, height = picture.size
    if width > MAX_TILE_SIDE or height > MAX_TILE_SIDE:
        limit = f"at most {MAX_TILE_SIDE} × {MAX_TILE_SIDE}"
        raise TileError(f"{width} × {height} pixels is too large for a tile ({limit})")
    return picture


def _undecodable(error: Exception) -> TileError:
    why = printable(str(error).splitlines()[0] if str(error) else type(error).__name__, 100)
    return TileError(f"the tile cannot be decoded ({why})")
