"""Which annotations leave in an export, and which of their verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from skintui.review.record import Key
from skintui.review.verdicts import Verdict

FLAGGED, REVIEWED, ALL = "flagged", "reviewed", "all"
ANNOTATION = ["isic_id", "attribute"]

_SEEN: dict[str, Any] = {
    "isic_id": pl.String,
    "attribute": pl.String,
    "reviewer": pl.String,
    "verdict": pl.String,
    "proposed_value": pl.Float64,
    "note": pl.String,
    "reviewed_at": pl.String,
    "seen_label": pl.Float64,
    "seen_predicted": pl.Float64,
    "seen_sha256": pl.String,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What leaves; every field narrows, and nothing given leaves what was flagged or reviewed."""

    kinds: tuple[str, ...] = (FLAGGED, REVIEWED)
    """``flagged``, ``reviewed`` or both, or ``all`` annotations with a label."""
    attributes: tuple[str, ...] = ()
    """Names of the attributes; none for all."""
    reviewer: str = ""
    """Only this person's verdicts, and what they are about."""
    verdict: str = ""
    """Only verdicts of this kind, and what they are about."""
    within: pl.DataFrame | None = None
    """Lesions (``isic_id``) or annotations (``isic_id, attribute``) to choose from; none for all."""
    in_order: bool = False
    """Whether the annotations ``within`` also give the order; with ``all`` each then has a row, a label or not."""

    def narrowed(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Rows of the chosen attributes and lesions, in their order (which a semi-join does not keep)."""
        if self.attributes:
            frame = frame.filter(pl.col("attribute").is_in(self.attributes))
        if self.within is not None:
            held = self.within.lazy().unique()
            frame = frame.join(held, on=self.within.columns, how="inner", maintain_order="left")
        return frame

    def of_verdicts(self, verdicts: pl.LazyFrame) -> pl.LazyFrame:
        """The chosen ones of a frame that :func:`verdict_frame` made."""
        if self.reviewer:
            verdicts = verdicts.filter(pl.col("reviewer") == self.reviewer)
        if self.verdict:
            verdicts = verdicts.filter(pl.col("verdict") == self.verdict)
        return self.narrowed(verdicts)

    def of_findings(self, findings: pl.LazyFrame, verdicts: pl.LazyFrame) -> pl.LazyFrame:
        """The chosen findings, given the chosen verdicts, in the order of the findings or of ``within``."""
        reviewed = verdicts.select(ANNOTATION).unique().with_columns(_reviewed=pl.lit(value=True))
        found = self.narrowed(findings).join(reviewed, on=ANNOTATION, how="left", maintain_order="left")
        by_person = pl.col("_reviewed").fill_null(value=False)
        flagged = pl.col("flagged").fill_null(value=False)
        kinds = {FLAGGED: flagged, REVIEWED: by_person, ALL: pl.lit(value=True)}
        kept = found.filter(pl.any_horizontal([kinds[kind] for kind in self.kinds]))
        if self.reviewer or self.verdict:
            kept = kept.filter(by_person)
        kept = kept.drop("_reviewed")
        if self.within is None or not self.in_order:
            return kept
        ordered = self.within.lazy().select(ANNOTATION)
        ordered = ordered.filter(pl.col("attribute").is_in(self.attributes)) if self.attributes else ordered
        absent = "left" if ALL in self.kinds and not (self.reviewer or self.verdict) else "inner"
        return ordered.join(kept, on=ANNOTATION, how=absent, maintain_order="left")  # type: ignore[arg-type]


def verdict_frame(verdicts: Iterable[Verdict]) -> pl.DataFrame:
    """Verdicts as a table, by lesion, attribute and reviewer."""
    cast = list(verdicts)
    columns: dict[str, list[Any]] = {
        name: [getattr(v, name) for v in cast]
        for name in ("isic_id", "attribute", "reviewer", "verdict", "proposed_value", "note", "reviewed_at")
    }
    columns["seen_label"] = [v.label for v in cast]
    columns["seen_predicted"] = [v.predicted for v in cast]
    columns["seen_sha256"] = [v.dataset_sha256 for v in cast]
    return pl.DataFrame(columns, schema=_SEEN).sort("isic_id", "attribute", "reviewer")


def verdicts_of(choice: Choice, latest: Mapping[Key, Verdict]) -> list[Verdict]:
    """The chosen ones of the latest verdicts, by lesion, attribute and reviewer."""
    chosen = choice.of_verdicts(verdict_frame(latest.values()).lazy())
    keys = chosen.select("isic_id", "attribute", "reviewer").collect().sort(pl.all())
    return [latest[isic_id, name, reviewer] for isic_id, name, reviewer in keys.iter_rows()]
