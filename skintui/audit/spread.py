"""σ(x): how far off the model usually is on lesions like this one.

The size of the residual is learnt from what can be known without the lesion's own label: the 16 predictions, the
model's own spreads, and the residuals of the nearest lesions. The regression is on log|r| (Davidian & Carroll, 1987,
"Variance function estimation"), so σ is positive and a single wrong label counts as one observation of bounded weight.
A lesion never contributes to its own σ: the regression that serves it was fitted on other patients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.audit.columnwise import each_column
from skintui.audit.design import FOLDS as FOLDS
from skintui.audit.design import Design, Features, sampled, thinned
from skintui.audit.design import Floats as Floats

Rows = NDArray[np.integer]

CLIP = 5.0
"""Standardised features are cut here, so that an odd lesion cannot carry σ out of the range that was observed."""
SAMPLE = 20_000
"""Values from which a feature's centre and width are taken, evenly spread over the data set."""
RIDGE = 3.0
FLOOR = 0.15
"""σ is never less than this share of the attribute's typical error."""
NORMAL_MEDIAN = 0.6744897501960817
"""Median of |z| for a standard normal z: makes σ a standard deviation where errors are normal."""
WINSOR = (0.1, 6.0)
"""|r| is cut to these multiples of its median before the logarithm."""


@dataclass(frozen=True)
class SharedFeatures:
    """Label-free features common to all attributes, standardised: ``values`` (n, p) and a fold number per lesion."""

    values: Features
    folds: NDArray[np.int64]


def shared_features(predicted: Floats, spreads: Floats | None, patients: NDArray[np.object_] | None) -> SharedFeatures:
    """Features of every lesion from the predictions (n, A) and the model's spreads (n, A), on the comparison scales.

    A missing value becomes the column's centre; a column that never varies is left out.
    """
    blocks = [predicted] if spreads is None else [predicted, np.log(spreads)]
    A = predicted.shape[1]
    columns = each_column(lambda j: standardised(blocks[j // A][:, j % A]), A * len(blocks))
    kept = [c for c in columns if c is not None]
    n = predicted.shape[0]
    values = np.empty((n, len(kept)), np.float32)
    each_column(lambda j: values.__setitem__((slice(None), j), kept[j]), len(kept))
    return SharedFeatures(values, _folds(n, patients))


def standardised(column: Floats) -> Features | None:
    """A column centred at its median, scaled by its interquartile range, cut at ±5; None if it never varies."""
    known = np.isfinite(column)
    if not known.any():
        return None
    values = column[known]
    low, middle, high = np.quantile(values[:: max(1, values.size // SAMPLE)], (0.25, 0.5, 0.75))
    width = (high - low) / 1.349
    if width <= 0:
        width = float(np.std(values))
    if not width > 0:
        return None
    filled = np.where(known, (column - middle) / width, 0.0)
    return np.clip(filled, -CLIP, CLIP).astype(np.float32)


def _folds(n: int, patients: NDArray[np.object_] | None) -> NDArray[np.int64]:
    """A fold per lesion, all lesions of a patient in one; by position where fewer patients than folds are known."""
    if patients is not None:
        names = pl.Series(patients.tolist(), dtype=pl.String)
        places = names.cast(pl.Enum(names.unique().drop_nulls().sort())).to_physical()  # a tenth of ranking the text
        codes = (places.cast(pl.Int64) + 1).fill_null(0).to_numpy()
        if n and codes.max() >= FOLDS:
            return codes % FOLDS
    return np.arange(n, dtype=np.int64) % FOLDS


def local_spread(
    residual: Floats,
    shared: SharedFeatures,
    own: Floats,
    neighbours: Rows | None = None,
    *,
    resolution: float = 0.0,
) -> Floats:
    """σ(x) of one attribute (n,) on the scale of ``residual`` (n,), NaN where ``own`` (its prediction) is missing.

    Args:
        residual: label minus prediction; NaN where either is missing.
        shared: features of every lesion.
        own: the attribute's prediction, on the comparison scale.
        neighbours: (n, k) rows of the nearest lesions, −1 for none; the lesion itself is passed over.
        resolution: standard deviation of the answer's rounding; σ is never smaller.
    """
    known = np.isfinite(residual)
    observed = thinned(residual[known])
    typical = typical_error(observed)
    sigma = np.full(residual.shape, max(typical, resolution, np.finfo(float).tiny))
    if known.sum() >= 10 * FOLDS and typical > 0:
        centre = np.median(observed)
        centred = np.abs(residual - centre)
        middle = float(np.median(np.abs(observed - centre))) or NORMAL_MEDIAN * typical
        target = np.log(np.clip(centred, WINSOR[0] * middle, WINSOR[1] * middle) / middle)
        fitted = _cross_fitted(target, known, _design(target, shared, own, neighbours), shared.folds)
        low, high = np.quantile(thinned(fitted[known]), (0.005, 0.995))
        sigma = np.exp(np.clip(fitted, low, high))
        sigma *= (float(np.median(thinned((centred / sigma)[known]))) or middle) / NORMAL_MEDIAN
        sigma = np.maximum(sigma, max(FLOOR * typical, resolution))
    sigma[~np.isfinite(own)] = np.nan
    return sigma


def typical_error(residual: Floats) -> float:
    """Robust standard deviation: scaled MAD, and further out in the distribution where half the residuals are equal."""
    if residual.size == 0:
        return 0.0
    residual = thinned(residual)
    centred = np.abs(residual - np.median(residual))
    for level, normal in ((0.5, NORMAL_MEDIAN), (0.9, 1.6448536), (1.0, 3.0)):
        width = float(np.quantile(centred, level)) / normal
        if width > 0:
            return width
    return 0.0


def _design(target: Floats, shared: SharedFeatures, own: Floats, neighbours: Rows | None) -> Design:
    """Intercept, shared features, the own prediction squared, the neighbours' mean log|r|."""
    parts: list[Features] = []
    z = standardised(own)
    if z is not None:
        parts.append(z * z - np.float32(1.0))
    if neighbours is not None and neighbours.size:
        local = standardised(neighbour_mean(target, neighbours))
        if local is not None:
            parts.append(local)
    return Design(shared.values, parts)


def neighbour_mean(values: Floats, neighbours: Rows, block: int = 65536) -> Floats:
    """Mean of ``values`` over each lesion's neighbours (n,), itself and missing ones left out; NaN where none is left.

    Of log|r| this is the geometric mean of the neighbours' residuals: for a scale as efficient as their MAD, and
    bounded in what one wrong label can do because the residuals are cut first.
    """
    from scipy.sparse import csr_matrix

    n, k, known = values.size, neighbours.shape[1], np.isfinite(values)
    summed = np.zeros((n + 1, 2), np.float32)  # value and whether there is one; the last row stands for no lesion
    summed[:n, 0], summed[:n, 1] = np.where(known, values, 0.0), known
    ones, ends = np.ones(min(block, n) * k, np.float32), np.arange(min(block, n) + 1, dtype=np.int32) * np.int32(k)
    out = np.empty(n)
    for start in range(0, n, block):
        near = neighbours[start : start + block].astype(np.int32)
        m = len(near)
        np.minimum(near.view(np.uint32), np.uint32(n), out=near.view(np.uint32))  # none is -1, unsigned the largest
        np.copyto(near, n, where=near == np.arange(start, start + m, dtype=np.int32)[:, None])
        # A product with the matrix of who is near whom: half the time of gathering rows and adding them up.
        total, weight = (csr_matrix((ones[: m * k], near.ravel(), ends[: m + 1]), shape=(m, n + 1)) @ summed).T
        out[start : start + block] = np.where(weight > 0, total / np.maximum(weight, 1), np.nan)
    return out


def _cross_fitted(target: Floats, known: NDArray[np.bool_], design: Design, folds: NDArray[np.int64]) -> Floats:
    """Ridge regression of ``target`` on a sample of ``design``; each row is predicted from the other folds."""
    grams, moments = [], []
    sample = sampled(known)
    for fold in range(FOLDS):
        rows = sample[folds[sample] == fold]
        part = design.rows(rows)
        grams.append((part.T @ part).astype(np.float64))
        moments.append((part.T @ target[rows].astype(np.float32)).astype(np.float64))
    penalty = RIDGE * np.eye(design.width)
    penalty[0, 0] = 0.0
    weights = np.empty((FOLDS, design.width), np.float32)
    for fold in range(FOLDS):
        gram = sum((g for i, g in enumerate(grams) if i != fold), np.zeros_like(penalty)) + penalty
        moment = sum((m for i, m in enumerate(moments) if i != fold), np.zeros(design.width))
        weights[fold] = np.linalg.lstsq(gram, moment, rcond=1e-10)[0]
    return design.by_fold(weights, folds)
