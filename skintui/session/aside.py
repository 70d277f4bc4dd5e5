"""Matrices of a whole data set of which a screen looks at a few cells: on the disk, and in memory where looked at.

Of 401,059 lesions the labels, the findings and the predictions take 230 MB. They lie in files without a name, which end
with the process: there is nothing to go stale, and nothing to clear away after a crash.

Cells are read, not mapped: a page cache of large folios maps 2 MB for one cell looked at, and soon all of it.
"""

from __future__ import annotations

import mmap
import os
import sys
from contextlib import suppress
from pathlib import Path
from struct import Struct
from tempfile import TemporaryFile
from typing import Any, NoReturn, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from skintui.errors import WorkspaceError

K = TypeVar("K", bound=np.generic)

LEAST = 1 << 20
"""Bytes below which a matrix stays in memory."""
_BLOCK = 1 << 13
"""Rows written at a time."""
_FEW = 500
"""Cells of a column from which on all of it is read in one piece."""


class Matrix(Protocol):
    """What a session asks of a matrix (n, 16), in memory or on the disk. ``np.asarray`` gives all of it."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, key: Any, /) -> Any:
        """A cell, a row, a column ``[:, j]``, some rows of it ``[rows, j]``, or cells ``[rows, columns]``."""


class Shelf:
    """A matrix on the disk, column by column; a cell is read in a microsecond, a column in one piece.

    Safe in several threads. Reading raises WorkspaceError where the disk fails.

    Args:
        values: (n, columns).
        folder: where the file is made. Raises OSError where that cannot be.
    """

    def __init__(self, values: NDArray[Any], folder: Path) -> None:
        self.shape: tuple[int, int] = (values.shape[0], values.shape[1])
        self.dtype = values.dtype
        self._unpack = Struct(self.dtype.char).unpack
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 -- stays open as long as the matrix
        for start in range(0, len(values), _BLOCK):
            self._write(start, values[start : start + _BLOCK])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any, /) -> Any:
        """A cell, a row, a column ``[:, j]``, some rows of it ``[rows, j]``, or cells ``[rows, columns]``."""
        if not isinstance(key, tuple):
            return np.array([self._cell(int(key), column) for column in range(self.shape[1])], self.dtype)
        row, column = key
        if isinstance(column, np.ndarray):
            return self._cells(row, column)
        if isinstance(row, slice | np.ndarray):
            return self._read(self._at(0, int(column)), len(self))[row]
        return self._cell(int(row), int(column))

    def _cell(self, row: int, column: int) -> Any:
        size = self.dtype.itemsize
        found = os.pread(self._file.fileno(), size, self._at(row, column) * size)
        return self._unpack(found)[0] if len(found) == size else _unreadable()

    def _cells(self, rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
        """Cells (m,): few of a column one by one, many out of all of it."""
        found = np.empty(len(columns), self.dtype)
        for column in np.unique(columns).tolist():
            here = np.flatnonzero(columns == column)
            if len(here) < _FEW:
                found[here] = [self._cell(row, column) for row in rows[here].tolist()]
            else:
                found[here] = self[:, column][rows[here]]
        return found

    def __setitem__(self, row: int, values: Any, /) -> None:
        """Write one row. Raises OSError where the disk fails."""
        self._write(range(len(self))[row], np.asarray(values, self.dtype)[None, :])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All of it in memory; ``copy`` is numpy's, which always gets one."""
        whole = np.empty(self.shape[::-1], self.dtype)
        for column, values in enumerate(whole):
            values[:] = self[:, column]
        return whole.T if dtype is None else whole.T.astype(dtype, copy=False)

    def mapped(self) -> NDArray[Any]:
        """All of it, mapped and not to be written to: for work that goes through the whole; see :func:`give_back`."""
        whole: NDArray[Any] = np.memmap(self._file, self.dtype, mode="r", shape=self.shape[::-1]).view(np.ndarray)
        return whole.T

    def _at(self, row: int, column: int) -> int:
        """Place in the file, in values. Raises IndexError."""
        n, columns = self.shape
        if not (-n <= row < n and -columns <= column < columns):
            raise IndexError(f"({row}, {column}) is outside of {self.shape}")
        return column % columns * n + row % n

    def _read(self, place: int, count: int) -> NDArray[Any]:
        size = self.dtype.itemsize
        found = os.pread(self._file.fileno(), count * size, place * size)
        return np.frombuffer(found, self.dtype) if len(found) == count * size else _unreadable()

    def _write(self, start: int, rows: NDArray[Any]) -> None:
        """Write rows from one on, column by column."""
        for column in range(self.shape[1]):
            left = np.ascontiguousarray(rows[:, column]).data.cast("B")
            place = self._at(start, column) * self.dtype.itemsize
            while left:
                done = os.pwrite(self._file.fileno(), left, place)
                left, place = left[done:], place + done


def _unreadable() -> NoReturn:
    raise WorkspaceError("what was set aside in the workspace cannot be read", do="open the data set again")


def shelved(values: NDArray[Any], folder: Path | None) -> Matrix:
    """The same values (n, columns) on the disk; themselves where they are few or there can be no file."""
    if folder is None or values.nbytes < LEAST:
        return values
    try:
        return Shelf(values, folder)
    except OSError:  # a full disk, a folder that cannot be written to
        return values


def set_aside(values: NDArray[K], folder: Path | None) -> NDArray[K]:
    """The same values, mapped from a file in ``folder`` and not to be written to: for what is gone through in order.

    Themselves where they are few or there can be no file.
    """
    if folder is None or values.nbytes < LEAST:
        return values
    laid = np.ascontiguousarray(values)
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(laid.data.cast("B"))
            file.flush()
            mapped: NDArray[Any] = np.memmap(file, laid.dtype, mode="r", shape=laid.shape).view(np.ndarray)
    except (OSError, ValueError):  # a full disk, a folder that cannot be written to
        return values
    return mapped


def give_back(*mapped: NDArray[Any]) -> None:
    """Return the pages of mapped matrices to the system: they are read again when looked at."""
    for matrix in mapped:
        base: Any = matrix
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            base.madvise(mmap.MADV_DONTNEED)


def trim() -> None:
    """Return to the system all that is free of the C library; only glibc can be asked."""
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)
