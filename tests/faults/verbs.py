"""The verbs: what each starts from, how it is called, and what an undisturbed run makes of it."""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.place import Place, open_place
from skintui.workspace import Workspace
from tests.faults.harness import Case, Fault
from tests.faults.machine import HEAVY, LIGHT, Call, Ended, Machine
from tests.faults.names import Names
from tests.faults.places import contents, copied_into, decide, differences, litter, make_place, missing, verdicts_in

KEPT = 5
"""Verdicts that are in the workspace before the verb runs."""
CACHED = ("review.sqlite", "checked.json", "vectors/checked.json")
"""Not compared as bytes: the verdicts are compared one by one, and what was checked last is no result."""


class Verb:
    """A verb on the workspace, or with a result of its own in ``out``."""

    name = ""
    """How cases call it."""
    verb = ""
    modules: tuple[str, ...] = LIGHT
    function = ""
    """Called with the arguments instead of the product, as ``module:name``."""
    growing: tuple[str, ...] = ()
    """Names, as patterns, of files that grow under their final name and are vouched for by another one."""

    def __init__(self, machine: Machine, room: Path, disk: Path) -> None:
        self.machine, self.room = machine, room
        self.origin = make_place(room / "place")
        self.place = Place(self.origin.files, Workspace(disk / "workspace"))
        """As the verb knows it; what the test looks at is :attr:`root`."""
        self.out = disk / "out"
        self.make()
        decide(self.origin.workspace, self.origin.lesions().ids[:KEPT])

    @property
    def root(self) -> Path:
        return self.machine.seen(self.place.workspace.root)

    @property
    def results(self) -> Path:
        return self.machine.seen(self.out)

    def make(self) -> None:
        """Inputs besides the place, once."""

    def fresh(self) -> None:
        """The state from which the verb starts."""
        copied_into(self.origin.workspace.root, self.root)
        shutil.rmtree(self.results, ignore_errors=True)
        self.results.mkdir()
        self.start()

    def start(self) -> None:
        """Remove what the verb makes."""

    def arguments(self) -> list[object]:
        raise NotImplementedError

    def result(self) -> dict[str, str]:
        """What is compared: the workspace's files and those of ``out``."""
        found = contents(self.root) | contents(self.results)
        return {name: digest for name, digest in found.items() if name not in CACHED}

    def verdicts(self) -> set[tuple[str, str, str, str]]:
        return verdicts_in(self.root / "review.sqlite")

    def torn(self, before: dict[str, str], wanted: dict[str, str]) -> list[Fault]:
        """Final names whose content is neither that of before nor that of an undisturbed run."""
        names = [
            name
            for name, digest in self.result().items()
            if digest not in (before.get(name), wanted.get(name))
            and not any(fnmatch.fnmatch(name, pattern) for pattern in self.growing)
        ]
        return [Fault(f"half-written: {', '.join(names[:5])}")] if names else []

    def on_place(self, *options: object) -> list[object]:
        """The verb on the data set and the workspace."""
        where = ("--workspace", self.place.workspace.root, "--progress", "none")
        return [self.verb, self.place.files.root, *where, *options]


class VerbCase(Case):
    """A verb that is disturbed, looked at, and run again."""

    mounts = False
    """Whether workspace and results lie on a disk of their own."""

    def __init__(self, kind: type[Verb]) -> None:
        self.kind = kind
        self.name = f"{self.prefix}: {kind.name}"

    prefix = ""

    def prepare(self, room: Path) -> None:
        self.machine = Machine(room / "machine", self.kind.modules, own_mounts=self.mounts)
        self.disk = room / "disk"
        self.disk.mkdir()
        if self.mounts:
            self.machine.mount(self.disk, "size=64m")
        self.verb = self.kind(self.machine, room, self.disk)
        self.verb.fresh()
        self.before = self.verb.result()
        self.kept = self.verb.verdicts()
        names = Names(self.verb.root, self.verb.results)
        ended = self.run(stop=lambda _: names.count() < 0)
        assert ended.code == 0, str(ended)
        self.whole, self.changes = ended.seconds, names.changes
        self.wanted, self.verdicts = self.verb.result(), self.verb.verdicts()

    def run(self, *, stop: Callable[[Call], bool] | None = None, limits: dict[str, int] | None = None) -> Ended:
        """Call the verb."""
        return self.machine.call(*self.verb.arguments(), stop=stop, limits=limits, function=self.verb.function)

    def check(self, trial: object) -> list[Fault]:
        review = self.verb.root / "review.sqlite"
        found = missing(review, self.kept) + self.verb.torn(self.before, self.wanted)
        ended = self.run()
        if ended.code:
            return [*found, Fault(f"cannot be run again: {ended}")]
        found += missing(review, self.verdicts) + differences(self.verb.result(), self.wanted)
        left = [*litter(self.verb.root), *litter(self.verb.results), *self.machine.temporary_files()]
        return [*found, *([Fault(f"left behind: {', '.join(left[:3])}")] if left else [])]

    def clean(self) -> None:
        if hasattr(self, "machine"):
            self.machine.close()


class Scan(Verb):
    verb = name = "scan"

    def start(self) -> None:
        for name in ("lesions.parquet", "scan.json", "tiles.parquet"):
            (self.root / name).unlink(missing_ok=True)

    def arguments(self) -> list[object]:
        return self.on_place()


class Audit(Verb):
    verb = name = "audit"

    def start(self) -> None:
        shutil.rmtree(self.root / "neighbours", ignore_errors=True)
        (self.root / "findings.parquet").unlink()

    def arguments(self) -> list[object]:
        return self.on_place()


class Export(Verb):
    verb = name = "export"

    def arguments(self) -> list[object]:
        return ["export", self.place.files.root, self.out / "flags.csv", "--force", *self.on_place()[2:]]


class Apply(Verb):
    verb = name = "apply"

    def make(self) -> None:
        self.patch = self.room / "patch.csv"
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


class _Taking(Verb):
    """Verdicts come in: what counts is the verdicts, not the bytes of the database."""

    def result(self) -> dict[str, str]:
        return {"|".join(each): "" for each in self.verdicts()}

    def torn(self, before: dict[str, str], wanted: dict[str, str]) -> list[Fault]:
        """All or nothing."""
        return [] if self.result() in (before, wanted) else [Fault("taken in by halves")]

    def other(self, folder: Path) -> Place:
        """Another workspace with verdicts of its own."""
        copied_into(self.origin.workspace.root, folder)
        other = Place(self.origin.files, Workspace(folder))
        decide(other.workspace, other.lesions().ids, "label_ok", "ben")
        return other


class Import(_Taking):
    verb = name = "import"

    def make(self) -> None:
        self.sheet = self.room / "flags.csv"
        other = self.other(self.room / "other")
        ended = self.machine.call(
            "export", other.files.root, self.sheet, "--workspace", other.workspace.root, "--force"
        )
        assert ended.code == 0, str(ended)

    def arguments(self) -> list[object]:
        return ["import", self.sheet, *self.on_place()[1:]]


class Merge(_Taking):
    verb = name = "merge"

    def make(self) -> None:
        self.their = self.other(self.room / "other").workspace.root

    def arguments(self) -> list[object]:
        return ["merge", self.place.workspace.root, self.their]


class Index(Verb):
    """A tiny model and three shards: what can be torn is the same as with a large one."""

    verb = name = "index"
    modules = HEAVY
    growing = ("vectors/*.f16", "vectors/journal.jsonl", "vectors/manifest.json")
    lesions = 150

    def make(self) -> None:
        from tests.small import write_small

        room = self.room
        write_small(room / "many", lesions=self.lesions)
        self.origin = open_place(room / "many", workspace=room / "many-workspace")
        self.place = Place(self.origin.files, self.place.workspace)
        self.base = room / "base"
        assert self.machine.call(self.base, function="tests.faults.verbs:write_base").code == 0

    def arguments(self) -> list[object]:
        return self.on_place("--base", self.base, "--device", "cpu", "--attributes", "areaMM2,deltaL")


class BundledIndex(Verb):
    """The bundled model: one shard."""

    verb, name = "index", "index, bundled model"
    modules = HEAVY
    growing = Index.growing

    def start(self) -> None:
        shutil.rmtree(self.root / "vectors")
        (self.root / "predictions.parquet").unlink()

    def arguments(self) -> list[object]:
        return self.on_place("--device", "cpu", "--attributes", "areaMM2,deltaL", "--limit", 12)


class Train(Index):
    """50 steps with a checkpoint every 20, so that two lie in between."""

    verb = name = "train"
    function = "tests.faults.verbs:train_in_short"
    growing = ("adapter/metrics.jsonl", "adapter/checkpoint.pt", "adapter/.adapter/*")

    def arguments(self) -> list[object]:
        recipe = ("--steps", 50, "--batch-size", 1, "--attributes-per-image", 1, "--rank", 2, "--device", "cpu")
        return self.on_place("--base", self.base, "--out", self.out / "adapter", *recipe, "--resume")

    def result(self) -> dict[str, str]:
        found = super().result()
        return {name: digest for name, digest in found.items() if not name.endswith("metrics.jsonl")}


def train_in_short(*arguments: str) -> None:
    """The product, with checkpoints that follow each other as fast as the tiny model's steps."""
    from skintui.cli.main import main
    from skintui.model import train_settings

    @dataclass(frozen=True)
    class Short(train_settings.TrainSettings):
        checkpoint_every: int = 20

    train_settings.TrainSettings = Short  # type: ignore[misc]
    main(list(arguments))


def write_base(folder: str) -> None:
    """The tiny model, made by the process that has torch."""
    from tests.tiny import write_tiny_model

    write_tiny_model(Path(folder))


VERBS: tuple[type[Verb], ...] = (Scan, Train, Index, BundledIndex, Audit, Export, Apply, Import, Merge)
"""Every verb that writes."""
