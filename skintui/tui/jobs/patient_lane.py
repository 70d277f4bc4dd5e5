"""The other lesions of a patient, looked for in a thread: their vectors may have to come from the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.worker import get_current_worker

from skintui.tui.jobs.opening import explained
from skintui.tui.messages import LaneFound

if TYPE_CHECKING:
    from skintui.session import Cell, Session


class PatientLane:
    """Answers the latest question only."""

    def __init__(self, screen: Screen[None], session: Session) -> None:
        self._screen, self._session = screen, session

    def find(self, cell: Cell, mode: str, k: int) -> None:
        """Look for the lesions; a later call takes the place of an unfinished one."""
        self._screen.run_worker(lambda: self._find(cell, mode, k), group="lane", exclusive=True, thread=True)

    def _find(self, cell: Cell, mode: str, k: int) -> None:
        from skintui.session import patient_lane

        worker = get_current_worker()
        try:
            message = LaneFound((cell, mode), patient_lane(self._session, cell, mode, k))
        except Exception as error:  # noqa: BLE001 -- shown in the pane
            message = LaneFound((cell, mode), None, explained(error))
        if not worker.is_cancelled:
            self._screen.post_message(message)
