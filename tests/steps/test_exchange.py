from pathlib import Path

import pytest

from skintui.errors import ReviewError
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.exchange import apply_corrections, merge_records


def workspace(folder: Path, *verdicts: Verdict) -> Path:
    folder.mkdir()
    with ReviewRecord(folder / "review.sqlite") as record:
        for verdict in verdicts:
            record.record(verdict)
    return folder


def test_merging_adds_the_others_verdicts_and_lists_disagreements(tmp_path: Path) -> None:
    a = workspace(tmp_path / "a", Verdict("ISIC_1", "areaMM2", "label_ok", "ann"))
    b = workspace(tmp_path / "b", Verdict("ISIC_1", "areaMM2", "label_wrong", "ben"))
    merged = merge_records(a, b)
    assert merged.imported.taken.added == 1
    assert [(row["verdict_a"], row["verdict_b"]) for row in merged.rows()] == [("label_ok", "label_wrong")]


def test_merging_twice_adds_nothing(tmp_path: Path) -> None:
    a = workspace(tmp_path / "a")
    b = workspace(tmp_path / "b", Verdict("ISIC_1", "areaMM2", "label_wrong", "ben"))
    merge_records(a, b)
    assert merge_records(a, b).imported.summary().startswith("0 verdicts added, 1 known")


def test_merging_leaves_the_second_workspace_as_it_was(tmp_path: Path) -> None:
    a = workspace(tmp_path / "a", Verdict("ISIC_1", "areaMM2", "label_ok", "ann"))
    b = workspace(tmp_path / "b", Verdict("ISIC_2", "areaMM2", "label_ok", "ben"))
    merge_records(a, b)
    with ReviewRecord(b / "review.sqlite") as record:
        assert len(record.history()) == 1


def test_a_mistyped_workspace_is_not_made(tmp_path: Path) -> None:
    a = workspace(tmp_path / "a")
    with pytest.raises(ReviewError, match="no verdicts here"):
        merge_records(a, tmp_path / "typo")
    assert not (tmp_path / "typo").exists()


def test_corrections_are_written(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("isic_id,tbp_lv_areaMM2\nISIC_1,41.0\n")
    (tmp_path / "p.csv").write_text("isic_id,column,old,new\nISIC_1,tbp_lv_areaMM2,41.0,4.1\n")
    assert apply_corrections(tmp_path / "p.csv", tmp_path / "m.csv", tmp_path / "f.csv") == 1
    assert (tmp_path / "f.csv").read_text() == "isic_id,tbp_lv_areaMM2\nISIC_1,4.1\n"
