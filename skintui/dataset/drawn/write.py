"""Write a drawn cohort in the layout of the Kaggle files: metadata CSV, HDF5 of JPEG tiles, and the planted faults.

Lesions are drawn in parts kept beside the result until it is whole, so that an interrupted run goes on where it
stopped.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from skintui.dataset.drawn.cohort import Cohort
from skintui.dataset.drawn.faults import plant_faults
from skintui.dataset.schema import SCHEMA
from skintui.errors import UsageError
from skintui.files import explained, write_json, written_beside
from skintui.progress import SILENT, Progress, stop_if_cancelled

if TYPE_CHECKING:
    import polars as pl

PART: Final = 1000
METADATA, TILES, FAULTS = "train-metadata.csv", "train-image.hdf5", "label-errors.csv"
_VERSION: Final = 2  # of the drawing; parts of another version are drawn again


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
        progress: told of every finished part.
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
    parts = out_dir / ".parts"
    _prepare(parts, cohort)
    _draw_parts(parts, cohort, progress, processes)
    starts = range(0, n_lesions, PART)
    faults = _write_tables(out_dir, parts, starts, seed, fault_fraction)
    _write_tiles(out_dir / TILES, parts, starts, progress)
    shutil.rmtree(parts)
    return WrittenDataset(out_dir, n_lesions, faults)


def _prepare(parts: Path, cohort: Cohort) -> None:
    """Keep the parts of the same cohort, drop those of another."""
    order = {"lesions": cohort.n_lesions, "patients": cohort.n_patients, "seed": cohort.seed, "version": _VERSION}
    note = parts / "cohort.json"
    try:
        kept = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = None
    if kept == order:
        return
    try:
        if parts.exists():
            shutil.rmtree(parts)
        parts.mkdir(parents=True)
    except OSError as error:
        raise explained(error, parts) from error
    write_json(note, order)


def _draw_parts(parts: Path, cohort: Cohort, progress: Progress, processes: int) -> None:
    starts = list(range(0, len(cohort), PART))
    missing = [start for start in starts if not _part(parts, start, "npz").is_file()]
    done = sum(min(PART, len(cohort) - start) for start in set(starts) - set(missing))
    progress.start("draw", len(cohort), done)
    tasks = [(parts, cohort.n_lesions, cohort.n_patients, cohort.seed, start) for start in missing]
    for count in _drawn(tasks, processes):
        progress.advance(count)
        stop_if_cancelled(progress)


def _drawn(tasks: list[tuple[Path, int, int, int, int]], processes: int) -> Iterator[int]:
    if processes == 1 or len(tasks) < 2:
        yield from map(_draw_part, tasks)
        return
    with ProcessPoolExecutor(processes) as pool:
        try:
            yield from pool.map(_draw_part, tasks)
        finally:
            pool.shutdown(cancel_futures=True)


def _draw_part(task: tuple[Path, int, int, int, int]) -> int:
    """Draw up to PART lesions: the table first, the tiles last, whose presence says that the part is whole."""
    import polars as pl

    from skintui.dataset.parquet import write_parquet

    parts, n_lesions, n_patients, seed, start = task
    cohort = Cohort(n_lesions, n_patients, seed)
    rows, tiles = [], []
    for number in range(start, min(start + PART, n_lesions)):
        lesion = cohort.draw(number)
        rows.append(lesion.row)
        tiles.append(lesion.drawn.jpeg())
    types = {"text": pl.String, "float": pl.Float64, "int": pl.Int64}
    frame = pl.DataFrame(rows, schema={column.name: types[column.kind] for column in SCHEMA})
    write_parquet(frame, _part(parts, start, "parquet"))
    sizes = np.array([len(tile) for tile in tiles], dtype=np.int64)
    with written_beside(_part(parts, start, "npz")) as temporary, temporary.open("wb") as file:
        np.savez(file, sizes=sizes, data=np.frombuffer(b"".join(tiles), dtype=np.uint8))
    return len(rows)


def _part(parts: Path, start: int, ending: str) -> Path:
    return parts / f"part-{start // PART:05d}.{ending}"


def _write_tables(out_dir: Path, parts: Path, starts: range, seed: int, fault_fraction: float) -> int:
    """Write the metadata, with faults if wanted, and their truth; returns the number of faults."""
    import polars as pl

    frame: pl.DataFrame = pl.concat([pl.read_parquet(_part(parts, start, "parquet")) for start in starts])
    truth_file = out_dir / FAULTS
    found = 0
    if fault_fraction > 0:
        frame, truth = plant_faults(frame, fault_fraction, seed)
        found = truth.height
        with written_beside(truth_file) as temporary:
            truth.write_csv(temporary)
    else:
        truth_file.unlink(missing_ok=True)  # of an earlier run into the same folder: it would tell a false truth
    with written_beside(out_dir / METADATA) as temporary:
        frame.write_csv(temporary)
    return found


def _write_tiles(path: Path, parts: Path, starts: range, progress: Progress) -> None:
    """Pack the tiles, one scalar data set of JPEG bytes per lesion as in the Kaggle file."""
    import h5py
    import polars as pl

    frames = ((start, pl.read_parquet(_part(parts, start, "parquet"), columns=["isic_id"])) for start in starts)
    with written_beside(path) as temporary:
        progress.start("pack")
        with h5py.File(temporary, "w") as file:
            for start, frame in frames:
                with np.load(_part(parts, start, "npz")) as part:
                    ends, data = np.cumsum(part["sizes"]), part["data"].tobytes()
                for isic_id, end, size in zip(frame["isic_id"], ends, np.diff(ends, prepend=0), strict=True):
                    file[isic_id] = np.bytes_(data[end - size : end])
                progress.advance(frame.height)
                stop_if_cancelled(progress)
