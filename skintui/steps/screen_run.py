"""The application on a pseudo-terminal, watched from outside by what it writes and when."""

from __future__ import annotations

import os
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from skintui.errors import SkintuiError, UsageError
from skintui.steps.place import Place

PATIENCE = 60.0
"""Seconds to wait for what must come."""
QUIET = 0.3
"""An answer is complete when nothing has come for this long."""
BREATH = 0.008
"""What comes within this long of the bytes before it belongs to the same frame."""
CELL = (10, 20)
"""Pixels of a cell that the pseudo-terminal claims."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a terminal, in cells."""

    columns: int
    lines: int

    @classmethod
    def read(cls, text: str) -> Size:
        """``120x40``. Raises UsageError for anything else, or a window nobody has."""
        columns, _, lines = text.partition("x")
        if columns.isdecimal() and lines.isdecimal() and 20 <= int(columns) <= 1000 and 5 <= int(lines) <= 500:
            return cls(int(columns), int(lines))
        raise UsageError(f"'{text[:20]}' is no size of a terminal", do="write it like 120x40")

    def __str__(self) -> str:
        return f"{self.columns}x{self.lines}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one key caused; all of it 0 where the screen stayed as it was."""

    first: float
    """Seconds from the key to the first byte."""
    first_bytes: int
    """Bytes of the first frame."""
    settled: float
    """Seconds from the key to the last byte before the quiet."""
    bytes: int
    """All of them."""


class ScreenRun:
    """One running application."""

    def __init__(self, terminal: int, pid: int, begun: float) -> None:
        self._terminal, self.pid, self.begun = terminal, pid, begun
        self.seen = b""
        """Everything written so far."""

    def read(self, wait: float) -> bytes | None:
        """What is written within ``wait`` seconds; None once the application is gone."""
        if not select.select([self._terminal], [], [], wait)[0]:
            return b""
        try:
            chunk = os.read(self._terminal, 65536)
        except OSError:
            return None
        self.seen += chunk
        return chunk or None

    def until(self, condition: Callable[[bytes], bool], what: str, patience: float = PATIENCE) -> float:
        """Seconds from the start until ``condition`` holds for all that was written.

        Raises SkintuiError where the program ends or ``patience`` seconds pass.
        """
        while monotonic() - self.begun < patience:
            if condition(self.seen):
                return monotonic() - self.begun
            if self.read(0.05) is None:
                last = " ".join(self.seen.decode("utf-8", "replace").split())[-200:]
                raise SkintuiError(f"the application ended ({last})", do="run 'skintui' by hand")
        raise SkintuiError(f"{what} did not come within {patience:.0f} s", do="run 'skintui' by hand")

    def settle(self, quiet: float = QUIET) -> None:
        """Read until nothing comes for ``quiet`` seconds."""
        while self.read(quiet):
            pass

    def press(self, keys: bytes) -> Answer:
        """Send keys and follow what comes until it is quiet."""
        begun = monotonic()
        os.write(self._terminal, keys)
        first = last = 0.0
        first_bytes = count = 0
        wait = 2.0
        while chunk := self.read(wait):
            now = monotonic() - begun
            if not first:
                first = now
            if now - (last or first) <= BREATH and first_bytes == count:
                first_bytes += len(chunk)
            count += len(chunk)
            last, wait = now, QUIET
        return Answer(first, first_bytes, last, count)

    def hold(self, key: bytes, count: int, interval: float) -> int:
        """Bytes per key while a key repeats ``count`` times, until the last of them."""
        before = len(self.seen)
        due = monotonic()
        for _ in range(count):
            os.write(self._terminal, key)
            due += interval
            while (left := due - monotonic()) > 0:
                self.read(left)
        return (len(self.seen) - before) // count

    def memory(self) -> float:
        """Resident megabytes of the application itself; NaN where the system does not tell."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return float("nan")
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def screen_run(place: Place, size: Size, image: str) -> Iterator[ScreenRun]:
    """The application at work on ``place``; ended with the block. ``image`` is the setting of that name."""
    files = place.files
    command = [sys.executable, "-m", "skintui", str(files.root), "--metadata", str(files.metadata)]
    command += ["--images", str(files.images), "--image", image, "--reviewer", "bench"]
    with _borrowed(place) as workspace, program_run([*command, "--workspace", str(workspace)], size) as run:
        yield run


@contextmanager
def program_run(command: Sequence[str], size: Size) -> Iterator[ScreenRun]:
    """Any program on a pseudo-terminal of its own, without the user's settings; ended with the block."""
    import fcntl
    import pty
    import termios

    pixels = size.columns * CELL[0], size.lines * CELL[1]
    with _own_home() as home:
        ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", size.lines, size.columns, *pixels))
        begun = monotonic()
        child = subprocess.Popen(  # noqa: S603 -- the caller's program
            command, stdin=its, stdout=its, stderr=its, env=_environment(home), start_new_session=True
        )
        os.close(its)
        try:
            yield ScreenRun(ours, child.pid, begun)
        finally:
            _end(child)
            os.close(ours)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the application and what it has started."""
    for way in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, way)
        with suppress(subprocess.TimeoutExpired):
            child.wait(5)


def _environment(home: Path) -> dict[str, str]:
    """Ours, but of a known terminal, without the user's settings, and not for the first time."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("SKINTUI_")}
    for name in ("TMUX", "KITTY_WINDOW_ID", "XTERM_VERSION", "COLUMNS", "LINES"):
        mine.pop(name, None)
    known = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "SKINTUI_CONFIG": str(home / "settings.toml")}
    return {**mine, **known, "XDG_STATE_HOME": str(home)}


@contextmanager
def _own_home() -> Iterator[Path]:
    """A folder where the application keeps what it knows of its user."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "skintui").mkdir()
        (Path(folder) / "skintui" / "toured").touch()  # the tour of the first start would lie over the screen
        yield Path(folder)


@contextmanager
def _borrowed(place: Place) -> Iterator[Path]:
    """A workspace with the same results but nobody's verdicts and desk, so that each run begins alike."""
    own = {place.workspace.review.name, place.workspace.desk.name}
    with TemporaryDirectory() as folder:
        for path in place.workspace.root.iterdir():
            if not path.name.startswith(tuple(own)):
                (Path(folder) / path.name).symlink_to(path.resolve())
        yield Path(folder)
