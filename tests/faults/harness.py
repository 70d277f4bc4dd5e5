"""One way to try a fault: prepare, disturb, check, count.

A case lists its trials; each is disturbed and then looked at. What came out wrong is a :class:`Fault`, and verdicts or
results that are gone are counted in it. The tests run every case small, ``python -m tests.bench.faults`` runs it long.
"""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that should not be."""

    what: str
    lost: int = 0
    """Verdicts or results that are gone."""


@dataclass(slots=True)
class Outcome:
    """What came of the trials of one case."""

    name: str
    tried: int = 0
    survived: int = 0
    """Trials after which nothing was wrong."""
    lost: int = 0
    """Verdicts or results lost in all trials."""
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    """One line per thing that was wrong."""
    skipped: str = ""
    """Why nothing could be tried here; empty where it could."""
    cut_short: bool = False
    """Whether the time was over before the trials were."""

    def count(self, trial: object, found: Sequence[Fault]) -> None:
        self.tried += 1
        self.survived += not found
        self.lost += sum(fault.lost for fault in found)
        self.faults += [f"{self.name}, {trial}: {fault.what}" for fault in found]


class Case:
    """Something that can go wrong, tried many times.

    A subclass names itself and its ``group`` (what ``--only`` chooses) and says how to prepare, disturb and check.
    """

    name = ""
    group = ""
    seconds = 300.0
    """How long the long form may take, preparation aside."""
    small = 2
    """Trials in the small form."""

    def lacks(self) -> str:
        """What this machine lacks for the case; empty where it can be tried."""
        return ""

    def prepare(self, room: Path) -> None:
        """Make what every trial needs in an empty folder of the case's own."""

    def trials(self, times: int, chance: random.Random) -> Iterable[object]:
        """What is tried, ``times`` of it where that is a matter of chance; ``str`` of a trial tells it from others."""
        raise NotImplementedError

    def disturb(self, trial: object) -> None:
        """Do the harm."""
        raise NotImplementedError

    def check(self, trial: object) -> list[Fault]:
        """What is wrong afterwards."""
        raise NotImplementedError

    def clean(self) -> None:
        """End every process and mount of the case; called whatever happened."""


CASES: dict[str, Callable[[], Case]] = {}
"""Every case by name, as what makes it."""


def register(*cases: Callable[[], Case]) -> None:
    """Enter cases into the table; a name stands for one case."""
    for make in cases:
        name = make().name
        assert name not in CASES, f"two cases are called {name}"
        CASES[name] = make


def run_case(
    case: Case, room: Path, times: int | None = None, *, seed: int = 0, seconds: float | None = None
) -> Outcome:
    """Try a case ``times`` times (small where None) with moments drawn by ``seed``; at most ``seconds`` in trials."""
    outcome = Outcome(case.name, skipped=case.lacks())
    if outcome.skipped:
        return outcome
    room.mkdir(parents=True, exist_ok=True)
    chance = random.Random(zlib.crc32(f"{seed} {case.name}".encode()))
    try:
        case.prepare(room)
        begun = time.monotonic()
        for trial in case.trials(case.small if times is None else times, chance):
            if time.monotonic() - begun > (case.seconds if seconds is None else seconds):
                outcome.cut_short = True
                break
            try:
                case.disturb(trial)
                found = case.check(trial)
            except AssertionError as error:  # what never came true in time
                found = [Fault(f"…{error}"[-1500:])]
            outcome.count(trial, found)
        outcome.seconds = time.monotonic() - begun
    finally:
        case.clean()
    return outcome


def assert_survived(make: Callable[[], Case], room: Path, times: int | None = None) -> Outcome:
    """The small form: run the case, skip the test where the machine lacks something, fail with every fault's line."""
    import pytest

    outcome = run_case(make(), room, times)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.survived == outcome.tried, "\n".join(outcome.faults)
    assert outcome.lost == 0
    assert outcome.tried
    return outcome
