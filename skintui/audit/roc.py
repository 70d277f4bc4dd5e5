"""Areas under the receiver operating characteristic, whole and above a sensitivity, for any weights of the rows.

The curve goes through one point per distinct score and straight between them (tied scores count half). TPR is the share
of the positive rows at or above a threshold, FPR that of the negative ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skintui.audit.bootstrap import Draws, PatientBootstrap

Floats = NDArray[np.float64]

SENSITIVITY = 0.8
"""The ISIC 2024 challenge counts the area above this TPR: 0.2 is perfect, 0.02 is chance."""
_CELLS = 4_000_000
"""Numbers in memory at once."""


def auroc(target: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC of (n,) positives and scores, 0–1, chance 0.5; NaN without both kinds of rows."""
    return float(Roc(target, scores).areas()[0][0])


def partial_auroc(target: ArrayLike, scores: ArrayLike, *, above: float = SENSITIVITY) -> float:
    """Area between the ROC and the line TPR = ``above``, ∫ max(TPR − above, 0) dFPR; NaN without both kinds of rows.

    From 0 to 1 − ``above``, by chance (1 − above)² / 2. With 0.8 this is the score of the ISIC 2024 challenge
    (github.com/ISIC-Research/Challenge-2024-Metrics, whose code takes the partial area of McClish 1989 of the reversed
    scores up to FPR 0.2 and undoes its scaling).
    """
    return float(Roc(target, scores, above=above).areas()[1][0])


def with_draws(
    bootstrap: PatientBootstrap, target: ArrayLike, scores: ArrayLike, *, above: float = SENSITIVITY
) -> tuple[Draws, Draws]:
    """AUROC and partial AUROC of the bootstrap's (n,) rows, in every draw of its patients."""
    curve = Roc(target, scores, above=above)
    whole, partial = (np.full(bootstrap.replicates, np.nan) for _ in range(2))
    step = max(_CELLS // max(bootstrap.patient.size, 1), 1)
    for start in range(0, bootstrap.replicates if bootstrap.count > 1 else 0, step):
        part = slice(start, start + step)
        whole[part], partial[part] = curve.areas(bootstrap.weights[part][:, bootstrap.patient])
    own = curve.areas()
    return Draws(float(own[0][0]), whole), Draws(float(own[1][0]), partial)


class Roc:
    """Rows sorted by score once, for areas under many weightings of them."""

    def __init__(self, target: ArrayLike, scores: ArrayLike, *, above: float = SENSITIVITY) -> None:
        values = np.asarray(scores, np.float64)
        self._order = np.argsort(-values, kind="stable")
        ordered = values[self._order]
        self._starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if values.size else np.zeros(0, int)
        self._positive = np.asarray(target, np.bool_)[self._order]
        self._above = above

    def areas(self, weights: ArrayLike | None = None) -> tuple[Floats, Floats]:
        """AUROC and partial AUROC (B,) each under weights (B, n), all 1 by default; NaN where a side weighs nothing."""
        given = np.ones((1, self._order.size)) if weights is None else np.asarray(weights, np.float64)
        if not self._starts.size:
            return np.full(len(given), np.nan), np.full(len(given), np.nan)
        ordered = given[:, self._order]
        with np.errstate(invalid="ignore", divide="ignore"):
            tpr, fpr = self._rate(ordered * self._positive), self._rate(ordered * ~self._positive)
            width, rise = np.diff(fpr, axis=1), np.diff(tpr, axis=1)
            whole = (width * (tpr[:, 1:] + tpr[:, :-1]) / 2).sum(axis=1)
            over = np.maximum(tpr - self._above, 0.0)
            low, high = over[:, :-1], over[:, 1:]
            # A segment counts from where it crosses the line: that share of its width, and of the height over the line.
            slanted = np.where(rise > 0, (high**2 - low**2) / (2 * np.where(rise > 0, rise, 1.0)), low)
            partial = (width * slanted).sum(axis=1)
        exists = np.isfinite(tpr[:, -1]) & np.isfinite(fpr[:, -1])
        return np.where(exists, whole, np.nan), np.where(exists, partial, np.nan)

    def _rate(self, weights: Floats) -> Floats:
        """(B, G + 1) share of the weight down to each distinct score, from 0 to 1; NaN where there is none."""
        reached = np.cumsum(np.add.reduceat(weights, self._starts, axis=1), axis=1)
        return np.pad(reached / reached[:, -1:], ((0, 0), (1, 0)))
