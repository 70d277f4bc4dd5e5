"""The table that leaves: flagged and reviewed annotations, one row per lesion, attribute and reviewer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from skintui.attributes import ATTRIBUTES, BY_NAME
from skintui.review.record import Key, ReviewRecord
from skintui.review.verdicts import Verdict

EXPORT_SCHEMA = 1
"""Version of the columns below, written into every row."""

_TYPES: dict[str, Any] = {
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
EXPORT_COLUMNS: tuple[str, ...] = tuple(_TYPES)
_MEASURED = ("label", "predicted", "spread", "residual", "score", "q_value", "neighbour_median", "reason")
_ORDER = {a.name: i for i, a in enumerate(ATTRIBUTES)}


def export_rows(
    findings: pl.DataFrame | None,
    record: ReviewRecord | Mapping[Key, Verdict],
    *,
    dataset_sha256: str = "",
    model_id: str = "",
    patients: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Rows with ``EXPORT_COLUMNS``: by the findings' rank, then the reviewer; reviewed ones without a finding last.

    Args:
        findings: the audit's frame; None where there was no audit yet.
        record: the record, or its latest verdicts.
        dataset_sha256: fingerprint of the metadata that the findings are about.
        model_id: the model that made the predictions.
        patients: patient per lesion, for reviewed lesions that have no finding.

    A verdict given on other metadata (another ``dataset_sha256``) keeps the label and prediction its reviewer saw and
    that fingerprint; the present audit's numbers are about another label and stay empty.
    """
    latest = record.latest() if isinstance(record, ReviewRecord) else dict(record)
    by_annotation: dict[tuple[str, str], list[Verdict]] = {}
    for key in sorted(latest):
        by_annotation.setdefault(key[:2], []).append(latest[key])
    rows: list[dict[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    for finding in _concerned(findings, by_annotation).iter_rows(named=True):
        annotation = (finding["isic_id"], finding["attribute"])
        seen.add(annotation)
        verdicts: list[Verdict | None] = [*by_annotation.get(annotation, [])] or [None]
        rows.extend(_row(annotation, finding, v, dataset_sha256, model_id) for v in verdicts)
    for annotation in sorted(by_annotation.keys() - seen, key=lambda a: (a[0], _ORDER.get(a[1], len(_ORDER)))):
        bare = {"patient_id": (patients or {}).get(annotation[0])}
        rows.extend(_row(annotation, bare, v, dataset_sha256, model_id) for v in by_annotation[annotation])
    return pl.DataFrame(rows, schema=_TYPES)


def _concerned(findings: pl.DataFrame | None, reviewed: Mapping[tuple[str, str], object]) -> pl.DataFrame:
    """Findings that are flagged or reviewed, in their order."""
    if findings is None:
        return pl.DataFrame(schema={"isic_id": pl.String, "attribute": pl.String})
    keys = pl.DataFrame(
        {"isic_id": [i for i, _ in reviewed], "attribute": [a for _, a in reviewed]},
        schema={"isic_id": pl.String, "attribute": pl.String},
    ).with_columns(pl.lit(True).alias("_reviewed"))
    joined = findings.lazy().join(keys.lazy(), on=["isic_id", "attribute"], how="left", maintain_order="left")
    kept = joined.filter(pl.col("flagged").fill_null(False) | pl.col("_reviewed").fill_null(False))
    return kept.drop("_reviewed").collect()


def _row(
    annotation: tuple[str, str], finding: Mapping[str, Any], verdict: Verdict | None, sha: str, model_id: str
) -> dict[str, Any]:
    isic_id, name = annotation
    row: dict[str, Any] = {"isic_id": isic_id, "attribute": name, "patient_id": finding.get("patient_id")}
    row["unit"] = BY_NAME[name].unit if name in BY_NAME else ""
    row["dataset_sha256"], row["model_id"], row["schema_version"] = sha, model_id, EXPORT_SCHEMA
    of_today = verdict is None or verdict.dataset_sha256 in ("", sha)
    if of_today:
        row.update({column: finding.get(column) for column in _MEASURED})
    if verdict is not None:
        if not of_today or row["label"] is None:
            row["label"], row["predicted"] = verdict.label, verdict.predicted
            row["dataset_sha256"] = verdict.dataset_sha256 or sha
        for column in ("verdict", "proposed_value", "note", "reviewer", "reviewed_at"):
            row[column] = getattr(verdict, column)
    return row
