"""Hamming distances of codes, and work shared out among the cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_BLOCK = 8192
_TOGETHER = 256
"""Codes copied at once where only some are counted: as many as stay in the processor's cache."""


def distances(
    codes: NDArray[np.uint8], queries: NDArray[np.uint8], picked: NDArray[np.signedinteger] | None = None
) -> NDArray[np.uint32]:
    """Bits in which ``queries`` (q, bytes) differ from all codes (s, bytes): (s, q); or from those ``picked`` (m,)."""
    import numkong

    size = codes.shape[0] if picked is None else picked.size
    found, target = np.empty((size, queries.shape[0]), np.uint32), numkong.hammings_pack(queries, dtype="uint1")

    def count(start: int, stop: int) -> None:
        step = _BLOCK if picked is None else _TOGETHER
        for first in range(start, stop, step):
            block = slice(first, min(first + step, stop))
            source = codes[block] if picked is None else codes[picked[block]]
            found[block] = np.asarray(numkong.hammings_packed(source, target))

    in_parts(count, size, least=_BLOCK)
    return found


def in_parts(work: Callable[[int, int], None], size: int, least: int) -> None:
    """Call ``work(start, stop)`` for as many parts of ``range(size)`` as there are cores, none under ``least`` long."""
    parts = min(_cores(), size // least)
    if parts < 2:
        work(0, size)
        return
    edges = np.linspace(0, size, parts + 1).astype(int).tolist()
    others = [_pool().submit(work, start, stop) for start, stop in pairwise(edges[1:])]
    try:
        work(0, edges[1])
    finally:
        wait(others)
    for future in others:
        future.result()


def _cores() -> int:
    """Usable by this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_cores(), thread_name_prefix="vectors")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a fork has none of its parent's threads
