"""The attributes are worked on side by side: numpy and scipy let go of the interpreter's lock while they compute.

Matrices (n, A) are laid out by column where the audit makes them: laid out by row, reading one column would touch a
cache line per lesion. Any layout is understood.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

T = TypeVar("T")

MOST = 4
"""Threads at a time: of 401,059 lesions each has up to 200 MB in hand."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def by_column(shape: tuple[int, ...], value: float | bool, kind: type = float) -> NDArray[Any]:
    """A matrix (n, A) full of ``value``, laid out by column."""
    return np.full(shape, value, kind, order="F")


def places(matrix: NDArray[Any]) -> NDArray[Any]:
    """The cells of a matrix (n, A), a column after the other, (A·n,): that of row i and column j at j·n + i."""
    return matrix.T.ravel()


def each_column(work: Callable[[int], T], count: int) -> list[T]:
    """``work`` of every column 0 … count − 1, in their order whoever finishes first.

    The columns must not depend on each other. The first error is raised.
    """
    workers = min(cores(), MOST, count)
    if workers < 2:
        return [work(j) for j in range(count)]
    # OpenBLAS would wake a thread per core for every product of every column, and they wait by spinning.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(workers, thread_name_prefix="audit") as pool:
        return list(pool.map(work, range(count)))
