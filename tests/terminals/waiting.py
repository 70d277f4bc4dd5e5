"""Waiting for what another process does: asked again and again until it holds, with a limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 30.0
"""Seconds after which what has not come true is a failure; a terminal on a busy machine is slow to start."""
PAUSE = 0.03

T = TypeVar("T")


def until(ask: Callable[[], T | None], what: str, patience: float = PATIENCE) -> T:
    """The first answer that is not empty."""
    deadline = time.monotonic() + patience
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(PAUSE)
    return answer


def until_right(faults: Callable[[], list[str]], patience: float = PATIENCE) -> list[str]:
    """Ask until nothing is wrong any more; what still is when the time is over."""
    deadline = time.monotonic() + patience
    while (wrong := faults()) and time.monotonic() < deadline:
        time.sleep(PAUSE)
    return wrong
