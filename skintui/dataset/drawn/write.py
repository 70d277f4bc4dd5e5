"""Write a drawn cohort in the layout of the Kaggle files: metadata CSV, HDF5 of JPEG tiles, and the planted faults.

Lesions are drawn in parts kept beside the result until it is whole, so that an interrupted run goes on where it
stopped.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skintui.dataset.drawn.cohort import Cohort
from skintui.dataset.drawn.faults import plant_faults
from skintui.dataset.drawn.parts import Part, draw_parts, prepare
from skintui.errors import UsageError
from skintui.files import written_beside
from skintui.progress import SILENT, Progress, stop_if_cancelled

if TYPE_CHECKING:
    import h5py
    import polars as pl

METADATA, TILES, FAULTS = "train-metadata.csv", "train-image.hdf5", "label-errors.csv"


@dataclass(frozen=True, slots=True)
class WrittenDataset:
    """What was written: the folder, and how many lesions and planted faults it holds."""

    folder: Path
    lesions: int
    faults: int

    def rows(self) -> list[tuple[str, str]]:
        """Pairs for a front end to show."""
        return [("folder", str(self.folder)), ("lesions", str(self.lesions)), ("planted faults", str(self.faults))]


def write_dataset(
    out_dir: Path,
    n_lesions: int,
    n_patients: int,
    seed: int = 0,
    fault_fraction: float = 0.0,
    progress: Progress | None = None,
    processes: int = 1,
) -> WrittenDataset:
    """Draw a cohort into `out_dir`.

    Each file appears whole or not at all. A second call with the same cohort continues an interrupted one; the result
    does not depend on `processes` nor on interruptions.

    Args:
        out_dir: folder to write into; created if need be.
        n_lesions: lesions of the cohort.
        n_patients: patients of the cohort.
        seed: of the drawing and of the faults.
        fault_fraction: share of the cells of the sixteen attributes to corrupt; the truth goes to `label-errors.csv`.
        progress: told of every few lesions.
        processes: processes that draw.

    Raises:
        UsageError: impossible numbers. WorkspaceError: the folder cannot be written. Cancelled: asked to stop.
    """
    if processes < 1:
        raise UsageError(f"at least one process has to draw, not {processes}")
    if not 0 <= fault_fraction <= 0.5:
        raise UsageError(f"the share of faulty cells must be 0 to 0.5, not {fault_fraction}")
    progress = progress or SILENT
    cohort = Cohort(n_lesions, n_patients, seed)
    folder = out_dir / ".parts"
    parts = prepare(folder, cohort)
    draw_parts(parts, cohort, progress, processes)
    faults = _write_tables(out_dir, parts, seed, fault_fraction, progress)
    _write_tiles(out_dir / TILES, parts, progress)
    shutil.rmtree(folder)
    return WrittenDataset(out_dir, n_lesions, faults)


def _write_tables(out_dir: Path, parts: Sequence[Part], seed: int, fault_fraction: float, progress: Progress) -> int:
    """Write the metadata, with faults if wanted, and their truth; returns the number of faults."""
    import polars as pl

    frame: pl.DataFrame = pl.concat([part.rows() for part in parts])
    truth_file = out_dir / FAULTS
    found = 0
    if fault_fraction > 0:
        frame, truth = plant_faults(frame, fault_fraction, seed, progress=progress)
        found = truth.height
        with written_beside(truth_file) as temporary:
            truth.write_csv(temporary)
    else:
        truth_file.unlink(missing_ok=True)  # of an earlier run into the same folder: it would tell a false truth
    with written_beside(out_dir / METADATA) as temporary:
        frame.write_csv(temporary)
    return found


def _write_tiles(path: Path, parts: Sequence[Part], progress: Progress) -> None:
    """Pack the tiles, one scalar data set of JPEG bytes per lesion as in the Kaggle file.

    HDF5 locks no file here: its writer holds the lock.
    """
    import h5py

    progress.start("pack", sum(part.count for part in parts))
    with written_beside(path) as temporary, h5py.File(temporary, "w", locking=False) as file:
        for part in parts:
            for isic_id, jpeg in zip(part.rows()["isic_id"], part.jpegs(), strict=True):
                add_tile(file, isic_id, jpeg)
            progress.advance(part.count)
            stop_if_cancelled(progress)


def add_tile(file: h5py.File, name: str, jpeg: bytes) -> None:
    """Store a tile as ``file[name] = np.bytes_(jpeg)`` does, in two fifths of the time."""
    from h5py import h5d, h5p, h5s, h5t

    text = h5t.C_S1.copy()
    text.set_size(len(jpeg))
    text.set_strpad(h5t.STR_NULLPAD)
    plain = h5p.create(h5p.DATASET_CREATE)
    plain.set_obj_track_times(False)  # the same tiles make the same file
    stored = h5d.create(file.id, name.encode(), text, h5s.create(h5s.SCALAR), plain)
    stored.write(h5s.ALL, h5s.ALL, np.frombuffer(jpeg, dtype=f"S{len(jpeg)}"), mtype=text)
