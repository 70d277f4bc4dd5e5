"""``audit --systematic``: one cause behind many wrong labels, as one finding each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.attributes import ATTRIBUTES
from skintui.audit import systematic as audit_systematic
from skintui.dataset.schema import UNKNOWN_PATIENT
from skintui.nouns import counted
from skintui.steps.clusters import GROUPED_BY

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from skintui.audit.findings import Findings
    from skintui.audit.systematic import SystematicError
    from skintui.dataset.lesions import Lesions

COLUMNS = tuple(audit_systematic.SCHEMA)


@dataclass(frozen=True, slots=True)
class Systematic:
    """Systematic errors, those of most labels first."""

    errors: tuple[SystematicError, ...]
    fdr: float

    def rows(self, top: int | None = None) -> Iterator[dict[str, Any]]:
        """Rows with ``COLUMNS``."""
        return (error.row() for error in self.errors[:top])

    def summary(self) -> str:
        count = counted(len(self.errors), "systematic error")
        return f"{count} at a false-discovery rate of {self.fdr:g}"


def find_systematic(
    lesions: Lesions, predicted: NDArray[np.float64], spread: NDArray[np.float64], fdr: float
) -> Systematic:
    """Hold the labels of every patient, source, site and tile type against the predictions.

    ``predicted`` and ``spread`` are (n, 16) in units: what the model reads, and how far labels usually are from it.
    """
    errors = audit_systematic.systematic_errors(lesions.labels(), predicted, spread, groups_of(lesions), fdr=fdr)
    return Systematic(tuple(errors), fdr)


def systematic_of(lesions: Lesions, findings: Findings) -> Systematic:
    """The same from findings as the audit gave them."""
    return find_systematic(lesions, *laid_out(lesions, findings), findings.fdr)


def laid_out(lesions: Lesions, findings: Findings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Predictions and spreads (n, 16) of the findings, NaN where there is none."""
    codes, n = findings.codes(lesions.ids), len(lesions)
    known = codes >= 0

    def laid(column: str) -> NDArray[np.float64]:
        values = np.full(n * len(ATTRIBUTES), np.nan)
        values[codes[known]] = findings.frame[column].fill_null(float("nan")).to_numpy()[known]
        return values.reshape(n, len(ATTRIBUTES))

    return laid("predicted"), laid("spread")


def groups_of(lesions: Lesions) -> dict[str, pl.Series]:
    """Groups by their kind; unknown patients are in none."""
    frame = lesions.frame
    groups = {kind: frame.get_column(column) for kind, column in GROUPED_BY.items() if column in frame.columns}
    patients = groups["patient"]
    groups["patient"] = patients.set(patients == UNKNOWN_PATIENT, None)
    return groups
