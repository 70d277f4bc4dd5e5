"""Labels and predictions of the evaluated lesions, for plots that need more than a figure per attribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skintui.audit.metrics import coverage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.progress import Progress
    from skintui.steps.place import Place

    Floats = NDArray[np.float64]

NOMINAL = (0.5, 0.8, 0.95)
"""Shares that the spread's intervals should hold."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Held-out lesions (m) by the sixteen attributes, in their order and units; NaN where missing."""

    labels: Floats
    """(m, 16)."""
    predicted: Floats
    """(m, 16)."""
    spread: Floats
    """(m, 16) root mean squared deviation that the model expects of its prediction."""

    def coverage(self, attribute: int, nominal: Sequence[float] = NOMINAL) -> Floats:
        """Share of labels within the central interval of N(predicted, spread²) that should hold each ``nominal`` share.

        Pairs with a missing number or a spread of zero are left out; NaN without any pair.
        """
        return coverage(self.labels[:, attribute] - self.predicted[:, attribute], self.spread[:, attribute], nominal)

    def told(self, attribute: int) -> int:
        """Lesions with label, prediction and a spread above zero."""
        known = np.isfinite(self.labels[:, attribute]) & np.isfinite(self.predicted[:, attribute])
        return int((known & (self.spread[:, attribute] > 0)).sum())


def held_out_readings(place: Place, progress: Progress, *, searched: Place | None = None) -> Readings:
    """Of the lesions that ``evaluate`` counts; with ``searched``, patients of that data set are left out."""
    from skintui.steps.evaluation.cohort import held_out
    from skintui.steps.predictions import read_predictions

    lesions = place.lesions(progress)
    stored = read_predictions(place.workspace.predictions, lesions, ["predicted", "spread"])
    rows = held_out(lesions, stored, stored.about.rows).test
    if searched is not None:
        rows = rows[~np.isin(lesions.patients[rows], searched.lesions(progress).patients)]
    return Readings(lesions.labels()[rows], stored.predicted[rows], stored.spread[rows])
