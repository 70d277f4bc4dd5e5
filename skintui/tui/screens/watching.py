"""Other people's verdicts appear while one looks on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from skintui.errors import SkintuiError

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display

EVERY = 2.0
"""Seconds between two looks at the file; a look that finds nothing new costs microseconds and no byte."""
PATIENCE_MS = 20
"""How long a look may wait for another's writing; the next one will see it."""


class Watching:
    """No command: looks whether another process has decided something, and draws the rows it concerns again."""

    deeds: dict[str, Callable[[], None]] = {}  # noqa: RUF012 -- there is none

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        screen.set_interval(EVERY, self.look)

    def look(self) -> None:
        try:
            changed = self._session.decisions.refresh(PATIENCE_MS)
        except SkintuiError:  # a locked or damaged file is told when one decides
            return
        if not changed or not self._screen.is_current:
            return
        lesions = {isic_id for isic_id, _ in changed}
        table, session = self._screen.table, self._session
        top = round(table.scroll_y)
        for index in range(top, min(top + table.page, len(session.listing))):
            if session.ids[session.listing.cell(index, session.attribute).row] in lesions:
                table.redraw_row(index)
        self._display.decided()
        if session.selected is not None and session.ids[session.selected.row] in lesions:
            self._display.annotations()
