"""The other lesions of the patient of one lesion, those most like it first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.dataset.schema import PATIENT, UNKNOWN_PATIENT
from skintui.errors import SkintuiError
from skintui.session.listing import Cell
from skintui.session.neighbourhood import Neighbour

if TYPE_CHECKING:
    from skintui.session.session import Session


@dataclass(frozen=True, slots=True)
class Lane:
    """The answer for one annotation."""

    cell: Cell
    patient: str
    """As the metadata names them; empty where nobody knows."""
    found: tuple[Neighbour, ...]
    """Other lesions of the patient, nearest label first, those without a label last."""
    lesions: int
    """How many lesions the patient has, this one included."""
    flagged: int
    """How many of them have an annotation that is flagged."""


def patient_lane(session: Session, cell: Cell, mode: str, k: int) -> Lane:
    """The ``k`` lesions of the same patient whose label of the attribute is nearest.

    Similarity is that of the vectors of ``mode``, NaN where there are none. Lesions of an unknown patient are not taken
    for one person's.
    """
    patients = session.lesions.table.get_column(PATIENT)
    patient = patients[cell.row]
    if patient is None or patient == UNKNOWN_PATIENT:
        return Lane(cell, "", (), 1, 0)
    rows = (patients == patient).arg_true().to_numpy().astype(np.int64)
    flagged = 0 if session.findings is None else int(session.findings.flags[rows].any(axis=1).sum())
    nearest = by_label(session.labels[:, cell.attribute], rows[rows != cell.row], cell)[:k]
    found = tuple(map(Neighbour, nearest.tolist(), _similarities(session, cell, mode, nearest)))
    return Lane(cell, str(patient), found, len(rows), flagged)


def by_label(labels: NDArray[np.float64], rows: NDArray[np.int64], cell: Cell) -> NDArray[np.int64]:
    """``rows`` by how far their label lies from that of ``cell``: as a ratio where the attribute is measured so.

    Without a label to compare with they stay in the order of the data set.
    """
    here, values = float(labels[cell.row]), labels[rows]
    if math.isnan(here):
        return rows
    if ATTRIBUTES[cell.attribute].log_scale:
        with np.errstate(divide="ignore", invalid="ignore"):
            away = np.abs(np.log(values / here))
    else:
        away = np.abs(values - here)
    return rows[np.argsort(away, kind="stable")]  # NaN comes last


def _similarities(session: Session, cell: Cell, mode: str, rows: NDArray[np.int64]) -> list[float]:
    """Cosines with the lesion of ``cell``; all NaN where there is no index to ask."""
    if session.neighbourhood is not None:
        try:
            return session.neighbourhood.similarities(cell, mode, rows)
        except SkintuiError:  # the lesions are listed all the same
            pass
    return [math.nan] * len(rows)
