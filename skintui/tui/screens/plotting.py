"""Commands that plot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from skintui import bundled

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Plotting:
    """The plots of the chosen attribute."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        self.deeds: dict[str, Callable[[], None]] = {"plots": self.plots}

    def plots(self) -> None:
        from skintui.tui.screens.plots import PlotScreen  # textual-plot is loaded with the first plot

        if self._session.selected is None:
            return
        adapter = Path(self._screen.request.adapter or bundled.adapter())
        before = self._session.attribute

        def closed(row: int | None) -> None:
            if row is not None:
                self._session.follow(row)
            if self._session.attribute != before:
                self._display.attribute_changed()
            self._display.moved_elsewhere()

        self._screen.app.push_screen(PlotScreen(self._session, adapter), closed)
