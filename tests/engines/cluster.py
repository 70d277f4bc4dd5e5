"""A Ray cluster of several nodes on the loopback of this machine, with its own port and session folder."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

FAST = {
    "RAY_health_check_initial_delay_ms": "500",
    "RAY_health_check_period_ms": "300",
    "RAY_health_check_timeout_ms": "1500",
    "RAY_health_check_failure_threshold": "3",
    "RAY_worker_niceness": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "OMP_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
}
"""A dead node is noticed within seconds; nobody else's settings get in."""
UP_SECONDS = 90.0


class Cluster:
    """A head with one CPU slot; further nodes join by :meth:`join`. Everything is gone after :meth:`close`."""

    def __init__(self, cpus: int = 1) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="skt", dir="/tmp"))  # socket paths must be short
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self.nodes: list[subprocess.Popen[bytes]] = []
        self._cpus = cpus
        self.token = secrets.token_hex(32)
        self._start("--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={self.folder}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to get in: Ray reads it when it is imported."""
        return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self.token}

    def join(self) -> int:
        """A further node; its place in :attr:`nodes`."""
        self._start(f"--address={self.address}")
        return len(self.nodes) - 1

    def workers(self, node: int | None = None) -> list[int]:
        """Processes that hold a model, of one node or all."""
        ours = family([self.nodes[node].pid] if node is not None else [each.pid for each in self.nodes])
        return [pid for pid in ours if title(pid).startswith("ray::Worker")]

    def kill_node(self, node: int) -> None:
        """kill -9 the node's raylet and everything that belongs to it, as a power cut would."""
        for pid in [*family([self.nodes[node].pid]), self.nodes[node].pid]:
            end(pid)
        self.nodes[node].wait()

    def close(self) -> None:
        for pid in [*family([node.pid for node in self.nodes]), *(node.pid for node in self.nodes)]:
            end(pid)
        for node in self.nodes:
            node.wait()
        for pid in processes():  # whatever has lost its parent
            if str(self.folder) in title(pid):
                end(pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, *options: str) -> None:
        command = [str(Path(sys.executable).parent / "ray"), "start", *options, "--node-ip-address=127.0.0.1"]
        command += [f"--num-cpus={self._cpus}", "--num-gpus=0", "--object-store-memory=100000000", "--block"]
        command += ["--disable-usage-stats"]
        log = (self.folder / f"node-{len(self.nodes)}.log").open("wb")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
        environment = inherited | FAST | self.environment
        with log:
            node = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.nodes.append(node)
        try:
            self._wait_until_up(Path(log.name), node)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _wait_until_up(log: Path, node: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + UP_SECONDS
        while b"Ray runtime started" not in log.read_bytes():
            if node.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"ray start did not come up: {log.read_text()[-800:]}")
            time.sleep(0.05)


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def title(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def family(roots: list[int]) -> list[int]:
    """All processes below ``roots``."""
    children: dict[int, list[int]] = {}
    for pid in processes():
        with suppress(OSError, ValueError, IndexError):
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(pid)
    found: list[int] = []
    left = list(roots)
    while left:
        below = children.get(left.pop(), [])
        found += below
        left += below
    return found


def end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
