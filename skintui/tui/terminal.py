"""What the terminal can show, asked once and before the application starts.

textual-image asks at import, one question after the other, and waits again for each answer that does not come. Here all
questions go out together, followed by the one every terminal answers (device attributes), and the answers are read
after the application has been loaded: a slow line costs nothing then, and one that stays silent less than ``TIMEOUT``.
"""

from __future__ import annotations

import array
import os
import re
import select
import signal
import sys
import threading
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from skintui.tui.tmux import Tmux, find_tmux

TIMEOUT = 0.3
"""Seconds to wait for an answer from the question on, half of them at least when there is nothing else to do."""
LOOK_SECONDS = 2.0
"""How often the terminal is looked at for being there."""

_ABOUT_COLOURS = "\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m"
"""Sets a colour of 24 bits and asks which colour is set."""
_ABOUT_GRAPHICS = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" + "\x1b[>q" + "\x1b[16t"
_ABOUT_ATTRIBUTES = "\x1b[c"
_COLOURS = re.compile(r"\x1bP1\$r[\d;:]*48[:;]2[:;]+1[:;]2[:;]3[;m]")
_ATTRIBUTES = re.compile(r"\x1b\[\?([\d;]*)c")
_NAME = re.compile(r"\x1bP>\|([^\x1b]*)\x1b")
_CELL = re.compile(r"\x1b\[6;(\d+);(\d+)t")


@dataclass(frozen=True, slots=True)
class Graphics:
    """How pictures are drawn here."""

    mode: str
    """``kitty``, ``sixel``, ``half`` or ``none``."""
    cell_width: int = 10
    """Pixels across one cell."""
    cell_height: int = 20
    """Pixels down one cell."""
    tmux: Tmux | None = None
    """The tmux between this program and the terminal, if there is one."""


class Inquiry:
    """Questions that go out when the block is entered; the answers are read when they are needed.

    Within the block the terminal echoes nothing, so that no answer gets onto the screen.
    """

    def __init__(self, wanted: str, environment: MutableMapping[str, str] = os.environ) -> None:
        self._wanted, self._environment = wanted, environment
        self._size = cell_size()
        self._tmux = find_tmux(environment) if wanted not in ("half", "none") else None
        self._answer = ""
        self._deadline = 0.0
        self._before: list[Any] | None = None

    @property
    def questions(self) -> str:
        """What has to be asked; empty where everything is known."""
        asked = "" if _tells_true_colour(self._environment) else _ABOUT_COLOURS
        known = self._wanted in ("half", "none") or (self._wanted != "auto" and all(self._size))
        if not known and self._tmux is None:  # a tmux answers for itself, and the terminal behind it not at all
            asked += _ABOUT_GRAPHICS
        return asked and asked + _ABOUT_ATTRIBUTES

    @property
    def is_open(self) -> bool:
        """Whether the answers may still come: the terminal has not answered the last question."""
        return self._before is not None and not _ATTRIBUTES.search(self._answer)

    def __enter__(self) -> Inquiry:
        if _is_terminal() and (questions := self.questions):
            self._ask(questions)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import termios

        if self._before is not None and sys.__stdin__ is not None:
            termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, self._before)

    def graphics(self) -> Graphics:
        """How pictures are drawn here; lets true colours be known where the terminal says that it has them."""
        self._listen()
        if _COLOURS.search(self._answer):
            self._environment.setdefault("COLORTERM", "truecolor")
        mode, (width, height) = self._wanted, self._size
        if not (width and height):
            width, height = read_cell(self._answer)
        if mode == "auto":
            mode = self._tmux.mode if self._tmux is not None else read_mode(self._answer)
        return Graphics(mode, width or 10, height or 20, self._tmux)

    def _ask(self, questions: str) -> None:
        import termios
        import tty

        assert sys.__stdin__ is not None and sys.__stdout__ is not None  # noqa: S101, PT018 -- both are terminals
        handle = sys.__stdin__.fileno()
        try:
            self._before = termios.tcgetattr(handle)
        except termios.error:
            return
        tty.setcbreak(handle, termios.TCSANOW)
        sys.__stdout__.write(questions)
        sys.__stdout__.flush()
        self._deadline = time.monotonic() + TIMEOUT

    def _listen(self) -> None:
        """Read until the last question is answered or the time is over; what has come by then is read in any case."""
        self._deadline = max(self._deadline, time.monotonic() + TIMEOUT / 2)  # where loading is slow, terminals are too
        while self.is_open and sys.__stdin__ is not None:
            handle = sys.__stdin__.fileno()
            if not select.select([handle], [], [], max(0.0, self._deadline - time.monotonic()))[0]:
                return
            self._answer += os.read(handle, 4096).decode("ascii", "replace")


def browser_graphics(wanted: str) -> Graphics:
    """Graphics of the page that ``--serve`` opens: cells of its font, Roboto Mono of 16 pixels."""
    return Graphics("none" if wanted == "none" else "half", 9, 21)


def tell_true_colour(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let 24-bit colours be known where TERM does not say them.

    An xterm shows them since version 331. A tmux keeps them, and hands on what the terminal around it can show.
    """
    found = re.fullmatch(r"XTerm\((\d+)\)", environment.get("XTERM_VERSION", ""))
    is_xterm = found and int(found.group(1)) >= 331 and environment.get("TERM", "").startswith("xterm")
    if is_xterm or (environment.get("TMUX") and environment.get("TERM", "").startswith(("tmux", "screen"))):
        environment.setdefault("COLORTERM", "truecolor")


def _tells_true_colour(environment: Mapping[str, str]) -> bool:
    return environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit")


def read_mode(answer: str) -> str:
    """The best mode an answer allows.

    Kitty's protocol is first where its own terminals speak it; others that know both may not lay a picture below text.
    """
    attributes, name = _ATTRIBUTES.search(answer), read_name(answer)
    kitty = "\x1b_Gi=31;OK" in answer
    if kitty and name.startswith(("kitty", "ghostty")):
        return "kitty"
    if attributes and "4" in attributes.group(1).split(";"):
        return "sixel"
    return "kitty" if kitty else "half"


def read_name(answer: str) -> str:
    """Name and version of the terminal, such as ``XTerm(379)``; empty where it does not say."""
    found = _NAME.search(answer)
    return found.group(1) if found else ""


def read_cell(answer: str) -> tuple[int, int]:
    """Width and height of a cell in pixels from an answer; zeros where it does not say."""
    found = _CELL.search(answer)
    return (int(found.group(2)), int(found.group(1))) if found else (0, 0)


def _is_terminal() -> bool:
    return bool(sys.__stdin__ and sys.__stdin__.isatty() and sys.__stdout__ and sys.__stdout__.isatty())


def cell_size() -> tuple[int, int]:
    """Cell size in pixels from the terminal's window size; zeros where it is not known."""
    try:
        import fcntl
        import termios

        size: Any = array.array("H", [0, 0, 0, 0])
        fcntl.ioctl(sys.__stdout__.fileno() if sys.__stdout__ else 1, termios.TIOCGWINSZ, size)
    except (ImportError, OSError, ValueError):
        return 0, 0
    rows, columns, width, height = size
    return (width // columns, height // rows) if rows and columns else (0, 0)


def is_gone(descriptor: int) -> bool:
    """Whether the terminal behind a descriptor was closed for good: a line that dropped, a window that was shut.

    A session leader is told by SIGHUP; a program without a controlling terminal has to look.
    """
    poll = select.poll()
    try:
        poll.register(descriptor, 0)
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
    except (OSError, ValueError):
        return True


def end_with_terminal(descriptor: int = 0) -> None:
    """From now on a hang-up ends this process as SIGHUP does, also where the kernel sends none.

    Textual would go on for ever, a core busy, where nobody can look or press a key. Every decision is on the disk.
    """

    def look() -> None:
        while not is_gone(descriptor):
            time.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGHUP)

    threading.Thread(target=look, name="terminal", daemon=True).start()
