"""Random vectors with the structure of embeddings, to measure search on: clusters, an uneven spectrum, an offset."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def structured_vectors(n: int, d: int, seed: int = 0, *, clusters: int = 200) -> NDArray[np.float32]:
    """Vectors (n, d): clusters of uneven size on a common offset, the spread falling as 1/√i over dimensions."""
    draw = np.random.default_rng(seed)
    spread = (np.arange(1, d + 1) ** -0.5).astype(np.float32)
    centres = draw.standard_normal((clusters, d), np.float32) + 3.0 * draw.standard_normal(d, np.float32)
    member = draw.choice(clusters, n, p=draw.dirichlet(np.ones(clusters)))
    vectors = np.empty((n, d), np.float32)
    for start in range(0, n, 8192):
        block = slice(start, min(start + 8192, n))
        noise = draw.standard_normal((block.stop - start, d), np.float32)
        vectors[block] = (centres[member[block]] + 0.5 * noise) * spread
    return vectors
