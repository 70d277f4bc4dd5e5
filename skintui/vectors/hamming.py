"""A scan over all codes: the nearest by Hamming distance, with a mask. It always answers, however narrow the mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BLOCK = 2048
_GATHER_BELOW = 0.7
"""Above this share of codes allowed, counting all and masking is faster than picking the allowed ones."""


def nearest_codes(
    codes: NDArray[np.uint8], query: NDArray[np.uint8], count: int, allowed: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Positions of the ``count`` codes (s, bytes) nearest to ``query`` (bytes,), nearest first.

    ``allowed`` (s,) leaves codes out. Bytes must be a multiple of 8.
    """
    words, target = codes.view(np.uint64), np.ascontiguousarray(query).view(np.uint64)
    picked: NDArray[np.int64] | None = None
    if allowed is not None and np.count_nonzero(allowed) < _GATHER_BELOW * allowed.size:
        picked = np.flatnonzero(allowed)
    distance = _distances(words, target, picked)
    if allowed is not None and picked is None:
        distance[~allowed] = np.inf
        count = min(count, int(np.count_nonzero(allowed)))
    count = min(count, distance.size)
    near = np.argpartition(distance, count - 1)[:count] if 0 < count < distance.size else np.arange(count)
    near = near[np.argsort(distance[near], kind="stable")]
    return near.astype(np.int64) if picked is None else picked[near]


def _distances(
    words: NDArray[np.uint64], target: NDArray[np.uint64], picked: NDArray[np.int64] | None
) -> NDArray[np.float32]:
    """Hamming distances; the counts per word are added up by a matrix product, which is faster than a sum of bytes."""
    size = words.shape[0] if picked is None else picked.size
    distance = np.empty(size, np.float32)
    differing = np.empty((_BLOCK, words.shape[1]), np.uint64)
    ones = np.ones(words.shape[1], np.float32)
    for start in range(0, size, _BLOCK):
        block = slice(start, min(start + _BLOCK, size))
        source = words[block] if picked is None else words[picked[block]]
        found = differing[: block.stop - start]
        np.bitwise_xor(source, target, out=found)
        np.matmul(np.bitwise_count(found).astype(np.float32), ones, out=distance[block])
    return distance
