"""``bench engine``: what a cluster costs beside this process, and what large runs cost by computation."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from skintui.engines.cost import computed
from skintui.engines.on_ray import on_ray
from skintui.errors import EngineError
from skintui.progress import SILENT, Progress, stop_if_cancelled
from skintui.steps.index import index
from skintui.steps.measures import Measure, Measures
from skintui.steps.place import Place
from skintui.steps.weights import Weights
from skintui.workspace import Workspace

if TYPE_CHECKING:
    from skintui.steps.engine import Model
    from skintui.steps.reading import Batch

SHARDS = (1_000, 3_000, 10_000)
VIEWS, D = 17, 8
_RATE = re.compile(r"read at ([\d.]+) tiles/s")


@dataclass(frozen=True)
class NoWork:
    """Shards of no content: their records come back at once."""

    model: Model | None = None

    noun = "shard"

    def needs(self) -> Sequence[Path]:
        return ()

    def size(self, unit: int) -> int:  # noqa: ARG002 -- each counts as one
        return 1

    def taken_up(self) -> NoWork:
        return self

    def close(self) -> None: ...

    def batches(self, unit: int) -> Iterator[Batch]:  # noqa: ARG002 -- there are no tiles
        return iter(())

    def do(self, model: Any, unit: int, batches: Iterable[Batch], progress: Progress) -> Any:  # noqa: ARG002
        from skintui.vectors.journal import ShardRecord

        return ShardRecord(unit, unit, unit + 1, {f"v{view}": f"{unit:064x}" for view in range(VIEWS)}, f"{unit:064x}")


def bench_engine(place: Place, weights: Weights, progress: Progress, *, rows: int, timed: bool) -> Measures:
    """Tiles per second here and on workers of this machine, the driver's seconds per shard, and the computed table."""
    found: list[Measure] = []
    with TemporaryDirectory(prefix="skintui-") as temporary:
        if timed:
            progress.start("comparing engines", 5)
            found += [*_compared(place, weights, Path(temporary), rows, progress), *_driver(Path(temporary), progress)]
    return Measures((*found, *computed()))


def _compared(place: Place, weights: Weights, scratch: Path, rows: int, progress: Progress) -> Iterator[Measure]:
    rates: dict[int, float] = {}
    for count in (1, 2):
        stop_if_cancelled(progress)
        rates[count] = _local(place, weights, scratch / f"local-{count}", rows, count)
        yield Measure(f"index in this process, {count} threads", rates[count], "tiles/s", rows=rows)
        progress.advance()
    first = 0.0
    for count in (1, 2):
        stop_if_cancelled(progress)
        begun = time.perf_counter()
        with on_ray("", "cpu", limit=count) as engine:
            here = replace(place, workspace=_folder(scratch / f"ray-{count}")).absolute()
            here.lesions()
            list(engine.run(NoWork(weights.absolute()), list(range(4 * count)), SILENT))
            ready = time.perf_counter() - begun
            done = index(here, weights, SILENT, limit=rows, engine=engine)
        rate = done.tiles_per_second
        first = first or rate
        over = f"{1 - rate / rates[count]:+.1%} time lost against {count} threads here"
        gain = "" if count == 1 else f"; {rate / first:.2f} times one worker"
        yield Measure(
            f"index on Ray, {count} worker{'s'[: count - 1]}", rate, "tiles/s", "<= 15 % overhead", over + gain, rows
        )
        yield Measure(f"Ray until {count} model{'s'[: count - 1]} loaded", ready, "s", rows=rows)
        progress.advance()


def _local(place: Place, weights: Weights, folder: Path, rows: int, threads: int) -> float:
    """Tiles per second of ``index`` in a fresh process with so many threads."""
    files = place.files
    command = [sys.executable, "-m", "skintui", "index", str(files.root), "--metadata", str(files.metadata)]
    command += ["--images", str(files.images), "--workspace", str(folder), "--base", weights.base, "--device", "cpu"]
    command += ["--limit", str(rows), "--progress", "none"]
    command += ["--adapter", str(weights.adapter)] if weights.adapter else []
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 -- ourselves
    rate = _RATE.search(done.stderr)
    if rate is None:
        raise EngineError(f"index in this process failed: {done.stderr.strip()[-200:]}")
    return float(rate.group(1))


def _driver(scratch: Path, progress: Progress) -> Iterator[Measure]:
    """The driver's own seconds per shard, journal and all, by the number of shards."""
    import numpy as np

    from skintui.vectors.store import VectorStore

    spent: list[float] = []
    with on_ray("", "cpu", limit=2) as engine:
        list(engine.run(NoWork(), list(range(100)), SILENT))
        for count in SHARDS:
            stop_if_cancelled(progress)
            names = [f"v{view}" for view in range(VIEWS)]
            with VectorStore.create(scratch / f"driver-{count}", {}, names, count, D, 1) as store:
                begun, wall = time.process_time(), time.perf_counter()
                for _, record in engine.run(NoWork(), list(range(count)), SILENT):
                    store.commit(record)
                spent.append(time.process_time() - begun)
                wall = time.perf_counter() - wall
            yield Measure(
                f"driver, {count:,} shards of no work", spent[-1] / count * 1e3, "CPU ms/shard",
                peer=f"{wall / count * 1e3:.2f} ms by the clock, workers beside it", rows=count,
            )  # fmt: skip
    slope = float(np.polyfit(np.log(SHARDS), np.log(spent), 1)[0])
    yield Measure("driver, log-log slope in the number of shards", slope, "", "<= 1.1", rows=SHARDS[-1])
    progress.advance()


def _folder(path: Path) -> Workspace:
    path.mkdir(parents=True, exist_ok=True)
    return Workspace(path)
