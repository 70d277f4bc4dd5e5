"""Lesions without a stored prediction are read by the model in a child process, the latest one asked for first."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from textual.screen import Screen

from skintui.tui.jobs.opening import Request, explained
from skintui.tui.messages import LesionRead

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.steps.child import ModelChild


class ModelReading:
    """One child, started with the first question and ended with the application."""

    def __init__(self, screen: Screen[None], session: Session, request: Request) -> None:
        self._screen, self._session, self._request = screen, session, request
        self._child: ModelChild | None = None
        self._wanted: int | None = None
        self._lock = threading.Lock()
        self._busy = self._closed = False

    def want(self, row: int) -> None:
        """Ask for one lesion; a lesion still waiting is forgotten, one being read is finished."""
        with self._lock:
            self._wanted = row
            if self._busy or self._closed:
                return
            self._busy = True
        self._screen.run_worker(self._read_wanted, group="model", thread=True)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._closed, child = True, self._child
        if child is not None:
            child.close()

    def _read_wanted(self) -> None:
        while True:
            with self._lock:
                row, self._wanted = self._wanted, None
                if row is None or self._closed:
                    self._busy = False
                    return
            self._screen.post_message(self._read(row))

    def _read(self, row: int) -> LesionRead:
        from skintui.session import Reading

        try:
            tile = self._session.lesions.tiles.read(self._session.ids[row])
            answer = self._started().read(tile)
            predicted, spread = (tuple(float(x) for x in answer[name]) for name in ("predicted", "spread"))
            return LesionRead(row, Reading(predicted, spread))
        except Exception as error:  # noqa: BLE001 -- shown in the pane
            return LesionRead(row, None, explained(error))

    def _started(self) -> ModelChild:
        from skintui.steps.child import ModelChild

        with self._lock:
            if self._child is None:
                settings = self._request.settings
                adapter = Path(self._request.adapter) if self._request.adapter else None
                self._child = ModelChild(
                    self._request.base or "",
                    adapter,
                    device=settings.device,
                    dtype=settings.dtype,
                    decode=settings.decode,
                    quantize=settings.quantize,
                )
            return self._child
