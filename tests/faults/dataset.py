"""The data set changes or goes away while the application shows it, or while a workspace rests on it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from skintui.review.record import ReviewRecord
from skintui.steps.place import Place, open_place
from tests.faults.harness import Case, Fault
from tests.faults.machine import LIGHT, Machine
from tests.faults.places import make_place, verdicts_in
from tests.faults.running import Running, lacks_tmux

MOVED, IMAGES_GONE, OTHER_LABELS, CUT = "moved away", "without its tiles", "with other labels", "cut short"


class DatasetChanged(Case):
    """Verdicts are given, the data set is disturbed, more are given; then everything is put back and reopened."""

    name, group, small = "data set changed while open", "dataset", 1

    def lacks(self) -> str:
        return lacks_tmux()

    def prepare(self, room: Path) -> None:
        self.place = make_place(room / "place")
        self.data, self.kept = self.place.files.root, room / "kept"
        shutil.copytree(self.data, self.kept)
        self.machine = Machine(room / "machine", LIGHT)
        self.running = Running(self.place, room / "terminal")

    def trials(self, times: int, chance: random.Random) -> Iterable[object]:
        kinds = (MOVED, OTHER_LABELS, IMAGES_GONE, CUT)
        return (kinds[number % len(kinds)] for number in range(times))

    def disturb(self, trial: object) -> None:
        self.running.start()
        self.running.type("g", "x", "j", "v")
        self.running.tmux.shows("label right")
        self.running.look()
        self._harm(trial)
        self.running.type("G", "b")
        self.running.tmux.shows("both plausible")
        self.running.type("g", "j", "j", "n")
        self.running.tmux.shows("not sure")
        self.running.look()
        self.alive = self.running.alive
        self.refused = self.machine.call(
            "audit", self.data, "--workspace", self.place.workspace.root, "--progress", "none"
        )

    def _harm(self, trial: object) -> None:
        metadata, images = self.data / "train-metadata.csv", self.data / "train-image.hdf5"
        if trial == MOVED:
            self.data.rename(self.data.with_name("elsewhere"))
        elif trial == IMAGES_GONE:
            images.unlink()
        elif trial == CUT:
            metadata.write_bytes(metadata.read_bytes()[: metadata.stat().st_size // 2])
            images.write_bytes(images.read_bytes()[: images.stat().st_size // 2])
        else:
            head, first, rest = metadata.read_text().split("\n", 2)
            metadata.write_text("\n".join([head, first.replace(".", ".9"), rest]))

    def check(self, trial: object) -> list[Fault]:
        found = [] if self.alive else [Fault("the application ended")]
        if self.refused.code and not self.refused.explained:
            found.append(Fault(f"audit said badly: {self.refused}"))
        if self.refused.code == 0 and trial in (OTHER_LABELS, MOVED):
            found.append(Fault("audit answered from results of other labels"))
        self.running.close()
        self._put_back()
        with ReviewRecord(self.place.workspace.review) as record:
            there = {(isic_id, attribute) for isic_id, attribute, _ in record.latest()}
        gone = self.running.shown - there
        if gone:
            found.append(Fault(f"the screen told of {sorted(gone)[:3]}, which are gone", lost=len(gone)))
        self.running.start(f" {len({each[:2] for each in verdicts_in(self.place.workspace.review)}):,} reviewed")
        return found

    def _put_back(self) -> None:
        shutil.rmtree(self.data.with_name("elsewhere"), ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(self.kept, self.data)
        self.place = Place(open_place(self.data, workspace=self.place.workspace.root).files, self.place.workspace)

    def clean(self) -> None:
        if hasattr(self, "running"):
            self.running.close()
        if hasattr(self, "machine"):
            self.machine.close()


CASES_HERE: tuple[Callable[[], Case], ...] = (DatasetChanged,)
