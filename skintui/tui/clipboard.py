"""The clipboard of the terminal, also through tmux."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping

PATIENCE = 1.0
"""Seconds for tmux to answer; it takes a few milliseconds."""


def copy(text: str, osc52: Callable[[str], None], environment: Mapping[str, str] = os.environ) -> None:
    """Put ``text`` on the clipboard: by ``osc52``, in tmux by its own command.

    As tmux is set up by default it ignores OSC 52 of the programs in it; ``load-buffer -w`` fills its buffer and hands
    the text on to the terminal around it.
    """
    if not (environment.get("TMUX") and _loaded(text)):
        osc52(text)


def _loaded(text: str) -> bool:
    """Whether tmux took the text."""
    tmux = shutil.which("tmux")
    if tmux is None:
        return False
    command = [tmux, "load-buffer", "-w", "-"]
    try:
        done = subprocess.run(  # noqa: S603 -- a fixed command, the text is its input
            command, input=text.encode(), capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
