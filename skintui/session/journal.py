"""Everything that was decided, taken back and reinstated, newest first, narrowed by words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skintui.attributes import BY_NAME
from skintui.review.record import Event
from skintui.review.verdicts import Verdict
from skintui.session.decisions import Decisions

KINDS = {"undo": "took back", "redo": "reinstated"}
"""What an event that is no verdict did."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    event: Event
    verdict: Verdict | None
    """Of an undo or redo, the first one it concerned; None where the record does not know it."""
    together: int
    """How many verdicts were decided together."""
    stands: bool
    """Whether the verdict has not been taken back; False for what is no verdict."""
    own: bool


class Journal:
    """Lines are made when they are asked for; a hundred thousand events cost nothing until they are searched.

    Args:
        decisions: whose events are shown; those of others are left out while they are withheld.
        words: what a person calls each verdict, for the search.
    """

    def __init__(self, decisions: Decisions, words: Mapping[str, str]) -> None:
        self._decisions, self._words = decisions, words
        self._text = ""
        self._found: list[int] | None = None
        self._said: list[str] = []
        self._heads: dict[tuple[str, str], str] = {}
        self._events = decisions.events()

    def __len__(self) -> int:
        return len(self._events) if self._found is None else len(self._found)

    @property
    def total(self) -> int:
        return len(self._events)

    def entry(self, index: int) -> Entry:
        """The line at a place, newest first."""
        last = len(self) - 1 - index
        event = self._events[last if self._found is None else self._found[last]]
        verdicts = self._decisions.together(event.batch if event.verdict is not None else event.target or 0)
        return Entry(
            event=event,
            verdict=event.verdict or (verdicts[0] if verdicts else None),
            together=len(verdicts),
            stands=event.verdict is not None and self._decisions.stands(event),
            own=event.reviewer == self._decisions.reviewer,
        )

    def refresh(self) -> None:
        """Take in what happened since, other processes' events included."""
        self._decisions.refresh()
        self._events = self._decisions.events()
        self._narrow(self._text, range(len(self._events)))

    def narrow(self, text: str) -> None:
        """Keep the events that have all the words: of reviewer, lesion, attribute, verdict, note, or day."""
        text = " ".join(text.casefold().split())
        longer = self._found is not None and bool(self._text) and text.startswith(self._text)
        self._narrow(text, self._found if longer and self._found is not None else range(len(self._events)))

    def _narrow(self, text: str, among: range | list[int]) -> None:
        self._text = text
        if not text:
            self._found = None
            return
        for event in self._events[len(self._said) :]:
            self._said.append(self._says(event))
        said, words = self._said, text.split()
        self._found = [place for place in among if all(word in said[place] for word in words)]

    def _says(self, event: Event) -> str:
        """Everything an event can be found by."""
        if event.verdict is None:
            concerned = self._decisions.together(event.target or 0)
            what = self._of(concerned[0]) if concerned else ""
            return f"{event.reviewer.casefold()} {KINDS.get(event.kind, event.kind)} {what} {event.at}"
        verdict = event.verdict
        head = self._heads.get((event.reviewer, verdict.verdict))
        if head is None:
            head = f"{event.reviewer} {verdict.verdict} {self._words.get(verdict.verdict, '')}".casefold()
            self._heads[event.reviewer, verdict.verdict] = head
        return f"{head} {self._of(verdict)} {verdict.note.casefold()} {event.at}"

    @staticmethod
    def _of(verdict: Verdict) -> str:
        """The annotation."""
        known = BY_NAME.get(verdict.attribute)
        return f"{verdict.attribute} {known.title if known is not None else ''} {verdict.isic_id}".casefold()
