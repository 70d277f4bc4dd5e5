"""A data set of any length from a small one: its lesions again and again under new names, for measuring at full size.

Tiles are stored once; every further lesion's is a hard link to one of them, so that 401,059 lesions take 50 MB.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skintui.dataset.drawn.write import METADATA, TILES
from skintui.dataset.locate import DatasetFiles, locate
from skintui.dataset.metadata import read_metadata
from skintui.dataset.schema import ID, PATIENT
from skintui.dataset.tiles import open_tiles
from skintui.errors import UsageError
from skintui.files import explained, written_beside
from skintui.progress import SILENT, Progress, stop_if_cancelled

if TYPE_CHECKING:
    import polars as pl

_EVERY = 10_000


def write_repeated(source: Path, out: Path, rows: int, progress: Progress = SILENT) -> None:
    """Write a data set of ``rows`` lesions into ``out`` from the one in ``source``, in Kaggle's layout.

    Values repeat with the lesions; ids are all different, and so are the patients of every repetition. Each file
    appears whole or not at all.

    Raises:
        UsageError: no rows wanted. DatasetError: ``source`` is no data set. WorkspaceError: ``out`` cannot be written.
    """
    if rows < 1:
        raise UsageError(f"at least one lesion has to be written, not {rows}")
    files = locate(source)
    frame, _ = read_metadata(files.metadata)
    ids = frame.get_column(ID).to_list()
    repeated = _repeated(frame, rows)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explained(error, out) from error
    with written_beside(out / METADATA) as temporary:
        repeated.write_csv(temporary)
    _write_tiles(out / TILES, _tiles_of(files, ids[:rows]), repeated.get_column(ID).to_list(), progress)


def _tiles_of(files: DatasetFiles, ids: list[str]) -> list[bytes]:
    """The encoded tiles of some lesions."""
    tiles = open_tiles(files)
    try:
        return [tiles.read(isic_id) for isic_id in ids]
    finally:
        tiles.close()


def _repeated(frame: pl.DataFrame, rows: int) -> pl.DataFrame:
    """``rows`` rows of the table over and over; ids numbered through, patients told apart by their repetition."""
    import polars as pl

    number = pl.int_range(rows, dtype=pl.Int64)
    times = pl.when(number < frame.height).then(pl.lit("")).otherwise(pl.format("_{}", number // frame.height))
    return frame.select(pl.all().gather(pl.int_range(rows) % frame.height)).with_columns(
        pl.format("ISIC_{}", (number + 1).cast(pl.String).str.zfill(7)).alias(ID),
        pl.concat_str(pl.col(PATIENT), times).alias(PATIENT),
    )


def _write_tiles(path: Path, tiles: list[bytes], ids: list[str], progress: Progress) -> None:
    import h5py
    import numpy as np

    progress.start("pack", len(ids))
    with written_beside(path) as temporary, h5py.File(temporary, "w", locking=False) as file:
        for place, isic_id in enumerate(ids):
            if place < len(tiles):
                file[isic_id] = np.bytes_(tiles[place])
            else:
                file.id.links.create_hard(isic_id.encode(), file.id, ids[place % len(tiles)].encode())
            if place % _EVERY == _EVERY - 1:
                progress.advance(_EVERY)
                stop_if_cancelled(progress)
