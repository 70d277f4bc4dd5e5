"""Two runs of the index side by side, one window of tiles each in turn.

A shared machine does not keep its pace for the minutes between a first part and a last one. So both are taken up at
once, each in a process of its own, and read by turns in short windows, now the one first and now the other: whatever
the machine does besides meets both alike. Both begin at a shard's start, so that window k of either holds the same
work, its writing included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from statistics import median
from time import perf_counter, process_time
from typing import Literal

from skintui.errors import Cancelled, SkintuiError
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.measures import peak_memory
from skintui.steps.place import Place
from skintui.steps.weights import Weights

WINDOWS = 32
"""Windows that are compared; one more goes before, in which the first passes make what later ones reuse."""
READING = "reading tiles"


@dataclass(frozen=True, slots=True)
class Window:
    """One turn."""

    tiles: int
    seconds: float
    cpu: float
    """Processor seconds of the whole process."""
    megabytes: float
    """The most memory it held so far."""


@dataclass(frozen=True, slots=True)
class Course:
    """All turns of one run."""

    windows: tuple[Window, ...]

    @property
    def megabytes(self) -> float:
        return max(window.megabytes for window in self.windows)

    @property
    def tiles_per_second(self) -> float:
        return median(window.tiles / window.seconds for window in self.windows)


def wall_ratio(one: Course, other: Course) -> float:
    """Rate of ``other`` over that of ``one``: all windows together, since some of them hold the writing of a shard."""
    return _per_tile(one, "seconds") / _per_tile(other, "seconds")


def cpu_ratio(one: Course, other: Course) -> float:
    """Processor time a tile takes in ``other`` over that in ``one``; what else the machine does matters less to it."""
    return _per_tile(other, "cpu") / _per_tile(one, "cpu")


def _per_tile(course: Course, what: Literal["seconds", "cpu"]) -> float:
    taken = sum(w.seconds if what == "seconds" else w.cpu for w in course.windows)
    return taken / sum(w.tiles for w in course.windows)


def by_turns(places: Sequence[Place], weights: Weights, tiles: int, progress: Progress) -> list[Course]:
    """Go on with the index at each place for about so many tiles, in turn; fewer where one has no more.

    Raises Cancelled between two turns, SkintuiError where a process was killed.
    """
    size = max(1, tiles // WINDOWS)
    found: list[list[Window]] = [[] for _ in places]
    with _players(places, weights, size) as players:
        progress.start(f"indexing {size * WINDOWS:,} tiles at each of {len(places)} places", WINDOWS + 1)
        for turn in range(WINDOWS + 1):
            for which in range(len(places)) if turn % 2 else reversed(range(len(places))):
                stop_if_cancelled(progress)
                if (window := _asked(players[which])) is not None:
                    found[which].append(window)
            progress.advance()
    complete = min(map(len, found))
    if not complete:
        raise SkintuiError("there is no tile left to measure the index with")
    return [Course(tuple(windows[min(1, complete - 1) : complete])) for windows in found]


def _asked(player: Connection) -> Window | None:
    """The next window; None where there is no more to read."""
    try:
        player.send(None)
        answer = player.recv()
    except (EOFError, OSError) as error:
        raise SkintuiError("a measuring process was killed", do="check the memory of the machine") from error
    if isinstance(answer, SkintuiError):
        raise answer
    assert answer is None or isinstance(answer, Window)  # noqa: S101 -- sent by _play
    return answer


@contextmanager
def _players(places: Sequence[Place], weights: Weights, size: int) -> Iterator[list[Connection]]:
    context = get_context("spawn")
    processes: list[SpawnProcess] = []
    ours: list[Connection] = []
    try:
        for place in places:
            near, far = context.Pipe()
            process = context.Process(target=_play, args=(far, place, weights, size), daemon=True)
            process.start()
            far.close()
            ours.append(near)
            processes.append(process)
        yield ours
    finally:
        for connection, process in zip(ours, processes, strict=True):
            connection.close()
            process.join(5)
            process.kill()
            process.join()


def _play(turn: Connection, place: Place, weights: Weights, size: int) -> None:
    """The process: reads when it is asked to, and answers every question that comes after the last tile."""
    from skintui.steps.index import index

    turns = Turns(turn, size)
    try:
        with suppress(Cancelled):
            index(place, weights, turns)
        while True:
            if not turns.asked:
                turn.recv()
            turn.send(None)
            turns.asked = False
    except SkintuiError as error:
        turn.send(error)
    except (EOFError, BrokenPipeError, KeyboardInterrupt):  # who asked is gone
        return


@dataclass(slots=True)
class Turns:
    """A progress that lets the index read ``size`` tiles each time it is asked, ``WINDOWS`` + 1 times."""

    turn: Connection
    size: int
    cancelled: bool = False
    asked: bool = False
    """Whether somebody waits for an answer."""
    _stage: str = ""
    _read: int = 0
    _taken: int = 0
    _begun: tuple[float, float] = field(default=(0.0, 0.0))

    def start(self, stage: str, total: int | None = None, done: int = 0) -> None:  # noqa: ARG002 -- the protocol
        self._stage = stage
        if stage == READING:
            self._wait()

    def advance(self, count: int = 1, **figures: float) -> None:  # noqa: ARG002 -- the protocol
        if self._stage != READING or self.cancelled:
            return
        self._read += count
        if self._read >= self.size:
            begun, cpu = self._begun
            peak = peak_memory()
            megabytes = float("nan") if peak is None else peak / 1e6
            self.turn.send(Window(self._read, perf_counter() - begun, process_time() - cpu, megabytes))
            self.asked = False
            self._taken += 1
            self.cancelled = self._taken > WINDOWS
            if not self.cancelled:
                self._wait()

    def note(self, message: str) -> None: ...

    def _wait(self) -> None:
        self.turn.recv()
        self.asked = True
        self._read, self._begun = 0, (perf_counter(), process_time())
