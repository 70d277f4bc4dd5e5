from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from skintui.audit import AuditInput, Findings, audit, load_findings
from skintui.audit.ranking import EXPLAINED
from skintui.errors import WorkspaceError
from tests.audit.planted import planted


@pytest.fixture(scope="module")
def findings() -> Findings:
    return audit(planted(300, near=5).given)


def test_findings_read_back_with_what_their_q_values_are(findings: Findings, tmp_path: Path) -> None:
    findings.save(tmp_path / "findings.parquet")
    again = load_findings(tmp_path / "findings.parquet")
    assert again.frame.equals(findings.frame)
    assert replace(again, frame=findings.frame) == findings


def test_missing_findings_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no such file"):
        load_findings(tmp_path / "findings.parquet")


def test_damaged_findings_ask_for_a_new_audit(findings: Findings, tmp_path: Path) -> None:
    path = tmp_path / "findings.parquet"
    findings.save(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WorkspaceError, match="again"):
        load_findings(path)


def test_a_foreign_parquet_is_no_findings(tmp_path: Path) -> None:
    path = tmp_path / "findings.parquet"
    planted(10, near=0).truth.write_parquet(path)
    with pytest.raises(WorkspaceError, match="again"):
        load_findings(path)


def test_a_reason_that_was_not_written_out_is_made_on_demand() -> None:
    found = audit(planted(1000, near=0).given)
    row = max(EXPLAINED, found.flagged.height)
    assert found.frame["reason"][row] is None
    assert found.reason(row).startswith("label ")
    assert found.reason(0) == found.frame["reason"][0]


def test_columns_that_were_not_read_are_found_in_the_file(findings: Findings, tmp_path: Path) -> None:
    findings.save(tmp_path / "findings.parquet")
    slim = load_findings(tmp_path / "findings.parquet", [pl.col("score").cast(pl.Float32)])
    assert slim.frame.columns == ["score"]
    assert slim.row(7).equals(findings.frame[7])
    assert slim.reason(7) == findings.reason(7)


def test_a_reason_is_that_of_the_annotation_meant_or_none(findings: Findings, tmp_path: Path) -> None:
    findings.save(tmp_path / "findings.parquet")
    slim = load_findings(tmp_path / "findings.parquet", [pl.col("score")])
    isic_id, attribute = findings.frame.select("isic_id", "attribute").row(3)
    assert slim.reason(3, (isic_id, attribute)) == findings.reason(3)
    assert slim.reason(4, (isic_id, attribute)) == ""
    (tmp_path / "findings.parquet").unlink()
    assert slim.reason(3, (isic_id, attribute)) == ""


def test_arrays_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="predicted"):
        AuditInput(["I"], np.ones((1, 16)), np.ones((2, 16)))
