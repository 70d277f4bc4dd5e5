"""Commands that find: queue, search, filter, sort."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from skintui.errors import UsageError
from skintui.files import printable
from skintui.tui.screens.picker import Picker
from skintui.tui.widgets.prompt_bar import Question

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Finding:
    """Changes which rows are listed, or goes to one of them."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        self.deeds: dict[str, Callable[[], None]] = {
            "queue": self.queue,
            "search": self.search,
            "filter": self.filter,
            "sort": self.sort,
            "clear": self.clear,
        }

    def queue(self) -> None:
        if not self._session.show_queue(not self._session.in_queue):
            key = self._screen.keymap.first("index")
            step = self._screen.steps.step
            self._screen.say("the queue comes with the audit: wait for it" if step else f"no audit yet: press {key}")
            return
        self._display.listing()
        self._display.moved_elsewhere()

    def search(self) -> None:
        def answer(text: str) -> None:
            found = self._session.search(text)
            if found is None:
                raise UsageError(f"no id here like '{printable(text.strip(), 30)}'")
            self._session.select(found)
            self._display.moved_elsewhere()

        self._screen.prompt.ask(Question("id", "all of an id, its end, or a part", answer))

    def filter(self) -> None:
        def answer(text: str) -> None:
            self._session.filter(text)
            self._relisted()

        self._screen.prompt.ask(Question("filter", "areaMM2 > 20 AND sex = 'male'", answer))

    def sort(self) -> None:
        from skintui.session.session import BY_DIFFERENCE, BY_MODEL, BY_SUSPICION

        columns = [BY_SUSPICION, BY_DIFFERENCE, BY_MODEL, *self._session.lesions.frame.columns]
        choices = [
            (f"{column}\n{order}", f"{printable(column, 40)} {sign}")
            for column in columns
            for order, sign in (("down", "↓"), ("up", "↑"))
        ]
        self._screen.app.push_screen(Picker("sort by", choices), self._sort_by)

    def _sort_by(self, chosen: str | None) -> None:
        if chosen is None:
            return
        column, _, order = chosen.rpartition("\n")
        try:
            self._session.sort(column, descending=order == "down")
        except UsageError as error:
            self._screen.say(str(error), "warn")
            return
        if self._session.in_queue:
            self._session.show_queue(False)
        self._session.select(0)
        self._relisted()

    def clear(self) -> None:
        """Drop the marks where there are any, else the filter and the order."""
        if self._session.marks:
            self._session.marks.clear()
            self._display.rows_changed()
            self._screen.say("marks dropped")
            return
        self._session.clear()
        self._relisted()

    def _relisted(self) -> None:
        self._display.listing()
        self._display.moved_elsewhere()
        self._screen.say(self._session.view.describe())
