"""What a regression rests on, put together a block at a time: whole, the design of 401,059 lesions takes 60 MB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Features = NDArray[np.float32]

FOLDS = 5
MOST = 40_000
"""Lesions that a regression is fitted on; where there are more, a random part of them."""
ENOUGH = 100_000
"""Values from which a centre or a width is taken."""
_BLOCK = 32_768


@dataclass(frozen=True)
class Design:
    """Intercept, features shared by all attributes, and further columns of the attribute's own."""

    shared: Features
    """(n, p)"""
    own: Sequence[Features]
    """(n,) each"""

    @property
    def width(self) -> int:
        return 1 + int(self.shared.shape[1]) + len(self.own)

    def rows(self, at: NDArray[np.int64] | slice) -> Features:
        """Some rows of the design matrix, (m, width)."""
        shared = self.shared[at]
        matrix = np.empty((len(shared), self.width), np.float32)
        matrix[:, 0], matrix[:, 1 : 1 + shared.shape[1]] = 1.0, shared
        for place, column in enumerate(self.own, 1 + shared.shape[1]):
            matrix[:, place] = column[at]
        return matrix

    def by_fold(self, weights: Features, folds: NDArray[np.int64]) -> Floats:
        """The matrix times the row of ``weights`` (FOLDS, width) that each lesion's fold asks for, (n,)."""
        out = np.empty(len(folds))
        p = self.shared.shape[1]
        for block in self._blocks():
            everyone = self.shared[block] @ weights[:, 1 : 1 + p].T + weights[:, 0]
            for column, weight in zip(self.own, weights[:, 1 + p :].T, strict=True):
                everyone += column[block, None] * weight
            out[block] = np.take_along_axis(everyone, folds[block, None], axis=1)[:, 0]
        return out

    def _blocks(self) -> Iterator[slice]:
        n = len(self.shared)
        return (slice(start, min(start + _BLOCK, n)) for start in range(0, n, _BLOCK))


def thinned(values: Floats) -> Floats:
    """At most about ``ENOUGH`` of the values (m,), evenly spread: enough to tell a median or a width to 0.4 %."""
    return values[:: -(-values.size // ENOUGH) or 1]


def sampled(known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows that are known, in their order: at most ``MOST`` of them, always the same ones."""
    rows = np.flatnonzero(known)
    if rows.size > MOST:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST, replace=False))
    return rows
