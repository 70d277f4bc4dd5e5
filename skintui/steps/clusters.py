"""``audit --clusters``: patients, sources, sites and tile types with more flagged annotations than expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skintui.audit import clusters as audit_clusters
from skintui.dataset.schema import PATIENT, UNKNOWN_PATIENT

if TYPE_CHECKING:
    import polars as pl

    from skintui.audit.findings import Findings
    from skintui.dataset.lesions import Lesions

COLUMNS = tuple(audit_clusters.SCHEMA)
GROUPED_BY = {
    "patient": PATIENT,
    "source": "attribution",
    "site": "anatom_site_general",
    "tile type": "tbp_tile_type",
}
"""Column of the metadata by the word for it."""


@dataclass(frozen=True, slots=True)
class Clustered:
    """Groups with more flags than expected, least likely ones first."""

    frame: pl.DataFrame
    fdr: float

    def rows(self, top: int | None = None) -> Iterator[dict[str, Any]]:
        """Rows with ``COLUMNS``."""
        frame = self.frame if top is None else self.frame.head(top)
        return frame.iter_rows(named=True)

    @property
    def significant(self) -> int:
        """How many have a q-value of at most the false-discovery rate."""
        return int((self.frame["q_value"] <= self.fdr).sum())

    def summary(self) -> str:
        return (
            f"{self.significant} of {self.frame.height} groups with more flags than expected stand out at a "
            f"false-discovery rate of {self.fdr:g}"
        )


def find_clusters(lesions: Lesions, audited: audit_clusters.ByLesion, fdr: float) -> Clustered:
    """Hold each group's flags against what its size leads to expect."""
    groups = {
        word: lesions.frame.get_column(column) for word, column in GROUPED_BY.items() if column in lesions.frame.columns
    }
    patients = groups["patient"]
    groups["patient"] = patients.set(patients == UNKNOWN_PATIENT, None)
    return Clustered(audit_clusters.clusters(audited, groups), fdr)


def clusters_of(lesions: Lesions, findings: Findings) -> Clustered:
    """The same from findings as the audit gave them."""
    places = findings.codes(lesions.ids)
    audited = audit_clusters.ByLesion.of_findings(findings.frame, places, lesions.labels())
    return find_clusters(lesions, audited, findings.fdr)
