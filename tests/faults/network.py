"""A workspace on a real network file system: sshfs around a local SFTP server, without a network."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.faults.harness import Case, Fault
from tests.faults.machine import LIGHT, Ended, Machine, can_mount
from tests.faults.places import make_place
from tests.terminals.waiting import until

SFTP = Path("/usr/lib/openssh/sftp-server")


class Sshfs(Case):
    """sshfs keeps locks to one machine, so verdicts are refused there, and the reason and the way out are told."""

    name, group, small = "workspace on sshfs", "network", 1

    def lacks(self) -> str:
        if shutil.which("sshfs") is None or not SFTP.is_file() or not os.access("/dev/fuse", os.R_OK | os.W_OK):
            return "not installed: sshfs (apt install sshfs openssh-sftp-server), or no /dev/fuse"
        return can_mount()

    def prepare(self, room: Path) -> None:
        self.place = make_place(room / "place")
        self.machine = Machine(room / "machine", LIGHT, own_mounts=True)
        self.folder, served = room / "mounted", room / "served"
        self.folder.mkdir()
        served.mkdir()
        ours, its = socket.socketpair()
        self.server = subprocess.Popen([str(SFTP)], stdin=its.fileno(), stdout=its.fileno())
        mount = ["sshfs", "-f", "-o", "passive", f":{served}", str(self.folder)]
        self.client = subprocess.Popen(
            self.machine.entering(mount),
            stdin=ours.fileno(),
            stdout=ours.fileno(),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        ours.close()
        its.close()
        table = Path(f"/proc/{self.machine.pid}/mountinfo")
        until(lambda: "fuse.sshfs" in table.read_text(), "the mount")

    def trials(self, times: int, chance: random.Random) -> Iterable[object]:
        return range(times)

    def disturb(self, trial: object) -> None:
        first = self.place.lesions().ids[0]
        where = (self.place.files.root, "--workspace", self.folder / f"workspace-{trial}")
        self.told = self.machine.call("doctor", *where)
        self.ended: Ended = self.machine.call(
            *("review", where[0], first, "--attribute", "areaMM2", "--verdict", "label_ok"), *where[1:]
        )

    def check(self, trial: object) -> list[Fault]:
        found = []
        if not (
            self.ended.explained and "locks do not hold" in self.ended.stderr and "--workspace" in self.ended.stderr
        ):
            found.append(Fault(f"not refused with its reason: {self.ended}"))
        if "fuse.sshfs" not in self.told.stdout:
            found.append(Fault(f"doctor does not tell: {self.told}"))
        return found

    def clean(self) -> None:
        for process in (getattr(self, "client", None), getattr(self, "server", None)):
            if process is not None:
                process.kill()
                process.wait()
        if hasattr(self, "machine"):
            self.machine.close()


CASES_HERE: tuple[Callable[[], Case], ...] = (Sshfs,)
