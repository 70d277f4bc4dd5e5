"""The few directions in which vectors differ most, and where each lesion lies along them: what signs need not guess.

Vectors of a language model, less their mean, lie close to a subspace of far fewer dimensions. Their coordinates on the
first principal axes give most of every cosine exactly; only what is left over has to be told from signs. The axes are
those of a sample, found by subspace iteration from random directions (Halko, Martinsson, Tropp 2011, SIAM Review 53(2),
doi 10.1137/090771806): any orthonormal directions would give right answers, these give the least rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_AXES = 128
_LEAST_SHARE = 4
"""At most every so many dimensions one axis: coordinates must not cost what the vectors do."""

_SPARE, _ROUNDS = 16, 2
"""Directions iterated beyond those kept, and how often: as the source advises where lengths fall slowly."""


@dataclass(frozen=True, slots=True)
class Axes:
    """Orthonormal directions (r, d)."""

    directions: NDArray[np.float32]

    def of(self, centred: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Coordinates (m, r) of vectors (m, d) from which the mean is taken, and the length (m,) of what is left."""
        coordinates = centred @ self.directions.T
        squares = np.einsum("ij,ij->i", centred, centred) - np.einsum("ij,ij->i", coordinates, coordinates)
        return coordinates, np.sqrt(np.maximum(squares, 0))

    def split(self, centred: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Coordinates (r,) of one vector (d,), and what is left of it (d,)."""
        coordinates = np.einsum("ij,j->i", self.directions, centred)  # so small a product is slower on BLAS' threads
        return coordinates, centred - np.einsum("ij,i->j", self.directions, coordinates)

    @staticmethod
    def learnt(centred: NDArray[np.float32], seed: int = 0) -> Axes:
        """The principal axes of a sample (m, d) from which the mean is taken; random ones where it spans fewer."""
        d = centred.shape[1]
        count = max(1, min(MOST_AXES, d // _LEAST_SHARE))
        width = min(count + _SPARE, d)
        basis, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, width), np.float32))
        for _ in range(_ROUNDS + 1):
            stretched = centred.T @ (centred @ basis)
            length = float(np.linalg.norm(stretched))
            if not length:
                break
            basis, _ = np.linalg.qr(stretched / length + np.float32(1e-7) * basis)  # of full rank, whatever the sample
        projected = centred @ basis
        _, order = np.linalg.eigh(projected.T @ projected)
        return Axes(np.ascontiguousarray((basis @ order[:, ::-1][:, :count]).T, np.float32))
