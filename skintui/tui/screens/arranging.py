"""Commands that arrange the columns of the list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from skintui.errors import SkintuiError
from skintui.tui.screens.columns import ColumnsScreen
from skintui.tui.screens.rows import LesionRows

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Arranging:
    """Which columns there are, and which of them are in sight."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        self.deeds: dict[str, Callable[[], None]] = {
            "columns": self.columns,
            "columns_left": partial(self.scroll, -1),
            "columns_right": partial(self.scroll, 1),
        }

    def columns(self) -> None:
        chooser = ColumnsScreen(self._session.columns, self._display.rows_changed, self._sort)
        self._screen.app.push_screen(chooser, self._keep)

    def _keep(self, _: None) -> None:
        """Leave the columns on the desk for the next time."""
        session = self._session
        session.desk.put(f"columns/{session.decisions.reviewer}", session.columns.state())

    def _sort(self, name: str, descending: bool) -> str:
        """Sort the lesions by a column; what happened."""
        session = self._session
        try:
            session.sort(session.columns.sorting(name, session.attribute), descending)
        except SkintuiError as error:
            return str(error)
        if session.in_queue:
            session.show_queue(False)
        session.select(0)
        self._display.listing()
        self._display.moved_elsewhere()
        return f"sorted by {session.view.order}"

    def scroll(self, count: int) -> None:
        """Bring the next column into sight, or the one before."""
        table, key = self._screen.table, self._screen.keymap.first("columns")
        if not isinstance(table.rows, LesionRows):
            self._screen.say("the queue has columns of its own")
        elif table.rows.crowded(table.size.width):
            self._screen.say(f"the pinned columns leave no room for others; p in {key} unpins one")
        elif (count > 0 and not table.rows.beyond(table.size.width)) or not self._session.columns.scroll(count):
            self._screen.say(f"no more columns on this side; {key} shows others")
        else:
            self._display.rows_changed()
