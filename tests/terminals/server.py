"""An OpenSSH server of one's own on the loopback: own configuration, host key and port."""

from __future__ import annotations

import getpass
import os
import shlex
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.terminals.programs import path_of
from tests.terminals.waiting import until

CONFIGURATION = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
PrintLastLog no
"""
ATTEMPTS = 5
"""Ports tried; another process may take a free one first."""


class Server:
    """Lets the user who runs the tests log in with a key made for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("host_key", "user_key"):
            command = [path_of("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        if os.geteuid() == 0:  # the server's own folder, which its package makes at boot
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        for _ in range(ATTEMPTS):
            if self._starts():
                return
        raise AssertionError((folder / "sshd.log").read_text(encoding="utf-8", errors="replace"))

    def _starts(self) -> bool:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        configuration = self.folder / "sshd_config"
        configuration.write_text(CONFIGURATION.format(port=self.port, folder=self.folder), encoding="utf-8")
        with (self.folder / "sshd.log").open("ab") as log:
            command = [path_of("sshd"), "-D", "-e", "-f", str(configuration)]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(lambda: self._process.poll() is not None or self._answers(), "an SSH server")
        return self._process.poll() is None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def login(self, command: Sequence[str], environment: dict[str, str]) -> list[str]:
        """The command that logs in and runs ``command`` in a terminal there."""
        known = self.folder / "known_hosts"
        host_key = (self.folder / "host_key.pub").read_text(encoding="ascii")
        known.write_text(f"[127.0.0.1]:{self.port} {host_key}", encoding="ascii")
        client = [path_of("ssh"), "-F", "none", "-tt", "-q", "-e", "none", "-p", str(self.port)]
        options = {
            "IdentityFile": str(self.folder / "user_key"),
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": str(known),
            "StrictHostKeyChecking": "yes",
            "BatchMode": "yes",
        }
        for name, value in options.items():
            client += ["-o", f"{name}={value}"]
        variables = [f"{name}={value}" for name, value in environment.items()]
        return [*client, f"{getpass.getuser()}@127.0.0.1", shlex.join(["env", *variables, *command])]

    def kill_session(self, pid: int) -> None:
        """End the server's processes of the login in which ``pid`` runs, as a cut line would."""
        sessions = []
        while (pid := _parent(pid)) not in (0, 1, self._process.pid):
            if _name(pid) == "sshd":
                sessions.append(pid)
        assert sessions, "no process of the server above the application"
        for session in sessions:
            os.kill(session, signal.SIGKILL)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


def _parent(pid: int) -> int:
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return int(status.rpartition(")")[2].split()[1])


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
