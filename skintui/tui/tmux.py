"""The terminal around a tmux: which one it is, where the pane lies in it, and how to speak past tmux to it.

tmux draws the cells itself and swallows what it does not know. Wrapped in its pass-through sequence, data reach the
terminal as they are, if ``allow-passthrough`` is on (a setting of tmux 3.3 and later, off by default).
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

PATIENCE = 0.3
"""Seconds for tmux to answer; it takes 5 ms."""

_ASKED = (
    "client_termname", "client_termtype", "allow-passthrough", "pane_left", "pane_top", "status", "status-position",
)  # fmt: skip
_SIXEL_TYPES = ("foot(", "WezTerm ", "mlterm(", "contour ", "Windows Terminal")
"""Terminals that draw sixels as they come (an xterm may, and does not say so to tmux)."""


@dataclass(frozen=True, slots=True)
class Tmux:
    """One answer of tmux about the pane this program runs in."""

    terminal: str = ""
    """Name and version of the terminal, such as ``kitty(0.31.0)``, or its TERM where tmux does not know it."""
    passes: bool = False
    """Whether tmux lets wrapped data through."""
    left: int = 0
    """Cells of the terminal left of the pane."""
    top: int = 0
    """Cells of the terminal above the pane, the status line included."""

    @property
    def mode(self) -> str:
        """The best mode that works from inside this tmux."""
        if self.passes and _has_placeholders(self.terminal):
            return "kitty"
        return "sixel" if self.passes and self.terminal.startswith(_SIXEL_TYPES) else "half"


def find_tmux(environment: Mapping[str, str] = os.environ) -> Tmux | None:
    """What tmux says; None outside of one, and nothing known where it does not answer."""
    if not environment.get("TMUX"):
        return None
    command = ["tmux", "display-message", "-p"]
    if pane := environment.get("TMUX_PANE"):
        command += ["-t", pane]
    command.append("\t".join(f"#{{{name}}}" for name in _ASKED))
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return Tmux()
    return read_tmux(done.stdout)


def read_tmux(answer: str) -> Tmux:
    """The answer to the formats ``_ASKED``."""
    parts = answer.strip("\n").split("\t")
    if len(parts) != len(_ASKED):
        return Tmux()
    name, kind, passes, left, top, status, position = parts
    lines = {"off": 0, "on": 1}.get(status, int(status) if status.isdecimal() else 0)
    return Tmux(
        terminal=kind or name,
        passes=passes in ("on", "all", "1", "2"),
        left=int(left) if left.isdecimal() else 0,
        top=(int(top) if top.isdecimal() else 0) + (lines if position == "top" else 0),
    )


def wrapped(data: str) -> str:
    """``data`` as tmux hands it on."""
    return "\x1bPtmux;" + data.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def _has_placeholders(terminal: str) -> bool:
    """Whether a terminal draws kitty's Unicode placeholders, the only pictures that tmux can move with its cells."""
    found = re.match(r"kitty\((\d+)\.(\d+)", terminal)
    return terminal.startswith("ghostty") or (found is not None and (int(found[1]), int(found[2])) >= (0, 28))
