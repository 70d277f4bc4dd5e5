"""Draw a cohort in parts, each a table and its tiles in a folder, with as many processes as are wanted.

A part is there whole or not at all, and is the same whoever drew it: an interrupted run goes on with the parts that are
missing. Processes are started afresh (never forked: polars waits for ever behind a fork), tell how far they are through
shared memory without locks, and are ended by their parent, or by its death: nothing but the part at hand is lost.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from skintui.dataset.drawn.cohort import Cohort
from skintui.dataset.schema import SCHEMA
from skintui.errors import SkintuiError
from skintui.files import explained, write_json, written_beside
from skintui.progress import Progress, stop_if_cancelled
from skintui.texts import parsed_json

if TYPE_CHECKING:
    import polars as pl

PART: Final = 500
_VERSION: Final = 3  # of the drawing; parts of another version are drawn again
_TELL: Final = 20  # lesions between two words about progress where one process draws
_LOOK_S: Final = 0.1  # between two looks at what the processes have done


@dataclass(frozen=True, slots=True)
class Part:
    """Lesions `start` to `start + count` − 1 of a cohort, the `number`-th part."""

    folder: Path
    number: int
    start: int
    count: int

    @property
    def table(self) -> Path:
        """The part's rows."""
        return self.folder / f"part-{self.number:05d}.parquet"

    @property
    def tiles(self) -> Path:
        """The part's tiles; written last, so that its presence says that the part is whole."""
        return self.folder / f"part-{self.number:05d}.npz"

    def rows(self) -> pl.DataFrame:
        """The 55 columns of the part's lesions."""
        import polars as pl

        return pl.read_parquet(self.table, glob=False)

    def jpegs(self) -> list[bytes]:
        """The tiles in the order of the rows."""
        with np.load(self.tiles) as stored:
            ends, data = np.cumsum(stored["sizes"]), stored["data"].tobytes()
        return [data[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def usable_cores() -> int:
    """Processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepare(folder: Path, cohort: Cohort) -> list[Part]:
    """The parts of a cohort in a folder that keeps what was drawn of the same cohort and drops what was of another."""
    order = {
        "lesions": cohort.n_lesions,
        "patients": cohort.n_patients,
        "seed": cohort.seed,
        "part": PART,
        "version": _VERSION,
    }
    note = folder / "cohort.json"
    try:
        kept = parsed_json(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = None
    if kept != order:
        try:
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(parents=True)
        except OSError as error:
            raise explained(error, folder) from error
        write_json(note, order)
    starts = range(0, len(cohort), PART)
    return [Part(folder, n, start, min(PART, len(cohort) - start)) for n, start in enumerate(starts)]


def draw_parts(parts: Sequence[Part], cohort: Cohort, progress: Progress, processes: int) -> None:
    """Draw the parts that are missing.

    Raises:
        Cancelled: asked to stop; whole parts stay. WorkspaceError: a part cannot be written. SkintuiError: a process
            was killed.
    """
    missing = [part for part in parts if not part.tiles.is_file()]
    progress.start("draw", len(cohort), sum(part.count for part in parts) - sum(part.count for part in missing))
    if processes > 1 and len(missing) > 1:
        _draw_together(missing, cohort, progress, min(processes, len(missing)))
        return
    for part in missing:
        told = 0

        def tell(drawn: int, whole: int = part.count) -> None:
            nonlocal told
            if drawn - told < _TELL and drawn < whole:
                return
            progress.advance(drawn - told)
            told = drawn
            stop_if_cancelled(progress)

        _draw_part(part, cohort, tell)


def _draw_together(missing: Sequence[Part], cohort: Cohort, progress: Progress, processes: int) -> None:
    context = get_context("spawn")
    drawn = context.RawArray("q", len(missing))  # lesions of each part; written by the one process that draws it
    counts = np.frombuffer(drawn, dtype=np.int64)
    told = 0
    plan = (cohort.n_lesions, cohort.n_patients, cohort.seed)
    others = set(active_children())
    ended = False
    with ProcessPoolExecutor(processes, context, _begin, (drawn, plan)) as pool:
        try:
            with _deaf_to_interrupts():
                waiting = {pool.submit(_draw_for_parent, part, place) for place, part in enumerate(missing)}
            while waiting:
                done, waiting = wait(waiting, _LOOK_S, FIRST_COMPLETED)
                for future in done:
                    future.result()
                if news := int(counts.sum()) - told:
                    told += news
                    progress.advance(news)
                stop_if_cancelled(progress)
            ended = True
        except BrokenProcessPool as error:
            raise SkintuiError(
                "a drawing process was killed",
                do="check the memory of the machine, then run the same command again: it goes on where it was",
            ) from error
        finally:
            for child in () if ended else set(active_children()) - others:
                child.terminate()
            pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started meanwhile never hear Ctrl-C, not even while they load: it is the parent's to hear."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_shared: tuple[Any, Cohort] | None = None  # of a drawing process: counts, and what is drawn


def _begin(drawn: Any, plan: tuple[int, int, int]) -> None:
    """Set up a drawing process; without its parent there is nothing to do."""
    global _shared
    _shared = drawn, Cohort(*plan)
    parent = parent_process()

    def end_with_parent() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _draw_for_parent(part: Part, place: int) -> None:
    assert _shared is not None  # noqa: S101 -- the pool begins every process
    counts, cohort = _shared

    def tell(drawn: int) -> None:
        counts[place] = drawn

    _draw_part(part, cohort, tell)


def _draw_part(part: Part, cohort: Cohort, tell: Callable[[int], None]) -> None:
    """Draw a part: the table first, the tiles last; `tell` hears how many lesions are done and may raise."""
    import polars as pl

    from skintui.dataset.parquet import write_parquet

    rows, tiles = [], []
    for k in range(part.count):
        lesion = cohort.draw(part.start + k)
        rows.append(lesion.row)
        tiles.append(lesion.drawn.jpeg())
        if k + 1 < part.count:
            tell(k + 1)
    types = {"text": pl.String, "float": pl.Float64, "int": pl.Int64}
    frame = pl.DataFrame(rows, schema={column.name: types[column.kind] for column in SCHEMA})
    write_parquet(frame, part.table)
    sizes = np.array([len(tile) for tile in tiles], dtype=np.int64)
    with written_beside(part.tiles) as temporary, temporary.open("wb") as file:
        np.savez(file, sizes=sizes, data=np.frombuffer(b"".join(tiles), dtype=np.uint8))
    tell(part.count)
