"""Commands that choose what is to be decided: the order of the queue, and what is hidden meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES
from skintui.tui.screens.no_audit import without_audit
from skintui.tui.screens.picker import Picker

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display

HIDING = {
    "": "nothing hidden",
    "v": "first verdict hidden",
    "p": "prediction hidden",
    "vp": "first verdict and prediction hidden",
}


class Queueing:
    """Each enters the queue at the first annotation that is still to be decided."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        self.deeds: dict[str, Callable[[], None]] = {"queue_order": self.order, "blind": self.blind}

    def order(self) -> None:
        attribute = ATTRIBUTES[self._session.attribute].title
        choices = [
            ("suspicion", "most suspicious first"),
            ("patient", "patient by patient, most flags first"),
            ("attribute", f"{attribute} first, then the others"),
            ("random", "random sample, calibrates the audit"),
            ("disagreements", "where two reviewers differ"),
            ("second", "second review of what others decided"),
        ]
        self._screen.app.push_screen(Picker("queue", choices, self._session.queue.order), self._chosen)

    def _chosen(self, order: str | None) -> None:
        from skintui.session.queue import NO_AUDIT

        if order is None:
            return
        queue = self._session.queue
        before = queue.order, queue.attribute
        queue.order, queue.attribute = order, self._session.attribute
        if self._session.show_queue(True):
            self._entered()
            return
        why = queue.why_not(self._session.findings)
        queue.order, queue.attribute = before
        instead = f"{without_audit(self._screen, self._session)}, or take a random sample meanwhile"
        self._screen.say(instead if why == NO_AUDIT else why)

    def _entered(self) -> None:
        from skintui.session.onward import open_count

        session = self._session
        self._display.listing()
        self._display.moved_elsewhere()
        total, left = len(session.listing), open_count(session)
        calibrates = ""
        if session.queue.order == "random":
            calibrates = " · verdicts here calibrate the audit"
            if not session.queue.calibrates(session.view):
                calibrates = " · filtered, so verdicts calibrate nothing"
        words = f"{left:,} of {total:,} to decide" if left else f"all {total:,} decided; this is the first"
        self._screen.say(f"{session.queue.words()}: {words}{calibrates}")

    def blind(self) -> None:
        blind = self._session.blind
        now = ("v" if blind.verdicts else "") + ("p" if blind.prediction else "")
        self._screen.app.push_screen(Picker("second review", list(HIDING.items()), now), self._hide)

    def _hide(self, chosen: str | None) -> None:
        from skintui.session.blind import Blind, hide

        if chosen is None:
            return
        session = self._session
        hide(session, Blind("v" in chosen, "p" in chosen))
        self._display.results_changed()
        if session.in_queue:
            self._entered()
        elif session.blind.verdicts:
            self._screen.say("first verdict hidden; nobody else has decided what you have not")
        else:
            self._screen.say(HIDING[chosen])
