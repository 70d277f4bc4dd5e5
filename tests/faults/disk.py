"""A disk that is full, read-only, or limited, and too few file descriptors: one line, nothing lost, and on it goes."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from skintui.steps.place import Place
from skintui.workspace import Workspace
from tests.faults.harness import Case, Fault
from tests.faults.machine import LIGHT, Machine, can_mount
from tests.faults.places import copied_into, decide, make_place, missing, verdicts_in
from tests.faults.running import VERDICT_KEYS, WORDS, Running, lacks_tmux
from tests.faults.verbs import VERBS, VerbCase

FULL, READ_ONLY, FILE_SIZE, DESCRIPTORS = "free bytes", "read-only", "bytes per file", "descriptors"
TOO_FEW = 12
"""Descriptors with which Python itself starts but little else."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What there is too little of, and how much there is."""

    kind: str
    amount: int = 0

    def __str__(self) -> str:
        return self.kind if self.kind == READ_ONLY else f"{self.amount:,} {self.kind}"


def fill(disk: Path, free: int) -> None:
    """Leave so many bytes free."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    status = os.statvfs(disk)
    taken = status.f_bavail * status.f_frsize - free
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(taken, 1))


def used(disk: Path) -> int:
    status = os.statvfs(disk)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


class Disk(VerbCase):
    """A verb whose workspace and results lie on a disk of 64 MB of their own; it lacks something, then no longer."""

    group, prefix, mounts, small = "disk", "disk", True, 5

    def lacks(self) -> str:
        return can_mount()

    def prepare(self, room: Path) -> None:
        super().prepare(room)
        after = used(self.machine.seen(self.disk))
        self.verb.fresh()
        self.needed = max(after - used(self.machine.seen(self.disk)), 0) + 262_144

    def trials(self, times: int, chance: random.Random) -> Iterable[Lack]:
        yield Lack(FULL, 0)
        yield Lack(READ_ONLY)
        for number in range(times - 2):
            match number % 4:
                case 3:
                    yield Lack(DESCRIPTORS, chance.randint(TOO_FEW, 40))
                case 2:
                    yield Lack(FILE_SIZE, chance.randint(0, 100_000))
                case _:
                    yield Lack(FULL, 4096 * chance.randint(0, self.needed // 4096))

    def disturb(self, trial: object) -> None:
        assert isinstance(trial, Lack)
        self.verb.fresh()
        disk, limits = self.machine.seen(self.disk), {}
        if trial.kind == FULL:
            fill(disk, trial.amount)
        elif trial.kind == READ_ONLY:
            self.machine.remount(self.disk, "ro")
        else:
            limits = {{FILE_SIZE: "RLIMIT_FSIZE", DESCRIPTORS: "RLIMIT_NOFILE"}[trial.kind]: trial.amount}
        try:
            self.ended = self.run(limits=limits)
        finally:
            if trial.kind == READ_ONLY:
                self.machine.remount(self.disk, "rw")
            with suppress(FileNotFoundError):
                (disk / "filler").unlink()

    def check(self, trial: object) -> list[Fault]:
        ended = self.ended
        wrong = [] if ended.code == 0 or (ended.explained and ended.code == 1) else [Fault(f"said badly: {ended}")]
        return wrong + super().check(trial)


class DiskApplication(Case):
    """The application whose disk fills up while verdicts are given, and is emptied again."""

    name, group, small = "disk: application", "disk", 2

    def lacks(self) -> str:
        return can_mount() or lacks_tmux()

    def prepare(self, room: Path) -> None:
        self.machine = Machine(room / "machine", LIGHT, own_mounts=True)
        self.disk = room / "disk"
        self.machine.mount(self.disk, "size=16m")
        origin = make_place(room / "place")
        copied_into(origin.workspace.root, self.machine.seen(self.disk) / "workspace")
        self.review = self.machine.seen(self.disk) / "workspace" / "review.sqlite"
        self.place = Place(origin.files, Workspace(self.disk / "workspace"))
        self.running = Running(self.place, room / "terminal", machine=self.machine)
        self.running.start()

    def trials(self, times: int, chance: random.Random) -> Iterable[Lack]:
        return (Lack(FULL, 4096 * (number and chance.randint(0, 8))) for number in range(times))

    def disturb(self, trial: object) -> None:
        assert isinstance(trial, Lack)
        disk = self.machine.seen(self.disk)
        fill(disk, trial.amount)
        self.running.type("g", *"]" * random.Random(trial.amount).randint(0, 5))
        self.refused = False
        for number in range(40):  # until what is free is used up; first and last row alternate, so each tells something
            self.running.type("g" if number % 2 else "G", VERDICT_KEYS[number % 3])
            word = WORDS[number % 3]
            screen = self._screen_with(f": {word}", "is full")
            self.running.look()
            if "disk is full" in screen:
                self.refused = True
                break
        (disk / "filler").unlink()

    def _screen_with(self, *words: str) -> str:
        """The first screen that holds one of these."""
        return self.running.tmux.until(lambda seen: any(word in seen for word in words))

    def check(self, trial: object) -> list[Fault]:
        found = self._compared()
        if not self.refused:
            found.append(Fault("the screen never said that the disk is full"))
        if not self.running.alive:
            return [*found, Fault("the application ended: " + self.running.tmux.screen[-300:])]
        self.running.type("g", "v")  # and now there is room again
        self.running.tmux.until(lambda screen: "label right" in screen and "disk is full" not in screen)
        self.running.look()
        return found + self._compared()

    def _compared(self) -> list[Fault]:
        there = {(isic_id, attribute) for isic_id, attribute, _, _ in verdicts_in(self.review)}
        gone = self.running.shown - there
        return [Fault(f"the screen told of {sorted(gone)[:3]}, which are gone", lost=len(gone))] if gone else []

    def clean(self) -> None:
        if hasattr(self, "running"):
            self.running.close()
        if hasattr(self, "machine"):
            self.machine.close()


class ReadOnlyApplication(DiskApplication):
    """A workspace on a read-only disk: it opens, shows everything, and says at a verdict that it cannot be written."""

    name, small = "read-only: application", 1

    def prepare(self, room: Path) -> None:
        super().prepare(room)
        self.running.close()
        copied_into(make_place(room / "place").workspace.root, self.machine.seen(self.disk) / "workspace")

    def trials(self, times: int, chance: random.Random) -> Iterable[Lack]:
        """The amount is where in the table the verdict is given."""
        return (Lack(READ_ONLY, chance.randint(1, 20)) for _ in range(times))

    def disturb(self, trial: object) -> None:
        assert isinstance(trial, Lack)
        origin = make_place(self.disk.parent / "place")
        decide(origin.workspace, origin.lesions().ids[:3])
        copied_into(origin.workspace.root, self.machine.seen(self.disk) / "workspace")
        self.before = verdicts_in(self.review)
        self.machine.remount(self.disk, "ro")
        self.running.start("3 reviewed")
        self.running.type(*["j"] * trial.amount, VERDICT_KEYS[trial.amount % len(VERDICT_KEYS)])
        self.running.tmux.shows("cannot be written")
        self.alive = self.running.alive
        self.running.close()
        self.machine.remount(self.disk, "rw")

    def check(self, trial: object) -> list[Fault]:
        found = [] if self.alive else [Fault("the application ended")]
        found += missing(self.review, self.before)
        self.running.start("3 reviewed")
        self.running.type("g", "v")
        self.running.tmux.shows("label right")
        self.running.close()  # what is open to be written would keep the disk from becoming read-only again
        return found


CASES_HERE: tuple[Callable[[], Case], ...] = (
    *(partial(Disk, verb) for verb in VERBS),
    DiskApplication,
    ReadOnlyApplication,
)
