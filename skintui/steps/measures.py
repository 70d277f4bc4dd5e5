"""What a benchmark measured: the same few words for every one of them."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

COLUMNS = ("what", "value", "unit", "goal", "peer", "rows", "machine")


@dataclass(frozen=True, slots=True)
class Measure:
    """One number."""

    what: str
    """What was measured, in words."""
    value: float
    unit: str
    goal: str = ""
    """What it should be, empty where nothing is asked."""
    peer: str = ""
    """What another way takes on the same input, empty where none was run."""
    rows: int = 0
    """Size of the input."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What one benchmark found, on which machine."""

    measures: tuple[Measure, ...]

    def rows(self) -> Iterator[dict[str, object]]:
        here = machine()
        for measure in self.measures:
            yield {**asdict(measure), "machine": here}


def machine() -> str:
    """Processor, usable cores and memory in one line."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (OSError, ValueError):
        return name
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"{name}, {cores} cores, {memory:.0f} GiB"


def seconds(action: Callable[[], object]) -> float:
    """Wall time of one call."""
    begun = perf_counter()
    action()
    return perf_counter() - begun


def peak_memory() -> int | None:
    """Most bytes this process has held at once since it began or :func:`restart_peak_memory`; None where unknown.

    Linux's ``VmHWM``; ``getrusage`` would count in what the parent held when it started this process.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    except (OSError, ValueError, StopIteration):
        pass
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def restart_peak_memory() -> bool:
    """Let the peak begin anew with what is held now; False where the system cannot."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True
