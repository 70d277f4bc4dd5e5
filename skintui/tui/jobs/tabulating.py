"""Counts for a whole screen, made in a thread; the latest question wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.message import Message
from textual.screen import Screen
from textual.worker import get_current_worker

from skintui.tui.jobs.opening import explained

T = TypeVar("T")


@dataclass
class Tabulated(Message, Generic[T]):
    """The counts, or why there are none."""

    counts: T | None
    reason: str = ""


class Tabulating(Generic[T]):
    """Runs ``count`` for a screen, which hears :class:`Tabulated`."""

    def __init__(self, screen: Screen[Any], count: Callable[[], T]) -> None:
        self._screen, self._count = screen, count

    def start(self) -> None:
        self._screen.run_worker(self._work, group="counts", exclusive=True, thread=True)

    def _work(self) -> None:
        worker = get_current_worker()
        try:
            message = Tabulated(self._count())
        except Exception as error:  # noqa: BLE001 -- shown on the screen
            message = Tabulated(None, explained(error))
        if not worker.is_cancelled:
            self._screen.post_message(message)
