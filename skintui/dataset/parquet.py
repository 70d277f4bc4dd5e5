"""Parquet files written whole or not at all, with the operating system's reason when it fails."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from skintui.errors import WorkspaceError
from skintui.files import printable, written_beside


def write_parquet(frame: pl.DataFrame, path: Path, notes: Mapping[str, str] | None = None) -> None:
    """Write ``frame`` (lz4) beside ``path`` and rename it over; ``notes`` go into the same file's own metadata.

    Raises:
        WorkspaceError: full disk, no permission …: polars tells these as errors of its own, with the number in words.
    """
    with written_beside(path) as temporary:
        try:
            frame.write_parquet(temporary, compression="lz4", metadata=dict(notes) if notes else None)
        except pl.exceptions.PolarsError as error:
            number = re.search(r"\(os error (\d+)\)", str(error))
            if number is None:
                what = f"cannot be written ({printable(str(error).splitlines()[0], 100)})"
                raise WorkspaceError(what, where=printable(str(path))) from error
            code = int(number[1])
            raise OSError(code, os.strerror(code)) from error
