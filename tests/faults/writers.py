"""Several people write at once, one of them may stand still for a while, and clocks disagree: every verdict counts."""

from __future__ import annotations

import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from skintui.errors import ReviewError
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from tests.faults.harness import Case, Fault
from tests.faults.machine import LIGHT, Ended, Machine
from tests.faults.places import copy_of, make_place
from tests.faults.running import VERDICT_KEYS, Running, lacks_tmux
from tests.terminals.waiting import until


def events_of(review: Path) -> list[tuple[int, str, str, str]]:
    """Number, kind, reviewer and note of every event, in order."""
    with closing(sqlite3.connect(f"{review.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return list(connection.execute("SELECT id, kind, reviewer, coalesce(note, '') FROM events ORDER BY id"))


def loop_of_verdicts(review: str, ids: str, count: str, reviewer: str) -> None:
    """What a program does that records verdicts: one after the other, numbered in their notes, told on stdout."""
    names = ids.split(",")
    with ReviewRecord(Path(review)) as record:
        for number in range(int(count)):
            verdict = "label_wrong" if number % 2 else "label_ok"
            record.record(Verdict(names[number % len(names)], "deltaL", verdict, reviewer, note=f"no {number}"))
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


class Writers(Case):
    """Two applications, and a program or the command line, on one workspace.

    A trial is a number of verdicts, divided among the three: what a screen told of, and what a program was told is
    recorded, has to be there, in the order in which each gave it.
    """

    name, group, small, seconds = "three writers", "writers", 150, 1500.0

    def lacks(self) -> str:
        return lacks_tmux()

    def prepare(self, room: Path) -> None:
        self.machine = Machine(room / "machine", LIGHT)
        self.place = make_place(room / "place")
        self.ids = self.place.lesions().ids
        self.people = [Running(self.place, room / name, name) for name in ("ada", "ben")]
        for person in self.people:
            person.start()

    def trials(self, times: int, chance: random.Random) -> Iterable[object]:
        """One trial; the long form gives 200 verdicts for each of the times asked for: 10,000 for 50."""
        yield times if times == self.small else 200 * times

    def disturb(self, trial: object) -> None:
        assert isinstance(trial, int)
        self.locked: list[str] = []
        self.typed = [0, 0]
        review, by_command = self.place.workspace.review, 4
        program = self.machine.begin(
            review, ",".join(self.ids), trial - 2 * (trial // 3) - by_command, "eve",
            function="tests.faults.writers:loop_of_verdicts",
        )  # fmt: skip
        while min(self.typed) < trial // 3:
            for number, person in enumerate(self.people):
                batch = min(25, trial // 3 - self.typed[number])
                at = self.typed[number]
                person.type(*(key for i in range(batch) for key in (VERDICT_KEYS[(at + i) % 3], *self._turn(at + i))))
                self.typed[number] += batch
            for number, person in enumerate(self.people):
                until(lambda number=number: self._written(number) >= self.typed[number] or None, "verdicts of a screen")  # type: ignore[misc]
                screen = person.look()
                self.locked += [line for line in screen.splitlines() if "locked" in line]
        self.program: Ended = program.until_end()
        self.by_command = [self._command(number) for number in range(by_command)]

    @staticmethod
    def _turn(number: int) -> tuple[str, ...]:
        """Back to the top before the last row is reached."""
        return ("g",) if number % 20 == 19 else ()

    def _written(self, number: int) -> int:
        reviewer = self.people[number].reviewer
        return sum(
            1 for _, kind, who, _ in events_of(self.place.workspace.review) if (kind, who) == ("verdict", reviewer)
        )

    def _command(self, number: int) -> Ended:
        return self.machine.call(
            *("review", self.place.files.root, self.ids[number], "--attribute", "areaMM2", "--verdict", "label_ok"),
            *("--note", f"call {number}", "--reviewer", "joe", "--workspace", self.place.workspace.root),
        )

    def check(self, trial: object) -> list[Fault]:
        events = events_of(self.place.workspace.review)
        found = [Fault(f"a screen said: {line.strip()}") for line in self.locked[:3]]
        if self.program.code:
            found.append(Fault(f"the program failed: {self.program}"))
        found += [Fault(f"a call failed: {ended}") for ended in self.by_command if ended.code]
        told = [int(line) for line in self.program.stdout.split()]
        order = [int(note.split()[1]) for _, _, reviewer, note in events if reviewer == "eve"]
        if order != told:
            found.append(
                Fault("the program's verdicts are not all there in their order", lost=len(set(told) - set(order)))
            )
        for number, person in enumerate(self.people):
            if self._written(number) != self.typed[number]:
                lost = max(self.typed[number] - self._written(number), 0)
                found.append(
                    Fault(f"{person.reviewer} gave {self.typed[number]}, {self._written(number)} are there", lost)
                )
        if [number for number, *_ in events] != list(range(1, len(events) + 1)):
            found.append(Fault("events are not numbered one after the other"))
        found += self._screens_agree()
        return found

    def _screens_agree(self) -> list[Fault]:
        """Both screens count the same in the end, and as many as the record."""
        with ReviewRecord(self.place.workspace.review) as record:
            count = len({key[:2] for key in record.latest()})
        for person in self.people:
            person.tmux.shows(f" {count:,} reviewed")
        return []

    def clean(self) -> None:
        for person in getattr(self, "people", []):
            person.close()
        if hasattr(self, "machine"):
            self.machine.close()


class Stopped(Case):
    """An application is stopped, as by a closed lid, while another person decides; then it goes on.

    A trial is how long it stands still; it is stopped amid its own keys. Where that is in the midst of a write it holds
    the lock: the other is told so in one line, and writes once it goes on.
    """

    name, group, small, seconds = "stopped while another writes", "writers", 1, 900.0

    def lacks(self) -> str:
        return lacks_tmux()

    def prepare(self, room: Path) -> None:
        self.place = make_place(room / "place")
        self.ids = self.place.lesions().ids
        self.running = Running(self.place, room / "ada", "ada")
        self.running.start()

    def trials(self, times: int, chance: random.Random) -> Iterable[object]:
        """Seconds: short in the small form, a minute now and then in the long one."""
        if times == self.small:
            return [0.5]
        return [60.0 if number % 10 == 0 else round(chance.uniform(0.1, 5), 2) for number in range(times)]

    def disturb(self, trial: object) -> None:
        assert isinstance(trial, float)
        self.running.type("g", "x", "v", "b")
        self.running.signal(signal.SIGSTOP)
        begun = time.monotonic()
        self.given, self.refusal = [], ""
        with ReviewRecord(self.place.workspace.review) as record:
            try:
                for isic_id in self.ids[-5:]:
                    record.record(Verdict(isic_id, "deltaL", "label_wrong", "ben"))
                    self.given.append(time.monotonic() - begun)
            except ReviewError as error:
                self.refusal = str(error)
            time.sleep(max(trial - (time.monotonic() - begun), 0))  # the lid is closed
            self.running.signal(signal.SIGCONT)
            for isic_id in self.ids[-5 + len(self.given) :] if self.refusal else ():
                record.record(Verdict(isic_id, "deltaL", "label_wrong", "ben"))
            self.before = record.history()

    def check(self, trial: object) -> list[Fault]:
        found = []
        if self.refusal and "locked" not in self.refusal:
            found.append(Fault(f"the other person was told: {self.refusal}"))
        if max(self.given, default=0.0) > 5:
            found.append(Fault(f"the other person waited {max(self.given):.0f} s for the one who stood still"))
        self.running.type("g", "i")
        self.running.tmux.shows("image unusable")
        with ReviewRecord(self.place.workspace.review) as record:
            latest = record.latest()
            count = len({key[:2] for key in latest})
            gone = [event for event in self.before if event not in record.history()]
        if gone:
            found.append(Fault(f"{len(gone)} events are gone", lost=len(gone)))
        wanted = {(isic_id, "areaMM2", "ada") for isic_id in self.ids[:3]}
        if not wanted <= set(latest):
            found.append(Fault("verdicts typed before the stop are gone", lost=len(wanted - set(latest))))
        self.running.tmux.shows(f" {count:,} reviewed")  # the other's verdicts arrive too
        return found

    def clean(self) -> None:
        if hasattr(self, "running"):
            self.running.close()


class ClockBack(Case):
    """The clock of one of two machines is wrong by up to years: the order is that of the events, not of the clocks."""

    name, group, small = "clock set back", "writers", 10

    def prepare(self, room: Path) -> None:
        self.origin, self.room = make_place(room / "place"), room

    def trials(self, times: int, chance: random.Random) -> Iterable[object]:
        return ((number, chance.randint(1, 10**8)) for number in range(times))

    def disturb(self, trial: object) -> None:
        assert isinstance(trial, tuple)
        self.place = copy_of(self.origin, self.room / "workspace")
        self.ids = self.place.lesions().ids
        late = time.gmtime(time.time() + trial[1])
        with ReviewRecord(self.place.workspace.review) as record:
            ahead = time.strftime("%Y-%m-%dT%H:%M:%SZ", late)
            record.record(Verdict(self.ids[0], "areaMM2", "label_wrong", "ada", reviewed_at=ahead))
            record.record(Verdict(self.ids[1], "areaMM2", "label_wrong", "ada", reviewed_at=ahead))
            record.record(Verdict(self.ids[1], "areaMM2", "label_ok", "ada"))  # now: earlier by its clock

    def check(self, trial: object) -> list[Fault]:
        found = []
        with ReviewRecord(self.place.workspace.review) as record:
            if record.latest()[self.ids[1], "areaMM2", "ada"].verdict != "label_ok":
                found.append(Fault("an earlier verdict with a later clock counts", lost=1))
            undone = record.undo("ada")
            if undone is None or undone.verdict != "label_ok":
                found.append(Fault("undo took another verdict back than the last one given"))
            if record.latest()[self.ids[1], "areaMM2", "ada"].verdict != "label_wrong":
                found.append(Fault("after the undo the verdict before does not count", lost=1))
            again = record.redo("ada")
            if again is None or again.verdict != "label_ok":
                found.append(Fault("redo reinstated another verdict"))
        with ReviewRecord(self.place.workspace.review) as record:
            if record.latest()[self.ids[1], "areaMM2", "ada"].verdict != "label_ok":
                found.append(Fault("reopened, an earlier verdict counts", lost=1))
        return found


CASES_HERE: tuple[Callable[[], Case], ...] = (Writers, Stopped, ClockBack)

__all__ = ["CASES_HERE", "loop_of_verdicts"]
