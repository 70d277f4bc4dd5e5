"""Every file of a workspace damaged in turn, and every verb called on it: the right answer, or one line that says so.

The files are listed from a workspace in which everything was made, so that none can be forgotten. A trial is a file, a
damage and a verb, drawn by chance out of all there are; with more trials than those each is tried again, elsewhere in
the file. What counts: an answer is that of the undamaged workspace or it is refused in one line that names the file (or
the folder it stands in) and what to do; the process never dies; verdicts stay.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from pathlib import Path

import polars as pl

from skintui.dataset.drawn.write import write_dataset
from skintui.steps.place import Place, open_place
from skintui.workspace import Workspace
from tests.faults.harness import Case, Fault
from tests.faults.machine import HEAVY, Ended, Machine
from tests.faults.places import contents, copied_into, decide, verdicts_in

LESIONS, PATIENTS = 20, 5
ATTRIBUTES = "areaMM2,deltaL"
SETTINGS = "settings.toml"
"""Not of the workspace, but read by every verb: a changed letter may be what the user wanted."""
UNTOLD = (
    "checked.json",
    "vectors/checked.json",
    "vectors/store.lock",
    "review.sqlite",
    "review.sqlite-wal",
    "review.sqlite-shm",
)
"""Not compared as bytes."""
_PASSING = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|in [\d.]+ s|/tmp/\S+|[\d.]+ GiB free")


@dataclass(frozen=True, slots=True)
class Trial:
    """One damage, looked at by one verb."""

    file: str
    verb: str
    seed: int

    def __str__(self) -> str:
        return f"{self.file}, {self.verb}, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Made:
    """Two data sets with workspaces in which everything was made."""

    folder: Path

    def place(self, name: str = "one") -> Place:
        return open_place(self.folder / name, workspace=self.folder / f"{name}-workspace")

    @property
    def files(self) -> list[str]:
        root = self.place().workspace.root
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def counterpart(self, file: str) -> Path | None:
        """The same file of the other data set's workspace; its name may tell of its content."""
        other = self.place("two").workspace.root
        if (other / file).is_file():
            return other / file
        alike = sorted((other / file).parent.glob(f"{Path(file).name.split('-')[0]}-*{Path(file).suffix}"))
        return alike[0] if alike else None


@cache
def made() -> Made:
    """Made once for the process, whose end removes it."""
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="skintui-damage-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    machine = Machine(folder / "machine", HEAVY)
    try:
        for seed, name in ((3, "one"), (4, "two")):
            write_dataset(folder / name, LESIONS, PATIENTS, seed=seed)
            for verb in ("scan", "index", "audit", "review"):
                place = open_place(folder / name, workspace=folder / f"{name}-workspace")
                ended = call(machine, verb, place)
                assert ended.code == 0, str(ended)
            filled = machine.call(place.files.root, place.workspace.root, function="tests.faults.walk:fill")
            assert filled.code == 0, str(filled)
            decide(place.workspace, place.lesions().ids[1:6])
    finally:
        machine.close()
    return Made(folder)


def first_id(place: Place) -> str:
    return pl.read_csv(place.files.metadata, columns=["isic_id"], n_rows=1).item()  # type: ignore[no-any-return]


def _neighbours(mode: str, attribute: str) -> Callable[[Place], list[object]]:
    return lambda place: ["neighbours", first_id(place), "--attribute", attribute, "--mode", mode, "--format", "csv"]


VERBS: dict[str, Callable[[Place], list[object]]] = {
    "scan": lambda place: ["scan", "--format", "json"],
    **{f"neighbours {mode}": _neighbours(mode, "areaMM2") for mode in ("attribute", "image", "hierarchical")},
    "neighbours joint": _neighbours("joint", ATTRIBUTES),
    "audit": lambda place: ["audit", "--format", "csv"],
    "evaluate": lambda place: ["evaluate", "--format", "json"],
    "export": lambda place: ["export", "-"],
    "review": lambda place: [
        *("review", first_id(place), "--attribute", "areaMM2", "--verdict", "label_wrong", "--format", "csv")
    ],
    "describe": lambda place: ["describe", first_id(place)],
    "selftest": lambda place: ["selftest", "--format", "json"],
    "doctor": lambda place: ["doctor"],
    "index": lambda place: ["index", "--attributes", ATTRIBUTES, "--device", "cpu"],
}
APPLICATION = "walk"
LARGE = ("neighbours joint", "index", "selftest", APPLICATION)
"""Verbs that load much: called from a process of their own that has it loaded."""
LOADED = (*HEAVY, "skintui.tui.app", "skintui.tui.screens.audit", "skintui.session", "tests.tui.opened")
QUICK = tuple(verb for verb in VERBS if verb not in LARGE)


def call(machine: Machine, verb: str, place: Place) -> Ended:
    root, workspace = place.files.root, place.workspace.root
    if verb == APPLICATION:
        return machine.call(root, workspace, function="tests.faults.walk:walk")
    name, *more = VERBS[verb](place)
    return machine.call(name, root, *more, "--workspace", workspace, "--progress", "none")


_WANTED: dict[str, tuple[Ended, dict[str, str]]] = {}
"""By verb, what it says of the undamaged workspace and which files there are then."""


class Damage(Case):
    """One kind of damage to any file."""

    group, seconds, small = "damage", 1200.0, 2

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.name = f"damage: {kind}"

    def prepare(self, room: Path) -> None:
        self.machine = Machine(room / "machine")
        self.large: Machine | None = None
        self.made = made()
        self.origin = self.made.place()
        self.place = Place(self.origin.files, Workspace(room / "workspace"))
        self.root = self.place.workspace.root
        self.settings = room / "machine" / "home" / "config" / "skintui" / SETTINGS
        self.kept = verdicts_in(self.origin.workspace.review)
        self.wanted = _WANTED
        self.machine.call("doctor", self.origin.files.root, "--workspace", self.root)

    def trials(self, times: int, chance: random.Random) -> Iterable[Trial]:
        files = [file for file in (*self.made.files, SETTINGS) if self.can(file)]
        every = list(product(files, (*VERBS, APPLICATION) if times > self.small else QUICK))
        chance.shuffle(every)
        for number in range(times):
            yield Trial(*every[number % len(every)], seed=chance.randrange(1 << 30))

    def can(self, file: str) -> bool:
        """Whether there is such a damage to this file."""
        if self.kind == "another data set's":
            return file != SETTINGS and self.made.counterpart(file) is not None
        if self.kind == "another schema":
            return file in SCHEMAS
        return file == SETTINGS or (self.origin.workspace.root / file).stat().st_size > 0

    def fresh(self) -> None:
        copied_into(self.origin.workspace.root, self.root)
        self.settings.parent.mkdir(parents=True, exist_ok=True)
        if self.settings.is_dir() and not self.settings.is_symlink():
            self.settings.rmdir()
        self.settings.unlink(missing_ok=True)
        self.settings.write_text('reviewer = "ada"\n[keys]\nnote = "t"\n', encoding="utf-8")

    def path(self, file: str) -> Path:
        return self.settings if file == SETTINGS else self.root / file

    def disturb(self, trial: object) -> None:
        assert isinstance(trial, Trial)
        if trial.verb not in self.wanted:
            self.fresh()
            right = self.call(trial.verb)
            assert right.code == 0, str(right)
            self.wanted[trial.verb] = (right, self.results())
        self.fresh()
        self.harm(self.path(trial.file), trial.file, random.Random(trial.seed))
        self.harmed = self.bytes_of(trial.file)
        self.ended = self.call(trial.verb)

    def call(self, verb: str) -> Ended:
        if verb not in LARGE:
            return call(self.machine, verb, self.place)
        if self.large is None:
            self.large = Machine(self.machine.folder, LOADED)
        return call(self.large, verb, self.place)

    def bytes_of(self, file: str) -> bytes:
        path = self.path(file)
        return path.read_bytes() if path.is_file() else b""

    def harm(self, path: Path, file: str, chance: random.Random) -> None:
        match self.kind:
            case "a byte flipped":
                content = bytearray(path.read_bytes())
                content[chance.randrange(len(content))] ^= chance.randint(1, 255)
                path.write_bytes(content)
            case "cut":
                path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])
            case "empty":
                path.write_bytes(b"")
            case "a folder in its place":
                path.unlink()
                path.mkdir()
            case "unreadable":
                path.unlink()
                path.symlink_to(path)  # not even root reads through that
            case "another data set's":
                other = self.made.counterpart(file)
                assert other is not None
                shutil.copyfile(other, path)
            case "another schema":
                SCHEMAS[file](path, chance)

    def results(self) -> dict[str, str]:
        return {name: digest for name, digest in contents(self.root).items() if name not in UNTOLD}

    def check(self, trial: object) -> list[Fault]:
        assert isinstance(trial, Trial)
        right, _ = self.wanted[trial.verb]
        found = self._answer(trial, right)
        if trial.file.startswith("review.sqlite"):
            found += self._untouched(trial)
        elif self.kept - verdicts_in(self.root / "review.sqlite"):
            found.append(Fault("verdicts gone", lost=len(self.kept)))
        return found

    def _answer(self, trial: Trial, right: Ended) -> list[Fault]:
        ended = self.ended
        if "Traceback" in ended.stderr or "unexpected" in ended.stderr or ended.code not in (0, 1, 2):
            return [Fault(f"died: {ended}")]
        if trial.file == SETTINGS:
            return [] if ended.code == 0 or ended.explained else [Fault(f"said badly: {ended}")]
        if trial.verb == "doctor":
            return []
        if ended.code:
            return self._refusal(trial, ended)
        if trial.verb == APPLICATION:
            return self._walked(trial, right)
        if _told(ended) != _told(right):
            return [Fault(f"another answer: {_first_difference(_told(ended), _told(right))}; {ended.stderr[-300:]}")]
        return self._indexed(trial) if trial.verb == "index" else []

    def _refusal(self, trial: Trial, ended: Ended) -> list[Fault]:
        named = any(part in ended.stderr for part in (*Path(trial.file).parts, *RESTING_ON.get(trial.file, ())))
        helped = any(
            word in ended.stderr
            for word in ("skintui ", "remove it", "restore it", "upgrade", "choose another", "move it")
        )
        if not ended.explained or not named or not helped or ended.code != 1:
            return [Fault(f"said badly: {ended}")]
        return []

    def _walked(self, trial: Trial, right: Ended) -> list[Fault]:
        """Each thing the application knows is right, or it says that it does not know."""
        found = []
        here, there = json.loads(self.ended.stdout), json.loads(right.stdout)
        said = " ".join(here.pop("said"))
        for name, value in there.items():
            if name != "said" and here[name] != value and not any(part in said for part in Path(trial.file).parts):
                found.append(Fault(f"the application shows other {name}: {here[name]} for {value}; said: {said}"[:900]))
        return found

    def _indexed(self, trial: Trial) -> list[Fault]:
        wanted, results = self.wanted["index"][1], self.results()
        made_by_it = {name for name in wanted if name.startswith(("vectors/", "predictions"))}
        other = sorted(name for name in made_by_it if results.get(name) != wanted[name])
        return [Fault(f"index made others of {', '.join(other[:4])}")] if other else []

    def _untouched(self, trial: Trial) -> list[Fault]:
        """The verdicts count as they did, or they are refused and nothing was made in their place."""
        if self.ended.code and self.bytes_of(trial.file) != self.harmed:
            return [Fault("the damaged verdicts were changed")]
        if self.ended.code == 0 and trial.verb in ("review", "export", APPLICATION):
            try:
                gone = self.kept - verdicts_in(self.root / "review.sqlite")
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is told
                return [Fault(f"an answer from damaged verdicts ({error})")]
            return [Fault("verdicts gone without a word", lost=len(gone))] if gone else []
        return []

    def clean(self) -> None:
        for machine in (getattr(self, "machine", None), getattr(self, "large", None)):
            if machine is not None:
                machine.close()


def _told(ended: Ended) -> str:
    return _PASSING.sub("…", ended.stdout)


def _first_difference(one: str, two: str) -> str:
    pairs = zip(one.splitlines() or [""], two.splitlines() or [""], strict=False)
    return next((f"{a[:150]!r} for {b[:150]!r}" for a, b in pairs if a != b), "shorter or longer")


def _json_schema(path: Path, chance: random.Random) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    content.pop("seal", None)
    path.write_text(json.dumps(content | {"schema": chance.choice((0, 99))}), encoding="utf-8")


def _lesions_schema(path: Path, chance: random.Random) -> None:
    notes = pl.read_parquet_metadata(path)
    notes = {key: value for key, value in notes.items() if key.startswith("skintui.") and key != "skintui.seal"}
    pl.read_parquet(path).head(3).write_parquet(path, metadata=notes | {"skintui.format": chance.choice("09")})


def _newer_verdicts(path: Path, chance: random.Random) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE about SET value = '99' WHERE key = 'schema_version'")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


SCHEMAS: dict[str, Callable[[Path, random.Random], None]] = {
    "vectors/store.json": _json_schema,
    "vectors/manifest.json": _json_schema,
    "lesions.parquet": _lesions_schema,
    "review.sqlite": _newer_verdicts,
}
"""Files that name a schema, and how another one is named there."""

RESTING_ON = {"predictions.parquet": ("findings.parquet",), "findings.json": ("findings.parquet",)}
"""Files that are called stale, rightly, when it is another one that was exchanged."""

KINDS = (
    *("a byte flipped", "cut", "empty", "a folder in its place", "unreadable", "another data set's", "another schema"),
)
CASES_HERE: tuple[Callable[[], Case], ...] = tuple(partial(Damage, kind) for kind in KINDS)
