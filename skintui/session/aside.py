"""Matrices of a whole data set of which a screen looks at a few cells: on the disk, and in memory where looked at.

Of 401,059 lesions the findings and the predictions take 230 MB. They are mapped from files without a name, which end
with the process: there is nothing to go stale, and nothing to clear away after a crash.
"""

from __future__ import annotations

import mmap
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

K = TypeVar("K", bound=np.generic)

LEAST = 1 << 20
"""Bytes below which a matrix stays in memory."""


def set_aside(values: NDArray[K], folder: Path | None) -> NDArray[K]:
    """The same values, mapped from a file in ``folder``; themselves where they are few or there can be no file.

    They may be written to, which changes this process's copy only. A matrix laid out by columns stays so.
    """
    if folder is None or values.nbytes < LEAST:
        return values
    by_column = not values.flags.c_contiguous and values.flags.f_contiguous
    laid = np.ascontiguousarray(values.T if by_column else values)
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(laid.data.cast("B"))
            file.flush()
            mapped: NDArray[Any] = np.memmap(file, laid.dtype, mode="c", shape=laid.shape).view(np.ndarray)
    except (OSError, ValueError):  # a full disk, a folder that cannot be written to
        return values
    return mapped.T if by_column else mapped


def give_back(*aside: NDArray[Any]) -> None:
    """Return memory to the system, all that is free of the C library (only glibc can be asked), and pages of matrices.
    Pages are those of matrices set aside and never written to; they are read again when looked at.
    """
    for matrix in aside:
        base: Any = matrix
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, mmap.mmap) and not matrix.flags.writeable and hasattr(mmap, "MADV_DONTNEED"):
            base.madvise(mmap.MADV_DONTNEED)
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)
