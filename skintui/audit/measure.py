"""How good an audit is, against errors that are known because they were planted.

Used by the self-test and the benchmarks only; the audit itself never sees the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import BY_COLUMN
from skintui.audit.bootstrap import Draws, PatientBootstrap
from skintui.audit.findings import Findings

Floats = NDArray[np.float64]
KS = (50, 100, 500)
LEVELS = (0.05, 0.1, 0.2)
ALL = "all"


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
    precision_at_by_kind: dict[str, dict[str, float]] = field(default_factory=dict)
    precision_at_by_attribute: dict[str, dict[str, float]] = field(default_factory=dict)
    errors_by_kind: dict[str, int] = field(default_factory=dict)
    errors_by_attribute: dict[str, int] = field(default_factory=dict)
    known: int = 0
    """Annotations left out of the ranking: errors known before."""


@dataclass(frozen=True)
class Ranked:
    """A ranking of annotations, most suspicious first, with what is wrong in it; N rows."""

    kind: NDArray[np.object_]
    """(N,) kind of the planted error, None for an annotation that was left alone."""
    attribute: NDArray[np.object_]
    """(N,) attribute names."""
    patient: NDArray[np.int64]
    """(N,) number of the patient, 0 … P − 1."""
    q: Floats
    """(N,) q-values, infinite where there is none."""
    flagged: NDArray[np.bool_]
    row: NDArray[np.int64]
    """(N,) rows of the findings that were ranked."""
    known_q: Floats = field(default_factory=lambda: np.empty(0))
    """(K,) q-values of errors known before: not ranked, but to discover one is no false discovery."""
    known_patient: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """(K,) their patients' numbers."""

    @property
    def hit(self) -> NDArray[np.bool_]:
        return np.array([kind is not None for kind in self.kind], bool)

    def reordered(self, scores: Floats) -> Ranked:
        """The same annotations by another score (N,), highest first, missing ones last, ties shuffled.

        Ties left in the order of this ranking would lend it to the other.
        """
        shuffled = np.random.default_rng(0).permutation(self.q.size)
        order = shuffled[np.argsort(-np.nan_to_num(scores[shuffled], nan=-np.inf), kind="stable")]
        fields = ("kind", "attribute", "patient", "q", "flagged", "row")
        return replace(self, **{name: getattr(self, name)[order] for name in fields})


def ranked(findings: Findings | pl.DataFrame, truth: pl.DataFrame, known: pl.DataFrame | None = None) -> Ranked:
    """Lay the ``truth`` (``isic_id, column, kind``) over findings, rows of ``known`` (``isic_id, column``) left out.

    ``column`` is a metadata column or an attribute name. A planted error stays in, known before or not.
    """
    frame = findings.frame if isinstance(findings, Findings) else findings
    names = ["isic_id", "attribute", "flagged", "q_value", *(["patient_id"] if "patient_id" in frame.columns else [])]
    rows = (
        frame.select(names)
        .with_row_index("row")
        .join(audited(truth), on=["isic_id", "attribute"], how="left", maintain_order="left")
    )
    if known is not None and known.height:
        before = audited(known.with_columns(pl.lit("known").alias("kind"))).rename({"kind": "before"})
        rows = rows.join(before, on=["isic_id", "attribute"], how="left", maintain_order="left")
    else:
        rows = rows.with_columns(pl.lit(None, pl.String).alias("before"))
    owner = "patient_id" if "patient_id" in rows.columns and rows["patient_id"].null_count() == 0 else "isic_id"
    rows = rows.with_columns((pl.col(owner).rank("dense").cast(pl.Int64) - 1).alias("owner"))
    q = pl.col("q_value").cast(pl.Float64).fill_null(float("inf"))
    apart = pl.col("before").is_not_null() & pl.col("kind").is_null()
    left, rows = rows.filter(apart).select(q, "owner"), rows.filter(~apart).with_columns(q)
    return Ranked(
        rows["kind"].to_numpy().astype(object),
        rows["attribute"].to_numpy().astype(object),
        rows["owner"].to_numpy(),
        rows["q_value"].to_numpy(),
        rows["flagged"].to_numpy(),
        rows["row"].cast(pl.Int64).to_numpy(),
        left["q_value"].to_numpy(),
        left["owner"].to_numpy(),
    )


def audited(truth: pl.DataFrame) -> pl.DataFrame:
    """Errors in audited attributes, ``isic_id, attribute, kind``, each annotation once."""
    names = pl.col("column").replace({column: a.name for column, a in BY_COLUMN.items()})
    named = truth.select("isic_id", names.alias("attribute"), "kind")
    return named.filter(pl.col("attribute").is_in([a.name for a in BY_COLUMN.values()])).unique(
        ["isic_id", "attribute"], keep="first", maintain_order=True
    )


Figures = dict[tuple[str, str, str], float]
"""Numbers by ``(what, of which group, at)``, e.g. ``("precision_at", "swap", "50")``; ``at`` is empty where unused."""


class Meter:
    """The figures of one ranking, as it is or with its patients drawn again (each row counted as often as drawn)."""

    def __init__(self, order: Ranked, *, ks: Sequence[int] = KS, levels: Sequence[float] = LEVELS) -> None:
        self.order, self.ks, self.levels = order, tuple(ks), tuple(levels)
        self.hit = order.hit
        places = np.flatnonzero(self.hit)
        self.kinds: dict[str, NDArray[np.int64]] = {}
        for kind in sorted(set(order.kind[places].tolist())):
            self.kinds[kind] = places[order.kind[places] == kind]
        self.kinds[ALL] = places
        self.attributes = {
            name: np.flatnonzero(order.attribute == name) for name in sorted(set(order.attribute.tolist()))
        }
        self.discovered = [np.flatnonzero(order.q <= level) for level in self.levels]

    def figures(self, times: NDArray[np.int64] | None = None, *, only_precision: bool = False) -> Figures:
        """Every figure; ``times`` (P,) says how often each patient was drawn (default: once)."""
        weight = np.ones(self.hit.size) if times is None else times[self.order.patient].astype(np.float64)
        out: Figures = {}
        clean = np.cumsum(np.where(self.hit, 0.0, weight))
        for kind, places in self.kinds.items():
            self._precision(out, kind, clean[places], weight[places], float(clean[-1]) if clean.size else 0.0)
        if only_precision:
            return out
        for name, rows in self.attributes.items():
            hit, mine = self.hit[rows], weight[rows]
            clean = np.cumsum(np.where(hit, 0.0, mine))
            self._precision(out, name, clean[hit], mine[hit], float(clean[-1]))
        total = float(weight[self.hit].sum())
        for level, rows in zip(self.levels, self.discovered, strict=True):
            found, right = float(weight[rows].sum()), float(weight[rows][self.hit[rows]].sum())
            known = self.order.known_patient[self.order.known_q <= level]
            also = float(known.size if times is None else times[known].sum())
            out["fdr", ALL, str(level)] = (found - right) / (found + also) if found + also else 0.0
            out["power", ALL, str(level)] = right / total if total else float("nan")
        return out

    def drawn(
        self, replicates: int, seed: int = 0, *, only_precision: bool = False
    ) -> dict[tuple[str, str, str], Draws]:
        """Every figure with what it is when the patients are drawn again, the same draws for every ranking of them."""
        values = self.figures(only_precision=only_precision)
        everyone = np.concatenate([self.order.patient, self.order.known_patient])  # so that their numbers stay theirs
        draws = PatientBootstrap(everyone, replicates=replicates, seed=seed)
        again = [self.figures(times, only_precision=only_precision) for times in draws.weights]
        return {key: Draws(value, np.array([one[key] for one in again])) for key, value in values.items()}

    def _precision(self, out: Figures, group: str, clean: Floats, weight: Floats, others: float) -> None:
        """Average precision and precision at k of errors with ``clean`` (h,) annotations ranked above each of them."""
        found = np.cumsum(weight)
        seen = clean + found
        total = float(found[-1]) if found.size else 0.0
        share = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
        out["average_precision", group, ""] = float((weight * share).sum() / total) if total else float("nan")
        for k in self.ks:
            most = min(float(k), total + others)
            within = np.clip(k - (seen - weight), 0.0, weight).sum()
            out["precision_at", group, str(k)] = float(within / most) if most else float("nan")


def measure_audit(
    findings: Findings | pl.DataFrame,
    truth: pl.DataFrame,
    *,
    known: pl.DataFrame | None = None,
    ks: Sequence[int] = KS,
    levels: Sequence[float] = LEVELS,
) -> AuditMeasures:
    """Hold the order of ``findings`` against ``truth`` (``isic_id, column, kind``, one row per planted error).

    ``known`` (``isic_id, column``) are annotations to leave out. An identity can catch by algebra what was planted in
    one column alone: for a fair figure of the model's audit, audit without identities.
    """
    meter = Meter(ranked(findings, truth, known), ks=ks, levels=levels)
    return measures_of(meter, truth)


def measures_of(meter: Meter, truth: pl.DataFrame) -> AuditMeasures:
    """The figures of a ranking by name."""
    order, hit = meter.order, meter.hit
    figures = meter.figures()
    at = {group: _at(figures, "precision_at", group) for group in [*meter.kinds, *meter.attributes]}
    return AuditMeasures(
        average_precision={kind: figures["average_precision", kind, ""] for kind in meter.kinds},
        average_precision_by_attribute={name: figures["average_precision", name, ""] for name in meter.attributes},
        precision_at=at[ALL],
        flagged=int(order.flagged.sum()),
        precision_flagged=_share(hit[order.flagged]),
        recall_flagged=_share(order.flagged[hit]),
        fdr=_at(figures, "fdr", ALL),
        power=_at(figures, "power", ALL),
        errors=int(hit.sum()),
        untestable=audited(truth).height - int(hit.sum()),
        precision_at_by_kind={kind: at[kind] for kind in meter.kinds if kind != ALL},
        precision_at_by_attribute={name: at[name] for name in meter.attributes},
        errors_by_kind={kind: places.size for kind, places in meter.kinds.items() if kind != ALL},
        errors_by_attribute={name: int(hit[rows].sum()) for name, rows in meter.attributes.items()},
        known=order.known_q.size,
    )


def _at(figures: Figures, what: str, group: str) -> dict[str, float]:
    return {at: value for (name, of, at), value in figures.items() if (name, of) == (what, group)}


def _share(values: NDArray[np.bool_], empty: float = float("nan")) -> float:
    return float(values.mean()) if values.size else empty
