"""Real calls of the product, started fast, and a place for them where disks can be small or read-only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIGHT = ("skintui.cli.main", "numpy", "polars", "skintui.review.record")
"""Loaded before the first call."""
HEAVY = (*LIGHT, "torch", "transformers", "peft", "skintui.model.train", "skintui.model.reader")
LIMIT = 120.0
"""Seconds that one call may take."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that has ended."""

    code: int
    """Exit code; negative for a signal."""
    stdout: str
    stderr: str
    seconds: float

    @property
    def explained(self) -> bool:
        """Whether it failed in one line that is no traceback."""
        lines = [line for line in self.stderr.splitlines() if line.startswith("skintui: ")]
        unforeseen = "unexpected" in self.stderr or "Traceback" in self.stderr or "panicked" in self.stderr
        return self.code in (1, 2) and len(lines) == 1 and not unforeseen

    def __str__(self) -> str:
        return f"exit {self.code}: {self.stderr.strip()[-600:]}"


class Machine:
    """Starts calls of ``skintui`` from a process that has everything loaded.

    Args:
        folder: of its own, for home and logs.
        modules: what is loaded beforehand.
        own_mounts: whether it has a mount namespace of its own (needs root): what :meth:`mount` mounts is seen by
            its calls and, through :meth:`seen`, by the test, and is gone with it.
    """

    def __init__(self, folder: Path, modules: Sequence[str] = LIGHT, *, own_mounts: bool = False) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.temporary = folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.environment = {**environment(folder / "home"), "TMPDIR": str(self.temporary)}
        apart = ["unshare", "--mount", "--propagation", "private"] if own_mounts else []
        self._own_mounts = own_mounts
        self._zygote = subprocess.Popen(
            [*apart, sys.executable, "-m", "tests.faults.zygote", *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=self.environment,
        )
        self.pid = int(self._answer()["ready"])

    def close(self) -> None:
        """End it; its mounts go with it."""
        assert self._zygote.stdin is not None
        with suppress(OSError):
            self._zygote.stdin.close()
        try:
            self._zygote.wait(5)
        except subprocess.TimeoutExpired:
            self._zygote.kill()
            self._zygote.wait()
        assert self._zygote.stdout is not None
        self._zygote.stdout.close()

    def temporary_files(self) -> list[str]:
        """What calls have left in the system's temporary folder; torch's own cache has one name for ever."""
        return sorted(path.name for path in self.temporary.iterdir() if not path.name.startswith("torchinductor_"))

    def call(
        self,
        *args: object,
        stop: Callable[[Call], bool] | None = None,
        limits: dict[str, int] | None = None,
        uid: int = 0,
        env: dict[str, str] | None = None,
        function: str = "",
    ) -> Ended:
        """Run ``skintui ARGS``; ``stop`` is asked again and again and kills it (-9) once it says True.

        With ``function`` (``module:name``) that is called with the arguments instead.
        """
        return self.begin(*args, limits=limits, uid=uid, env=env, function=function).until_end(stop)

    def begin(
        self,
        *args: object,
        limits: dict[str, int] | None = None,
        uid: int = 0,
        env: dict[str, str] | None = None,
        function: str = "",
    ) -> Call:
        """Start a call; one at a time."""
        asked = {"args": [str(arg) for arg in args], "limits": limits or {}, "uid": uid, "env": env or {}}
        return Call(self, {**asked, "function": function})

    def mount(self, folder: Path, options: str, kind: str = "tmpfs", source: str = "tmpfs") -> None:
        """Mount something for this machine's calls alone."""
        assert self._own_mounts
        folder.mkdir(parents=True, exist_ok=True)
        self.run("mount", "-t", kind, "-o", options, source, str(folder))

    def remount(self, folder: Path, options: str) -> None:
        self.run("mount", "-o", f"remount,{options}", str(folder))

    def unmount(self, folder: Path) -> None:
        self.run("umount", "-l", str(folder))

    def run(self, *command: str) -> None:
        """A command in this machine's mount namespace."""
        self._ask({"run": list(command)})
        done = self._answer()
        assert done["code"] == 0, f"{' '.join(command)}: {done['stderr']}"

    def seen(self, path: Path) -> Path:
        """A path of this machine's mounts, as the test can open it."""
        return Path(f"/proc/{self.pid}/root{path}") if self._own_mounts else path

    def entering(self, command: Sequence[str]) -> list[str]:
        """A command that sees this machine's mounts."""
        return ["nsenter", f"--mount=/proc/{self.pid}/ns/mnt", "--", *command] if self._own_mounts else list(command)

    def _ask(self, asked: dict[str, Any]) -> None:
        assert self._zygote.stdin is not None
        self._zygote.stdin.write((json.dumps(asked) + "\n").encode())
        self._zygote.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._zygote.stdout is not None
        line = self._zygote.stdout.readline()
        assert line, "the process that starts the calls has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


class Call:
    """One call under way."""

    def __init__(self, machine: Machine, asked: dict[str, Any]) -> None:
        self._machine = machine
        self._out, self._err = machine.folder / "stdout", machine.folder / "stderr"
        for path in (self._out, self._err):
            path.write_bytes(b"")
        machine._ask({**asked, "cwd": str(machine.folder), "stdout": str(self._out), "stderr": str(self._err)})
        self.begun = time.monotonic()
        self.pid = int(machine._answer()["pid"])

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    @property
    def said(self) -> str:
        """What it has written to stderr so far."""
        return self._err.read_text(errors="replace")

    def until_end(self, stop: Callable[[Call], bool] | None = None) -> Ended:
        """Wait for the end, or bring it about with SIGKILL."""
        stopped = False
        while self.alive:
            if not stopped and (self.seconds > LIMIT or (stop is not None and stop(self))):
                stopped = True
                with suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL) if _leads(self.pid) else os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.0005 if stop is not None else 0.005)
        code = int(self._machine._answer()["code"])
        assert self.seconds < LIMIT + 5, f"never ended: {self.said[-500:]}"
        return Ended(code, self._out.read_text(errors="replace"), self.said, self.seconds)


def _leads(pid: int) -> bool:
    """Whether a call has reached its own session, children included."""
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:
        return False


def environment(home: Path) -> dict[str, str]:
    """What a call is told: a home of its own, one thread, no network."""
    home.mkdir(parents=True, exist_ok=True)
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CONFIG", "CACHE", "STATE")}
    return {
        **{name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
        **folders,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "SKINTUI_REVIEWER": "ada",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "POLARS_MAX_THREADS": "1",
    }


def can_mount() -> str:
    """What is missing to have mounts of one's own; empty where nothing is."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "mounting a small disk needs root on Linux"
    tried = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/mnt"],
        capture_output=True,
        check=False,
    )
    return "" if tried.returncode == 0 else "this machine lets nobody mount a small disk"
