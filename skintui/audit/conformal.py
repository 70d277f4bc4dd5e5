"""q-values that people have vouched for: conformal p-values from labels confirmed on random lesions.

p = (1 + #{calibration scores ≥ s}) / (n + 1), after Bates et al. (2023), "Testing for outliers with conformal
p-values". Valid because the calibration sample was drawn at random and confirmed, not because the model is any good.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether enough labels are confirmed to flag anything, and the line that says so."""

    ready: bool
    confirmed: int
    needed: int
    why: str


def readiness(confirmed: int, tests: int, suspicious: int, fdr: float) -> Readiness:
    """Whether ``confirmed`` calibration scores can flag anything among ``tests``.

    The smallest possible p is 1/(n + 1), so Benjamini–Hochberg at ``fdr`` flags nothing unless at least
    m / (fdr·(n + 1)) scores beat every calibration score. ``suspicious`` is how many the estimate would flag: no more
    than that can be hoped for.
    """
    hoped = max(suspicious, 1)
    needed = max(math.ceil(tests / (fdr * hoped)) - 1, 1)
    if confirmed >= needed:
        return Readiness(True, confirmed, needed, f"calibrated on {confirmed:,} confirmed labels of random lesions")
    extreme = math.ceil(tests / (fdr * (confirmed + 1)))
    why = f"estimate: {confirmed:,} labels of random lesions are confirmed, about {needed:,} are needed"
    if extreme <= tests:
        why += f" (so far {extreme:,} of {tests:,} annotations would have to be extreme, {suspicious:,} look so)"
    return Readiness(False, confirmed, needed, why)


def conformal_p_values(
    scores: Floats, calibration: NDArray[np.bool_], patients: NDArray[np.object_] | None = None
) -> Floats:
    """Conformal p (n, A) of ``scores`` (n, A), larger = odder; ``calibration`` (n, A) marks confirmed ones.

    Split by patient: a lesion is held against calibration scores of *other* patients only, so neither it nor its
    patient's other lesions vouch for it. NaN where the score is missing.
    """
    known = calibration & np.isfinite(scores)
    rows, columns = np.nonzero(known)
    values = scores[rows, columns]
    count = _at_least(np.sort(values), scores)
    total = np.full(scores.shape[0], float(values.size))
    owners = np.arange(scores.shape[0]) if patients is None else _codes(patients)
    for owner in np.unique(owners[rows]):
        same = np.flatnonzero(owners == owner)
        own = np.sort(values[owners[rows] == owner])
        count[same] -= _at_least(own, scores[same])
        total[same] -= own.size
    p = (1.0 + count) / (total[:, None] + 1.0)
    p[~np.isfinite(scores)] = np.nan
    return p


def _at_least(ascending: Floats, scores: Floats) -> Floats:
    """#{ascending ≥ s} for each score."""
    return (ascending.size - np.searchsorted(ascending, scores, side="left")).astype(np.float64)


def _codes(patients: NDArray[np.object_]) -> NDArray[np.int64]:
    return np.asarray(np.unique(patients.astype(str), return_inverse=True)[1], np.int64)
