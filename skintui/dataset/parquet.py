"""Parquet files written whole or not at all, with the operating system's reason when it fails."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from skintui.dataset.seal import NOTE, OPEN, seal
from skintui.errors import WorkspaceError
from skintui.files import system_error, written_beside
from skintui.texts import printable


def write_parquet(frame: pl.DataFrame, path: Path, notes: Mapping[str, str] | None = None) -> None:
    """Write ``frame`` (lz4) beside ``path`` and rename it over; ``notes`` go into the same file's own metadata,
    and so does a checksum that :func:`skintui.dataset.seal.is_intact` holds the file against.

    Raises:
        WorkspaceError: full disk, no permission …: polars tells these as errors of its own, with the number in words.
    """
    with written_beside(path) as temporary:
        try:
            frame.write_parquet(temporary, compression="lz4", metadata={**(notes or {}), NOTE: OPEN})
            seal(temporary)
        except pl.exceptions.PolarsError as error:
            if found := system_error(error):
                raise found from error
            what = f"cannot be written ({printable(str(error).splitlines()[0], 100)})"
            raise WorkspaceError(
                what, where=printable(str(path)), do="is there a limit to the size of files?"
            ) from error
