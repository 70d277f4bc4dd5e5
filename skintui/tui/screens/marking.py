"""Commands that mark annotations for one verdict over all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skintui.session import Cell, Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Marking:
    """Marks are of annotations, so they stay when other rows are listed."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        self.deeds: dict[str, Callable[[], None]] = {"mark": self.mark, "mark_range": self.mark_range}

    def mark(self) -> None:
        """Mark what is under the cursor, or take its mark away, and go on to the next."""
        if self._screen.table.range is not None:
            self._mark_taken()
            return
        cell = under_cursor(self._screen, self._session)
        if cell is None:
            return
        self._session.marks.toggle(cell)
        place = self._session.listing.position(cell)
        if place is not None:
            self._screen.table.redraw_row(place)
        self._display.position()
        self._display.annotations()
        self._screen.deeds["right" if self._screen.pane() == "near" else "down"]()

    def mark_range(self) -> None:
        """Begin a range at the cursor's row, or mark the one that was begun."""
        table, keymap = self._screen.table, self._screen.keymap
        if table.range is not None:
            self._mark_taken()
            return
        if self._screen.pane() != "list":
            self._screen.set_focus(table)
        table.begin_range()
        self._display.position()
        keys = f"{keymap.first('mark_range')} or {keymap.first('mark')}"
        self._screen.say(f"a range: move to its end, {keys} marks it, {keymap.first('clear')} leaves")

    def _mark_taken(self) -> None:
        table, session = self._screen.table, self._session
        rows = table.range
        if rows is None:
            return
        new = session.marks.add_places(session.listing.places(rows.start, rows.stop, session.attribute))
        table.end_range()
        self._display.position()
        self._display.annotations()
        again = f", {len(rows) - new:,} were before" if new < len(rows) else ""
        self._screen.say(f"{new:,} marked{again}; a verdict now is for all {len(session.marks):,} marked")


def under_cursor(screen: AuditScreen, session: Session) -> Cell | None:
    """The annotation one means: the chosen neighbour's in the neighbours' pane, else the selected one."""
    grid, cell = screen.grid, session.selected
    if cell is not None and screen.pane() == "near" and grid.chosen < len(grid.shown):
        return cell._replace(row=grid.shown[grid.chosen].row)
    return cell
