"""``selftest``: errors planted in a copy of the labels, and how well the audit finds them.

The stored predictions do not depend on the labels, so nothing is read anew. The audit under test sees neither the
identities (an error planted in one column alone can be caught by algebra) nor the model's probability of the original
label. What is wrong in the data set already counts against the audit when it is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from skintui.attributes import ATTRIBUTES, BY_COLUMN
from skintui.audit.measure import AuditMeasures, measure_audit
from skintui.audit.ranking import audit as ranked
from skintui.errors import UsageError
from skintui.progress import Progress
from skintui.steps.audit import audit_input, stored_neighbours
from skintui.steps.place import Place
from skintui.steps.predictions import read_predictions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.lesions import Lesions

PEERS = ("raw residual", "distance to neighbours")


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What was measured."""

    measures: AuditMeasures
    peers: dict[str, dict[str, float]]
    """Average precision per kind and ``all`` of simpler rankings of the same annotations."""
    predictions_kind: str

    @property
    def columns(self) -> tuple[str, ...]:
        return ("kind", "average_precision", *self.peers)

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row per kind of error."""
        for kind, value in self.measures.average_precision.items():
            yield {"kind": kind, "average_precision": value} | {n: peer.get(kind) for n, peer in self.peers.items()}

    def as_object(self) -> dict[str, Any]:
        return {
            "average_precision": self.measures.average_precision,
            "precision_at": self.measures.precision_at,
            "fdr": self.measures.fdr,
            "power": self.measures.power,
            "peers": self.peers,
            "predictions": self.predictions_kind,
        }

    def summary(self) -> str:
        found = self.measures
        hits = f", {found.precision_flagged:.0%} of them planted" if found.flagged else ""
        return (
            f"{found.errors} errors planted, {found.flagged} annotations flagged{hits}; "
            f"{found.recall_flagged:.0%} of the planted ones are flagged ({self.predictions_kind} predictions)"
        )


def selftest(
    place: Place, progress: Progress, *, kinds: str = "", fraction: float = 0.02, seed: int = 0, fdr: float = 0.1
) -> SelfTest:
    """Plant errors of ``kinds`` (comma-separated, empty for all) in ``fraction`` of the labels, audit, measure."""
    chosen = _kinds(kinds)
    lesions = place.lesions(progress)
    stored = read_predictions(place.workspace.predictions, lesions)
    near = stored_neighbours(place, lesions, stored, 30, progress)
    progress.start("planting errors")
    labels, truth = planted(lesions, chosen, fraction, seed)
    given = replace(audit_input(place, lesions, stored, near), labels=labels, label_logprob=None, identities=None)
    progress.start("ranking annotations")
    findings = ranked(given, fdr=fdr)
    peers = {name: measure_audit(frame, truth).average_precision for name, frame in _peers(findings.frame, labels)}
    return SelfTest(measure_audit(findings, truth), peers, findings.predictions_kind)


def _kinds(text: str) -> tuple[str, ...]:
    from skintui.dataset.drawn.faults import KINDS

    chosen = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip())) or KINDS
    if unknown := [kind for kind in chosen if kind not in KINDS]:
        raise UsageError(f"unknown kind of error '{unknown[0][:40]}'", do=f"choose from {', '.join(KINDS)}")
    return chosen


def planted(
    lesions: Lesions, kinds: Sequence[str], fraction: float, seed: int
) -> tuple[NDArray[np.float64], pl.DataFrame]:
    """Labels (n, 16) with errors of ``kinds`` in ``fraction`` of them, and the truth ``isic_id, column, kind, …``.

    Raises UsageError for a fraction outside 0 to 0.5.
    """
    from skintui.dataset.drawn.faults import KINDS, plant_faults

    if not 0 < fraction <= 0.5:
        raise UsageError(f"the fraction must lie between 0 and 0.5, not {fraction:g}")
    enough = min(
        0.5, fraction * (1 if len(kinds) == len(KINDS) else 12)
    )  # kinds are drawn unevenly; the rest is put back
    _, truth = plant_faults(lesions.frame, enough, seed)
    truth = truth.filter(pl.col("kind").is_in(list(kinds)))
    labels = lesions.labels().copy()
    wanted = round(fraction * int(np.isfinite(labels).sum()))
    if truth.height > wanted:
        truth = truth.sample(wanted, seed=seed)
    columns = {column: ATTRIBUTES.index(attribute) for column, attribute in BY_COLUMN.items()}
    for isic_id, column, value in truth.select("isic_id", "column", "corrupted").iter_rows():
        labels[lesions.row_of(isic_id), columns[column]] = value
    return labels, truth


def _peers(frame: pl.DataFrame, labels: NDArray[np.float64]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The same annotations ranked in simpler ways: by the residual, and by the distance to the neighbours' median.

    Both in standard deviations of the attribute's labels, so that attributes of different units can be compared.
    """
    deviations = {
        a.name: float(np.nanstd(labels[:, j])) for j, a in enumerate(ATTRIBUTES) if np.isfinite(labels[:, j]).any()
    }
    deviation = pl.col("attribute").replace_strict(deviations, default=1.0, return_dtype=pl.Float64)
    distance = (pl.col("label") - pl.col("neighbour_median")).abs() / deviation
    for name, score in zip(PEERS, (pl.col("residual").abs() / deviation, distance), strict=True):
        if frame.select(score.is_not_null().any()).item():
            yield name, frame.sort(score, descending=True, nulls_last=True, maintain_order=True)
