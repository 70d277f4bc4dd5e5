"""Works of no content, for what happens around them. Workers import this file."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skintui.errors import WorkspaceError
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.reading import Batch


@dataclass(frozen=True)
class Nothing:
    """Units that give themselves back, or do what their number says."""

    seen: tuple[Path, ...] = ()
    fails: int = -1
    """This unit raises."""
    dies: int = -1
    """This one takes its process down."""
    waits: float = 0.0

    model = None
    noun = "shard"

    def needs(self) -> tuple[Path, ...]:
        return self.seen

    def size(self, unit: int) -> int:
        return 1

    def taken_up(self) -> Nothing:
        return self

    def close(self) -> None: ...

    def batches(self, unit: int) -> Iterator[Batch]:
        return iter(())

    def do(self, model: Any, unit: int, batches: Iterable[Batch], progress: Progress) -> int:
        if unit == self.fails:
            raise WorkspaceError("the disk is full", where="/shared")
        if unit == self.dies:
            os._exit(1)
        until = time.monotonic() + self.waits
        while time.monotonic() < until:
            stop_if_cancelled(progress)
            time.sleep(0.01)
        return unit
