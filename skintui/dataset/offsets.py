"""Where each tile's bytes lie inside the HDF5 file: the index a scan leaves behind."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from skintui.dataset.parquet import write_parquet
from skintui.dataset.seal import is_intact
from skintui.dataset.stamp import Stamp
from skintui.errors import DatasetError

_STAMP = "skintui.hdf5"
_COLUMNS = {"isic_id": pl.String, "offset": pl.Int64, "size": pl.Int64}
Place = tuple[int, int]
"""Offset and size in bytes."""
_FEW = 2000
"""Ids looked up in the column itself. For more a list is made: it takes as long as these, then is faster."""
APART: Place = (-1, 0)
"""Place of a tile that does not lie in one piece and is read through h5py; that says what is wrong, if something is."""


class Offsets:
    """Byte offsets of tiles by id."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self._offsets = frame.get_column("offset").to_numpy()
        self._sizes = frame.get_column("size").to_numpy()
        self._names: pl.Series | list[str] = frame.get_column("isic_id")
        self._asked = 0

    @cached_property
    def ids(self) -> list[str]:
        """Sorted."""
        return self._frame.get_column("isic_id").to_list()

    def find(self, isic_id: str) -> Place | None:
        """Offset (-1: not in one piece) and size in bytes; None for an id without tile."""
        self._asked += 1
        if self._asked == _FEW:
            self._names = self.ids
        names = self._names
        row = bisect_left(names, isic_id)
        if row == len(names) or names[row] != isic_id:
            return None
        return int(self._offsets[row]), int(self._sizes[row])

    def as_stored(self, ids: Sequence[str]) -> Sequence[str]:
        """Some of the ids in the order of the file."""
        rows = self._frame.get_column("isic_id").search_sorted(pl.Series(ids, dtype=pl.String)).to_numpy()
        order = np.argsort(np.append(self._offsets, 0)[rows], kind="stable")
        return [ids[row] for row in order.tolist()]

    @staticmethod
    def write(target: Path, stamp: Stamp, names: list[str], places: list[Place]) -> None:
        """Write the index of the file with that stamp. Raises WorkspaceError."""
        offsets, sizes = zip(*places, strict=True) if places else ((), ())
        frame = pl.DataFrame({"isic_id": names, "offset": offsets, "size": sizes}, schema=_COLUMNS).sort("isic_id")
        write_parquet(frame, target, {_STAMP: stamp.to_json()})

    @staticmethod
    def fresh(path: Path, offsets: Path) -> Offsets | None:
        """The index in ``offsets`` if it belongs to the file ``path`` as it is now."""
        try:
            if not is_intact(offsets):
                return None
            stamp = Stamp.from_json(pl.read_parquet_metadata(offsets).get(_STAMP))
            if stamp is None or stamp != Stamp.of(path):
                return None
            frame = pl.read_parquet(offsets, glob=False)
        except (OSError, DatasetError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
            return None
        return Offsets(frame) if dict(frame.schema) == _COLUMNS else None
