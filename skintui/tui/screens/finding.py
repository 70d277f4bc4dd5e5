"""Commands that find: queue, search, filter, sort."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from skintui.attributes import BY_COLUMN
from skintui.errors import UsageError
from skintui.texts import printable
from skintui.tui.jobs.counting import Counting
from skintui.tui.jobs.keeping import Keeping
from skintui.tui.screens.no_audit import without_audit
from skintui.tui.screens.picker import Picker
from skintui.tui.widgets.prompt_bar import Question

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


RECALLED = 50
"""Earlier filters of a reviewer that can be recalled."""
RECENT_SORTS = 5
"""Orders chosen lately, which the picker shows first."""
CANDIDATES = 4
"""Ids shown while one is typed."""


class Finding:
    """Changes which rows are listed, or goes to one of them."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        from skintui.session.completion import Completer

        self._completer = Completer(session.lesions.table)
        self._counting = Counting(screen, screen.prompt)
        self._keeping = Keeping(screen, session.desk)
        self._filters = self._kept("filters")
        self._sorts = self._kept("sorts")
        self._searched = ""
        self.deeds: dict[str, Callable[[], None]] = {
            "queue": self.queue,
            "search": self.search,
            "filter": self.filter,
            "sort": self.sort,
            "clear": self.clear,
        }

    def queue(self) -> None:
        from skintui.session.queue import NO_AUDIT

        if not self._session.show_queue(not self._session.in_queue):
            why = self._session.queue.why_not(self._session.findings)
            another = f"{why}; {self._screen.keymap.first('queue_order')} for another queue"
            self._screen.say(without_audit(self._screen, self._session) if why == NO_AUDIT else another)
            return
        self._display.listing()
        self._display.moved_elsewhere()

    def _kept(self, what: str) -> list[str]:
        """What the reviewer used lately, the latest first."""
        kept = self._session.desk.get(f"{what}/{self._session.decisions.reviewer}")
        return [each for each in kept if isinstance(each, str)] if isinstance(kept, list) else []

    def _used(self, what: str, used: list[str], text: str, most: int) -> None:
        """Put what has just been used first, here and on the desk."""
        used[:] = [text, *(each for each in used if each != text)][:most]
        self._keeping.put(f"{what}/{self._session.decisions.reviewer}", list(used))

    def search(self) -> None:
        def answer(text: str) -> None:
            wanted = text.strip() or self._searched
            found = self._session.search(wanted)
            if found is None:
                raise UsageError(self._not_found(wanted))
            self._searched = wanted
            self._session.select(found)
            self._display.moved_elsewhere()

        again = f"; Enter alone: '{printable(self._searched, 20)}' again" if self._searched else ""
        hint = f"all of an id, its end, a part, or something like it{again}"
        self._screen.prompt.ask(
            Question("id", hint, answer, check=lambda text: self._counting.start(text, self._candidates))
        )

    def _not_found(self, text: str) -> str:
        """Why a search failed, and what to do."""
        shown = printable(text, 30)
        if not text:
            return "type an id, or a part of one"
        if text in self._session.lesions:
            return f"{shown} is not in this view; Esc twice shows every lesion"
        return f"no id here like '{shown}'; type a part of one, or Esc leaves"

    def _candidates(self, text: str) -> str:
        """The first ids that a search would find."""
        found = self._session.view.like(text)
        ids = [self._session.ids[self._session.view.rows[place]] for place in found.places[:CANDIDATES]]
        if not ids:
            raise UsageError("no id like this")
        kind = {"near": "like it: ", "part": "with it: ", "end": "ending so: "}.get(found.kind, "")
        more = f" … {len(found):,}" if len(found) > len(ids) and found.kind != "near" else ""
        return printable(kind + " ".join(ids) + more)

    def filter(self) -> None:
        def answer(text: str) -> None:
            self._session.filter(text)
            self._used("filters", self._filters, " ".join(text.split()), RECALLED)
            self._relisted()

        self._screen.prompt.ask(
            Question(
                "filter", "areaMM2 > 20 AND sex = 'male'; Tab completes, ↑ recalls", answer,
                complete=self._completer,
                check=lambda text: self._counting.start(text, self._left),
                recall=self._filters,
            )
        )  # fmt: skip

    def _left(self, text: str) -> str:
        """How many rows a filter would leave."""
        from skintui.session.rules import Where

        left, of = self._session.count(Where(text, self._session.attribute))
        return f"{left:,} of {of:,} {'annotations' if self._session.in_queue else 'lesions'}"

    def sort(self) -> None:
        from skintui.session.sieve import BY_DIFFERENCE, BY_MODEL, BY_SUSPICION

        columns = [BY_SUSPICION, BY_DIFFERENCE, BY_MODEL, "flagged", "verdict", *self._session.lesions.table.columns]
        every = [f"{column}\n{order}" for column in dict.fromkeys(columns) for order in ("down", "up")]
        recent = [name for name in self._sorts if name in every]
        choices = [(name, self._sort_words(name)) for name in dict.fromkeys([*recent, *every])]
        self._screen.app.push_screen(Picker("sort by", choices), self._sort_by)

    def _sort_words(self, name: str) -> str:
        column, _, order = name.rpartition("\n")
        attribute = BY_COLUMN.get(column)
        title = f"  {attribute.title}" if attribute is not None else ""
        return f"{printable(column, 40)} {'↓' if order == 'down' else '↑'}{title}"

    def _sort_by(self, chosen: str | None) -> None:
        if chosen is None:
            return
        column, _, order = chosen.rpartition("\n")
        try:
            self._session.sort(column, descending=order == "down")
        except UsageError as error:
            self._screen.say(str(error), "warn")
            return
        self._used("sorts", self._sorts, chosen, RECENT_SORTS)
        if self._session.in_queue:
            self._session.show_queue(False)
        self._session.select(0)
        self._relisted()

    def clear(self) -> None:
        """Leave a range that was begun, else drop the marks where there are any, else the filter and the order."""
        if self._screen.table.range is not None:
            self._screen.table.end_range()
            self._display.position()
            return
        if self._session.marks:
            self._session.marks.clear()
            self._display.rows_changed()
            self._display.annotations()
            self._screen.say("marks dropped")
            return
        self._session.clear()
        self._relisted()

    def _relisted(self) -> None:
        self._display.listing()
        self._display.moved_elsewhere()
        self._screen.say(self._session.view.describe())
