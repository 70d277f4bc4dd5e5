"""Small values written to the desk beside the screen: a disk that is slow holds no key up."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

if TYPE_CHECKING:
    from skintui.session.desk import Desk


class Keeping:
    """Writes in a thread; of a value that is put several times meanwhile the last counts."""

    def __init__(self, screen: Screen[None], desk: Desk) -> None:
        self._screen, self._desk = screen, desk
        self._waiting: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._busy = False

    def put(self, name: str, value: Any) -> None:
        with self._lock:
            self._waiting[name] = value
            if self._busy:
                return
            self._busy = True
        self._screen.run_worker(self._write, group="desk", thread=True)

    def _write(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy = False
                    return
                name, value = self._waiting.popitem()
            self._desk.put(name, value)
