"""Figures of merit, each by its definition."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def _paired(a: ArrayLike, b: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    return x[known], y[known]


def r2(labels: ArrayLike, predicted: ArrayLike) -> float:
    """Coefficient of determination, 1 − Σ(y − f)² / Σ(y − ȳ)², over pairs both known; NaN if labels never vary."""
    y, f = _paired(labels, predicted)
    total = float(((y - y.mean()) ** 2).sum()) if y.size else 0.0
    return 1.0 - float(((y - f) ** 2).sum()) / total if total > 0 else float("nan")


def mae(labels: ArrayLike, predicted: ArrayLike) -> float:
    """Mean absolute error in the attribute's unit over pairs both known; NaN without any."""
    y, f = _paired(labels, predicted)
    return float(np.abs(y - f).mean()) if y.size else float("nan")


def spearman(a: ArrayLike, b: ArrayLike) -> float:
    """Spearman's rank correlation, ties given their mean rank; NaN with fewer than two pairs or a constant side."""
    x, y = _paired(a, b)
    if x.size < 2:
        return float("nan")
    rx, ry = mean_ranks(x), mean_ranks(y)
    rx, ry = rx - rx.mean(), ry - ry.mean()
    norm = float(np.sqrt((rx**2).sum() * (ry**2).sum()))
    return float((rx * ry).sum()) / norm if norm > 0 else float("nan")


def mean_ranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray(last - (counts - 1) / 2, np.float64)[group]


def coverage(residual: Floats, spread: Floats, nominal: Sequence[float]) -> Floats:
    """Share of residuals (n,) within the central interval of N(0, spread²) that should hold each ``nominal`` share.

    Pairs with a missing number or a spread of zero are left out; NaN without any pair.
    """
    known = np.isfinite(residual) & (spread > 0)
    z = np.abs(residual[known]) / spread[known]
    wide = [NormalDist().inv_cdf(0.5 + share / 2) for share in nominal]
    return np.array([(z <= limit).mean() if z.size else np.nan for limit in wide])


def attribute_difference_percentile(
    query_values: ArrayLike, result_values: ArrayLike, database_values: ArrayLike
) -> Floats:
    """Attribute difference percentile (arXiv 2508.20188): how near a retrieved value is among all of the database.

    For a query value q (Q,) and each of its results r (Q, k): the percentile rank, 0–100, of (q − r)² among the
    (q − d)² of every d in ``database_values`` (N,). Ties count half (mid-rank), so that a result drawn at random has
    an expected rank of exactly 50. Missing database values are left out; a missing query or result gives NaN. Whether
    the query itself is part of the database is for the caller to decide. O((N + Qk) log N).
    """
    q = np.asarray(query_values, np.float64)[:, None]
    r = np.asarray(result_values, np.float64)
    database = np.asarray(database_values, np.float64)
    database = np.sort(database[np.isfinite(database)])
    if not database.size:
        return np.full(r.shape, np.nan)
    mirrored = 2.0 * q - r  # |q − d| < |q − r| exactly where d lies between r and its mirror image
    low, high = np.minimum(r, mirrored), np.maximum(r, mirrored)
    closed = np.searchsorted(database, high, "right") - np.searchsorted(database, low, "left")
    opened = np.searchsorted(database, high, "left") - np.searchsorted(database, low, "right")
    percentile = 100.0 * (np.maximum(opened, 0) + closed) / 2.0 / database.size
    return np.where(np.isfinite(q) & np.isfinite(r), percentile, np.nan)


def average_precision(positive: ArrayLike, scores: ArrayLike) -> float:
    """Average precision Σ (R_i − R_{i−1})·P_i over the distinct scores, highest first; NaN without positives.

    Equal scores enter together, so their order cannot matter; a missing score comes last.
    """
    hit = np.asarray(positive, bool)
    values = np.nan_to_num(np.asarray(scores, np.float64), nan=-np.inf)
    total = int(hit.sum())
    if total == 0:
        return float("nan")
    order = np.argsort(-values, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(values[order])), values.size - 1)
    found = np.cumsum(hit[order])[ends]
    precision = found / (ends + 1.0)
    return float((np.diff(found, prepend=0) * precision).sum() / total)


def precision_at(positive: ArrayLike, scores: ArrayLike, k: int) -> float:
    """Share of positives among the ``k`` highest scores (all, where there are fewer); NaN without any.

    Where equal scores straddle the k-th place, the expected share over their orders.
    """
    hit = np.asarray(positive, bool)
    values = np.nan_to_num(np.asarray(scores, np.float64), nan=-np.inf)
    k = min(k, values.size)
    if k <= 0:
        return float("nan")
    edge = np.partition(values, values.size - k)[values.size - k]
    above, tied = values > edge, values == edge
    left = k - int(above.sum())
    return float((hit[above].sum() + hit[tied].sum() * left / tied.sum()) / k)
