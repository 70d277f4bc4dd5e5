"""Writing the export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

from skintui.tui.jobs.opening import explained
from skintui.tui.messages import Exported

if TYPE_CHECKING:
    from skintui.session import Session


class Exporting:
    """Writes in a thread: at full size the findings take a while to join."""

    def __init__(self, screen: Screen[None], session: Session) -> None:
        self._screen, self._session = screen, session

    def start(self, path: str, *, force: bool = False) -> None:
        self._screen.run_worker(lambda: self._write(path, force), group="export", thread=True)

    def _write(self, path: str, force: bool) -> None:
        from skintui.progress import SILENT
        from skintui.steps.export import export

        try:
            done = export(self._session.place, path, SILENT, force=force)
            self._screen.post_message(Exported(path, done.rows))
        except Exception as error:  # noqa: BLE001 -- shown in the bottom line
            self._screen.post_message(Exported(path, 0, explained(error)))
