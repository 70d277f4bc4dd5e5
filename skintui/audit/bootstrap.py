"""Patient bootstrap: how far a figure would move had other patients been seen.

Patients are drawn with replacement, all lesions of one together (a cluster bootstrap; Davison & Hinkley 1997, §3.8),
and the interval runs between the percentiles of the figure over the draws. Every figure is computed from weights, how
often each patient was drawn, so that no resample is ever laid out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skintui.audit.metrics import mae, r2, spearman

Floats = NDArray[np.float64]

REPLICATES = 1000
LEVEL = 0.95
_CELLS, _FEW_CELLS = 4_000_000, 250_000
"""Numbers in memory at once; so few stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; NaN where it could not be had."""

    value: float
    low: float = float("nan")
    high: float = float("nan")

    def as_object(self) -> dict[str, float]:
        """Rounded to 6 decimals, so that the last bits of the arithmetic do not show."""
        return {"value": round(self.value, 6), "low": round(self.low, 6), "high": round(self.high, 6)}


@dataclass(frozen=True, slots=True)
class Draws:
    """A figure and what it was in every draw."""

    value: float
    replicates: Floats
    """(B,)."""

    def estimate(self, level: float = LEVEL) -> Estimate:
        """The percentile interval over the draws in which the figure exists."""
        known = self.replicates[np.isfinite(self.replicates)]
        if not np.isfinite(self.value) or known.size < 2:
            return Estimate(self.value)
        low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
        return Estimate(self.value, float(low), float(high))

    def minus(self, other: Draws) -> Draws:
        """The difference of two figures of different patients, drawn independently."""
        return Draws(self.value - other.value, self.replicates - other.replicates)


class PatientBootstrap:
    """Draws of the patients of some rows; the same seed gives the same draws."""

    def __init__(self, patients: ArrayLike, *, replicates: int = REPLICATES, seed: int = 0) -> None:
        names, index = np.unique(np.asarray(patients), return_inverse=True)
        self.patient = index.reshape(-1)
        """(n,) number of each row's patient."""
        self.count, self.replicates = len(names), replicates
        drawn = np.random.default_rng(seed).integers(0, max(self.count, 1), (replicates, self.count))
        places = np.arange(replicates)[:, None] * self.count + drawn
        self.weights = np.bincount(places.ravel(), minlength=replicates * self.count).reshape(replicates, self.count)
        """(B, P) how often each patient was drawn."""

    def r2(self, labels: ArrayLike, predicted: ArrayLike) -> Draws:
        """R² of (n,) labels and predictions, pairs both known."""
        y, f = np.asarray(labels, np.float64), np.asarray(predicted, np.float64)
        known = np.isfinite(y) & np.isfinite(f)
        y, f, who = y[known], f[known], self.patient[known]
        centred = y - (y.mean() if y.size else 0.0)  # sums of squares about a far mean would lose their digits
        n, first = self._sums(np.ones(y.size), who), self._sums(centred, who)
        second, errors = self._sums(centred**2, who), self._sums((y - f) ** 2, who)
        with np.errstate(invalid="ignore", divide="ignore"):
            total = second - first**2 / n
            values = np.where(total > 1e-12 * np.maximum(second, 1e-300), 1.0 - errors / total, np.nan)
        return Draws(r2(y, f), values if self.count > 1 else np.full(self.replicates, np.nan))

    def mae(self, labels: ArrayLike, predicted: ArrayLike) -> Draws:
        """Mean absolute error of (n,) labels and predictions, pairs both known."""
        y, f = np.asarray(labels, np.float64), np.asarray(predicted, np.float64)
        known = np.isfinite(y) & np.isfinite(f)
        y, f, who = y[known], f[known], self.patient[known]
        with np.errstate(invalid="ignore", divide="ignore"):
            values = self._sums(np.abs(y - f), who) / self._sums(np.ones(y.size), who)
        return Draws(mae(y, f), values if self.count > 1 else np.full(self.replicates, np.nan))

    def spearman(self, labels: ArrayLike, predicted: ArrayLike) -> Draws:
        """Rank correlation of (n,) labels and predictions, ranked anew in every draw."""
        y, f = np.asarray(labels, np.float64), np.asarray(predicted, np.float64)
        known = np.isfinite(y) & np.isfinite(f)
        y, f, who = y[known], f[known], self.patient[known]
        values = np.full(self.replicates, np.nan)
        if y.size > 1 and self.count > 1:
            of_draws = _RankCorrelations(y, f, who)
            for part in self._parts(y.size, _FEW_CELLS):
                values[part] = of_draws(self.weights[part])
        return Draws(spearman(y, f), values)

    def median(self, values: ArrayLike, patients: NDArray[np.int64] | None = None) -> Draws:
        """Median of the known ``values``; ``patients`` (their numbers) where not one per row of the bootstrap."""
        flat = np.asarray(values, np.float64).ravel()
        who = self.patient if patients is None else patients
        known = np.isfinite(flat)
        flat, who = flat[known], who[known]
        medians = np.full(self.replicates, np.nan)
        if not flat.size:
            return Draws(float("nan"), medians)
        order = np.argsort(flat, kind="stable")
        ordered, who = flat[order], who[order]
        weights = self.weights.astype(np.int32)
        for part in self._parts(flat.size) if self.count > 1 else ():
            reached = np.cumsum(weights[part][:, who], axis=1, dtype=np.int32)
            for i, row in enumerate(reached, start=part.start):
                if half := int(row[-1]):
                    lower = np.searchsorted(row, half / 2, "left")
                    upper = np.searchsorted(row, half / 2, "right")
                    medians[i] = (ordered[lower] + ordered[upper]) / 2
        return Draws(float(np.median(flat)), medians)

    def _sums(self, values: Floats, who: NDArray[np.int64]) -> Floats:
        """(B,) sum of ``values`` over every draw."""
        by_patient = np.bincount(who, weights=values, minlength=self.count)
        return np.asarray(self.weights @ by_patient, np.float64)

    def _parts(self, size: int, cells: int = _CELLS) -> list[slice]:
        step = max(cells // max(size, 1), 1)
        return [slice(start, min(start + step, self.replicates)) for start in range(0, self.replicates, step)]


class _RankCorrelations:
    """Rank correlations of n pairs (x, y) in draws of their patients: the sorting is done once."""

    def __init__(self, x: Floats, y: Floats, patient: NDArray[np.int64]) -> None:
        _, x_group = np.unique(x, return_inverse=True)
        _, y_group = np.unique(y, return_inverse=True)
        by_x, by_y = np.argsort(x_group, kind="stable"), np.argsort(y_group, kind="stable")
        self._patient_by_x, self._patient_by_y = patient[by_x], patient[by_y]
        self._x_starts, self._y_starts = (
            np.flatnonzero(np.diff(group[order], prepend=-1)) for group, order in ((x_group, by_x), (y_group, by_y))
        )
        self._x_group, self._y_group = x_group[by_x], y_group[by_x]

    def __call__(self, drawn: NDArray[np.int64]) -> Floats:
        """(B,) of draws that take each patient (B, P) so often; NaN where a side is constant."""
        often: Floats = drawn.astype(np.float64)
        weights: Floats = np.take(often, self._patient_by_x, axis=1)
        x, x_heavy = _centred_ranks(weights, self._x_starts)
        y, y_heavy = _centred_ranks(np.take(often, self._patient_by_y, axis=1), self._y_starts)
        weights *= np.take(x, self._x_group, axis=1)
        products = np.einsum("bn,bn->b", weights, np.take(y, self._y_group, axis=1))
        with np.errstate(invalid="ignore", divide="ignore"):
            norm = np.sqrt((x_heavy * x**2).sum(axis=1) * (y_heavy * y**2).sum(axis=1))
            return np.asarray(np.where(norm > 0, products / norm, np.nan), np.float64)


def _centred_ranks(weights: Floats, starts: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Mean ranks (B, G) less their mean of groups of equal values, and how often each group occurs.

    ``weights`` (B, n) is how often each row occurs, in the order of the values; a group begins at each of ``starts``.
    """
    heavy = np.add.reduceat(weights, starts, axis=1)
    reached = np.cumsum(heavy, axis=1)
    return reached - (heavy - 1) / 2 - (reached[:, -1:] + 1) / 2, heavy
