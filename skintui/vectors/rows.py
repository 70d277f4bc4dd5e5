"""Rows of one ``<view>.f16`` file: n×d little-endian half-precision numbers, row i = lesion i, unit length or zero."""

from __future__ import annotations

import mmap
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skintui.errors import VectorsError
from skintui.files import explained
from skintui.vectors.fingerprint import damaged

HALF = np.dtype("<f2")

MAPPED_BYTES = 64 << 20
"""Files up to this size are soon in memory as a whole, so rows are copied from the mapping; larger ones are read row by
row, because a mapping of a cold file reads ahead far more than was asked for."""

_PAGE = mmap.PAGESIZE
_FEW = 4096
"""Up to so many rows that are picked from the mapping, the disk is told of them first."""


def unit_rows(vectors: ArrayLike) -> NDArray[np.float16]:
    """Vectors (m, d) scaled to unit length in half precision; a row that is zero or not finite becomes all zeros."""
    rows = np.asarray(vectors, dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        norms = np.sqrt(np.sum(np.square(rows, dtype=np.float64), axis=1, keepdims=True))
        usable = np.isfinite(norms) & (norms > 0)
        scaled = np.where(usable, rows / np.where(usable, norms, 1.0), 0.0)
    return np.ascontiguousarray(scaled, dtype=HALF)


def unit_query(query: ArrayLike, d: int) -> NDArray[np.float32]:
    """A query vector (d,) at unit length. Raises VectorsError for another length, zero, or a number not finite."""
    vector = np.asarray(query, dtype=np.float32).reshape(-1)
    if vector.size != d:
        raise VectorsError(
            f"the query has {vector.size} numbers, the index {d}", do="use the model the index was made with"
        )
    norm = float(np.sqrt(np.sum(np.square(vector, dtype=np.float64))))
    if not np.isfinite(norm) or norm == 0.0:
        raise VectorsError("the lesion has no vector (its tile could not be read)", do="choose another lesion")
    unit: NDArray[np.float32] = (vector / norm).astype(np.float32)
    return unit


class RowFile:
    """Reads rows of one file; safe to use from several threads."""

    def __init__(self, path: Path, n: int, d: int) -> None:
        self.path, self.n, self.d = path, n, d
        try:
            self._file = path.open("rb", buffering=0)
            size = os.fstat(self._file.fileno()).st_size
        except FileNotFoundError as error:
            raise VectorsError("missing", where=path, do="rebuild with skintui index") from error
        except OSError as error:
            raise explained(error, path) from error
        if size != n * d * HALF.itemsize:
            self._file.close()
            raise damaged(path)
        with suppress(OSError, AttributeError):
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        self._asked = np.zeros(size // _PAGE + 1, np.bool_)
        self._mapped: NDArray[np.float16] | None = None
        self._small = self.matrix() if 0 < size <= MAPPED_BYTES else None

    def close(self) -> None:
        self._file.close()
        self._small = self._mapped = None

    def matrix(self) -> NDArray[np.float16]:
        """All rows as a read-only mapping (n, d)."""
        if self.n == 0:
            return np.empty((0, self.d), HALF)
        if self._mapped is None:
            self._mapped = np.asarray(np.memmap(self.path, HALF, "r", shape=(self.n, self.d)))
        return self._mapped

    def read(self, rows: ArrayLike) -> NDArray[np.float16]:
        """Rows (m, d) in the order asked for. Raises VectorsError for a row that is not in the file."""
        wanted = np.asarray(rows, dtype=np.int64).reshape(-1)
        if wanted.size and (int(wanted.min()) < 0 or int(wanted.max()) >= self.n):
            raise VectorsError(f"row {int(wanted.max())} is outside the {self.n} stored lesions", where=self.path)
        if self._small is not None:
            return np.asarray(self._small[wanted])
        if np.all(wanted[1:] >= wanted[:-1]):
            return self._read_sorted(wanted)
        order = np.argsort(wanted, kind="stable")
        found = np.empty((wanted.size, self.d), HALF)
        found[order] = self._read_sorted(wanted[order])
        return found

    def picked(self, rows: NDArray[np.int64]) -> NDArray[np.float16]:
        """Short ``rows`` (m, d) of the file, copied from the mapping: faster than reading each by itself.

        Pages that nobody asked for before are announced, so that a cold disk fetches all at once.
        """
        width = self.d * HALF.itemsize
        if rows.size <= _FEW:
            pages = np.unique(np.concatenate([rows * width, (rows + 1) * width - 1]) // _PAGE)
            new = pages[~self._asked[pages]]
            self._asked[new] = True
            self._announce([(page * _PAGE, _PAGE) for page in new.tolist()])
        return np.asarray(self.matrix()[rows])

    def _read_sorted(self, rows: NDArray[np.int64]) -> NDArray[np.float16]:
        width = self.d * HALF.itemsize
        starts = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
        lengths = np.diff(starts, append=rows.size)
        spans = [
            (first * width, length * width)
            for first, length in zip(rows[starts].tolist(), lengths.tolist(), strict=True)
        ]
        found = np.empty((rows.size, self.d), HALF)
        try:
            self._announce(spans)
            self._read_spans(spans, found.reshape(-1).view(np.uint8))
        except OSError as error:
            raise explained(error, self.path) from error
        return found

    def _announce(self, spans: list[tuple[int, int]]) -> None:
        """Let a cold disk fetch all spans at once instead of one after the other (a third of the time)."""
        with suppress(AttributeError):
            for offset, length in spans:
                os.posix_fadvise(self._file.fileno(), offset, length, os.POSIX_FADV_WILLNEED)

    def _read_spans(self, spans: list[tuple[int, int]], into: NDArray[np.uint8]) -> None:
        handle, at = self._file.fileno(), 0
        for offset, length in spans:
            if os.preadv(handle, [into[at : at + length].data], offset) != length:
                raise damaged(self.path)
            at += length
