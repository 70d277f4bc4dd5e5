"""Commands that jump: to a row by its number, to what is flagged, to what has no verdict yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES
from skintui.errors import UsageError
from skintui.texts import printable
from skintui.tui.screens.no_audit import without_audit
from skintui.tui.widgets.prompt_bar import Question

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Jumping:
    """In the queue and in the list of lesions alike."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        self.deeds: dict[str, Callable[[], None]] = {
            "line": self.line,
            "next_flagged": partial(self.flagged, 1),
            "previous_flagged": partial(self.flagged, -1),
            "next_unreviewed": partial(self.unreviewed, 1),
            "previous_unreviewed": partial(self.unreviewed, -1),
        }

    def line(self) -> None:
        """Ask for a row and go there."""
        total = len(self._session.listing)

        def answer(text: str) -> None:
            row = row_of(text, total)
            there = max(1, min(row, total))
            self._session.select(there - 1)
            self._display.moved_elsewhere()
            if row != there:
                self._screen.say(f"there are {total:,} rows; this is the {'last' if there == total else 'first'}")

        if total:
            self._screen.prompt.ask(Question("row", f"1 to {total:,}, or e.g. 50 %", answer))

    def flagged(self, step: int) -> None:
        """The next flagged one. Among lesions: by the chosen attribute, or where that has none, by any."""
        session = self._session
        if session.findings is None:
            self._screen.say(without_audit(self._screen, session))
            return
        from skintui.session.jumps import go_flagged

        before = session.attribute
        found = go_flagged(session, step)
        if found is None:
            self._screen.say(f"nothing flagged is listed; {self._screen.keymap.first('clear')} drops the filter")
            return
        self._went(found.wrapped, step)
        if session.attribute != before and not session.in_queue:
            name, other = ATTRIBUTES[before].title, ATTRIBUTES[session.attribute].title
            self._display.rows_changed()
            self._screen.say(f"no {name} listed is flagged; this {other} is")

    def unreviewed(self, step: int) -> None:
        """The next annotation without a verdict of one's own; among lesions, of the chosen attribute."""
        from skintui.session.jumps import go_unreviewed

        found = go_unreviewed(self._session, step)
        if found is None:
            self._screen.say("everything listed has your verdict")
            return
        self._went(found.wrapped, step)

    def _went(self, wrapped: bool, step: int) -> None:
        self._display.moved_elsewhere()
        if wrapped:
            self._screen.say("on from the top" if step > 0 else "on from the end")


def row_of(text: str, total: int) -> int:
    """The row meant by ``12,034`` or ``50 %``, counted from 1; it may lie outside. Raises UsageError."""
    typed = text.strip()
    share = typed.endswith("%")
    number = typed.removesuffix("%").strip()
    digits = number.replace(",", "").replace(" ", "").replace("_", "").removeprefix("-")
    if share:
        try:
            part = float(number.replace(",", "."))
        except ValueError:
            part = float("nan")
        if -1e6 < part < 1e6:
            return round(1 + part / 100 * (total - 1))
    elif digits.isascii() and digits.isdecimal() and len(digits) <= 18:
        return -int(digits) if number.startswith("-") else int(digits)
    raise UsageError(f"'{printable(typed, 20)}' is no row", do=f"type 1 to {total:,}, or e.g. 50 %")
