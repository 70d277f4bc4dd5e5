"""The wide table: one row per lesion, a block of columns per attribute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from skintui.attributes import ATTRIBUTES
from skintui.review.choice import ANNOTATION, Choice, verdict_frame
from skintui.review.export import COLUMN_TYPES, EXPORT_SCHEMA, Record, chosen_rows
from skintui.review.record import ReviewRecord

DISAGREE = "disagree"
"""Stands for the verdict where reviewers decided differently."""
_MEASURED = ("label", "predicted", "spread", "score", "q_value", "flagged")
_DECIDED = ("verdict", "proposed_value", "note", "reviewer")
BLOCK = (*_MEASURED, *_DECIDED)
"""What is told of each attribute, as ``areaMM2_label``."""


def wide_columns(attributes: Sequence[str] = ()) -> list[str]:
    """The columns of the wide table for these attributes, by default all sixteen."""
    names = [a.name for a in ATTRIBUTES if not attributes or a.name in attributes]
    blocks = [f"{name}_{column}" for name in names for column in BLOCK]
    return ["isic_id", "patient_id", *blocks, "dataset_sha256", "model_id", "schema_version"]


def wide_rows(
    findings: pl.DataFrame | None,
    record: Record,
    *,
    choice: Choice,
    dataset_sha256: str = "",
    model_id: str = "",
    patients: pl.DataFrame,
) -> pl.DataFrame:
    """A row with :func:`wide_columns` per lesion that has a chosen annotation, in the order these come.

    Numbers are told of every attribute of such a lesion, flagged or not. Where reviewers agree their verdict (value)
    stands in its column, else ``disagree`` (nothing). A verdict on another label than today's is left out; without
    findings nobody knows today's, and every verdict stands.
    """
    latest = record.latest() if isinstance(record, ReviewRecord) else record
    lesions = _lesions(findings, latest, choice)
    found = pl.DataFrame(schema={**COLUMN_TYPES, "flagged": pl.Boolean}) if findings is None else findings
    measured = found.lazy().select(*ANNOTATION, *_MEASURED).join(lesions.lazy(), on="isic_id", how="semi")
    verdicts = choice.of_verdicts(verdict_frame(latest.values()).lazy())
    decided = verdicts.join(measured.select(*ANNOTATION, "label"), on=ANNOTATION, how="left")
    of_today = pl.col("seen_label").eq_missing(pl.col("label")) | pl.col("seen_label").is_null()
    counted = decided if findings is None else decided.filter(of_today)
    each = counted.group_by(ANNOTATION).agg(*_joined()).collect().lazy()
    told = measured.join(each, on=ANNOTATION, how="full", coalesce=True).collect()
    parts = told.partition_by("attribute", as_dict=True, include_key=False)
    table = lesions.join(patients.select("isic_id", "patient_id"), on="isic_id", how="left", maintain_order="left")
    for a in ATTRIBUTES:
        if choice.attributes and a.name not in choice.attributes:
            continue
        part = parts.get((a.name,), told.clear().drop("attribute"))
        renamed = part.rename({column: f"{a.name}_{column}" for column in BLOCK})
        table = table.join(renamed, on="isic_id", how="left", maintain_order="left")
    about: list[Any] = [pl.lit(dataset_sha256).alias("dataset_sha256"), pl.lit(model_id).alias("model_id")]
    return table.with_columns(*about, pl.lit(EXPORT_SCHEMA).alias("schema_version")).select(
        wide_columns(choice.attributes)
    )


def lesion_count(findings: pl.DataFrame | None, record: Record, choice: Choice) -> int:
    """How many rows the wide table has."""
    return _lesions(findings, record, choice).height


def _lesions(findings: pl.DataFrame | None, record: Record, choice: Choice) -> pl.DataFrame:
    rows = chosen_rows(findings, record, choice)
    return rows.select(pl.col("isic_id").unique(maintain_order=True)).collect()


def _joined() -> list[pl.Expr]:
    """The verdicts on one annotation as one."""
    value = pl.col("proposed_value").drop_nulls()
    notes = pl.col("note").filter(pl.col("note") != "")
    agreed = pl.col("verdict").n_unique() == 1
    return [
        pl.when(agreed).then(pl.col("verdict").first()).otherwise(pl.lit(DISAGREE)).alias("verdict"),
        pl.when(agreed & (value.n_unique() == 1)).then(value.first()).alias("proposed_value"),
        notes.sort_by(pl.col("reviewer").filter(pl.col("note") != "")).str.join("; ").alias("note"),
        pl.col("reviewer").sort().str.join("; ").alias("reviewer"),
    ]
