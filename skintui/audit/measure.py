"""How good an audit is, against errors that are known because they were planted.

Used by the self-test and the benchmarks only; the audit itself never sees the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from skintui.attributes import BY_COLUMN
from skintui.audit.findings import Findings
from skintui.audit.metrics import average_precision, precision_at


@dataclass(frozen=True)
class AuditMeasures:
    """Figures of one audit against planted errors."""

    average_precision: dict[str, float]
    """Per kind of error (errors of other kinds left out of the ranking) and ``all``."""
    average_precision_by_attribute: dict[str, float]
    precision_at: dict[str, float]
    flagged: int
    precision_flagged: float
    """Share of the flagged annotations that are planted errors; NaN if nothing is flagged."""
    recall_flagged: float
    fdr: dict[str, float]
    """Realised share of false discoveries among q ≤ level, per level; 0 where nothing is discovered."""
    power: dict[str, float]
    """Share of the planted errors with q ≤ level, per level."""
    errors: int
    untestable: int
    """Planted errors that have no row in the findings (their label became missing)."""


def measure_audit(
    findings: Findings | pl.DataFrame,
    truth: pl.DataFrame,
    *,
    ks: Sequence[int] = (50, 100, 500),
    levels: Sequence[float] = (0.05, 0.1, 0.2),
) -> AuditMeasures:
    """Hold the order of ``findings`` against ``truth`` (``isic_id, column, kind``, one row per planted error).

    ``column`` is a metadata column or an attribute name. An identity can catch by algebra what was planted in one
    column alone: for a fair figure of the model's audit, audit without identities.
    """
    frame = findings.frame if isinstance(findings, Findings) else findings
    known = _with_kind(frame, truth)
    kinds = known["kind"].to_numpy()
    hit = known["kind"].is_not_null().to_numpy()
    order = -np.arange(hit.size, dtype=np.float64)
    flagged = known["flagged"].to_numpy()
    q = known["q_value"].fill_null(float("inf")).to_numpy()
    total = int(hit.sum())
    by_kind = {
        kind: average_precision(hit[keep], order[keep])
        for kind in sorted(set(kinds[hit].tolist()))
        for keep in [~hit | (kinds == kind)]
    }
    return AuditMeasures(
        average_precision={**by_kind, "all": average_precision(hit, order)},
        average_precision_by_attribute=_by_attribute(known, hit, order),
        precision_at={str(k): precision_at(hit, order, k) for k in ks},
        flagged=int(flagged.sum()),
        precision_flagged=_share(hit[flagged]),
        recall_flagged=_share(flagged[hit]),
        fdr={str(level): 1.0 - _share(hit[q <= level], empty=1.0) for level in levels},
        power={str(level): _share(q[hit] <= level) for level in levels},
        errors=total,
        untestable=_audited(truth).height - total,
    )


def _audited(truth: pl.DataFrame) -> pl.DataFrame:
    """Planted errors in audited attributes, ``isic_id, attribute, kind``, each annotation once."""
    names = pl.col("column").replace({column: a.name for column, a in BY_COLUMN.items()})
    named = truth.select("isic_id", names.alias("attribute"), "kind")
    return named.filter(pl.col("attribute").is_in([a.name for a in BY_COLUMN.values()])).unique(
        ["isic_id", "attribute"], keep="first", maintain_order=True
    )


def _with_kind(frame: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``frame`` in their order with ``kind``, null for an annotation that was left alone."""
    needed = frame.select("isic_id", "attribute", "flagged", "q_value")
    return needed.join(_audited(truth), on=["isic_id", "attribute"], how="left", maintain_order="left")


def _by_attribute(known: pl.DataFrame, hit: np.ndarray, order: np.ndarray) -> dict[str, float]:
    names = known["attribute"].to_numpy()
    present = dict.fromkeys(names.tolist())
    return {name: average_precision(hit[names == name], order[names == name]) for name in sorted(present)}


def _share(values: np.ndarray, empty: float = float("nan")) -> float:
    return float(values.mean()) if values.size else empty
