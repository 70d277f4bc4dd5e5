"""Progress on stderr: a bar for people, JSON lines for programs, plain lines for a log, or nothing.

While a step runs, the first Ctrl-C asks it to stop between two units of work and the second one stops at once.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

KINDS = ("bar", "json", "none")


class Quiet:
    """Shows nothing; keeps the count, the rate and whether the user asked to stop. The others show more."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.lock = threading.RLock()
        self.stage, self.total, self.done, self.resumed = "", None, 0, 0
        self.began = self.shown = time.monotonic()
        self.figures: dict[str, float] = {}
        self._cancelled = threading.Event()

    stage: str
    total: int | None

    def start(self, stage: str, total: int | None = None, done: int = 0) -> None:
        with self.lock:
            self.stage, self.total, self.done, self.resumed = stage, total, done, done
            self.began, self.shown, self.figures = time.monotonic(), 0.0, {}
            self._show_start()

    def advance(self, count: int = 1, **figures: float) -> None:
        with self.lock:
            self.done += count
            self.figures.update(figures)
            self._show_advance()

    def note(self, message: str) -> None:
        with self.lock:
            self._show_note(message)

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        self._cancelled.set()

    def close(self) -> None:
        """Leave the terminal as it was."""

    @property
    def rate(self) -> float:
        """Units per second of this run (a resumed part does not count)."""
        return (self.done - self.resumed) / max(time.monotonic() - self.began, 1e-9)

    @property
    def seconds_left(self) -> float | None:
        if self.total is None or self.done <= self.resumed:
            return None
        return max(self.total - self.done, 0) / self.rate

    def _due(self, every: float) -> bool:
        """Whether enough time has passed to show the state again; always at the end of a stage."""
        now = time.monotonic()
        if now - self.shown < every and self.done != self.total:
            return False
        self.shown = now
        return True

    def _show_start(self) -> None: ...
    def _show_advance(self) -> None: ...
    def _show_note(self, message: str) -> None: ...


class Lines(Quiet):
    """One line per stage and one every ten seconds: for a log file or a terminal that cannot move the cursor."""

    def _line(self, text: str) -> None:
        from skintui.texts import printable

        self.out.write(f"{printable(text)}\n")
        self.out.flush()

    def _show_start(self) -> None:
        self.shown = time.monotonic()
        self._line(self.stage if self.total is None else f"{self.stage}: {self.done} of {self.total}")

    def _show_advance(self) -> None:
        brief = self.done == self.total and time.monotonic() - self.began < 2.0
        if self._due(10.0) and not brief:
            of = "" if self.total is None else f" of {self.total}"
            figures = "".join(f", {name} {value:.4g}" for name, value in self.figures.items())
            left = self.seconds_left
            eta = "" if left is None else f", {left:.0f} s left"
            self._line(f"{self.stage}: {self.done}{of}, {self.rate:.1f}/s{eta}{figures}")

    def _show_note(self, message: str) -> None:
        self._line(f"note: {message}")


class Json(Quiet):
    """One JSON object per line; ``advance`` at most ten times a second."""

    def _event(self, event: str, **values: object) -> None:
        self.out.write(json.dumps({"event": event, **values}) + "\n")
        self.out.flush()

    def _show_start(self) -> None:
        self._event("start", stage=self.stage, total=self.total, done=self.done)

    def _show_advance(self) -> None:
        if self._due(0.1):
            left = self.seconds_left
            self._event(
                "advance",
                stage=self.stage,
                total=self.total,
                done=self.done,
                rate=round(self.rate, 3),
                seconds_left=None if left is None else round(left, 1),
                **self.figures,
            )

    def _show_note(self, message: str) -> None:
        self._event("note", message=message)


class Bar(Quiet):
    """A bar with rate and time left, drawn by rich on the terminal behind stderr."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(out)
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self.bars: RichProgress = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}", markup=False),
            TimeElapsedColumn(),
            console=Console(file=out, highlight=False, emoji=False, markup=False),
        )
        self.task = self.bars.add_task("", total=None, pace="", visible=False)
        self.bars.start()

    def _show_start(self) -> None:
        from skintui.texts import printable

        self.bars.reset(self.task, total=self.total, completed=self.done, visible=True, pace="")
        self.bars.update(self.task, description=printable(self.stage))

    def _show_advance(self) -> None:
        if self._due(0.1):
            left = self.seconds_left
            pace = f"{self.rate:.1f}/s" + ("" if left is None else f" {_clock(left)} left")
            pace += "".join(f" {name} {value:.4g}" for name, value in self.figures.items())
            self.bars.update(self.task, completed=self.done, pace=pace)

    def _show_note(self, message: str) -> None:
        from rich.text import Text

        from skintui.texts import printable

        self.bars.console.print(Text(printable(message)))

    def close(self) -> None:
        self.bars.stop()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def reporter(kind: str, out: TextIO | None = None) -> Quiet:
    """The reporter for ``--progress KIND``; a bar becomes plain lines where stderr is no terminal."""
    stream = sys.stderr if out is None else out
    if kind == "json":
        return Json(stream)
    if kind == "none":
        return Quiet(stream)
    return Bar(stream) if stream.isatty() else Lines(stream)


@contextmanager
def reporting(kind: str) -> Iterator[Quiet]:
    """A reporter for one step, with Ctrl-C meaning "stop cleanly" once and "stop now" the second time."""
    progress = reporter(kind)

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        if progress.cancelled:
            raise KeyboardInterrupt
        progress.cancel()

    ours = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, interrupted) if ours else None
    try:
        yield progress
    finally:
        if ours:
            signal.signal(signal.SIGINT, before)
        progress.close()
