from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from skintui.review.export import EXPORT_COLUMNS, export_rows
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict


def finding(isic_id: str, rank: int, flagged: bool, attribute: str = "areaMM2") -> dict[str, Any]:
    return {
        "rank": rank,
        "isic_id": isic_id,
        "patient_id": "IP_1",
        "attribute": attribute,
        "label": 41.2,
        "predicted": 8.9,
        "spread": 1.1,
        "residual": 32.3,
        "score": 12.0,
        "q_value": 0.001,
        "neighbour_median": 9.0,
        "flagged": flagged,
        "reason": "label odd",
    }


@pytest.fixture
def findings() -> pl.DataFrame:
    return pl.DataFrame([finding("ISIC_1", 1, True), finding("ISIC_2", 2, False), finding("ISIC_3", 3, False)])


@pytest.fixture
def record(tmp_path: Path) -> Any:
    with ReviewRecord(tmp_path / "review.sqlite") as opened:
        yield opened


def test_columns_are_those_of_the_contract(findings: pl.DataFrame, record: ReviewRecord) -> None:
    assert export_rows(findings, record).columns == list(EXPORT_COLUMNS)
    assert ",".join(EXPORT_COLUMNS) == (
        "isic_id,patient_id,attribute,unit,label,predicted,spread,residual,score,q_value,neighbour_median,reason,"
        "verdict,proposed_value,note,reviewer,reviewed_at,dataset_sha256,model_id,schema_version"
    )


def test_flagged_and_reviewed_leave_others_stay(findings: pl.DataFrame, record: ReviewRecord) -> None:
    record.record(Verdict("ISIC_3", "areaMM2", "label_ok", "ann"))
    rows = export_rows(findings, record)
    assert rows.select("isic_id", "verdict").rows() == [("ISIC_1", None), ("ISIC_3", "label_ok")]


def test_each_reviewer_has_a_row(findings: pl.DataFrame, record: ReviewRecord) -> None:
    for reviewer in ("ben", "ann"):
        record.record(Verdict("ISIC_1", "areaMM2", "label_wrong", reviewer, proposed_value=9.0))
    rows = export_rows(findings, record, dataset_sha256="sha", model_id="m")
    assert rows["reviewer"].to_list() == ["ann", "ben"]
    assert rows.select("unit", "proposed_value", "dataset_sha256", "model_id").row(0) == ("mm²", 9.0, "sha", "m")


def test_an_undone_verdict_does_not_leave(findings: pl.DataFrame, record: ReviewRecord) -> None:
    record.record(Verdict("ISIC_2", "areaMM2", "label_wrong", "ann"))
    record.undo("ann")
    assert export_rows(findings, record)["isic_id"].to_list() == ["ISIC_1"]


def test_a_reviewed_lesion_without_finding_comes_last(findings: pl.DataFrame, record: ReviewRecord) -> None:
    record.record(Verdict("ISIC_9", "deltaL", "image_unusable", "ann", label=-3.5))
    rows = export_rows(findings, record, patients=pl.DataFrame({"isic_id": ["ISIC_9"], "patient_id": ["IP_9"]}))
    assert rows.select("isic_id", "patient_id", "label").row(-1) == ("ISIC_9", "IP_9", -3.5)


def test_without_an_audit_the_verdicts_still_leave(record: ReviewRecord) -> None:
    record.record(Verdict("ISIC_9", "deltaL", "unsure", "ann"))
    assert export_rows(None, record).height == 1


def test_nothing_flagged_or_reviewed_is_an_empty_table(findings: pl.DataFrame, record: ReviewRecord) -> None:
    rows = export_rows(findings.filter(~pl.col("flagged")), record)
    assert rows.height == 0
    assert rows.columns == list(EXPORT_COLUMNS)


def test_a_verdict_on_former_metadata_keeps_what_its_reviewer_saw(findings: pl.DataFrame, record: ReviewRecord) -> None:
    record.record(Verdict("ISIC_1", "areaMM2", "label_wrong", "ann", label=7.0, predicted=2.0, dataset_sha256="then"))
    row = export_rows(findings, record, dataset_sha256="today").row(0, named=True)
    assert (row["label"], row["predicted"], row["score"], row["dataset_sha256"]) == (7.0, 2.0, None, "then")


def test_the_order_does_not_depend_on_the_order_of_decisions(findings: pl.DataFrame, tmp_path: Path) -> None:
    decisions = [
        Verdict(f"ISIC_{i}", "areaMM2", "unsure", r, reviewed_at="2026-01-01T00:00:00Z") for i in (3, 1) for r in "ba"
    ]
    tables = []
    for name, course in (("x", decisions), ("y", decisions[::-1])):
        with ReviewRecord(tmp_path / name) as record:
            for decision in course:
                record.record(decision)
            tables.append(export_rows(findings, record))
    assert tables[0].equals(tables[1])
