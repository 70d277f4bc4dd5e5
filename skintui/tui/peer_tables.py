"""Other tables of the same lesions, to hold ours against.

``python -m skintui.tui.peer_tables NAME LESIONS.parquet``
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import DataTable

COLUMNS = ("isic_id", "patient_id", "tbp_lv_areaMM2", "tbp_lv_minorAxisMM", "tbp_lv_perimeterMM", "tbp_lv_deltaL")
"""What a row shows."""


def textual_table(lesions: Path) -> Widget:
    """Textual's own, filled row by row as its documentation says."""
    frame = pl.read_parquet(lesions, columns=list(COLUMNS))
    table: DataTable[Any] = DataTable(cursor_type="row")
    table.add_columns(*COLUMNS)
    table.add_rows(frame.iter_rows())
    return table


def fast_table(lesions: Path) -> Widget:
    """textual-fastdatatable over a polars frame."""
    from textual_fastdatatable import DataTable as FastTable  # type: ignore[import-not-found,unused-ignore]
    from textual_fastdatatable.backend import PolarsBackend  # type: ignore[import-not-found,unused-ignore]

    frame = pl.read_parquet(lesions, columns=list(COLUMNS))
    table: Widget = FastTable(backend=PolarsBackend.from_dataframe(frame), cursor_type="row")
    return table


TABLES: dict[str, Callable[[Path], Widget]] = {"DataTable": textual_table, "textual-fastdatatable": fast_table}


class PeerTable(App[None]):
    """One table and nothing else."""

    def __init__(self, make: Callable[[Path], Widget], lesions: Path) -> None:
        super().__init__()
        self._make, self._lesions = make, lesions

    def compose(self) -> ComposeResult:
        yield self._make(self._lesions)


if __name__ == "__main__":
    PeerTable(TABLES[sys.argv[1]], Path(sys.argv[2])).run()
