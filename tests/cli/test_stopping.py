"""Stopping an index from outside: Ctrl-C, kill -9, and what a rerun makes of it."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small import write_small

BATCH = 4


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """150 lesions: three shards."""
    return write_small(tmp_path_factory.mktemp("many") / "lesions", lesions=150)


def indexing(dataset: Path, tiny: Path, workspace: Path) -> list[str]:
    command = [sys.executable, "-m", "skintui", "index", str(dataset), "--workspace", str(workspace)]
    command += ["--base", str(tiny), "--device", "cpu", "--attributes", "areaMM2,deltaL", "--batch-size", str(BATCH)]
    return [*command, "--progress", "json"]


def digests(workspace: Path) -> dict[str, str]:
    files = sorted((workspace / "vectors").glob("*.f16"))
    assert len(files) == 3
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def whole(many: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of an uninterrupted run's vectors."""
    workspace = tmp_path_factory.mktemp("whole") / "w"
    subprocess.run(indexing(many, tiny, workspace), check=True, capture_output=True)
    return digests(workspace)


def stopped(command: list[str], sign: signal.Signals, after: int) -> tuple[int, list[str]]:
    """Start, send ``sign`` once ``after`` tiles are read; exit code and the lines of stderr."""
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    lines: list[str] = []
    sent = False
    for line in child.stderr:
        lines.append(line)
        event = json.loads(line) if line.startswith("{") else {}
        if not sent and event.get("stage") == "reading tiles" and event["done"] >= after:
            child.send_signal(sign)
            sent = True
    child.stderr.close()
    assert sent, lines
    return child.wait(), lines


def resumed(command: list[str]) -> int:
    """Run to the end; how many tiles were there already."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    events = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return int(next(e["done"] for e in events if e["event"] == "start" and e["stage"] == "reading tiles"))


def test_ctrl_c_stops_cleanly_and_a_rerun_gives_the_same_bytes(
    many: Path, tiny: Path, tmp_path: Path, whole: dict[str, str]
) -> None:
    command = indexing(many, tiny, tmp_path / "w")
    code, lines = stopped(command, signal.SIGINT, after=68)
    assert code == 130
    assert lines[-1].startswith("skintui: stopped; run the same command again")
    assert not any("Traceback" in line for line in lines)
    assert resumed(command) == 64
    assert digests(tmp_path / "w") == whole


def test_a_kill_costs_one_shard_and_a_rerun_gives_the_same_bytes(
    many: Path, tiny: Path, tmp_path: Path, whole: dict[str, str]
) -> None:
    command = indexing(many, tiny, tmp_path / "w")
    code, _ = stopped(command, signal.SIGKILL, after=68)
    assert code == -signal.SIGKILL
    assert not (tmp_path / "w" / "vectors" / "manifest.json").exists()
    assert resumed(command) == 64
    assert digests(tmp_path / "w") == whole
