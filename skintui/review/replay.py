"""What counts after a course of events: a pure replay, the same in every process that has read them.

A reviewer's verdicts that stand are those of the decisions (batches) that were not taken back, in the order in which
they were decided, whatever was taken back and reinstated in between. So two processes that take back different things
at once agree as soon as both have read the file.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from operator import itemgetter

from skintui.review.verdicts import Verdict

Key = tuple[str, str, str]
"""isic_id, attribute, reviewer."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record."""

    id: int
    kind: str
    """``verdict``, ``undo`` or ``redo``."""
    batch: int
    """Number of the first event decided together with this one."""
    target: int | None
    """Batch that an undo or redo concerns."""
    at: str
    reviewer: str
    verdict: Verdict | None


@dataclass
class Stacks:
    """One reviewer's decisions by batch."""

    done: list[int] = field(default_factory=list)
    """Those that stand, in the order in which they were decided."""
    undone: list[int] = field(default_factory=list)
    """Those taken back since the last decision, the last one on top."""


@dataclass
class State:
    """The replay of all events up to ``last``."""

    last: int = 0
    events: list[Event] = field(default_factory=list)
    stacks: dict[str, Stacks] = field(default_factory=dict)
    batches: dict[int, list[Verdict]] = field(default_factory=dict)
    standing_batches: set[int] = field(default_factory=set)
    standing: dict[Key, list[tuple[int, Verdict]]] = field(default_factory=dict)
    """Per key the verdicts that stand with their batch, oldest first: the last one counts."""
    touched: list[Key] = field(default_factory=list)
    """Whose standing verdict each event changed, in order: what a tally has to look at again."""

    def of(self, reviewer: str) -> Stacks:
        return self.stacks.get(reviewer) or Stacks()

    def apply(self, event: Event) -> None:
        """Take one more event into account; an undo of what does not stand, or a redo of what does, is passed over."""
        stacks = self.stacks.setdefault(event.reviewer, Stacks())
        self.last = event.id
        self.events.append(event)
        if event.kind == "verdict" and event.verdict is not None:
            self.batches.setdefault(event.batch, []).append(event.verdict)
            self._stand(event.batch, event.verdict)
            stacks.undone.clear()
            if not stacks.done or stacks.done[-1] != event.batch:
                stacks.done.append(event.batch)
        elif event.kind == "undo" and event.target is not None and _taken(stacks.done, event.target):
            stacks.undone.append(event.target)
            self._fall(event.target)
        elif event.kind == "redo" and event.target in stacks.undone:
            stacks.undone.remove(event.target)
            insort(stacks.done, event.target)
            for verdict in self.batches[event.target]:
                self._stand(event.target, verdict)

    def _stand(self, batch: int, verdict: Verdict) -> None:
        insort(self.standing.setdefault(verdict.key, []), (batch, verdict), key=itemgetter(0))
        self.standing_batches.add(batch)
        self.touched.append(verdict.key)

    def _fall(self, batch: int) -> None:
        self.standing_batches.discard(batch)
        for key in dict.fromkeys(verdict.key for verdict in self.batches[batch]):
            self.standing[key] = [vote for vote in self.standing[key] if vote[0] != batch]
            self.touched.append(key)


def _taken(ascending: list[int], number: int) -> bool:
    """Take a number out of an ascending list; whether it was in it."""
    place = bisect_left(ascending, number)
    if place == len(ascending) or ascending[place] != number:
        return False
    del ascending[place]
    return True
