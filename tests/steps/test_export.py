"""Review, export, apply, scan: what leaves and comes back."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from skintui.errors import ReviewError, StaleError, UsageError, WorkspaceError
from skintui.progress import SILENT
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.audit import audit, kept_findings
from skintui.steps.chosen import Wanted
from skintui.steps.exchange import apply_corrections, import_sheet
from skintui.steps.export import completed, export
from skintui.steps.patch import patch
from skintui.steps.place import Place, open_place
from tests.small import read_rows

ID = "ISIC_0000004"


def say(place: Place, verdict: str, reviewer: str = "ann", value: float | None = None, **more: Any) -> None:
    """A verdict on the lesion's deltaL, as the application records it."""
    lesions = place.lesions()
    about = {
        "label": float(lesions.frame["tbp_lv_deltaL"][lesions.row_of(ID)]),
        "dataset_sha256": lesions.dataset_sha256,
    }
    with ReviewRecord(place.workspace.review) as record:
        record.record(Verdict(ID, "deltaL", verdict, reviewer, proposed_value=value, **{**about, **more}))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def audited(predicted: Place) -> Place:
    audit(predicted, SILENT)
    return predicted


def test_how_many_of_how_many_is_told(audited: Place, tmp_path: Path) -> None:
    say(audited, "label_ok")
    done = export(audited, str(tmp_path / "o.csv"), SILENT, Wanted(rows="all", attributes=("areaMM2",)))
    assert done.summary() == f"24 of 384 rows written to {tmp_path / 'o.csv'}"


def test_every_row_has_its_reason(audited: Place, tmp_path: Path) -> None:
    export(audited, str(tmp_path / "o.csv"), SILENT, Wanted(rows="all"))
    assert all(row["reason"] for row in table(tmp_path / "o.csv"))


def test_the_order_wanted_is_the_order_written(audited: Place, tmp_path: Path) -> None:
    only = pl.DataFrame({"isic_id": ["ISIC_0000009", ID], "attribute": ["deltaL", "deltaL"]})
    export(audited, str(tmp_path / "o.csv"), SILENT, Wanted(rows="all", only=only, in_order=True))
    assert [row["isic_id"] for row in table(tmp_path / "o.csv")] == ["ISIC_0000009", ID]


def test_all_rows_need_an_audit(predicted: Place, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there was no audit yet; run 'skintui audit'"):
        export(predicted, str(tmp_path / "o.csv"), SILENT, Wanted(rows="all"))


@pytest.mark.parametrize(("field", "told"), [({"rows": "some"}, "no rows 'some'"), ({"verdict": "x"}, "is no verdict")])
def test_a_wrong_word_writes_nothing(audited: Place, tmp_path: Path, field: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        export(audited, str(tmp_path / "o.csv"), SILENT, Wanted(**field))  # type: ignore[arg-type]
    assert not (tmp_path / "o.csv").exists()


def test_wide_counts_lesions(audited: Place, tmp_path: Path) -> None:
    say(audited, "label_wrong", value=-9.5)
    done = export(audited, str(tmp_path / "o.csv"), SILENT, Wanted(rows="reviewed"), wide=True)
    (row,) = table(tmp_path / "o.csv")
    assert done.summary().startswith("1 of 1 lesions written")
    assert (row["isic_id"], row["deltaL_proposed_value"], row["areaMM2_verdict"]) == (ID, "-9.5", "")


def test_an_existing_patch_is_kept(audited: Place, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("mine")
    with pytest.raises(WorkspaceError, match="exists already"):
        patch(audited, str(tmp_path / "p.csv"), SILENT)
    assert (tmp_path / "p.csv").read_text() == "mine"


def test_a_patch_holds_the_cells_own_text(audited: Place, tmp_path: Path) -> None:
    say(audited, "label_wrong", value=-9.5)
    patch(audited, str(tmp_path / "p.csv"), SILENT)
    (row,) = table(tmp_path / "p.csv")
    before = next(row for row in read_rows(audited.files.metadata) if row["isic_id"] == ID)["tbp_lv_deltaL"]
    assert row == {"isic_id": ID, "column": "tbp_lv_deltaL", "old": before, "new": "-9.5"}


def test_a_patch_applied_changes_that_cell_alone(audited: Place, tmp_path: Path) -> None:
    say(audited, "label_wrong", value=-9.5)
    patch(audited, str(tmp_path / "p.csv"), SILENT)
    assert apply_corrections(tmp_path / "p.csv", audited.files.metadata, tmp_path / "fixed.csv") == 1
    expected = read_rows(audited.files.metadata)
    next(row for row in expected if row["isic_id"] == ID)["tbp_lv_deltaL"] = "-9.5"
    assert read_rows(tmp_path / "fixed.csv") == expected


def test_the_fixed_metadata_opens_and_has_nothing_left_to_correct(audited: Place, small: Path, tmp_path: Path) -> None:
    say(audited, "label_wrong", value=-9.5)
    patch(audited, str(tmp_path / "p.csv"), SILENT)
    apply_corrections(tmp_path / "p.csv", audited.files.metadata, tmp_path / "fixed.csv")
    fixed = open_place(small, metadata=tmp_path / "fixed.csv", workspace=audited.workspace.root)
    again = patch(fixed, str(tmp_path / "q.csv"), SILENT)
    assert (again.rows, again.left_out[0].why) == (0, "the label is -9.5 already")


def test_a_patch_of_an_earlier_table_does_not_apply(audited: Place, tmp_path: Path) -> None:
    say(audited, "label_wrong", value=-9.5)
    patch(audited, str(tmp_path / "p.csv"), SILENT)
    apply_corrections(tmp_path / "p.csv", audited.files.metadata, tmp_path / "fixed.csv")
    with pytest.raises(ReviewError, match=r"holds '-9\.5', the patch expects"):
        apply_corrections(tmp_path / "p.csv", tmp_path / "fixed.csv", tmp_path / "twice.csv")
    assert not (tmp_path / "twice.csv").exists()


def test_who_differs_is_listed_and_left_out(audited: Place, tmp_path: Path) -> None:
    say(audited, "label_wrong", "ann", -9.5)
    say(audited, "label_ok", "ben")
    done = patch(audited, str(tmp_path / "p.csv"), SILENT)
    assert list(done.lines()) == [
        f"left out {ID} deltaL: reviewers differ: ann label_wrong -9.5, ben label_ok; take one reviewer's with "
        "--reviewer NAME, or decide again until they agree"
    ]
    assert table(tmp_path / "p.csv") == []


def test_one_reviewers_corrections_can_be_taken(audited: Place, tmp_path: Path) -> None:
    say(audited, "label_wrong", "ann", -9.5)
    say(audited, "label_ok", "ben")
    assert patch(audited, str(tmp_path / "p.csv"), SILENT, Wanted(reviewer="ann")).rows == 1


def test_nothing_to_correct_is_said(audited: Place, tmp_path: Path) -> None:
    assert patch(audited, str(tmp_path / "p.csv"), SILENT).summary().startswith("nothing to correct")
    assert (tmp_path / "p.csv").read_text() == "isic_id,column,old,new\n"


def test_metadata_in_parquet_has_no_patch(audited: Place, small: Path, tmp_path: Path) -> None:
    pl.read_csv(audited.files.metadata, infer_schema=False).write_parquet(tmp_path / "metadata.parquet")
    place = open_place(small, metadata=tmp_path / "metadata.parquet", workspace=tmp_path / "w")
    with pytest.raises(ReviewError, match="a patch changes cells of a CSV"):
        patch(place, str(tmp_path / "p.csv"), SILENT)


def test_an_export_reads_back_without_a_conflict(audited: Place, tmp_path: Path) -> None:
    say(audited, "label_wrong", "ann", -9.5, note="=SUM(A1)")
    export(audited, str(tmp_path / "o.csv"), SILENT)
    taken = import_sheet(audited, tmp_path / "o.csv").taken
    assert (taken.added, taken.known, taken.conflicts) == (0, 1, ())


@pytest.mark.parametrize("block", [1, 4, 1 << 18])
def test_rows_are_read_in_blocks_of_any_size(
    audited: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, block: int
) -> None:
    monkeypatch.setattr("skintui.steps.export._BLOCK", block)
    wanted = pl.read_parquet(audited.workspace.findings)[[7, 0, 30, 3]]
    chosen = Wanted(rows="all", only=wanted.select("isic_id", "attribute"), in_order=True)
    export(audited, str(tmp_path / "f.csv"), SILENT, chosen)
    told = [(row["isic_id"], row["attribute"], row["label"]) for row in table(tmp_path / "f.csv")]
    assert told == [(i, a, str(label)) for i, a, label in wanted.select("isic_id", "attribute", "label").iter_rows()]


def test_findings_that_were_replaced_meanwhile_are_not_mixed(audited: Place) -> None:
    findings = kept_findings(audited, audited.lesions().dataset_sha256, [pl.col("isic_id", "attribute", "flagged")])
    assert findings is not None
    chosen = findings.findings.frame.with_row_index("_place").head(3)
    whole = pl.read_parquet(audited.workspace.findings)
    whole.reverse().write_parquet(audited.workspace.findings)
    with pytest.raises(StaleError, match="another audit"):
        completed(chosen, findings.findings)
