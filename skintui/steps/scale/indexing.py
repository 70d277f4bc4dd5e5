"""``index`` with the real model at the beginning, in the middle and near the end of a data set.

Reading all of 401,059 tiles takes the bundled model a working day on two cores. So the store is filled up to where the
measurement begins with vectors that nobody reads, through the class that writes the real ones, and the verb is called:
it cannot tell the difference, and neither could its speed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time
from typing import TYPE_CHECKING

import numpy as np

from skintui.errors import Cancelled
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.measures import Measure
from skintui.steps.place import Place
from skintui.steps.scale.apart import apart
from skintui.steps.scale.turns import READING, by_turns, cpu_ratio, wall_ratio
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    import polars as pl


@dataclass(slots=True)
class Watch:
    """A progress that stops the index after so many tiles and remembers when they began to be read."""

    most: int
    began: float = 0.0
    """Wall clock at which tiles began to be read."""
    _stage: str = ""
    _read: int = 0

    def start(self, stage: str, total: int | None = None, done: int = 0) -> None:  # noqa: ARG002 -- the protocol
        self._stage = stage
        if stage == READING:
            self.began = time()

    def advance(self, count: int = 1, **figures: float) -> None:  # noqa: ARG002 -- the protocol
        if self._stage == READING:
            self._read += count

    def note(self, message: str) -> None: ...

    @property
    def cancelled(self) -> bool:
        return self._read >= self.most


@dataclass(frozen=True, slots=True)
class Start:
    """How long a resumed run takes to begin."""

    whole: float
    """Seconds from the call in a fresh interpreter until tiles began to be read."""
    loaded: float
    """The same where the interpreter has its libraries already: what depends on the data set and the store."""


def measure_index(
    place: Place, weights: Weights, progress: Progress, *, tiles: int, fills: tuple[float, ...]
) -> Iterator[Measure]:
    """Seconds until work starts where a share ``fills`` is already there; then rate and memory at first and last.

    ``fills`` rise from 0. The vectors are thrown away at the end.
    """
    n = len(place.lesions())
    shutil.rmtree(place.workspace.vectors, ignore_errors=True)
    starts: list[Start] = []
    try:
        for fill in fills:
            if fill:
                _filled(place, int(fill * n), progress)
            progress.start(f"starting the index of {n:,} tiles, {fill:.0%} there")
            stop_if_cancelled(progress)
            starts.append(apart(started, place, weights, time()).value)
        with _empty(place) as fresh:
            courses = by_turns([fresh, place] if len(fills) > 1 else [fresh], weights, tiles, progress)
    finally:
        shutil.rmtree(place.workspace.vectors, ignore_errors=True)
    first, last = courses[0], courses[-1]
    yield Measure("index", first.tiles_per_second, "tiles/s", "", "", n)
    if last is not first:
        rest = ("", ">= 0.95", "", n)
        yield Measure("index, rate of the last part over the first", wall_ratio(first, last), *rest)
        yield Measure("index, pace in processor time of the last part", 1 / cpu_ratio(first, last), *rest)
        yield Measure(
            "index, memory of the last part over the first", last.megabytes / first.megabytes, "", "<= 1.1", "", n
        )
    yield Measure("index, memory", max(course.megabytes for course in courses), "MB", "", "", n)
    for fill, start in zip(fills, starts, strict=True):
        what = f"index, until work starts, {fill:.0%} there"
        yield Measure(what, start.whole, "s", "<= 3", "", n)
        yield Measure(f"{what}, libraries loaded", start.loaded, "s", "", "", n)


def started(place: Place, weights: Weights, called: float) -> Start:
    """Go on with the index for a batch, twice; ``called`` is the wall clock before the interpreter began."""
    from skintui.steps.index import index

    watch, again = Watch(1), Watch(1)
    with suppress(Cancelled):
        index(place, weights, watch)
    called_again = time()
    with suppress(Cancelled):
        index(place, weights, again)
    return Start(watch.began - called, again.began - called_again)


@contextmanager
def _empty(place: Place) -> Iterator[Place]:
    """The same data set with a workspace that holds what a scan leaves, and no vectors."""
    known = place.workspace
    with TemporaryDirectory(prefix="skintui-scale-", dir=known.root) as folder:
        workspace = type(known)(Path(folder))
        for source, target in ((known.lesions, workspace.lesions), (known.tile_offsets, workspace.tile_offsets)):
            if source.is_file():
                shutil.copyfile(source, target)
        yield Place(place.files, workspace)


def _filled(place: Place, rows: int, progress: Progress) -> None:
    """Finish the shards up to a row with vectors of nobody."""
    from skintui.vectors.description import read_description
    from skintui.vectors.store import VectorStore

    folder = place.workspace.vectors
    about = read_description(folder / "store.json")
    views, d, shard_rows = about["views"], int(about["d"]), int(about["shard_rows"])
    block = np.random.default_rng(0).standard_normal((shard_rows, d)).astype(np.float16)
    with VectorStore.create(folder, about["fingerprint"], views, int(about["n"]), d, shard_rows) as store:
        left = [shard for shard in store.remaining() if store.span(shard)[1] <= rows]
        progress.start("filling the store", len(left))
        ids, names = place.lesions().ids, [view for view in views if view != "image"]
        for shard in left:
            start, stop = store.span(shard)
            vectors = dict.fromkeys(views, block[: stop - start])
            store.write_shard(shard, vectors, _predictions(ids[start:stop], names))
            progress.advance()
            stop_if_cancelled(progress)


def _predictions(ids: list[str], names: list[str]) -> pl.DataFrame:
    from skintui.steps.predictions import frame_of

    values, fold = np.random.default_rng(1).random((len(ids), len(names))), np.full(len(ids), -1, np.int16)
    return frame_of(ids, names, values, values, values, fold, values)
