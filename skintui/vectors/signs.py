"""One bit per dimension: the signs of a vector after subtracting the data set's mean, packed eight to a byte.

The Hamming distance of two such codes grows with the angle between the centred vectors (random hyperplanes: Charikar,
STOC 2002, doi 10.1145/509907.509965), provided no few dimensions carry most of the length. Hidden states of language
models are dominated by a few dimensions, so the centred vector is first turned by random rotations, each made of sign
flips and Hadamard matrices; short vectors are turned several ways, because 256 bits alone tell neighbours apart poorly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_BITS = 2048
"""Shorter vectors are turned as many ways as give at least this many bits."""

_WIDEST_HADAMARD = 512


@dataclass(frozen=True, slots=True)
class Turn:
    """One random rotation of ``width`` dimensions: flip, mix blocks, permute, flip, mix blocks."""

    flips: NDArray[np.int8]
    """(2, width) of +1 and -1."""
    order: NDArray[np.int32]
    """(width,) permutation between the two mixings, so that every dimension reaches every block."""

    def apply(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        mixed = _mix(vectors * self.flips[0])
        return _mix(mixed[:, self.order] * self.flips[1])


@dataclass(frozen=True, slots=True)
class Signs:
    """How vectors become bits; made once per view and saved beside its graph."""

    mean: NDArray[np.float32]
    """(d,) mean of the stored vectors."""
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
        centred = np.zeros((vectors.shape[0], self.width), np.float32)
        centred[:, : self.mean.size] = vectors - self.mean
        turned = [turn.apply(centred) > 0 for turn in self.turns] or [centred > 0]
        packed: NDArray[np.uint8] = np.packbits(np.concatenate(turned, axis=1), axis=1)
        return packed

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
    def of_arrays(arrays: dict[str, NDArray[np.generic]]) -> Signs:
        """The inverse of :meth:`arrays`."""
        flips, orders = arrays["flips"].astype(np.int8), arrays["orders"].astype(np.int32)
        turns = tuple(Turn(flip, order) for flip, order in zip(flips, orders, strict=True))
        return Signs(arrays["mean"].astype(np.float32), turns)


def _hadamard(order: int) -> NDArray[np.float32]:
    """Sylvester's matrix of a power of two, scaled to be orthogonal."""
    matrix = np.ones((1, 1), np.float32)
    while matrix.shape[0] < order:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    scaled: NDArray[np.float32] = (matrix / np.sqrt(np.float32(order))).astype(np.float32)
    return scaled


_HADAMARD: dict[int, NDArray[np.float32]] = {}


def _mix(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    width = vectors.shape[1]
    block = min(width & -width, _WIDEST_HADAMARD)  # the largest power of two that divides the width
    if block not in _HADAMARD:
        _HADAMARD[block] = _hadamard(block)
    mixed: NDArray[np.float32] = (vectors.reshape(-1, block) @ _HADAMARD[block]).reshape(vectors.shape)
    return mixed
