"""What a self-test measured, and how it is written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from skintui.audit.measure import ALL, KS, AuditMeasures

if TYPE_CHECKING:
    from skintui.audit.bootstrap import Draws

Key = tuple[str, str, str]
"""What, of which kind or attribute, at which level or place; see :mod:`skintui.audit.measure`."""
PRECISION = "average_precision"


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Every figure of the audit under test and of the rankings beside it, with intervals over patients."""

    measures: AuditMeasures
    draws: Mapping[Key, Draws]
    """Every figure of the audit in every draw of the patients."""
    peer_draws: Mapping[str, Mapping[Key, Draws]]
    """Average precision and precision at k of other rankings of the same annotations, in the same draws."""
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Rankings that could not be made, and why."""
    predictions_kind: str = ""
    q_kind: str = "estimate"
    """Whether the q-values are an estimate or rest on labels pretended to be confirmed."""
    confirmed: int = 0
    """Lesions pretended to be judged."""

    @property
    def peers(self) -> dict[str, dict[str, float]]:
        """Average precision per kind and ``all`` of other rankings of the same annotations."""
        return {
            name: {of: draws[PRECISION, of, ""].value for of in self.measures.average_precision}
            for name, draws in self.peer_draws.items()
        }

    @property
    def columns(self) -> tuple[str, ...]:
        return ("of", "errors", PRECISION, "low", "high", *(f"at_{k}" for k in KS), *self.peer_draws)

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row for all errors, then one per kind, then one per attribute."""
        found = self.measures
        counts = {ALL: found.errors} | found.errors_by_kind | found.errors_by_attribute
        for of, errors in counts.items():
            if (PRECISION, of, "") not in self.draws:
                continue
            between = self.draws[PRECISION, of, ""].estimate()
            row: dict[str, Any] = {"of": of, "errors": errors, PRECISION: between.value}
            row |= {"low": between.low, "high": between.high}
            row |= {f"at_{k}": self.draws["precision_at", of, str(k)].value for k in KS}
            for name, draws in self.peer_draws.items():
                row[name] = draws[PRECISION, of, ""].value if (PRECISION, of, "") in draws else None
            yield row

    discovery_columns = ("q", "fdr", "fdr_low", "fdr_high", "power", "power_low", "power_high")

    def discovery_rows(self) -> Iterator[dict[str, Any]]:
        """One row per asked false-discovery rate: what it is, and the share of the errors that is found."""
        for level in self.measures.fdr:
            row: dict[str, Any] = {"q": float(level)}
            for what in ("fdr", "power"):
                between = self.draws[what, ALL, level].estimate()
                row |= {what: between.value, f"{what}_low": between.low, f"{what}_high": between.high}
            yield row

    lead_columns = ("against", PRECISION, "lead", "lead_low", "lead_high")

    def lead_rows(self) -> Iterator[dict[str, Any]]:
        """How far the audit's average precision of all errors lies above each other ranking's, in the same draws."""
        own = self.draws[PRECISION, ALL, ""]
        for name, draws in self.peer_draws.items():
            other = draws[PRECISION, ALL, ""]
            lead = own.minus(other).estimate()
            yield {
                "against": name,
                PRECISION: other.value,
                "lead": lead.value,
                "lead_low": lead.low,
                "lead_high": lead.high,
            }

    def as_object(self) -> dict[str, Any]:
        found = self.measures
        intervals: dict[str, dict[str, Any]] = {}
        for (what, of, at), draws in self.draws.items():
            between = draws.estimate()
            intervals.setdefault(what, {}).setdefault(of, {})[at or "value"] = [between.low, between.high]
        return {
            PRECISION: found.average_precision,
            "precision_at": found.precision_at,
            "fdr": found.fdr,
            "power": found.power,
            "peers": self.peers,
            "predictions": self.predictions_kind,
            "errors": {ALL: found.errors} | found.errors_by_kind,
            "precision_at_by_kind": found.precision_at_by_kind,
            "by_attribute": {
                name: {
                    "errors": found.errors_by_attribute[name],
                    PRECISION: value,
                    "precision_at": found.precision_at_by_attribute[name],
                }
                for name, value in found.average_precision_by_attribute.items()
            },
            "intervals": intervals,
            "lead": {row.pop("against"): row for row in self.lead_rows()},
            "skipped": dict(self.skipped),
            "q_values": self.q_kind,
            "confirmed": self.confirmed,
            "known_left_out": found.known,
        }

    def summary(self) -> str:
        found = self.measures
        hits = f", {found.precision_flagged:.0%} of them planted" if found.flagged else ""
        q = "estimated q-values" if self.q_kind == "estimate" else "conformal q-values"
        return (
            f"{found.errors} errors planted, {found.flagged} annotations flagged{hits}; "
            f"{found.recall_flagged:.0%} of the planted ones are flagged ({q}, {self.predictions_kind} predictions)"
        )
