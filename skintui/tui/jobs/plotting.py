"""The numbers behind a plot, computed off the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message
from textual.screen import Screen
from textual.worker import get_current_worker

from skintui.tui.jobs.opening import explained


@dataclass
class PlotReady(Message):
    """What a plot shows has been computed and can be drawn, or why it could not be."""

    kind: str
    draw: Callable[[], None] | None
    reason: str = ""


class Plotting:
    """One question at a time; a later one takes the place of an unfinished one."""

    def __init__(self, screen: Screen[int | None]) -> None:
        self._screen = screen

    def start(self, kind: str, compute: Callable[[], Callable[[], None]]) -> None:
        self._screen.run_worker(lambda: self._compute(kind, compute), group="plot", exclusive=True, thread=True)

    def _compute(self, kind: str, compute: Callable[[], Callable[[], None]]) -> None:
        worker = get_current_worker()
        try:
            message = PlotReady(kind, compute())
        except Exception as error:  # noqa: BLE001 -- shown in the place of the plot
            message = PlotReady(kind, None, explained(error))
        if not worker.is_cancelled:
            self._screen.post_message(message)
