"""Commands that copy to the clipboard of the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from skintui.texts import printable
from skintui.tui.clipboard import copy
from skintui.tui.screens.marking import under_cursor

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Copying:
    """The id, or what is known of the annotation."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:  # noqa: ARG002 -- as every group
        self._screen, self._session = screen, session
        self.deeds: dict[str, Callable[[], None]] = {"copy_id": self.copy_id, "copy_row": self.copy_row}

    def copy_id(self) -> None:
        cell = under_cursor(self._screen, self._session)
        if cell is not None:
            isic_id = printable(self._session.ids[cell.row])
            self._copy(isic_id, isic_id)

    def copy_row(self) -> None:
        """What is known of the annotation, separated by tabs."""
        from skintui.session.telling import told

        cell = under_cursor(self._screen, self._session)
        if cell is not None:
            values = [printable(value) for value in told(self._session, cell)]
            self._copy("\t".join(values), f"the row of {values[0]}")

    def _copy(self, text: str, what: str) -> None:
        copy(text, self._screen.app.copy_to_clipboard)
        self._screen.say(f"copied {what} to the clipboard")
