"""What a line that is being typed would find: counted in a thread, the latest text wins."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen
from textual.widget import Widget
from textual.worker import get_current_worker

from skintui.errors import SkintuiError
from skintui.tui.jobs.opening import explained
from skintui.tui.messages import Remarked


class Counting:
    """Answers the checks of a prompt line."""

    def __init__(self, screen: Screen[None], prompt: Widget) -> None:
        self._screen, self._prompt = screen, prompt

    def start(self, text: str, count: Callable[[str], str]) -> None:
        """Have ``count`` tell in words what the text finds; a later call takes the place of an unfinished one."""
        self._screen.run_worker(lambda: self._count(text, count), group="count", exclusive=True, thread=True)

    def _count(self, text: str, count: Callable[[str], str]) -> None:
        worker = get_current_worker()
        if worker.is_cancelled:
            return
        try:
            remark = Remarked(text, count(text))
        except SkintuiError as error:
            remark = Remarked(text, error.what, good=False)
        except Exception as error:  # noqa: BLE001 -- said beside the line
            remark = Remarked(text, explained(error), good=False)
        if not worker.is_cancelled:
            self._prompt.post_message(remark)
