"""A pseudo-terminal that is only a line: what comes is kept, and nothing is answered but what one was told."""

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
from collections.abc import Callable, Mapping
from contextlib import suppress

from tests.terminals.application import Application
from tests.terminals.waiting import PATIENCE, PAUSE


class BareLine:
    """A program on a pseudo-terminal of 120 × 40 cells whose pixels nobody knows."""

    def __init__(
        self, command: list[str], application: Application, answers: Mapping[bytes, bytes] | None = None
    ) -> None:
        self._answers = dict(answers or {})
        self.started = time.monotonic()
        self._ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        environment = {**application.environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.process = subprocess.Popen(
            command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True
        )
        os.close(its)
        self.written = b""

    def type(self, data: bytes) -> None:
        """Send something down the line: keys, or what a terminal answers."""
        os.write(self._ours, data)

    def seconds_until(self, words: bytes) -> float:
        """Seconds from the start until the program has written ``words``."""
        self.until(lambda: words in self.written, repr(words))
        return time.monotonic() - self.started

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Keep what comes until the condition holds, and give each answer once its question has been asked."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"never came true: {what}; the last was {self.written[-500:]!r}"
            if select.select([self._ours], [], [], PAUSE)[0]:
                self.written += os.read(self._ours, 65536)
            for question in [question for question in self._answers if question in self.written]:
                self.type(self._answers.pop(question))

    def close(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1
