"""``index`` with the real model at the beginning, in the middle and near the end of a data set, each time resumed.

Reading all of 401,059 tiles takes the bundled model a working day on two cores. So the store is filled up to where the
measurement begins with vectors that nobody reads, through the class that writes the real ones, and the verb is called:
it cannot tell the difference, and neither could its speed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter, time
from typing import TYPE_CHECKING

import numpy as np

from skintui.errors import Cancelled
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.measures import Measure
from skintui.steps.place import Place
from skintui.steps.scale.apart import Apart, apart
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    import polars as pl

SKIPPED = 64
"""Tiles read before the clock starts: the first passes make what later ones reuse."""
_READING = "reading tiles"


@dataclass(slots=True)
class Watch:
    """A progress that stops the index after so many tiles and remembers when they were read."""

    most: int
    began: float = 0.0
    """Wall clock at which tiles began to be read."""
    moments: list[tuple[float, int]] = field(default_factory=list)
    _stage: str = ""
    _read: int = 0

    def start(self, stage: str, total: int | None = None, done: int = 0) -> None:  # noqa: ARG002 -- the protocol
        self._stage = stage
        if stage == _READING:
            self.began = time()

    def advance(self, count: int = 1, **figures: float) -> None:  # noqa: ARG002 -- the protocol
        if self._stage == _READING:
            self._read += count
            self.moments.append((perf_counter(), self._read))

    def note(self, message: str) -> None: ...

    @property
    def cancelled(self) -> bool:
        return self._read >= self.most

    @property
    def tiles_per_second(self) -> float:
        """After the first tiles; NaN of too few."""
        counted = [moment for moment in self.moments if moment[1] >= min(SKIPPED, self.most // 4)]
        if len(counted) < 2:
            return float("nan")
        (first, before), (last, after) = counted[0], counted[-1]
        return (after - before) / (last - first)


@dataclass(frozen=True, slots=True)
class Part:
    """What one resumed run did."""

    tiles_per_second: float
    start: float
    """Seconds from the call in a fresh interpreter until tiles began to be read."""
    loaded: float
    """The same where the interpreter has its libraries already: what depends on the data set and the store."""


def measure_index(
    place: Place, weights: Weights, progress: Progress, *, tiles: int, fills: tuple[float, ...]
) -> Iterator[Measure]:
    """Tiles per second, seconds until work starts and peak memory, where a share ``fills`` is already there.

    ``fills`` rise from 0. The vectors are thrown away at the end.
    """
    n = len(place.lesions())
    shutil.rmtree(place.workspace.vectors, ignore_errors=True)
    parts: list[Apart[Part]] = []
    try:
        for fill in fills:
            if fill:
                _filled(place, int(fill * n), progress)
            progress.start(f"indexing {tiles} of {n:,} tiles, {fill:.0%} there")
            stop_if_cancelled(progress)
            parts.append(apart(resumed, place, weights, tiles, time()))
    finally:
        shutil.rmtree(place.workspace.vectors, ignore_errors=True)
    first, last = parts[0], parts[-1]
    yield Measure("index", first.value.tiles_per_second, "tiles/s", "", "", n)
    if last is not first:
        ratio = last.value.tiles_per_second / first.value.tiles_per_second
        yield Measure("index, rate of the last part over the first", ratio, "", ">= 0.95", "", n)
        yield Measure(
            "index, memory of the last part over the first", last.megabytes / first.megabytes, "", "<= 1.1", "", n
        )
    yield Measure("index, memory", max(part.megabytes for part in parts), "MB", "", "", n)
    for fill, part in zip(fills, parts, strict=True):
        what = f"index, until work starts, {fill:.0%} there"
        yield Measure(what, part.value.start, "s", "<= 3", "", n)
        yield Measure(f"{what}, libraries loaded", part.value.loaded, "s", "", "", n)


def resumed(place: Place, weights: Weights, tiles: int, called: float) -> Part:
    """Go on with the index for so many tiles; ``called`` is the wall clock before the interpreter began."""
    from skintui.steps.index import index

    watch, again = Watch(tiles), Watch(1)
    with suppress(Cancelled):
        index(place, weights, watch)
    called_again = time()
    with suppress(Cancelled):
        index(place, weights, again)
    return Part(watch.tiles_per_second, watch.began - called, again.began - called_again)


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
