"""Random vectors with the structure of embeddings, to measure search on: clusters, an uneven spectrum, an offset."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BLOCK = 8192
"""Vectors of one block, and so what a data set that does not fit into memory takes of it."""


def structured_blocks(n: int, d: int, seed: int = 0, *, clusters: int = 200) -> Iterator[NDArray[np.float32]]:
    """The vectors of :func:`structured_vectors` in blocks of at most ``BLOCK``, one after the other."""
    draw = np.random.default_rng(seed)
    spread = (np.arange(1, d + 1) ** -0.5).astype(np.float32)
    centres = draw.standard_normal((clusters, d), np.float32) + 3.0 * draw.standard_normal(d, np.float32)
    member = draw.choice(clusters, n, p=draw.dirichlet(np.ones(clusters)))
    for start in range(0, n, BLOCK):
        block = member[start : start + BLOCK]
        noise = draw.standard_normal((block.size, d), np.float32)
        yield (centres[block] + 0.5 * noise) * spread


def structured_vectors(n: int, d: int, seed: int = 0, *, clusters: int = 200) -> NDArray[np.float32]:
    """Vectors (n, d): clusters of uneven size on a common offset, the spread falling as 1/√i over dimensions."""
    vectors = np.empty((n, d), np.float32)
    for number, block in enumerate(structured_blocks(n, d, seed, clusters=clusters)):
        vectors[number * BLOCK : number * BLOCK + len(block)] = block
    return vectors
