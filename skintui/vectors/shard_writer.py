"""Writes the bytes of shards at their own places in the store's files, from any process that sees the folder.

Shards lie apart, so many processes on many machines may write at once, each its own: vectors never pass through the
process that keeps the journal. What is written counts for nothing until that process journals the record that
:meth:`ShardWriter.write` gave back, and a shard written twice has the same bytes twice. Where ``shard_rows * d`` is a
multiple of 2,048, as with every published model, no two shards share a page of 4 KiB, which is what a network file
system's clients write back.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skintui.errors import StaleError, VectorsError
from skintui.files import explained, written_beside
from skintui.vectors.description import read_description
from skintui.vectors.journal import ShardRecord
from skintui.vectors.rows import HALF, unit_rows

if TYPE_CHECKING:
    import polars as pl


def view_path(folder: Path, view: str) -> Path:
    return folder / f"{view}.f16"


def predictions_path(folder: Path, shard: int) -> Path:
    return folder / "shards" / f"{shard:05d}.parquet"


class ShardWriter:
    """Open files of one store; the store itself was made, at its full size, by the process that journals."""

    def __init__(self, folder: Path, description: Mapping[str, Any], *, make: bool = False) -> None:
        self.folder = folder
        self.description = dict(description)
        self.views: tuple[str, ...] = tuple(description["views"])
        self.n, self.d, self.shard_rows = (int(description[key]) for key in ("n", "d", "shard_rows"))
        self.files: dict[str, IO[bytes]] = {}
        how = os.O_RDWR | (os.O_CREAT if make else 0)
        for view in self.views:
            path = view_path(folder, view)
            try:
                self.files[view] = os.fdopen(os.open(path, how, 0o644), "r+b", buffering=0)
            except OSError as error:
                self.close()
                raise explained(error, path) from error

    def close(self) -> None:
        for file in self.files.values():
            file.close()
        self.files = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def span(self, shard: int) -> tuple[int, int]:
        """First row and end row (exclusive) of a shard."""
        return shard * self.shard_rows, min((shard + 1) * self.shard_rows, self.n)

    def write(self, shard: int, vectors: Mapping[str, ArrayLike], predictions: pl.DataFrame) -> ShardRecord:
        """Put one shard on the disk: ``vectors`` (m, d) per view, all views, and its predictions.

        Everything is synced when the record comes back. Raises WorkspaceError for a full or read-only disk and
        VectorsError for a wrong shape.
        """
        start, stop = self.span(shard)
        blocks = self._checked_blocks(shard, vectors)
        digests: dict[str, str] = {}
        for view, block in blocks.items():
            content = block.tobytes()
            digests[view] = hashlib.sha256(content).hexdigest()
            self._write_at(view, start * self.d * HALF.itemsize, content)
        for view, file in self.files.items():
            try:
                os.fsync(file.fileno())
            except OSError as error:
                raise explained(error, view_path(self.folder, view)) from error
        return ShardRecord(shard, start, stop, digests, self._write_predictions(shard, predictions))

    def refuse_another_store(self) -> None:
        """Raise StaleError where the folder has come to hold another store: a late worker must not write there."""
        stored = read_description(self.folder / "store.json")
        if any(stored.get(key) != value for key, value in self.description.items()):
            raise StaleError("the vectors here are being made from other inputs", where=self.folder)

    def _checked_blocks(self, shard: int, vectors: Mapping[str, ArrayLike]) -> dict[str, NDArray[np.float16]]:
        if set(vectors) != set(self.views):
            raise VectorsError("a shard needs the vectors of every view", where=self.folder)
        start, stop = self.span(shard)
        blocks = {view: unit_rows(vectors[view]) for view in self.views}
        for view, block in blocks.items():
            if block.shape != (stop - start, self.d):
                what = f"vectors of '{view}' have shape {block.shape}, not {(stop - start, self.d)}"
                raise VectorsError(what, where=self.folder)
        return blocks

    def _write_at(self, view: str, offset: int, content: bytes) -> None:
        left = memoryview(content)
        try:
            while left:
                count = os.pwrite(self.files[view].fileno(), left, offset)
                left, offset = left[count:], offset + count
        except OSError as error:
            raise explained(error, view_path(self.folder, view)) from error

    def _write_predictions(self, shard: int, predictions: pl.DataFrame) -> str:
        buffer = io.BytesIO()
        predictions.write_parquet(buffer, compression="lz4")
        content = buffer.getvalue()
        with written_beside(predictions_path(self.folder, shard)) as temporary:
            temporary.write_bytes(content)
        return hashlib.sha256(content).hexdigest()
