"""How unusual a score is when nothing has been confirmed by a person: an estimate, and called one.

The bulk of the signed scores r/σ is taken for correct annotations. A Student t is matched to its central quantiles
(empirical null after Efron, 2004, "Large-scale simultaneous hypothesis testing"), two-sided p-values follow from its
tails, and Benjamini–Hochberg (1995) turns all of them into q-values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from skintui.audit.columnwise import by_column, each_column
from skintui.audit.order import by_value

Floats = NDArray[np.float64]

FEWEST = 50
"""Fewer scores than this say nothing about a tail: no p-values."""
LEVELS = (0.5, 0.8, 0.9)
"""Central shares of |z| that are matched; errors of a few per cent hardly move them."""
KNOTS, FURTHEST = 16_384, 16.0
"""Of a table of tails, evenly over asinh t: to scores of four million."""
_DEGREES = np.concatenate([np.geomspace(2.0, 30.0, 57), [40.0, 60.0, 100.0, 200.0]])


@dataclass(frozen=True, slots=True)
class StudentNull:
    """Student t with ``degrees`` of freedom, moved to ``centre`` and stretched by ``scale``."""

    centre: float
    scale: float
    degrees: float

    def two_sided(self, signed: Floats) -> Floats:
        """P(|T| ≥ |z|) per score, NaN kept; floating point cannot make it 0 by cancellation."""
        z = np.abs(signed - self.centre) / self.scale
        return TailTable.of(self.degrees)(z) if z.size > KNOTS else _two_sided(self.degrees, z)


def _two_sided(degrees: float, t: Floats) -> Floats:
    from scipy.special import stdtr

    return np.asarray(2.0 * stdtr(degrees, -t), np.float64)


@dataclass(frozen=True)
class TailTable:
    """P(|T| ≥ t) read between knots: an eighth of the time of each by itself, and right to 1e-12 of it.

    Its logarithm over asinh t is nearly straight: cubic Hermite pieces (values and slopes at the knots) hold it.
    """

    degrees: float
    step: float
    pieces: NDArray[np.float64]
    """(4, knots − 1) coefficients of each piece, highest power first."""

    @classmethod
    def of(cls, degrees: float) -> TailTable:
        from scipy.special import gammaln

        u = np.linspace(0.0, FURTHEST, KNOTS)
        t = np.sinh(u)
        p = _two_sided(degrees, t)
        u, t, p = (each[p > 1e-280] for each in (u, t, p))  # beyond, a logarithm has lost its digits
        constant = gammaln((degrees + 1) / 2) - gammaln(degrees / 2) - np.log(degrees * np.pi) / 2
        density = np.exp(constant - (degrees + 1) / 2 * np.log1p(t * t / degrees))
        step = float(u[1])
        value, slope = np.log(p), -2.0 * density * np.cosh(u) / p * step
        rise = np.diff(value)
        twist = slope[:-1] + slope[1:] - 2.0 * rise
        return cls(degrees, step, np.array([twist, rise - slope[:-1] - twist, slope[:-1], value[:-1]]))

    def __call__(self, t: Floats) -> Floats:
        """For t ≥ 0 of any size, NaN kept."""
        with np.errstate(over="ignore"):
            place = np.log(t + np.sqrt(t * t + 1.0)) / self.step
        last = self.pieces.shape[1]
        inside = place < last
        piece = np.where(inside, place, 0.0).astype(np.int32)
        x = place - piece
        a, b, c, d = (np.take(each, piece) for each in self.pieces)
        p: Floats = np.exp(((a * x + b) * x + c) * x + d)
        p[~inside] = _two_sided(self.degrees, t[~inside])
        return p


def fit_null(signed: Floats) -> StudentNull | None:
    """The t whose |z| has the observed quantiles at the central ``LEVELS``; None with fewer than 50 scores.

    Degrees of freedom come from the ratios of the outer quantiles to the middle one, the scale from the middle one.
    Levels measured on planted errors (2–5 %, normal to t3 noise, 600–8,000 lesions): matching .5/.8/.9 kept the
    realised share of false discoveries at or below the nominal one throughout; .5/.8 alone exceeded it, .95 lost power.
    """
    from scipy.special import stdtrit

    known = signed[np.isfinite(signed)]
    if known.size < FEWEST:
        return None
    centre = float(np.median(known))
    widths = np.quantile(np.abs(known - centre), LEVELS)
    if not widths[0] > 0:
        return None
    observed = np.log(widths[1:] / widths[0])
    table = np.array([stdtrit(_DEGREES, (1 + level) / 2) for level in LEVELS])
    expected = np.log(table[1:] / table[0])
    best = int(np.argmin(((expected - observed[:, None]) ** 2).sum(axis=0)))
    degrees = float(_DEGREES[best])
    return StudentNull(centre, float(widths[0] / table[0, best]), degrees)


def benjamini_hochberg(p: Floats) -> Floats:
    """q-value of each p (any shape), NaN kept and not counted: min over larger p of p·m/rank, at most 1."""
    order: Literal["F", "C"] = "F" if p.flags.f_contiguous else "C"
    flat = p.ravel(order)
    known = np.flatnonzero(np.isfinite(flat))
    q = np.full(flat.shape, np.nan)
    if known.size:
        rising = known[by_value(flat[known])]
        raw = flat[rising] * (rising.size / np.arange(1, rising.size + 1))
        q[rising] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return q.reshape(p.shape, order=order)


def null_p_values(signed: Floats) -> Floats:
    """Two-sided p (n, A) from one empirical null per attribute; NaN where the score or the null is missing."""
    p = by_column(signed.shape, np.nan)

    def fill(j: int) -> None:
        null = fit_null(signed[:, j])
        if null is not None:
            p[:, j] = null.two_sided(signed[:, j])

    each_column(fill, signed.shape[1])
    return p
