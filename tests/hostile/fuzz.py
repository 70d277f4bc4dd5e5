"""Readers fed with mutated inputs, each watched for its time and memory."""

from __future__ import annotations

import hashlib
import json
import select
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from tests.hostile.mutation import drawn, mutated
from tests.hostile.readers import READERS, Reader

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus"
"""Inputs that were a finding once: ``reader/file name/digest``."""
SLOW = 5.0
MEMORY = 2 << 30


@dataclass(slots=True)
class Tally:
    """What came of the inputs of one reader."""

    reader: str
    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    traceback: int = 0
    """Anything but one clear line, a process that died included."""
    slow: int = 0
    large: int = 0
    slowest: float = 0.0
    peak: int = 0
    """Bytes."""
    findings: list[str] = field(default_factory=list)

    def count(self, answer: dict[str, object], label: str) -> bool:
        """Enter one answer; whether it was a finding."""
        outcome, seconds, peak = str(answer["outcome"]), float(str(answer["seconds"])), int(str(answer["peak"]))
        self.inputs += 1
        self.accepted += outcome == "accepted"
        self.refused += outcome == "refused"
        self.traceback += outcome == "traceback"
        self.slow += seconds > SLOW
        self.large += peak > MEMORY
        self.slowest, self.peak = max(self.slowest, seconds), max(self.peak, peak)
        found = outcome == "traceback" or seconds > SLOW or peak > MEMORY
        if found:
            self.findings.append(f"{label}: {outcome}, {seconds:.1f} s, {peak >> 20} MiB\n{answer['said']}")
        return found


class Watched:
    """The reading process, started anew when it died or had to be ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
            self._process = None

    def ask(self, reader: str, folder: Path, file: str, data: bytes, patience: float = 3 * SLOW) -> dict[str, object]:
        """What came of one input. The first one of a process may take longer: libraries are loaded."""
        fresh = self._process is None
        if self._process is None:
            command = [sys.executable, "-m", "tests.hostile.worker"]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        asked = {"reader": reader, "folder": str(folder), "file": file, "bytes": len(data)}
        try:
            process.stdin.write(json.dumps(asked).encode() + b"\n" + data)
            process.stdin.flush()
        except OSError:
            pass  # it died: told below
        if not select.select([process.stdout], [], [], 120 if fresh else patience)[0]:
            self.close()
            return {"outcome": "traceback", "said": "no end in sight", "seconds": patience, "peak": 0}
        line = process.stdout.readline()
        if not line:
            code = process.wait()
            self.close()
            return {"outcome": "traceback", "said": f"the process died ({code})", "seconds": 0.0, "peak": 0}
        answer: dict[str, object] = json.loads(line)
        return answer


def fuzz(reader: Reader, count: int, number: int, room: Path, watched: Watched, keep: Path | None = None) -> Tally:
    """Feed ``count`` mutated inputs drawn by ``number``; findings are written under ``keep``."""
    tally = Tally(reader.name)
    seeds = reader.prepare(room)
    for file, contents in seeds.items():
        for content in contents:  # also loads what the reader needs, outside of what is measured
            answer = watched.ask(reader.name, room, file, content, patience=120)
            assert answer["outcome"] in ("accepted", "refused"), f"{reader.name} {file}: {answer['said']}"

    def use(example: tuple[str, bytes]) -> None:
        file, data = example
        answer = watched.ask(reader.name, room, file, data)
        label = f"{reader.name}/{file or 'text'}/{hashlib.sha256(data).hexdigest()[:12]}"
        if tally.count(answer, label) and keep is not None:
            (keep / label).parent.mkdir(parents=True, exist_ok=True)
            (keep / label).write_bytes(data)
            tally.findings[-1] += f"\nkept as {keep / label}"

    each = [st.tuples(st.just(file), mutated(contents, reader.tokens, reader.text)) for file, contents in seeds.items()]
    drawn(st.one_of(each), count, zlib.crc32(f"{number} {reader.name}".encode()), use)
    return tally


def corpus() -> Iterator[tuple[str, str, bytes]]:
    """Reader, file and content of every kept finding."""
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file():
            parts = path.relative_to(CORPUS).parts
            file = "/".join(parts[1:-1])
            yield parts[0], "" if file == "text" else file, path.read_bytes()


def chosen(names: str) -> list[Reader]:
    """Readers by name, all for an empty text. Raises KeyError."""
    return [READERS[name] for name in names.split(",") if name] or list(READERS.values())
