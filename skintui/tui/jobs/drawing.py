"""Pictures made of tiles: decoded, outlined or subtracted in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.worker import get_current_worker

from skintui.tui.jobs.opening import explained
from skintui.tui.messages import PictureDrawn

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.session.drawing import Drawing


class PictureDrawing:
    """Draws what is asked for, in order."""

    def __init__(self, screen: Screen[int | None], session: Session) -> None:
        self._screen, self._session = screen, session

    def draw(self, wanted: Sequence[Drawing]) -> None:
        """Draw these; a later call takes the place of what is unfinished."""
        self._screen.run_worker(lambda: self._draw(wanted), group="drawing", exclusive=True, thread=True)

    def _draw(self, wanted: Sequence[Drawing]) -> None:
        from skintui.session.drawing import drawn

        worker = get_current_worker()
        for drawing in wanted:
            if worker.is_cancelled:
                return
            try:
                message = PictureDrawn(drawing.key, drawn(self._session.known, drawing))
            except Exception as error:  # noqa: BLE001 -- a damaged tile is a text in its place
                message = PictureDrawn(drawing.key, None, explained(error))
            self._screen.post_message(message)
