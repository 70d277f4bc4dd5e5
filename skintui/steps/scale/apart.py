"""Measurements in a process of their own: what was loaded before costs nothing there, and its memory is its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Generic, TypeVar

from skintui.errors import Cancelled, SkintuiError
from skintui.steps.measures import peak_memory

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Apart(Generic[T]):
    """What the call returned, and the most memory its process held."""

    value: T
    megabytes: float
    """Peak resident memory, the interpreter and its libraries included; NaN where the system does not tell."""


def apart(action: Callable[..., T], *arguments: Any) -> Apart[T]:
    """Call a function of a module, with arguments that can be pickled, in a fresh interpreter.

    Raises what the function raises, and SkintuiError where the process was killed.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            value, peak = pool.submit(_watched, action, arguments).result()
        except BrokenProcessPool as error:
            raise SkintuiError("a measuring process was killed", do="check the memory of the machine") from error
        except KeyboardInterrupt as error:  # Ctrl-C reaches the whole group
            raise Cancelled("stopped", do="run the same command again to continue where it stopped") from error
    return Apart(value, float("nan") if peak is None else peak / 1e6)


def _watched(action: Callable[..., T], arguments: tuple[Any, ...]) -> tuple[T, int | None]:
    return action(*arguments), peak_memory()


def cold(*paths: Path) -> None:
    """Let the system forget what it keeps of these files (a folder: of those in it): the next read is the disk's."""
    for path in paths:
        files = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path] if path.is_file() else []
        for file in files:
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)  # what is not written yet cannot be dropped
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)
