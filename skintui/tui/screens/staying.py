"""The place where a reviewer is, kept while they work and gone back to at the next start."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.widget import Widget

from skintui.tui.jobs.keeping import Keeping
from skintui.tui.screens.near import NEIGHBOURS, PATIENT

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display

PERIOD = 2.0
"""Seconds between two looks at whether the reviewer has moved: what a killed application loses at most."""


class Staying:
    """Writes the place in a thread when it is another one."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._near = screen, session, display.near
        self._resuming = session.resuming
        self._keeping = Keeping(screen, session.desk)
        self.panes = self._resuming.panes
        self._arrange(self.panes)
        screen.set_interval(PERIOD, self.keep)
        if not screen.app.is_headless:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.hang_up)

    def _arrange(self, panes: Mapping[str, str]) -> None:
        """Give the panes back as they were."""
        if panes.get("near") in (NEIGHBOURS, PATIENT):
            self._near.main = panes["near"]
        focus: dict[str, Widget] = {"near": self._screen.grid, "lesion": self._screen.attributes}
        if panes.get("focus") in focus:
            self._screen.show_pane(panes["focus"])
            self._screen.set_focus(focus[panes["focus"]])

    def keep(self) -> None:
        self.panes = {"focus": self._screen.pane(), "near": self._near.main}
        place = self._resuming.moved(self.panes)
        if place is not None:
            self._keeping.put(self._resuming.name, place)

    def resume(self) -> None:
        """The workspace's results are in: go the rest of the way."""
        lost = self._resuming.finish()
        if lost:
            self._screen.say(lost)
        elif shared := self._session.decisions.on_network:
            self._screen.say(shared)

    def leave(self) -> None:
        """The application ends: the place is on the disk when this returns; the panes, gone already, as last seen."""
        place = self._resuming.parting(self.panes)
        if place is not None:
            self._session.desk.put(self._resuming.name, place)

    def hang_up(self) -> None:
        """The terminal or the line to it is gone: leave the place behind, then end at once, as a program does that
        has no terminal. There is nothing to tidy up on it.
        """
        self.leave()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGHUP)
