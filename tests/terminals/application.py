"""The application under test: its command, and an environment that knows nothing of the machine's user."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from skintui.review.record import ReviewRecord
from skintui.steps.place import Place
from tests.terminals.waiting import until

ROOT = Path(__file__).resolve().parents[2]
WITHIN = Path(__file__).with_name("within.py")
REVIEWER = "ada"


@dataclass(frozen=True, slots=True)
class Report:
    """What a program wrote down about the terminal it was started in."""

    pid: int
    window: str
    columns: int
    rows: int
    width: int
    height: int

    @property
    def cell(self) -> tuple[int, int]:
        """Pixels of one cell, across and down."""
        return self.width // self.columns, self.height // self.rows

    @staticmethod
    def read(path: Path) -> Report | None:
        return Report(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


class Application:
    """``skintui`` on one place, started any number of times."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place, self.folder = place, folder
        self._reports = 0
        toured = folder / "home" / "state" / "skintui" / "toured"
        toured.parent.mkdir(parents=True, exist_ok=True)
        toured.touch()  # the tour of the first start would lie over the screen

    @property
    def environment(self) -> dict[str, str]:
        """Everything the application and the terminal around it are told."""
        home = self.folder / "home"
        folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CONFIG", "CACHE", "STATE")}
        return {
            **{name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
            **folders,
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            "SKINTUI_REVIEWER": REVIEWER,
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            "POLARS_MAX_THREADS": "1",
        }

    def command(self, *options: str) -> list[str]:
        """The command line that opens the application."""
        workspace = ["--workspace", str(self.place.workspace.root)]
        return [sys.executable, "-m", "skintui", str(self.place.files.root), *workspace, *options]

    def reporting(self, command: list[str]) -> tuple[list[str], Path]:
        """``command`` that first writes a report of its terminal, and where that will be."""
        self._reports += 1
        report = self.folder / f"terminal-{self._reports}.json"
        return [sys.executable, "-S", str(WITHIN), str(report), *command], report

    @staticmethod
    def report(path: Path) -> Report:
        """The report, once the program in the terminal has begun."""
        return until(lambda: Report.read(path), f"a report in {path.name}")

    @property
    def processes(self) -> list[int]:
        """Processes of the product that run for this application, its children included."""
        home, module = f"HOME={self.folder / 'home'}\0".encode(), b"\0-m\0skintui"
        found = []
        for process in Path("/proc").iterdir():
            with suppress(OSError):  # it has ended while we looked
                if module in (process / "cmdline").read_bytes() and home in (process / "environ").read_bytes():
                    found.append(int(process.name))
        return found

    @property
    def verdicts(self) -> list[tuple[str, str, str]]:
        """(isic_id, attribute, verdict) of everything recorded, read as another program would."""
        with ReviewRecord(self.place.workspace.review) as record:
            return sorted((v.isic_id, v.attribute, v.verdict) for v in record.latest().values())
