"""What the terminal can show, asked once and before the application starts.

textual-image asks at import, one question after the other, and waits again for each answer that does not come. Here all
questions go out together, followed by the one every terminal answers (device attributes), so that it costs one round
trip, and at most ``TIMEOUT`` seconds on a terminal that answers nothing.
"""

from __future__ import annotations

import array
import os
import re
import select
import sys
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from skintui.tui.tmux import Tmux, find_tmux

TIMEOUT = 0.3
"""Seconds to wait for an answer."""

_QUESTIONS = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" + "\x1b[>q" + "\x1b[16t" + "\x1b[c"
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


def find_graphics(wanted: str) -> Graphics:
    """Graphics for the setting ``image``; asks the terminal only where the answer is needed."""
    width, height = cell_size()
    if wanted in ("half", "none"):
        return Graphics(wanted, width or 10, height or 20)
    tmux = find_tmux()
    if tmux is not None:  # it answers for itself, and the terminal behind it not at all
        return Graphics(tmux.mode if wanted == "auto" else wanted, width or 10, height or 20, tmux)
    if wanted in ("kitty", "sixel") and width and height:
        return Graphics(wanted, width, height)
    answer = ask(_QUESTIONS) if _is_terminal() else ""
    mode = read_mode(answer) if wanted == "auto" else wanted
    if not (width and height):
        width, height = read_cell(answer)
    return Graphics(mode, width or 10, height or 20)


def browser_graphics(wanted: str) -> Graphics:
    """Graphics of the page that ``--serve`` opens: cells of its font, Roboto Mono of 16 pixels."""
    return Graphics("none" if wanted == "none" else "half", 9, 21)


def tell_true_colour(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let it be known that an xterm shows 24-bit colours (since version 331), which its TERM does not say."""
    found = re.fullmatch(r"XTerm\((\d+)\)", environment.get("XTERM_VERSION", ""))
    if found and int(found.group(1)) >= 331 and environment.get("TERM", "").startswith("xterm"):
        environment.setdefault("COLORTERM", "truecolor")


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


def ask(question: str, timeout: float = TIMEOUT) -> str:
    """Write ``question`` and read until the device attributes arrive or the time is over."""
    import termios
    import tty

    source, sink = sys.__stdin__, sys.__stdout__
    if source is None or sink is None:
        return ""
    handle = source.fileno()
    try:
        before = termios.tcgetattr(handle)
    except termios.error:
        return ""
    answer = ""
    try:
        tty.setcbreak(handle, termios.TCSANOW)
        sink.write(question)
        sink.flush()
        deadline = time.monotonic() + timeout
        while not _ATTRIBUTES.search(answer) and (left := deadline - time.monotonic()) > 0:
            if select.select([handle], [], [], left)[0]:
                answer += os.read(handle, 1024).decode("ascii", "replace")
    finally:
        termios.tcsetattr(handle, termios.TCSANOW, before)
    return answer


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
