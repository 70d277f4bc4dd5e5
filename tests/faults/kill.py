"""kill -9 of every verb at any moment, and what running it again makes of it.

Moments are spread over the run time of an undisturbed run; every second one is a change of the folder instead (the
k-th time that a name comes or goes), so that the short phases in which files are written are met as often as the long
ones between them.
"""

from __future__ import annotations

import fnmatch
import os
import random
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.place import Place, open_place
from skintui.workspace import Workspace
from tests.faults.harness import Case, Fault
from tests.faults.machine import HEAVY, LIGHT, Call, Machine
from tests.faults.places import (
    contents,
    copy_of,
    decide,
    differences,
    litter,
    make_place,
    missing,
    verdicts_in,
)

KEPT = 5
"""Verdicts that are in the workspace before the verb runs."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a run is killed: after a share of the undisturbed time, or at a change of the folder."""

    share: float = 0.0
    change: int = 0

    def __str__(self) -> str:
        return f"at change {self.change} of the folder" if self.change else f"after {self.share:.0%} of the time"


class Names:
    """Counts how often the names in some folders change; asking costs microseconds."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._last = self._look()
        self.changes = 0

    def _look(self) -> frozenset[str]:
        found: list[str] = []
        waiting = [str(folder) for folder in self._folders]
        while waiting:
            with suppress(OSError), os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    found.append(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        return frozenset(found)

    def count(self) -> int:
        now = self._look()
        self.changes += now != self._last
        self._last = now
        return self.changes


class KillVerb(Case):
    """A verb on the workspace, or with a result of its own in ``out``."""

    group = "kill"
    verb = ""
    modules: tuple[str, ...] = LIGHT
    growing: tuple[str, ...] = ()
    """Names, as patterns, of files that grow under their final name and are vouched for by another one."""

    def __init__(self) -> None:
        self.name = f"kill -9: {self.verb}"

    # What a verb says of itself

    def start(self) -> None:
        """Bring the workspace into the state from which the verb starts."""

    def arguments(self) -> list[object]:
        raise NotImplementedError

    def again(self) -> list[object]:
        """How the run is continued."""
        return self.arguments()

    def result(self) -> dict[str, str]:
        """What is compared: the workspace's files and those of ``out``."""
        found = contents(self.place.workspace.root) | contents(self.out)
        return {name: digest for name, digest in found.items() if name != "review.sqlite"}  # its verdicts are compared

    # The case

    def prepare(self, room: Path) -> None:
        self.machine = Machine(room / "machine", self.modules)
        self.origin = make_place(room / "place")
        self.place = Place(self.origin.files, Workspace(room / "workspace"))
        self.out = room / "out"
        self.make()
        decide(self.origin.workspace, self.origin.lesions().ids[:KEPT])
        self._fresh()
        self.before = self.result()
        names = Names(self.place.workspace.root, self.out)
        ended = self.machine.call(*self.arguments(), stop=lambda _: names.count() < 0)
        assert ended.code == 0, str(ended)
        self.seconds_whole, self.changes = ended.seconds, names.changes
        self.wanted = self.result()
        self.verdicts = verdicts_in(self.place.workspace.review)

    def make(self) -> None:
        """Inputs besides the place, once."""

    def _fresh(self) -> None:
        copy_of(self.origin, self.place.workspace.root)
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        self.start()
        self.kept = verdicts_in(self.place.workspace.review)

    def trials(self, times: int, chance: random.Random) -> Iterable[Moment]:
        for number in range(times):
            if number % 2 and self.changes:
                yield Moment(change=chance.randint(1, self.changes))
            else:
                yield Moment(share=chance.random())

    def disturb(self, trial: object) -> None:
        assert isinstance(trial, Moment)
        self._fresh()
        names = Names(self.place.workspace.root, self.out)

        def now(call: Call) -> bool:
            if trial.change:
                return names.count() >= trial.change
            return call.seconds >= trial.share * self.seconds_whole

        ended = self.machine.call(*self.arguments(), stop=now)
        assert ended.code in (0, -9), str(ended)

    def check(self, trial: object) -> list[Fault]:
        found = missing(self.place.workspace.review, self.kept) + self._torn()
        ended = self.machine.call(*self.again())
        if ended.code:
            return [*found, Fault(f"cannot be run again: {ended}")]
        found += missing(self.place.workspace.review, self.verdicts)
        found += differences(self.result(), self.wanted)
        left = [*litter(self.place.workspace.root), *litter(self.out), *self.machine.temporary_files()]
        return [*found, *([Fault(f"left behind: {', '.join(left[:3])}")] if left else [])]

    def _torn(self) -> list[Fault]:
        """Final names whose content is neither that of before nor that of an undisturbed run."""
        names = [
            name
            for name, digest in self.result().items()
            if digest not in (self.before.get(name), self.wanted.get(name))
            and not any(fnmatch.fnmatch(name, pattern) for pattern in self.growing)
        ]
        return [Fault(f"half-written: {', '.join(names[:5])}")] if names else []

    def clean(self) -> None:
        if hasattr(self, "machine"):
            self.machine.close()

    def on_place(self, *options: object) -> list[object]:
        """The verb on the data set and the workspace."""
        return [
            self.verb, self.place.files.root, "--workspace", self.place.workspace.root, "--progress", "none", *options
        ]  # fmt: skip


class KillScan(KillVerb):
    verb = "scan"

    def start(self) -> None:
        for name in ("lesions.parquet", "scan.json", "tiles.parquet"):
            (self.place.workspace.root / name).unlink(missing_ok=True)

    def arguments(self) -> list[object]:
        return self.on_place()


class KillAudit(KillVerb):
    verb = "audit"

    def start(self) -> None:
        shutil.rmtree(self.place.workspace.root / "neighbours", ignore_errors=True)
        self.place.workspace.findings.unlink()

    def arguments(self) -> list[object]:
        return self.on_place()


class KillExport(KillVerb):
    verb = "export"

    def arguments(self) -> list[object]:
        return ["export", self.place.files.root, self.out / "flags.csv", "--force", *self.on_place()[2:]]


class KillApply(KillVerb):
    verb = "apply"

    def make(self) -> None:
        self.patch = self.out.parent / "patch.csv"
        with ReviewRecord(self.origin.workspace.review) as record:
            record.record_many(
                [Verdict(i, "areaMM2", "label_wrong", "ada", proposed_value=9.5) for i in self.origin.lesions().ids]
            )
        ended = self.machine.call(
            *("export", self.origin.files.root, self.patch, "--patch", "--force"),
            *("--workspace", self.origin.workspace.root),
        )
        assert ended.code == 0, str(ended)

    def arguments(self) -> list[object]:
        return ["apply", self.patch, self.place.files.metadata, "-o", self.out / "fixed.csv", "--force"]


class _Taking(KillVerb):
    """Verdicts come in: what counts is the verdicts, not the bytes of the database."""

    def result(self) -> dict[str, str]:
        return {"|".join(each): "" for each in verdicts_in(self.place.workspace.review)}

    def _torn(self) -> list[Fault]:
        """All or nothing."""
        there = set(self.result())
        return [] if there in (set(self.before), set(self.wanted)) else [Fault("taken in by halves")]

    def other(self, folder: Path) -> Place:
        """Another workspace with verdicts of its own."""
        other = copy_of(self.origin, folder)
        decide(other.workspace, other.lesions().ids, "label_ok", "ben")
        return other


class KillImport(_Taking):
    verb = "import"

    def make(self) -> None:
        self.sheet = self.out.parent / "flags.csv"
        other = self.other(self.out.parent / "other")
        ended = self.machine.call(
            "export", other.files.root, self.sheet, "--workspace", other.workspace.root, "--force"
        )
        assert ended.code == 0, str(ended)

    def arguments(self) -> list[object]:
        return ["import", self.sheet, *self.on_place()[1:]]


class KillMerge(_Taking):
    verb = "merge"

    def make(self) -> None:
        self.their = self.other(self.out.parent / "other").workspace.root

    def arguments(self) -> list[object]:
        return ["merge", self.place.workspace.root, self.their]


class KillIndex(KillVerb):
    """A tiny model and three shards: what can be torn is the same as with a large one."""

    verb = "index"
    modules = HEAVY
    growing = ("vectors/*.f16", "vectors/journal.jsonl")
    lesions = 150

    def make(self) -> None:
        from tests.small import write_small

        room = self.out.parent
        write_small(room / "many", lesions=self.lesions)
        self.origin = open_place(room / "many", workspace=room / "many-workspace")
        self.place = Place(self.origin.files, self.place.workspace)
        self.base = room / "base"
        assert self.machine.call(self.base, function="tests.faults.kill:write_base").code == 0

    def arguments(self) -> list[object]:
        return self.on_place("--base", self.base, "--device", "cpu", "--attributes", "areaMM2,deltaL")


class KillBundledIndex(KillVerb):
    """The bundled model: one shard."""

    verb = "index"
    modules = HEAVY
    growing = KillIndex.growing

    def __init__(self) -> None:
        self.name = "kill -9: index, bundled model"

    def start(self) -> None:
        shutil.rmtree(self.place.workspace.vectors)
        self.place.workspace.predictions.unlink()

    def arguments(self) -> list[object]:
        return self.on_place("--device", "cpu", "--attributes", "areaMM2,deltaL", "--limit", 12)


class KillTrain(KillIndex):
    """250 steps, so that two checkpoints lie in between."""

    verb = "train"
    growing = ("adapter/metrics.jsonl", "adapter/checkpoint.pt")

    def arguments(self) -> list[object]:
        recipe = ("--steps", 250, "--batch-size", 1, "--attributes-per-image", 1, "--rank", 2, "--device", "cpu")
        return self.on_place("--base", self.base, "--out", self.out / "adapter", *recipe, "--resume")

    def result(self) -> dict[str, str]:
        found = super().result()
        return {name: digest for name, digest in found.items() if not name.endswith("metrics.jsonl")}


def write_base(folder: str) -> None:
    """The tiny model, made by the process that has torch."""
    from tests.tiny import write_tiny_model

    write_tiny_model(Path(folder))


CASES_HERE: tuple[Callable[[], Case], ...] = (
    KillScan,
    KillTrain,
    KillIndex,
    KillBundledIndex,
    KillAudit,
    KillExport,
    KillApply,
    KillImport,
    KillMerge,
)
