"""A pseudo-terminal that is only a line: what comes is kept, nothing is answered."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from contextlib import suppress

from tests.terminals.application import Application
from tests.terminals.waiting import PATIENCE


class BareLine:
    """A program on a pseudo-terminal of 120 × 40 cells whose pixels nobody knows."""

    def __init__(self, command: list[str], application: Application) -> None:
        self.started = time.monotonic()
        self._ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        environment = {**application.environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.process = subprocess.Popen(
            command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True
        )
        os.close(its)
        self.written = b""

    def seconds_until(self, words: bytes) -> float:
        """Seconds from the start until the program has written ``words``."""
        while words not in self.written:
            left = self.started + PATIENCE - time.monotonic()
            assert left > 0, f"{words!r} did not come: {self.written[-500:]!r}"
            if select.select([self._ours], [], [], left)[0]:
                self.written += os.read(self._ours, 65536)
        return time.monotonic() - self.started

    def close(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._ours)
