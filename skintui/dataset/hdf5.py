"""Tiles in an HDF5 file of one dataset per lesion, as Kaggle packs them.

Listing 401,059 names takes seconds, so nothing here lists them but a scan. The scan also notes where each tile's bytes
lie in the file; afterwards a tile is one ``pread``, from any thread, without the HDF5 library.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from skintui.dataset.offsets import APART, Offsets, Place
from skintui.dataset.stamp import Stamp
from skintui.dataset.tiles import MAX_TILE_BYTES, safe_name, tile_missing
from skintui.errors import DatasetError, TileError
from skintui.progress import SILENT, Progress, stop_if_cancelled
from skintui.texts import printable

_EVERY = 2000


class Hdf5Tiles:
    """Tiles of an HDF5 file. ``offsets`` that belong to another state of the file are not used."""

    def __init__(self, path: Path, offsets: Path | None = None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._file: Any = None
        self._handle: int | None = None
        self._index = Offsets.fresh(path, offsets) if offsets is not None else None

    @property
    def indexed(self) -> bool:
        """Whether tiles are read through byte offsets."""
        return self._index is not None

    def ids(self) -> Iterable[str]:
        if self._index is not None:
            return self._index.ids
        with _explaining(self._path), self._lock:
            return _names(self._opened())

    def __contains__(self, isic_id: object) -> bool:
        if not isinstance(isic_id, str):
            return False
        if self._index is not None:
            return self._index.find(isic_id) is not None
        try:
            name = safe_name(isic_id).encode()
        except (TileError, UnicodeEncodeError):
            return False
        with _explaining(self._path), self._lock:
            return name in self._opened().id

    def read(self, isic_id: str) -> bytes:
        safe_name(isic_id)
        if self._index is None:
            return self._read_by_name(isic_id)
        place = self._index.find(isic_id)
        if place is None:
            raise tile_missing(isic_id, self._path)
        offset, size = place
        if offset < 0:
            return self._read_by_name(isic_id)
        try:
            data = os.pread(self._descriptor(), size, offset)
        except OSError as error:
            where = printable(str(self._path))
            raise TileError(f"cannot be read ({error.strerror or error})", where=where) from error
        if len(data) != size:
            raise TileError(f"tile '{printable(isic_id, 60)}' is cut short", where=printable(str(self._path)))
        return data

    def as_stored(self, ids: Sequence[str]) -> Sequence[str]:
        return ids if self._index is None else self._index.as_stored(ids)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
            if self._handle is not None:
                os.close(self._handle)
            self._file = self._handle = None

    def __del__(self) -> None:
        with suppress(Exception):
            if self._handle is not None:
                os.close(self._handle)

    def _descriptor(self) -> int:
        if self._handle is None:
            with self._lock:
                if self._handle is None:
                    self._handle = os.open(self._path, os.O_RDONLY)
        return self._handle

    def _opened(self) -> Any:
        if self._file is None:
            self._file = open_hdf5(self._path)
        return self._file

    def _read_by_name(self, isic_id: str) -> bytes:
        with self._lock:
            file = self._opened()
            try:
                return _bytes_of(file, isic_id)
            except KeyError as error:
                raise tile_missing(isic_id, self._path) from error
            except (OSError, RuntimeError, ValueError, TypeError) as error:
                why = printable(str(error), 100)
                where = printable(str(self._path))
                raise TileError(f"tile '{printable(isic_id, 60)}' cannot be read ({why})", where=where) from error


def open_hdf5(path: Path) -> Any:
    """The file opened by h5py for reading. Raises DatasetError: not HDF5, or cut short."""
    import h5py

    with _explaining(path):
        return h5py.File(path, "r")


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError) as error:
        where, text = printable(str(path)), str(error)
        if "truncated file" in text:
            raise DatasetError("the HDF5 file is cut short", where=where, do="copy or download it again") from error
        if "signature not found" in text:
            raise DatasetError("not an HDF5 file", where=where, do="name the tiles with --images") from error
        what = f"the HDF5 file cannot be read ({printable(text, 100)})"
        raise DatasetError(what, where=where, do="copy or download it again") from error


def _names(file: Any) -> list[str]:
    """Names of all entries in this file, links elsewhere left out.

    Told one by one through a callback, so that other threads get their turn in between.
    """
    import h5py

    found: list[str] = []

    def tell(name: bytes, info: Any) -> None:
        if info.type == h5py.h5l.TYPE_HARD:
            found.append(name.decode("utf-8", "replace"))

    file.id.links.iterate(tell, info=True)
    return found


def _dataset(file: Any, isic_id: str) -> Any:
    """The low-level dataset under a name. A link out of this file is refused. Raises KeyError where there is none."""
    import h5py

    name = isic_id.encode("utf-8", "replace")
    if name not in file.id:
        raise KeyError(isic_id)
    if file.id.links.get_info(name).type != h5py.h5l.TYPE_HARD:
        raise ValueError("a link, not a tile")
    found = h5py.h5o.open(file.id, name)
    if not isinstance(found, h5py.h5d.DatasetID):
        raise ValueError("a group, not a tile")
    return found


def _checked_size(dataset: Any) -> int:
    """Bytes of a stored tile. Raises ValueError where they lie outside this file or are too many."""
    import h5py

    plan = dataset.get_create_plist()
    if plan.get_layout() not in (h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED, h5py.h5d.COMPACT) or plan.get_external_count():
        raise ValueError("its bytes lie in another file")
    size = int(dataset.get_type().get_size()) * int(np.prod(dataset.shape, dtype=np.int64))
    if size > MAX_TILE_BYTES:
        raise ValueError(f"larger than {MAX_TILE_BYTES >> 20} MiB")
    return size


def _bytes_of(file: Any, isic_id: str) -> bytes:
    import h5py

    identifier = _dataset(file, isic_id)
    _checked_size(identifier)
    dataset = h5py.Dataset(identifier)
    if dataset.dtype.kind == "O":
        value = dataset[()]
        return value.encode("latin-1") if isinstance(value, str) else bytes(value)
    if dataset.dtype.kind not in "SV" and dataset.dtype != np.uint8:
        raise ValueError(f"holds {dataset.dtype}, not bytes")
    stored = np.empty(dataset.shape, dataset.dtype)
    if stored.nbytes:
        # Reading whole keeps the zero bytes at the end that numpy strips from a bytes scalar.
        dataset.read_direct(stored)
    return stored.tobytes()


def index_offsets(path: Path, target: Path, progress: Progress = SILENT) -> None:
    """Write where every tile's bytes lie: ``isic_id`` (sorted), ``offset``, ``size``, with the file's stamp.

    A tile that does not lie in one piece has offset -1 and is read through h5py.
    """
    stamp = Stamp.of(path)
    file = open_hdf5(path)
    try:
        with _explaining(path):
            names = _names(file)
        progress.start("locating tiles", len(names))
        places: list[Place] = []
        for start in range(0, len(names), _EVERY):
            stop_if_cancelled(progress)
            part = names[start : start + _EVERY]
            places += [_offset(file, name) for name in part]
            progress.advance(len(part))
    finally:
        file.close()
    Offsets.write(target, stamp, names, places)


def _offset(file: Any, name: str) -> Place:
    """Where a tile lies, asking the library as little as will do: this runs once per tile of the data set."""
    import h5py

    try:
        dataset = h5py.h5d.open(file.id, name.encode("utf-8", "replace"))
        # Only bytes in one piece inside this file have an offset: not chunked, compact, virtual or external ones.
        offset = dataset.get_offset()
        stored = dataset.get_type()
        kind = stored.get_class()
        if offset is None or kind not in (h5py.h5t.STRING, h5py.h5t.OPAQUE, h5py.h5t.INTEGER):
            return APART
        if kind == h5py.h5t.STRING and stored.is_variable_str():
            return APART
        size = int(dataset.get_storage_size())
    except (KeyError, OSError, RuntimeError, ValueError):
        return APART
    return (int(offset), size) if size <= MAX_TILE_BYTES else APART
