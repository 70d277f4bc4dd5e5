"""The table that leaves: one row per lesion, attribute and reviewer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from skintui.attributes import ATTRIBUTES
from skintui.review.choice import ALL, ANNOTATION, FLAGGED, REVIEWED, Choice, verdict_frame
from skintui.review.record import Key, ReviewRecord
from skintui.review.verdicts import Verdict

EXPORT_SCHEMA = 1
"""Version of the columns below, written into every row."""

COLUMN_TYPES: dict[str, Any] = {
    "isic_id": pl.String,
    "patient_id": pl.String,
    "attribute": pl.String,
    "unit": pl.String,
    "label": pl.Float64,
    "predicted": pl.Float64,
    "spread": pl.Float64,
    "residual": pl.Float64,
    "score": pl.Float64,
    "q_value": pl.Float64,
    "neighbour_median": pl.Float64,
    "reason": pl.String,
    "verdict": pl.String,
    "proposed_value": pl.Float64,
    "note": pl.String,
    "reviewer": pl.String,
    "reviewed_at": pl.String,
    "dataset_sha256": pl.String,
    "model_id": pl.String,
    "schema_version": pl.Int64,
}
EXPORT_COLUMNS: tuple[str, ...] = tuple(COLUMN_TYPES)
_MEASURED = ("label", "predicted", "spread", "residual", "score", "q_value", "neighbour_median", "reason")
_FOUND = (*ANNOTATION, "patient_id", "flagged", *_MEASURED)
_UNITS = {a.name: a.unit for a in ATTRIBUTES}
_ORDER = {a.name: i for i, a in enumerate(ATTRIBUTES)}

Record = ReviewRecord | Mapping[Key, Verdict]


def export_rows(
    findings: pl.DataFrame | None,
    record: Record,
    *,
    choice: Choice | None = None,
    dataset_sha256: str = "",
    model_id: str = "",
    patients: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Rows with ``EXPORT_COLUMNS``: by the findings' rank, then the reviewer; reviewed ones without a finding last.

    Args:
        findings: the audit's frame; None where there was no audit yet.
        record: the record, or its latest verdicts.
        choice: which rows; by default the flagged and the reviewed ones.
        dataset_sha256: fingerprint of the metadata that the findings are about.
        model_id: the model that made the predictions.
        patients: ``isic_id, patient_id``, for lesions that have no finding.

    A verdict given on other metadata (another ``dataset_sha256``) keeps the label and prediction its reviewer saw and
    that fingerprint; the present audit's numbers are about another label and stay empty.
    """
    rows = chosen_rows(findings, record, choice or Choice())
    if patients is not None:
        known = patients.lazy().select("isic_id", _patient="patient_id")
        rows = rows.join(known, on="isic_id", how="left", maintain_order="left")
        rows = rows.with_columns(pl.coalesce("patient_id", "_patient").alias("patient_id"))
    judged = pl.col("verdict").is_not_null()
    of_today = (~judged | pl.col("seen_sha256").is_in(["", dataset_sha256])).fill_null(value=True)
    rows = rows.with_columns(pl.when(of_today).then(pl.col(name)).alias(name) for name in _MEASURED)
    as_seen = judged & (~of_today | pl.col("label").is_null())
    seen_sha = pl.when(pl.col("seen_sha256") != "").then("seen_sha256").otherwise(pl.lit(dataset_sha256))
    return (
        rows.with_columns(
            pl.when(as_seen).then("seen_label").otherwise("label").alias("label"),
            pl.when(as_seen).then("seen_predicted").otherwise("predicted").alias("predicted"),
            pl.when(as_seen).then(seen_sha).otherwise(pl.lit(dataset_sha256)).alias("dataset_sha256"),
            pl.col("attribute").replace_strict(_UNITS, default="", return_dtype=pl.String).alias("unit"),
            pl.lit(model_id).alias("model_id"),
            pl.lit(EXPORT_SCHEMA).alias("schema_version"),
        )
        .select(pl.col(name).cast(kind) for name, kind in COLUMN_TYPES.items())
        .collect()
    )


def chosen_rows(findings: pl.DataFrame | None, record: Record, choice: Choice) -> pl.LazyFrame:
    """The findings chosen, each with its verdicts, then verdicts on what is no finding."""
    latest = record.latest() if isinstance(record, ReviewRecord) else record
    verdicts = choice.of_verdicts(verdict_frame(latest.values()).lazy())
    found = pl.DataFrame(schema={**COLUMN_TYPES, "flagged": pl.Boolean}) if findings is None else findings
    known = [name for name in _FOUND if name in found.columns]
    kept = choice.of_findings(found.lazy().select(known), verdicts)
    rows = kept.join(verdicts, on=ANNOTATION, how="left", maintain_order="left_right")
    if REVIEWED not in choice.kinds and ALL not in choice.kinds:
        return rows
    rank = pl.col("attribute").replace_strict(_ORDER, default=len(_ORDER), return_dtype=pl.Int64)
    others = verdicts.join(kept, on=ANNOTATION, how="anti").sort("isic_id", rank, "reviewer")
    return pl.concat([rows, others], how="diagonal")


def chosen_findings(findings: pl.DataFrame, record: Record, choice: Choice) -> pl.DataFrame:
    """The findings chosen, with all their columns."""
    latest = record.latest() if isinstance(record, ReviewRecord) else record
    verdicts = choice.of_verdicts(verdict_frame(latest.values()).lazy())
    return choice.of_findings(findings.lazy(), verdicts).collect()


def row_count(findings: pl.DataFrame | None, record: Record, choice: Choice) -> int:
    """How many rows the export has."""
    latest = record.latest() if isinstance(record, ReviewRecord) else record
    if findings is None or latest or choice != Choice(choice.kinds):
        return int(chosen_rows(findings, latest, choice).select(pl.len()).collect().item())
    if ALL in choice.kinds:
        return findings.height
    return int(findings["flagged"].sum()) if FLAGGED in choice.kinds else 0
