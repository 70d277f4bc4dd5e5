"""Cosines told from a few axes and from signs, how far they may be off, and the search that stops once it is certain.

With the mean m of the data set, c and r for the coordinates of a vector less m along the principal axes and what they
leave of it (:mod:`skintui.vectors.axes`), the cosine of unit vectors q and x is

    ⟨q, x⟩ = ⟨q, m⟩ + ⟨x, m⟩ - |m|² + ⟨c_q, c_x⟩ + ⟨r_q, r_x⟩.

All but the last is known for every lesion, and |⟨r_q, r_x⟩| ≤ |r_q| |r_x|. The signs s of x - m, turned at random
(:mod:`skintui.vectors.signs`), tell the last: ⟨s, r_q⟩ |x - m| √(π / 2B) has it as its mean, for B bits, and a standard
deviation of |r_q| |x - m| √((π / 2 - 1) / B); only the lesion's side is rounded to signs (Gao and Long 2024, RaBitQ,
Proc. ACM Manag. Data 2(3), doi 10.1145/3654970). ⟨s, r_q⟩ is a sum of Hamming distances: r_q in whole odd steps of 4
bits is a weighted sum of 4 vectors of signs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skintui.vectors.axes import Axes
from skintui.vectors.exact import MARGIN, Hits, cosines, ranked
from skintui.vectors.hamming import distances
from skintui.vectors.rows import RowFile
from skintui.vectors.signs import Signs

SURENESS = 3.0
"""Standard deviations an estimate may be too low before its lesion is passed over: 1 in 700 at the very edge."""

_SURE_OF_AXES, _SURE_OF_CROWD = 8.0, 5.0
"""Standard deviations of cosines between what the axes leave, beyond which no lesion's is; the second where more than
_CROWD remain, of which none stands out."""
_CROWD = 20_000
_PLANES = 4
_STEP = 0.335
"""Of the standard deviation: the even steps that round a normal number to 16 values best (Max 1960, IRE IT-6)."""
_SAMPLE = 200
"""Lesions whose cosine is computed to learn how far the estimates really are off."""
_GROWTH = 16
_MANY = 2000
SURE_OF_MANY = 2.8
"""Where more lesions than this could still be among the best, the sharper bound decides, and by so many standard
deviations: 1 in 400 at the very edge."""
_GATHER_BELOW = 0.4
"""Above this share of the lesions, multiplying all is faster than picking some."""
_ROUNDING = 1e-4
"""Half-precision coordinates move no cosine by more."""

Exact = Callable[[NDArray[np.int64], int], Hits]
"""``exact(rows, k)`` computes the k best of some rows, ascending."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is known of a query."""

    bits: NDArray[np.uint8]
    """(B/8,) its own signs."""
    coordinates: NDArray[np.float32]
    """(r,) along the axes."""
    constant: float
    """⟨q, m⟩ - |m|²."""
    rest: float
    """Length of what the axes leave of it."""
    planes: NDArray[np.uint8]
    """(4, B/8) signs whose sum by ``weights`` (4,) is the turned rest."""
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Estimates:
    """Of some lesions, all (m,)."""

    rows: NDArray[np.int64]
    known: NDArray[np.float32]
    """What the axes tell of the cosine."""
    rest: NDArray[np.float32]
    """What the signs tell of the rest, right on average."""
    error: NDArray[np.float32]
    """Standard deviation of that if every bit were of a direction of its own; turned ones err less."""

    @property
    def cosine(self) -> NDArray[np.float32]:
        return self.known + self.rest


@dataclass(frozen=True, slots=True)
class Codes:
    """What is known of all lesions without their vectors; arrays (n,) by lesion, those without vector included."""

    signs: Signs
    axes: Axes
    packed: NDArray[np.uint8]
    """(s, B/8) signs of the lesions that have a vector, mapped, in an order of their own."""
    rows: NDArray[np.int32]
    """(s,) the lesion of each."""
    places: NDArray[np.int32]
    """(n,) the other way round; -1 without."""
    coordinates: RowFile
    """(n, r) along the axes."""
    along: NDArray[np.float32]
    """(n,) inner product of the lesion's vector and the mean."""
    lengths: NDArray[np.float32]
    """(n,) of the vector less the mean."""
    rests: NDArray[np.float32]
    """(n,) length of what the axes leave of it."""

    def question(self, query: NDArray[np.float32]) -> Question:
        """Of a unit vector (d,)."""
        mean = self.signs.mean
        centred = query - mean
        coordinates, rest = self.axes.split(centred)
        turned = self.signs.turned(np.stack([centred, rest]))
        bits, step = np.packbits(turned[0] > 0), _STEP * float(np.sqrt(np.mean(np.square(turned[1]))))
        half = 1 << (_PLANES - 1)
        levels = (np.clip(np.floor(turned[1] / max(step, 1e-30)), -half, half - 1) + half).astype(np.uint8)
        planes = np.packbits(levels >> np.arange(_PLANES, dtype=np.uint8)[:, np.newaxis] & 1, axis=1)
        length = float(np.linalg.norm(rest))
        grown = float(np.linalg.norm(turned[1])) / max(length, 1e-30)  # turning keeps no scale
        scale = step / 2 * np.sqrt(np.pi / 2 / self.signs.bits) / max(grown, 1e-30)
        weights = (scale * 2.0 ** np.arange(_PLANES)).astype(np.float32)
        constant = float(np.dot(query.astype(np.float64), mean) - np.dot(mean.astype(np.float64), mean))
        return Question(bits, coordinates, constant, length, planes, weights)

    def by_axes(self, question: Question, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """All of the cosines (m,) of ascending ``rows`` but ⟨r_q, r_x⟩."""
        if rows.size < _GATHER_BELOW * self.along.size:
            found = cosines(self.coordinates.picked(rows), question.coordinates) + self.along[rows]
        else:
            found = (cosines(self.coordinates.matrix(), question.coordinates) + self.along)[rows]
        found += np.float32(question.constant)
        return found

    def most(self, question: Question, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What the signs could add to :meth:`by_axes` at most (m,)."""
        return self.rests[rows] * np.float32(question.rest) + np.float32(_ROUNDING)

    def as_packed(
        self, rows: NDArray[np.int64], known: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Lesions and what is known of each (m,), in the order of their signs: reading these then goes one way."""
        is_picked, by_row = np.zeros(self.places.size, np.bool_), np.empty(self.places.size, np.float32)
        is_picked[rows], by_row[rows] = True, known
        ordered = self.rows[is_picked[self.rows]]
        return ordered.astype(np.int64), by_row[ordered]

    def estimates(
        self, question: Question, rows: NDArray[np.int64], by_axes: NDArray[np.float32] | None = None
    ) -> Estimates:
        """Cosines of ``rows`` (m,), told from axes (those given, if known) and signs."""
        known = self.by_axes(question, rows) if by_axes is None else by_axes
        differing = distances(self.packed, question.planes, self.places[rows])
        agreeing = np.float32(self.signs.bits) - 2 * differing.astype(np.float32)
        lengths = self.lengths[rows]
        rest = np.einsum("ij,j->i", agreeing, question.weights) * lengths
        spread = question.rest * np.sqrt((np.pi / 2 - 1) / self.signs.bits)
        return Estimates(rows, known, rest, lengths * np.float32(spread))


def best_known(
    codes: Codes, question: Question, rows: NDArray[np.int64], exact: Exact, k: int, first: int, *, once: bool = False
) -> Hits:
    """The k best of ascending ``rows`` by their stored vectors, of which as few are read as leave no doubt.

    The axes pass over those that what is left of them would not lift among the k best, then the signs tell the others.
    ``once``: only the ``first`` most promising are read.
    """
    known = codes.by_axes(question, rows)
    near = np.sort(_largest(known, _GROWTH * first))
    found = codes.estimates(question, rows[near], known[near])
    if once or near.size == rows.size:
        return best_estimated(found, exact, k, first, once=once)
    chosen = near[np.sort(_largest(found.cosine, first))]
    sample = np.linspace(0, rows.size - 1, _SAMPLE).astype(np.int64)
    begun = _computed(exact, rows, chosen)
    if begun.size >= k:
        most = codes.most(question, rows)
        share = max(_rms((_computed(exact, rows, at) - known[at]) / most[at]) for at in (chosen, sample))
        least = np.partition(begun, begun.size - k)[begun.size - k]
        left = np.flatnonzero(known + np.float32(min(_SURE_OF_AXES * share, 1)) * most >= least)
        if left.size > _CROWD:
            left = left[known[left] + np.float32(min(_SURE_OF_CROWD * share, 1)) * most[left] >= least]
        rows, known = codes.as_packed(rows[left], known[left])
    return best_estimated(codes.estimates(question, rows, known), exact, k, first)


def best_estimated(found: Estimates, exact: Exact, k: int, first: int, *, once: bool = False) -> Hits:
    """The k best of the estimated lesions by their stored vectors.

    The ``first`` most promising are computed, then more of them for as long as any estimate could, by its error, still
    belong among the k best (``once``: no more). The error is scaled to what it is for a sample of these lesions.
    """
    if once:
        return exact(np.sort(found.rows[_largest(found.cosine, first)]), k)
    m, kept = found.rows.size, k + MARGIN
    upper, sharper, best = found.cosine, None, Hits.none()
    if m > _SAMPLE + first:
        upper, sharper = _upper(found, exact)
    left = np.arange(m)
    while left.size:
        chosen = _largest(upper[left], first)
        others = np.ones(left.size, np.bool_)
        others[chosen] = False
        best = _merged(best, exact(np.sort(found.rows[left[chosen]]), kept), kept)
        left = left[others]
        if len(best) >= k:
            left = left[upper[left] >= best.similarity[k - 1]]
            if sharper is not None and left.size > _MANY:
                left = left[sharper[left] >= best.similarity[k - 1]]
        first *= _GROWTH
    return exact(np.sort(best.rows), k)  # together once more: single precision does not tell them apart


def _upper(found: Estimates, exact: Exact) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What each cosine is at most, as sure as SURENESS says, learnt from a sample; and the same, told more sharply.

    Where little is left of the lesions, the signs tell it with more noise than it has spread: the share of what they
    tell that predicts it best (least squares) is nearer for most, but too low for those few that stand out.
    """
    at = np.linspace(0, found.rows.size - 1, _SAMPLE).astype(np.int64)
    missing, told = _computed(exact, found.rows, at) - found.known[at], found.rest[at]
    square = float(told @ told)
    share = np.float32(np.clip(float(missing @ told) / square, 0, 1) if square else 1)
    errors = np.maximum(found.error[at], np.float32(1e-6))

    def bound(share: np.float32, sureness: float) -> NDArray[np.float32]:
        scale = np.float32(sureness * _rms((missing - share * told) / errors))
        upper: NDArray[np.float32] = found.known + share * found.rest + scale * found.error
        return upper

    return bound(np.float32(1), SURENESS), bound(share, SURE_OF_MANY)


def _computed(exact: Exact, rows: NDArray[np.int64], at: NDArray[np.signedinteger]) -> NDArray[np.float32]:
    """Cosines of ``rows[at]``, in the order of ``at``."""
    wanted = rows[at]
    hits = exact(np.sort(wanted), wanted.size)
    order = np.argsort(hits.rows)
    similarity: NDArray[np.float32] = hits.similarity[order[np.searchsorted(hits.rows[order], wanted)]]
    return similarity


def _rms(values: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Where the ``count`` largest of (m,) are, in any order; all places where there are no more."""
    if count >= values.size:
        return np.arange(values.size)
    return np.argpartition(values, values.size - count)[values.size - count :]


def _merged(one: Hits, other: Hits, k: int) -> Hits:
    rows, first = np.unique(np.concatenate([one.rows, other.rows]), return_index=True)
    return ranked(rows, np.concatenate([one.similarity, other.similarity])[first], k)
