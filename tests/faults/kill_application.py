"""kill -9 of the application while keys come in: what the screen called saved is there."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from skintui.review.record import ReviewRecord
from tests.faults.harness import Case, Fault
from tests.faults.places import make_place
from tests.faults.running import VERDICT_KEYS, Running, lacks_tmux

MOVES = ("j", "k", "]", "[")


class KillApplication(Case):
    """Each trial is how many rounds of keys come before the kill, and how long after the last one it follows."""

    name, group = "kill -9: application", "kill"

    def lacks(self) -> str:
        return lacks_tmux()

    def prepare(self, room: Path) -> None:
        self.place = make_place(room / "place")
        self.running = Running(self.place, room / "terminal")
        self.running.start()

    def trials(self, times: int, chance: random.Random) -> Iterable[object]:
        self.chance = chance
        return ((chance.randint(1, 6), round(chance.uniform(0, 60), 1)) for _ in range(times))

    def disturb(self, trial: object) -> None:
        assert isinstance(trial, tuple)
        rounds, milliseconds = trial
        for _ in range(rounds):
            self.running.look()
            self.running.type(*(self.chance.choice((*VERDICT_KEYS, *MOVES)) for _ in range(self.chance.randint(1, 5))))
        time.sleep(milliseconds / 1000)  # the moment of the kill, not a wait for anything
        self.running.kill()

    def check(self, trial: object) -> list[Fault]:
        with ReviewRecord(self.place.workspace.review) as record:
            there = {(isic_id, attribute) for isic_id, attribute, _ in record.latest()}
        gone = self.running.shown - there
        found = [Fault(f"the screen told of {sorted(gone)[:3]}, which are gone", lost=len(gone))] if gone else []
        if self.running.most > len(there):
            less = self.running.most - len(there)
            found.append(Fault(f"the screen counted {self.running.most}, {len(there)} are there", lost=less))
        self.running.start(*([f" {len(there):,} reviewed"] if there else []))
        return found

    def clean(self) -> None:
        if hasattr(self, "running"):
            self.running.close()


CASES_HERE: tuple[Callable[[], Case], ...] = (KillApplication,)
