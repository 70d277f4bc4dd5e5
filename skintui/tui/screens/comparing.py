"""Commands about the lesions beside the selected one: large side by side, or those of the same patient."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from skintui.tui.screens.compare import CompareScreen

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Comparing:
    """Compare, and the patient's lane."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        self.deeds: dict[str, Callable[[], None]] = {"compare": self.compare, "patient": self.patient}

    def compare(self) -> None:
        """Enlarge the selected lesion and the chosen one beside it."""
        cell, others = self._session.selected, self._display.near.company
        if cell is None or not others:
            self._screen.say(f"nothing to compare with yet: {self._display.near.why_empty}")
            return
        index = min(self._screen.grid.chosen, len(others) - 1)
        compare = CompareScreen(self._session, cell, others, index, self._screen.painter)

        def closed(row: int | None) -> None:
            self._screen.grid.choose(compare.index)
            if row is not None:
                self._session.follow(row)
                self._display.moved_elsewhere()

        self._screen.app.push_screen(compare, closed)

    def patient(self) -> None:
        """Show the patient's other lesions in the place of the neighbours, or the reverse."""
        self._display.near.swap()
        if not self._screen.grid.region.area:  # a narrow window shows one of two panes
            self._screen.show_pane("near")
            self._screen.set_focus(self._screen.grid)
