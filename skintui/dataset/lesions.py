"""The lesions of a data set in memory: table, labels, patients, tiles."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from contextlib import suppress
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import COLUMNS
from skintui.dataset.locate import DatasetFiles
from skintui.dataset.metadata import read_metadata
from skintui.dataset.parquet import write_parquet
from skintui.dataset.schema import ID, PATIENT
from skintui.dataset.seal import is_intact
from skintui.dataset.stamp import Stamp
from skintui.dataset.table import Table
from skintui.dataset.tiles import TileSource, decode_tile, open_tiles
from skintui.errors import UsageError, WorkspaceError
from skintui.files import sha256_of
from skintui.progress import SILENT, Progress
from skintui.texts import printable
from skintui.workspace import Workspace

if TYPE_CHECKING:
    from PIL import Image

_STAMP, _SHA256, _FORMAT = "skintui.metadata", "skintui.sha256", "skintui.format"
_VERSION = "1"
"""Raised whenever the cached table would come out differently from the same metadata."""


class Lesions:
    """All lesions of one data set, row by row in the order of the metadata."""

    def __init__(self, files: DatasetFiles, table: Table, dataset_sha256: str, tiles: TileSource) -> None:
        self.files = files
        self.table = table
        """Every column of the metadata (n rows); attributes as stored, so a 0 is still a 0."""
        self.dataset_sha256 = dataset_sha256
        """SHA-256 of the metadata file."""
        self.tiles = tiles

    def __len__(self) -> int:
        return self.table.height

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The whole table in memory: for steps that go through all of it."""
        return self.table.frame()

    @cached_property
    def ids(self) -> list[str]:
        """``isic_id`` per row."""
        return self.table.get_column(ID).to_list()

    @cached_property
    def patients(self) -> NDArray[np.str_]:
        """``patient_id`` per row, shape (n,)."""
        return self.table.get_column(PATIENT).to_numpy().astype(np.str_)

    @cached_property
    def _order(self) -> NDArray[np.int64] | None:
        """Rows by id; None where they are in that order, as in SLICE-3D. A dictionary would take 33 MB of it."""
        ids = self.table.get_column(ID)
        return None if ids.is_sorted() else ids.arg_sort().to_numpy().astype(np.int64)

    def _find(self, isic_id: str) -> int | None:
        ids, order = self.ids, self._order
        if order is None:
            row = bisect_left(ids, isic_id)
            return row if row < len(ids) and ids[row] == isic_id else None
        place = bisect_left(order, isic_id, key=ids.__getitem__)
        return int(order[place]) if place < len(ids) and ids[order[place]] == isic_id else None

    def __contains__(self, isic_id: str) -> bool:
        return self._find(isic_id) is not None

    def row_of(self, isic_id: str) -> int:
        """Row of a lesion. Raises UsageError for an id that is not in the data set."""
        row = self._find(isic_id)
        if row is None:
            shown, where = printable(isic_id, 60), printable(str(self.files.metadata))
            raise UsageError(f"no lesion '{shown}' in the data set", where=where, do="check the isic_id")
        return row

    def prepare(self) -> None:
        """Make what is looked up by id: at full size the first question would wait for it."""
        _ = self._order

    @cached_property
    def _labels(self) -> NDArray[np.float64]:
        by_column = np.empty((len(COLUMNS), len(self)))  # as they lie in the table: a third of the time at full size
        for values, column in zip(by_column, COLUMNS, strict=True):
            values[:] = self.table.frame(column).to_series().to_numpy()
            values[values == 0] = np.nan
        labels = by_column.T
        labels.setflags(write=False)
        return labels

    def labels(self) -> NDArray[np.float64]:
        """Labels of the sixteen attributes, shape (n, 16), in the order of ``ATTRIBUTES``; NaN where missing or 0."""
        return self._labels

    def keep_labels(self, kept: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> None:
        """Hold the labels as ``kept`` gives them back: the same ones in another place."""
        labels = kept(self._labels)
        labels.setflags(write=False)
        self.__dict__["_labels"] = labels

    def without_labels(self, cells: Iterable[tuple[str, str]]) -> Lesions:
        """The same lesions with the labels of some (isic_id, metadata column) missing; other columns are passed over.

        Raises UsageError for an id that is not in the data set.
        """
        place = {column: j for j, column in enumerate(COLUMNS)}
        labels = self._labels.copy()
        for isic_id, column in cells:
            if column in place:
                labels[self.row_of(isic_id), place[column]] = np.nan
        labels.setflags(write=False)
        other = copy(self)
        other.__dict__["_labels"] = labels
        return other

    def tile(self, isic_id: str) -> Image.Image:
        """The lesion's tile, RGB. Raises TileError where it is missing or does not decode."""
        return decode_tile(self.tiles.read(isic_id))


def open_lesions(files: DatasetFiles, workspace: Workspace, progress: Progress = SILENT) -> Lesions:
    """The lesions, from the workspace's cache if the metadata is still the same, else read anew (and cached).

    Tiles are neither listed nor checked; that is the scan's.
    """
    cached = _cached(files, workspace)
    if cached is None:
        progress.start("reading metadata")
        stamp, digest = Stamp.of(files.metadata), sha256_of(files.metadata)
        frame, _ = read_metadata(files.metadata)
        try:
            write_cache(workspace, frame, stamp, digest)
        except WorkspaceError as error:
            progress.note(f"working without a cache: {error}")
        cached = Table.of(frame), digest
    table, digest = cached
    return Lesions(files, table, digest, open_tiles(files, workspace.tile_offsets))


def write_cache(workspace: Workspace, frame: pl.DataFrame, stamp: Stamp, digest: str) -> None:
    """Write the table and, in the same file, what it was read from. Raises WorkspaceError."""
    write_parquet(frame, workspace.lesions, {_STAMP: stamp.to_json(), _SHA256: digest, _FORMAT: _VERSION})


def _cached(files: DatasetFiles, workspace: Workspace) -> tuple[Table, str] | None:
    """The cached table if it belongs to the metadata: same stamp, or (copied, touched) same content."""
    try:
        if not is_intact(workspace.lesions):
            return None
        notes = pl.read_parquet_metadata(workspace.lesions)
        digest = notes.get(_SHA256)
        if digest is None or notes.get(_FORMAT) != _VERSION:
            return None
        stamp = Stamp.of(files.metadata)
        same = stamp == Stamp.from_json(notes.get(_STAMP))
        if not same and sha256_of(files.metadata) != digest:
            return None
        table = Table.stored(workspace.lesions)
        table.get_column(ID)
    except (OSError, WorkspaceError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    if not same:
        with suppress(WorkspaceError):  # the content was compared: the answer is right without a new stamp
            write_cache(workspace, table.frame(), stamp, digest)
    return table, digest
