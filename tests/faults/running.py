"""The application in a tmux of its own: typed to, read from, killed."""

from __future__ import annotations

import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path

from skintui.attributes import ATTRIBUTES
from skintui.steps.place import Place
from tests.faults.machine import Machine
from tests.faults.places import LESIONS
from tests.terminals.application import Application
from tests.terminals.programs import found
from tests.terminals.tmux import Tmux
from tests.terminals.waiting import until

_REVIEWED = re.compile(r"([\d,]+) reviewed")
WORDS = ("label wrong", "label right", "both plausible", "not sure", "image unusable")
_TOLD = re.compile(rf"(ISIC_\w+) ({'|'.join(re.escape(a.title) for a in ATTRIBUTES)}): ({'|'.join(WORDS)})")
_SELECTED = re.compile(r"▌. ISIC_")
_NAMES = {attribute.title: attribute.name for attribute in ATTRIBUTES}
VERDICT_KEYS = ("x", "v", "b", "n", "i")


def lacks_tmux() -> str:
    """What is missing to start the application in a terminal."""
    return "" if found("tmux") else "not installed: tmux (apt install tmux)"


class Running:
    """``skintui`` on one place for one reviewer; started any number of times."""

    def __init__(self, place: Place, folder: Path, reviewer: str = "ada", machine: Machine | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.place, self.reviewer, self._machine = place, reviewer, machine
        self.application = Application(place, folder)
        self.tmux = Tmux(folder, self.application.environment)
        self.shown: set[tuple[str, str]] = set()
        """(lesion, attribute) of every verdict that a screen told of."""
        self.most = 0
        """The largest number of reviewed annotations that a screen told of."""
        self.pid = 0

    def start(self, *words: str) -> None:
        """Open it and wait until the screen shows the table (and these words)."""
        with suppress(AssertionError):
            self.tmux.close()
        person = ["env", f"SKINTUI_REVIEWER={self.reviewer}", sys.executable]
        command = [*person, *self.application.command()[1:]]
        if self._machine is not None:
            command = self._machine.entering(command)
        within, report = self.application.reporting(command)
        self.tmux.start(within)
        self.pid = self.application.report(report).pid
        wanted = (f"{LESIONS} lesions", "Neighbours", *words)
        self.tmux.until(lambda seen: all(word in seen for word in wanted) and _SELECTED.search(seen) is not None)
        self.look()

    def look(self) -> str:
        """The screen; what it tells of verdicts is remembered."""
        screen = self.tmux.screen
        self.most = max([self.most, *(int(n.replace(",", "")) for n in _REVIEWED.findall(screen))])
        self.shown |= {(isic_id, _NAMES[title]) for isic_id, title, _ in _TOLD.findall(screen)}
        return screen

    def type(self, *keys: str) -> None:
        self.tmux.keys(*keys)

    @property
    def alive(self) -> bool:
        """Whether the application itself still runs."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> str:
        """kill -9; the last screen."""
        self.signal(signal.SIGKILL)
        self.tmux.shows("ENDED 137")
        return self.look()

    def close(self) -> None:
        """End it and its tmux, and wait for both."""
        if self.pid and self.alive:
            with suppress(ProcessLookupError):
                self.signal(signal.SIGKILL)
        self.tmux.close()
        if self.pid:
            until(lambda: not self.alive, "the end of the application")
