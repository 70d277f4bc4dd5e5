"""The scan: everything that is wrong with a data set, and the caches that make it quick to open."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import polars as pl

from skintui.dataset import problems as kinds
from skintui.dataset.hdf5 import index_offsets
from skintui.dataset.identities import check_identities
from skintui.dataset.lesions import Lesions, write_cache
from skintui.dataset.locate import DatasetFiles
from skintui.dataset.metadata import read_metadata
from skintui.dataset.problems import Problem, each
from skintui.dataset.schema import ID
from skintui.dataset.seal import read_sealed_json, write_sealed_json
from skintui.dataset.stamp import Stamp
from skintui.dataset.table import Table
from skintui.dataset.tiles import TileSource, check_tile, open_tiles
from skintui.errors import DatasetError
from skintui.files import sha256_of
from skintui.progress import SILENT, Progress, stop_if_cancelled
from skintui.workspace import Workspace

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found."""

    lesions: Lesions
    problems: list[Problem]
    """In the order: columns, rows, values, identities, tiles."""
    seconds: float
    """How long it took."""
    tiles_checked: int = 0
    """How many tiles were decoded."""


def scan_dataset(
    files: DatasetFiles, workspace: Workspace, progress: Progress = SILENT, check_tiles: bool = True
) -> Scan:
    """Read the metadata, check identities and (with ``check_tiles``) every tile; write the caches and the report.

    A damaged value or tile is a problem of the report and never stops the work on the others.

    Raises:
        DatasetError: the metadata is no table, or the tiles as a whole are unreadable.
        WorkspaceError: the caches cannot be written.
        Cancelled: the user stopped; the caches written so far are whole.
    """
    began = time.perf_counter()
    progress.start("reading metadata")
    stamp, digest = Stamp.of(files.metadata), sha256_of(files.metadata)
    frame, found = read_metadata(files.metadata)
    stop_if_cancelled(progress)
    found += identity_problems(frame)
    write_cache(workspace, frame, stamp, digest)
    checked = 0
    if check_tiles:
        if files.kind == "hdf5":
            index_offsets(files.images, workspace.tile_offsets, progress)
        tiles = open_tiles(files, workspace.tile_offsets)
        ids = frame.get_column(ID)
        wrong, present = _unmatched(ids, tiles)
        found += wrong
        found += undecodable(present, tiles, progress)
        checked = len(present)
    lesions = Lesions(files, Table.of(frame), digest, open_tiles(files, workspace.tile_offsets))
    seconds = time.perf_counter() - began
    report = {
        "dataset_sha256": digest,
        "lesions": frame.height,
        "tiles_checked": checked,
        "problems": [problem.as_dict() for problem in found],
    }
    write_sealed_json(workspace.scan_report, report, indent=None)
    return Scan(lesions, found, seconds, checked)


def load_problems(workspace: Workspace, dataset_sha256: str) -> list[Problem] | None:
    """Problems of the last scan of this data set; None if there was none or the data set has changed."""
    try:
        report = read_sealed_json(workspace.scan_report.read_bytes())
        if report["dataset_sha256"] != dataset_sha256:
            return None
        return [Problem(**entry) for entry in report["problems"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def identity_problems(frame: pl.DataFrame) -> list[Problem]:
    """Broken identities as problems, and identities that the table as a whole does not obey."""
    check = check_identities(frame)
    found = [
        Problem(
            kinds.BROKEN_IDENTITY,
            "",
            rule.column,
            f"{rule.rule} holds in only {rule.obeyed:,} of {rule.tested:,} rows and was not applied",
        )
        for rule in check.not_applied
        if rule.expected_to_hold
    ]
    for (column,), part in check.broken.group_by(["column"], maintain_order=True):
        messages = (
            (row["isic_id"], f"{row['rule']} is broken: expected {row['expected']:.5g}, found {row['found']:.5g}")
            for row in part.iter_rows(named=True)
        )
        found += each(kinds.BROKEN_IDENTITY, str(column), messages, part.height)
    return found


def _unmatched(ids: pl.Series, tiles: TileSource) -> tuple[list[Problem], list[str]]:
    """Rows without tile and tiles without row, and the ids that have both."""
    stored = pl.Series("isic_id", tiles.ids(), dtype=pl.String)
    has_tile = ids.is_in(stored.implode())
    without = ids.filter(~has_tile).to_list()
    orphans = stored.filter(~stored.is_in(ids.implode())).sort().to_list()
    lone_row, lone_tile = "the row has no tile", "the tile has no row in the metadata"
    found = each(kinds.ROW_WITHOUT_TILE, "", ((i, lone_row) for i in without), len(without))
    found += each(kinds.TILE_WITHOUT_ROW, "", ((i, lone_tile) for i in orphans), len(orphans))
    return found, ids.filter(has_tile).to_list()


def undecodable(ids: Sequence[str], tiles: TileSource, progress: Progress = SILENT) -> list[Problem]:
    """Decode every tile (Pillow lets threads run side by side) and report those that do not."""
    progress.start("checking tiles", len(ids))
    found: list[tuple[str, str]] = []
    for part, wrong in _checked_parts(tiles.as_stored(ids), tiles, progress):
        found += wrong
        progress.advance(part)
    order = {isic_id: row for row, isic_id in enumerate(ids)} if found else {}
    found.sort(key=lambda pair: order[pair[0]])
    return each(kinds.UNDECODABLE_TILE, "", found, len(found))


def _checked_parts(
    ids: Sequence[str], tiles: TileSource, progress: Progress
) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Sizes and failures of chunks as they finish; only a few chunks wait at a time, so that stopping is prompt."""
    workers = min(os.cpu_count() or 1, 8)
    starts = iter(range(0, len(ids), _CHUNK))
    with ThreadPoolExecutor(workers, thread_name_prefix="tiles") as pool:
        running: set[Future[tuple[int, list[tuple[str, str]]]]] = set()
        while True:
            stop_if_cancelled(progress)
            while len(running) < 2 * workers and (start := next(starts, None)) is not None:
                running.add(pool.submit(_check_part, ids[start : start + _CHUNK], tiles))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


def _check_part(ids: Sequence[str], tiles: TileSource) -> tuple[int, list[tuple[str, str]]]:
    wrong = []
    for isic_id in ids:
        try:
            check_tile(tiles.read(isic_id))
        except DatasetError as error:
            wrong.append((isic_id, error.what))
    return len(ids), wrong
