"""Predictions moved by what the model is off on this data set: measured here, by patients other than the lesion's own.

A model that learnt on other tiles (drawn ones, another camera) reads them in its own way: compressed, offset, with one
attribute leaking into another. What is left of that in the labels of *this* data set is regressed on what can be known
without the lesion's own label, and taken off. Wrong labels hardly take part: the regression is robust (Huber's weights
by iteratively reweighted least squares: Huber 1964; Holland & Welsch 1977; cut to nothing far out), and no lesion is
served by a fit that saw its patient (where fewer patients than folds are known, that saw the lesion).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import Attribute
from skintui.audit.columnwise import each_column
from skintui.audit.design import FOLDS, Design, Features, Floats, sampled, thinned
from skintui.audit.scale import to_scale
from skintui.audit.spread import (
    NORMAL_MEDIAN,
    Rows,
    SharedFeatures,
    neighbour_mean,
    standardised,
    typical_error,
)

FEWEST = 200
"""Labels below which an attribute's predictions are left as they are."""
WORTH = 0.97
"""Moved only where the median of |label − prediction| on other patients falls to this share or below."""
RIDGE = 3.0
ROUNDS = 5
HUBER = 1.345
"""In robust standard deviations; from five times that on a label has no weight."""
CUT = 6.0
"""A residual is cut to this many robust standard deviations before it stands for a neighbour's."""


@dataclass(frozen=True)
class Recalibrated:
    """Predictions (n, A) in units, and which attributes were moved."""

    predicted: Floats
    moved: tuple[str, ...]


def recalibrated(
    labels: Floats,
    predicted: Floats,
    shared: SharedFeatures,
    neighbours: Mapping[str, Rows] | None,
    attributes: tuple[Attribute, ...],
) -> Recalibrated:
    """Predictions (n, A) moved where that brings them nearer to labels of patients the regression did not see."""

    def moved(j: int) -> Floats | None:
        a = attributes[j]
        own = to_scale(predicted[:, j], a)
        residual = to_scale(labels[:, j], a) - own
        known = np.isfinite(residual)
        if known.sum() < FEWEST:
            return None
        off = bias(residual, shared, own, neighbours.get(a.name) if neighbours else None)
        after, before = (float(np.median(thinned(np.abs(each[known])))) for each in (residual - off, residual))
        if after > WORTH * before:
            return None
        with np.errstate(over="ignore"):
            return predicted[:, j] * np.exp(off) if a.log_scale else predicted[:, j] + off

    columns = dict(enumerate(each_column(moved, len(attributes))))
    better = {j: column for j, column in columns.items() if column is not None}
    out = predicted.copy("K") if better else predicted
    for j, column in better.items():
        out[:, j] = column
    return Recalibrated(out, tuple(attributes[j].name for j in better))


def bias(residual: Floats, shared: SharedFeatures, own: Floats, neighbours: Rows | None = None) -> Floats:
    """What the model is off, (n,), on the scale of ``residual`` (n,), NaN where the prediction ``own`` is missing.

    Each lesion's is told by a regression on other patients, from its features and the residuals of its neighbours
    (itself left out; lesions of its patient may be among them), and never outside the range that residuals have.
    """
    known = np.isfinite(residual)
    design = _design(residual, shared, own, neighbours)
    rows = sampled(known)
    low, high = np.quantile(thinned(residual[known]), (0.02, 0.98))
    weights = _cross_fitted(residual[rows], design.rows(rows), shared.folds[rows])
    off = np.clip(design.by_fold(weights, shared.folds), low, high)
    off[~np.isfinite(own)] = np.nan
    return off


def _design(residual: Floats, shared: SharedFeatures, own: Floats, neighbours: Rows | None) -> Design:
    """Intercept, shared features, the own prediction's curve, the neighbours' mean residual."""
    parts: list[Features] = []
    z = standardised(own)
    if z is not None:
        parts += [z * z - np.float32(1.0), z * z * z]
    if neighbours is not None and neighbours.size:
        known = thinned(residual[np.isfinite(residual)])
        middle, width = float(np.median(known)), CUT * typical_error(known)
        local = standardised(neighbour_mean(np.clip(residual, middle - width, middle + width), neighbours))
        if local is not None:
            parts.append(local)
    return Design(shared.values, parts)


def _cross_fitted(target: Floats, design: Features, folds: NDArray[np.int64]) -> Features:
    """Robust ridge regression, coefficients (FOLDS, p): row f is fitted on the lesions outside fold f.

    Every lesion's weight comes from its residual to the fit that did not see it, so that one pass over the design per
    round serves all folds.
    """
    y = target.astype(np.float32)
    penalty = RIDGE * np.eye(design.shape[1])
    penalty[0, 0] = 1e-6
    importance = np.ones(y.size, np.float32)
    coefficients = np.zeros((FOLDS, design.shape[1]), np.float32)
    members = [np.flatnonzero(folds == fold) for fold in range(FOLDS)]
    parts = [design[rows] for rows in members]
    for _ in range(ROUNDS):
        weighted = [part * importance[rows, None] for part, rows in zip(parts, members, strict=True)]
        grams = [(w.T @ part).astype(np.float64) for w, part in zip(weighted, parts, strict=True)]
        moments = [(w.T @ y[rows]).astype(np.float64) for w, rows in zip(weighted, members, strict=True)]
        gram, moment = sum(grams, penalty), sum(moments, np.zeros(design.shape[1]))
        distance = np.empty_like(y)
        for fold, (rows, part) in enumerate(zip(members, parts, strict=True)):
            solved = np.linalg.lstsq(gram - grams[fold], moment - moments[fold], rcond=1e-10)[0]
            coefficients[fold] = solved
            distance[rows] = np.abs(y[rows] - part @ coefficients[fold])
        deviation = float(np.median(distance)) / NORMAL_MEDIAN
        if not deviation > 0:
            break
        importance = np.minimum(1.0, HUBER * deviation / np.maximum(distance, np.finfo(np.float32).tiny))
        importance[distance > 5 * HUBER * deviation] = 0.0
    return coefficients
