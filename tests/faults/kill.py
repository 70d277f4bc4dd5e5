"""kill -9 of every verb at any moment, and what running it again makes of it.

Moments are spread over the run time of an undisturbed run; every second one is a change of the folder instead (the
k-th time that a name comes or goes), so that the short phases in which files are written are met as often as the long
ones between them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from tests.faults.harness import Case
from tests.faults.machine import HEAVY, Call
from tests.faults.names import Names
from tests.faults.verbs import VERBS, Verb, VerbCase


@dataclass(frozen=True, slots=True)
class Moment:
    """When a run is killed: after a share of the undisturbed time, or at a change of the folder."""

    share: float = 0.0
    change: int = 0

    def __str__(self) -> str:
        return f"at change {self.change} of the folder" if self.change else f"after {self.share:.0%} of the time"


class Kill(VerbCase):
    """The verb ends at a moment of chance."""

    group, prefix = "kill", "kill -9"

    def __init__(self, kind: type[Verb]) -> None:
        super().__init__(kind)
        self.small = 1 if kind.modules == HEAVY else 2

    def trials(self, times: int, chance: random.Random) -> Iterable[Moment]:
        for number in range(times):
            if (number % 2 or times == 1) and self.changes:
                yield Moment(change=chance.randint(1, self.changes))
            else:
                yield Moment(share=chance.random())

    def disturb(self, trial: object) -> None:
        assert isinstance(trial, Moment)
        self.verb.fresh()
        names = Names(self.verb.root, self.verb.results)

        def now(call: Call) -> bool:
            if trial.change:
                return names.count() >= trial.change
            return call.seconds >= trial.share * self.whole

        ended = self.run(stop=now)
        assert ended.code in (0, -9), str(ended)


CASES_HERE: tuple[Callable[[], Case], ...] = tuple(partial(Kill, verb) for verb in VERBS)
