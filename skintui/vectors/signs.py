"""One bit per dimension: the signs of a vector after subtracting the data set's mean, packed eight to a byte.

The Hamming distance of two such codes grows with the angle between the centred vectors (random hyperplanes: Charikar,
STOC 2002, doi 10.1145/509907.509965), provided no few dimensions carry most of the length. Hidden states of language
models are dominated by a few dimensions, so the centred vector is first turned by random rotations, each made of sign
flips and Hadamard matrices; short vectors are turned several ways, because 256 bits alone tell neighbours apart poorly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

LEAST_BITS = 2048
"""Shorter vectors are turned as many ways as give at least this many bits."""

_WIDEST_HADAMARD = 512
_TOGETHER = 64
"""Vectors turned at once: as many as stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One random rotation of ``width`` dimensions: flip, mix blocks, permute, flip, mix blocks."""

    flips: NDArray[np.int8]
    """(2, width) of +1 and -1."""
    order: NDArray[np.int32]
    """(width,) permutation between the two mixings, so that every dimension reaches every block."""

    def apply(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn vectors that stand side by side (width, m); their length grows by a constant factor."""
        turned = _mixed(columns * self.flips[0][:, np.newaxis])[self.order]
        turned *= self.flips[1][:, np.newaxis]
        return _mixed(turned)


@dataclass(frozen=True, slots=True)
class Signs:
    """How vectors become bits; made once per view and saved beside its graph."""

    NAMES: ClassVar = ("mean", "flips", "orders")
    """Of :meth:`arrays`."""

    mean: NDArray[np.float32]
    """(d,) about the mean of the stored vectors."""
    turns: tuple[Turn, ...] = ()
    """Rotations whose signs are taken one after the other; none: the signs of the centred vector itself."""

    @property
    def width(self) -> int:
        """Dimensions after padding with zeros to whole 64-bit words."""
        return -(-self.mean.size // 64) * 64

    @property
    def bits(self) -> int:
        return self.width * max(len(self.turns), 1)

    def pack(self, vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Bits (m, bits/8) of vectors (m, d): 1 where the turned, centred number is above zero."""
        return self.pack_centred(vectors - self.mean)

    def pack_centred(self, centred: NDArray[np.float32]) -> NDArray[np.uint8]:
        """As :meth:`pack`, of vectors from which the mean is taken already."""
        packed = np.empty((centred.shape[0], self.bits // 8), np.uint8)
        for start in range(0, centred.shape[0], _TOGETHER):
            block = slice(start, start + _TOGETHER)
            packed[block] = np.packbits(self.turned(centred[block]) > 0, axis=1)
        return packed

    def turned(self, centred: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors (m, d) from which the mean is taken already, turned every way (m, bits); their scale is not kept."""
        columns = np.zeros((self.width, centred.shape[0]), np.float32)
        columns[: self.mean.size] = centred.T
        turned = [turn.apply(columns) for turn in self.turns] or [columns]
        return np.ascontiguousarray(np.concatenate(turned).T)

    @staticmethod
    def around(mean: NDArray[np.float32], seed: int = 0) -> Signs:
        """Signs with enough random turns for the vectors' length; the same ``seed`` gives the same turns."""
        width = Signs(mean).width
        draw = np.random.default_rng(seed)
        turns = []
        for _ in range(-(-LEAST_BITS // width)):
            flips = draw.integers(0, 2, (2, width), dtype=np.int8) * 2 - 1
            turns.append(Turn(flips.astype(np.int8), draw.permutation(width).astype(np.int32)))
        return Signs(np.ascontiguousarray(mean, np.float32), tuple(turns))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything to save."""
        flips = np.stack([turn.flips for turn in self.turns]) if self.turns else np.empty((0, 2, self.width), np.int8)
        orders = np.stack([turn.order for turn in self.turns]) if self.turns else np.empty((0, self.width), np.int32)
        return {"mean": self.mean, "flips": flips, "orders": orders}

    @staticmethod
    def of_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Signs:
        """The inverse of :meth:`arrays`."""
        flips, orders = arrays["flips"].astype(np.int8), arrays["orders"].astype(np.int32)
        turns = tuple(Turn(flip, order) for flip, order in zip(flips, orders, strict=True))
        return Signs(arrays["mean"].astype(np.float32), turns)


def _mixed(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blocks of dimensions (width, m) multiplied by Sylvester's Hadamard matrix, unscaled: signs do not depend on it.

    Blocks have the largest power of two that divides the width. The matrix of rows 2^(a+b) is the Kronecker product of
    those of 2^a and 2^b, and two small products are three times as fast as nine sums and differences.
    """
    width, m = columns.shape
    block = min(width & -width, _WIDEST_HADAMARD)
    inner = 1 << (block.bit_length() // 2)
    outer = block // inner
    mixed = np.matmul(_hadamard(outer), columns.reshape(width // block, outer, inner * m))
    both: NDArray[np.float32] = np.matmul(_hadamard(inner), mixed.reshape(width // inner, inner, m))
    return both.reshape(width, m)


@cache
def _hadamard(size: int) -> NDArray[np.float32]:
    matrix = np.ones((1, 1), np.float32)
    while matrix.shape[0] < size:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix
