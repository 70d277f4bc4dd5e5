"""The first lesions of a data set as a data set of their own, to see how a figure grows with their number."""

from __future__ import annotations

from pathlib import Path

from skintui.dataset.drawn.write import METADATA, TILES
from skintui.dataset.schema import ID
from skintui.files import written_beside
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.place import Place, open_place

_EVERY = 1000


def shortened(place: Place, out: Path, rows: int, progress: Progress) -> Place:
    """A data set of the first ``rows`` lesions in ``out``, with the workspace ``out/workspace``; kept if it is there.

    Where that is all of them, the data set itself, with a workspace in ``out``.
    """
    import h5py
    import numpy as np
    import polars as pl

    out.mkdir(parents=True, exist_ok=True)
    workspace, dataset = out / "workspace", out / "dataset"
    lesions = place.lesions(progress)
    if rows >= len(lesions):
        files = place.files
        return open_place(files.root, metadata=files.metadata, images=files.images, workspace=workspace)
    if not (dataset / TILES).is_file():
        dataset.mkdir(exist_ok=True)
        source = place.files.metadata
        if source.suffix == ".parquet":
            frame = pl.read_parquet(source, n_rows=rows)
        else:
            frame = pl.read_csv(source, infer_schema=False, n_rows=rows)
        with written_beside(dataset / METADATA) as temporary:
            frame.write_csv(temporary)
        progress.start(f"copying the tiles of {rows:,} lesions", rows)
        with written_beside(dataset / TILES) as temporary, h5py.File(temporary, "w", locking=False) as file:
            for number, isic_id in enumerate(frame[ID], start=1):
                if isic_id in lesions.tiles:
                    file[isic_id] = np.bytes_(lesions.tiles.read(isic_id))
                if number % _EVERY == 0:
                    progress.advance(_EVERY)
                    stop_if_cancelled(progress)
    return open_place(dataset, workspace=workspace)
