"""``bench tui``: the application in a terminal of its own, timed from outside by what it writes."""

from __future__ import annotations

import os
import select
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from statistics import median
from time import monotonic, sleep

from skintui.errors import SkintuiError, UsageError
from skintui.progress import Progress
from skintui.steps.measures import Measure, Measures
from skintui.steps.place import Place

PATIENCE = 30.0
"""Seconds to wait for the first rows."""
QUIET = 0.25
"""A key's answer is complete when nothing has come for this long."""
KEYS = 20


def bench_tui(place: Place, progress: Progress, *, size: str = "120x40") -> Measures:
    """Seconds to the first paint and the first rows, milliseconds and bytes per key. Raises SkintuiError if it dies."""
    columns, lines = _size(size)
    lesions = place.lesions(progress)
    marker = str(lesions.ids[0]).encode()
    n = len(lesions)
    progress.start("starting the application")
    with _application(place, columns, lines) as terminal:
        painted, listed = _first_paint(terminal, marker)
        progress.start("pressing keys", 2 * KEYS)
        _drained(terminal, 1.0)
        down = _pressed(terminal, b"j", progress)
        page = _pressed(terminal, b"\x04", progress)
    return Measures(
        (
            Measure(f"first paint, {size}", painted, "s", "<= 0.6", "", n),
            Measure("first rows", listed, "s", "<= 1", "", n),
            Measure("row down", down[0], "ms", "<= 15", "", n),
            Measure("row down", down[1], "bytes", "<= 1000", "", n),
            Measure("half a page down", page[0], "ms", "<= 40", "", n),
            Measure("half a page down", page[1], "bytes", "<= 10000", "", n),
        )
    )


def _size(size: str) -> tuple[int, int]:
    columns, _, lines = size.partition("x")
    if not (columns.isdecimal() and lines.isdecimal()) or not (20 <= int(columns) <= 1000 and 5 <= int(lines) <= 500):
        raise UsageError(f"'{size[:20]}' is no size of a terminal", do="write it like 120x40")
    return int(columns), int(lines)


@contextmanager
def _application(place: Place, columns: int, lines: int) -> Iterator[int]:
    """The application on a pseudo-terminal, whose controlling side comes back; ended with the block."""
    import fcntl
    import pty
    import termios

    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    files = place.files
    command = [sys.executable, "-m", "skintui", str(files.root), "--metadata", str(files.metadata)]
    command += ["--images", str(files.images), "--workspace", str(place.workspace.root), "--image", "half"]
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    child = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True)  # noqa: S603
    os.close(its)
    try:
        yield ours
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(5)
        if child.poll() is None:
            child.kill()
            child.wait()
        os.close(ours)


def _first_paint(terminal: int, marker: bytes) -> tuple[float, float]:
    """Seconds until something stood on the screen, and until the first lesion did."""
    begun, painted, seen = monotonic(), 0.0, b""
    while monotonic() - begun < PATIENCE:
        chunk = _read(terminal, 0.05)
        if chunk is None:
            last = " ".join(seen.decode("utf-8", "replace").split())[-200:]
            raise SkintuiError(f"the application ended at its start ({last})", do="run 'skintui' by hand")
        seen += chunk
        if not painted and len(seen) > 2000:
            painted = monotonic() - begun
        if marker in seen:
            return painted or monotonic() - begun, monotonic() - begun
    raise SkintuiError(f"no lesion was on the screen after {PATIENCE:.0f} s", do="run 'skintui' by hand")


def _read(terminal: int, wait: float) -> bytes | None:
    """What was written within ``wait`` seconds; None once the application is gone."""
    if not select.select([terminal], [], [], wait)[0]:
        return b""
    try:
        return os.read(terminal, 65536) or None
    except OSError:
        return None


def _drained(terminal: int, quiet: float) -> tuple[float, int]:
    """When the last byte came and how many came, until nothing does for ``quiet`` seconds."""
    last, count = monotonic(), 0
    while (chunk := _read(terminal, quiet)) is not None and chunk:
        last, count = monotonic(), count + len(chunk)
    return last, count


def _pressed(terminal: int, key: bytes, progress: Progress) -> tuple[float, float]:
    """Median milliseconds to the first answer to a key, and median bytes of the whole answer."""
    times, sizes = [], []
    for _ in range(KEYS):
        begun = monotonic()
        os.write(terminal, key)
        first = _read(terminal, 2.0) or b""
        times.append(monotonic() - begun)
        sizes.append(len(first) + _drained(terminal, QUIET)[1])
        progress.advance()
        sleep(0.01)
    return median(times) * 1e3, float(median(sizes))
