"""Pictures encoded beside the event loop, so that text answers at once and pictures fill in."""

from __future__ import annotations

from threading import Lock
from typing import Any

from textual.app import App
from textual.worker import get_current_worker

from skintui.tui.messages import Encode


class Encoding:
    """One thread for what is wanted now; what nobody waits for any more is never begun."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._waiting: dict[object, Encode] = {}
        self._lock = Lock()
        self._runs = False

    def want(self, encode: Encode) -> None:
        """Do this encoding in its turn, and no earlier one for the same place."""
        with self._lock:
            self._waiting[encode.who] = encode
            if self._runs:
                return
            self._runs = True
        self._app.run_worker(self._encode, group="encoding", thread=True)

    def _encode(self) -> None:
        worker = get_current_worker()
        while (encode := self._next(worker.is_cancelled)) is not None:
            if not encode.wanted():
                continue
            try:
                encode.prepare()
                encode.done("")
            except (OSError, ValueError, MemoryError) as error:
                encode.done(f"the tile cannot be drawn ({error})")

    def _next(self, over: bool) -> Encode | None:
        with self._lock:
            if over:
                self._waiting.clear()
            if not self._waiting:
                self._runs = False
                return None
            return self._waiting.pop(next(iter(self._waiting)))
