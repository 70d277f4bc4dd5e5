"""R², error and rank correlation of stored predictions, with intervals by patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skintui.audit.bootstrap import Draws, PatientBootstrap
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.evaluation.cohort import COLUMN
from skintui.steps.evaluation.result import Fit, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FitDraws:
    """One attribute's figures with all their draws."""

    n: int
    r2: Draws
    mae: Draws
    spearman: Draws

    def fit(self) -> Fit:
        return Fit(self.n, self.r2.estimate(), self.mae.estimate(), self.spearman.estimate())

    def gap_to(self, held_out: FitDraws) -> Gap:
        """These figures minus those of held-out patients."""
        return Gap(
            self.r2.minus(held_out.r2).estimate(),
            self.mae.minus(held_out.mae).estimate(),
            self.spearman.minus(held_out.spearman).estimate(),
        )


def measured(
    bootstrap: PatientBootstrap, labels: Floats, predicted: Floats, names: Iterable[str], progress: Progress
) -> dict[str, FitDraws]:
    """Figures per attribute of (m, 16) labels, NaN where missing, and (m, 16) predictions."""
    found = {}
    for name in names:
        stop_if_cancelled(progress)
        y, f = labels[:, COLUMN[name]], predicted[:, COLUMN[name]]
        n = int((np.isfinite(y) & np.isfinite(f)).sum())
        found[name] = FitDraws(n, bootstrap.r2(y, f), bootstrap.mae(y, f), bootstrap.spearman(y, f))
        progress.advance()
    return found
