"""Cosines told from signs, with how far they may be off, and the search that stops once nothing better can be left.

With the mean m of the data set, unit vectors q and x, and the share p of bits in which their signs differ,
⟨q, x⟩ = |q − m| |x − m| cos θ + ⟨q, m⟩ + ⟨x, m⟩ − |m|², and p estimates θ / π (see :mod:`skintui.vectors.signs`).
⟨x, m⟩ is known exactly for every lesion; without it, lesions far from the query could not be told apart at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skintui.vectors.exact import MARGIN, Hits, ranked
from skintui.vectors.hamming import distances
from skintui.vectors.signs import Signs

SURENESS = 3.0
"""Standard deviations an estimate may be too low before its lesion is passed over: 1 in 700 at the very edge."""

_SAMPLE = 200
"""Lesions whose cosine is computed to learn how far the estimates really are off."""
_GROWTH = 16
_GATHER_BELOW = 0.4
"""Above this share of codes allowed, counting all is faster than picking the allowed ones."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """Of some lesions, all (m,)."""

    rows: NDArray[np.int64]
    cosine: NDArray[np.float32]
    error: NDArray[np.float32]
    """Standard deviation if every bit were of a direction of its own; turned ones err less."""


@dataclass(frozen=True, slots=True)
class Codes:
    """The signs of all lesions that have a vector, in the order of the file."""

    signs: Signs
    packed: NDArray[np.uint8]
    """(s, bits/8), mapped."""
    rows: NDArray[np.int64]
    """(s,) the lesion of each."""
    along: NDArray[np.float32]
    """(s,) inner product of the lesion's vector and the mean."""

    def estimates(self, query: NDArray[np.float32], allowed: NDArray[np.bool_] | None = None) -> Estimates:
        """Of every lesion, or of those ``allowed`` (n,), to a unit vector (d,)."""
        picked = None if allowed is None else np.flatnonzero(allowed[self.rows])
        bits = self.signs.pack(query[np.newaxis])[0]
        few = picked is not None and picked.size < _GATHER_BELOW * self.rows.size
        differing = distances(self.packed, bits, picked if few else None)
        if picked is not None and not few:
            differing = differing[picked]
        rows, along = (self.rows, self.along) if picked is None else (self.rows[picked], self.along[picked])
        return self.cosines(query, rows, along, differing)

    def cosines(
        self,
        query: NDArray[np.float32],
        rows: NDArray[np.int64],
        along: NDArray[np.float32],
        differing: NDArray[np.float32],
    ) -> Estimates:
        """Of lesions ``rows`` (m,) whose inner products with the mean and numbers of differing bits are known."""
        mean, count = self.signs.mean, self.signs.bits
        square = float(mean @ mean)
        share = np.arange(count + 1, dtype=np.float64) / count
        cosine = np.cos(np.pi * share).astype(np.float32)
        error = (np.pi * np.sin(np.pi * share) * np.sqrt(share * (1 - share) / count)).astype(np.float32)
        number = differing.astype(np.intp)
        reach = np.sqrt(np.maximum(1 + square - 2 * along, 0)) * np.float32(np.linalg.norm(query - mean))
        estimate = reach * cosine[number] + along
        estimate += np.float32(query @ mean) - np.float32(square)
        return Estimates(rows, estimate, reach * error[number])


def best_estimated(
    found: Estimates, cosines: Callable[[NDArray[np.int64], int], Hits], k: int, first: int, *, once: bool = False
) -> Hits:
    """The k best of the estimated lesions by their stored vectors.

    ``cosines(rows, k)`` computes the k best of some rows, ascending. The ``first`` most promising are computed, then
    more of them for as long as any estimate could, by its error, still belong among the k best (``once``: no more).
    The error is scaled to what it is for a sample of these lesions.
    """
    m, kept = found.rows.size, k + MARGIN
    upper, best = found.cosine, Hits.none()
    if not once and m > _SAMPLE + first:
        upper, best = _upper(found, cosines)
    left = np.arange(m)
    while left.size:
        count = min(first, left.size)
        order = np.argpartition(upper[left], left.size - count)
        chosen, left = left[order[left.size - count :]], left[order[: left.size - count]]
        best = _merged(best, cosines(np.sort(found.rows[chosen]), kept), kept)
        if once:
            break
        if len(best) >= k:
            left = left[upper[left] >= best.similarity[k - 1]]
        first *= _GROWTH
    return cosines(np.sort(best.rows), k)  # together once more: single precision does not tell them apart


def _upper(found: Estimates, cosines: Callable[[NDArray[np.int64], int], Hits]) -> tuple[NDArray[np.float32], Hits]:
    """What each cosine is at most, as sure as SURENESS says; and the best of the sample it was learnt from."""
    sample = np.linspace(0, found.rows.size - 1, _SAMPLE).astype(np.int64)
    sample = sample[np.argsort(found.rows[sample])]
    hits = cosines(found.rows[sample], _SAMPLE)
    place = dict(zip(found.rows[sample].tolist(), sample.tolist(), strict=True))
    at = np.array([place[row] for row in hits.rows.tolist()], np.int64)
    off = (hits.similarity - found.cosine[at]) / np.maximum(found.error[at], np.float32(1e-6))
    scale = np.float32(SURENESS * np.sqrt(np.mean(np.square(off)))) if off.size else np.float32(SURENESS)
    return found.cosine + scale * found.error, hits


def _merged(one: Hits, other: Hits, k: int) -> Hits:
    rows, first = np.unique(np.concatenate([one.rows, other.rows]), return_index=True)
    return ranked(rows, np.concatenate([one.similarity, other.similarity])[first], k)
