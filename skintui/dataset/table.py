"""The metadata column by column: a wide table of 401,059 lesions takes 230 MB, of which a screen shows five columns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import polars as pl

from skintui.errors import WorkspaceError
from skintui.files import explained, system_error
from skintui.texts import printable

KEPT = 24
"""Columns kept that were asked for last; another one is read again in 1 to 7 ms."""


class Tabular(Protocol):
    """What views, filters and lists need of a table; a polars frame has it, too."""

    @property
    def height(self) -> int: ...

    @property
    def columns(self) -> list[str]: ...

    def get_column(self, name: str, /) -> pl.Series: ...


class Table:
    """Columns read when they are asked for. Safe in several threads.

    Reading raises WorkspaceError where the file is damaged.
    """

    def __init__(self, scan: Callable[[], pl.LazyFrame], columns: list[str], height: int, where: object = None) -> None:
        self._scan, self._where = scan, where
        self.columns = columns
        self.height = height
        self._kept: OrderedDict[str, pl.Series] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Table:
        """A frame that is in memory already."""
        return cls(frame.lazy, frame.columns, frame.height)

    @classmethod
    def stored(cls, path: Path) -> Table:
        """A parquet file. It stays open, so that the columns are of one table even if another takes its place."""
        file = path.open("rb")

        def scan() -> pl.LazyFrame:
            file.seek(0)
            return pl.scan_parquet(file, glob=False)

        columns = scan().collect_schema().names()
        return cls(scan, columns, int(scan().select(pl.len()).collect().item()), path)

    def get_column(self, name: str, /) -> pl.Series:
        """A column; kept for the next time."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = self._read([name]).get_column(name)
            self._kept.move_to_end(name)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[name]

    def frame(self, *names: str) -> pl.DataFrame:
        """Some of the columns, or all, as a frame; not kept."""
        with self._lock:
            return self._read(names or self.columns)

    def row(self, row: int, names: Sequence[str] = ()) -> dict[str, Any]:
        """The values of one lesion, of all columns or of those named that there are."""
        wanted = [name for name in names or self.columns if name in self.columns]
        with self._lock:
            return self._read(wanted, row, 1).row(0, named=True) if wanted else {}

    def _read(self, names: Sequence[str], start: int = 0, rows: int | None = None) -> pl.DataFrame:
        try:
            return self._scan().select(names).slice(start, rows).collect()
        except (OSError, pl.exceptions.PolarsError) as error:
            where = printable(str(self._where))
            if found := system_error(error):
                raise explained(found, where) from error
            raise WorkspaceError("the table is damaged", where=where, do="remove the file and open again") from error
