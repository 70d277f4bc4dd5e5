"""Pictures and neighbours of what is selected: asked for in threads, the latest question wins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.worker import get_current_worker

from skintui.tui.jobs.opening import explained
from skintui.tui.messages import NeighboursFound, TileDecoded

if TYPE_CHECKING:
    from skintui.session import Cell, Session


class Looking:
    """Decodes tiles and searches neighbours."""

    def __init__(self, screen: Screen[None], session: Session) -> None:
        self._screen, self._session = screen, session

    def tiles(self, rows: Sequence[int], group: str) -> None:
        """Decode these tiles in turn; a later call of the same group takes the place of an unfinished one."""
        self._screen.run_worker(lambda: self._decode(rows), group=f"tiles {group}", exclusive=True, thread=True)

    def neighbours(self, cell: Cell, mode: str, k: int) -> None:
        """Search; a later call takes the place of an unfinished one."""
        self._screen.run_worker(
            lambda: self._search(cell, mode, k), group="neighbours", exclusive=True, thread=True, exit_on_error=False
        )

    def _decode(self, rows: Sequence[int]) -> None:
        worker = get_current_worker()
        for row in rows:
            if worker.is_cancelled:
                return
            try:
                message = TileDecoded(row, self._session.known.tile(row))
            except Exception as error:  # noqa: BLE001 -- a damaged tile is a text in its place
                message = TileDecoded(row, None, explained(error))
            self._screen.post_message(message)

    def _search(self, cell: Cell, mode: str, k: int) -> None:
        worker = get_current_worker()
        try:
            message = NeighboursFound((cell, mode), self._session.neighbours(cell, mode, k))
        except Exception as error:  # noqa: BLE001 -- shown in the pane
            message = NeighboursFound((cell, mode), None, explained(error))
        if not worker.is_cancelled:
            self._screen.post_message(message)
