"""What a benchmark measured: the same few words for every one of them."""

from __future__ import annotations

import os
import platform
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
