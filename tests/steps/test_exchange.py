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


def test_the_same_reviewers_other_verdict_is_listed_and_left(tmp_path: Path) -> None:
    a = workspace(tmp_path / "a", Verdict("ISIC_1", "areaMM2", "label_ok", "ann"))
    b = workspace(tmp_path / "b", Verdict("ISIC_1", "areaMM2", "label_wrong", "ann", proposed_value=4.1))
    lines = merge_records(a, b).summary()
    assert "  conflict: ISIC_1 areaMM2 by ann: label_ok here, label_wrong (4.1) there" in lines


def test_disagreements_tell_the_values_proposed(tmp_path: Path) -> None:
    a = workspace(tmp_path / "a", Verdict("ISIC_1", "areaMM2", "label_ok", "ann"))
    b = workspace(tmp_path / "b", Verdict("ISIC_1", "areaMM2", "label_wrong", "ben", proposed_value=4.1, note="cm"))
    (row,) = merge_records(a, b).rows()
    assert (row["value_a"], row["value_b"], row["note_b"]) == (None, 4.1, "cm")


def test_agreement_is_told_per_pair_and_attribute(tmp_path: Path) -> None:
    values = {"ISIC_1": 1.0, "ISIC_2": 2.0}
    a, b = (
        workspace(
            tmp_path / name,
            *(Verdict(i, "areaMM2", "label_wrong", name, proposed_value=v) for i, v in values.items()),
            Verdict("ISIC_1", "deltaL", verdict, name),
        )
        for name, verdict in (("ann", "label_ok"), ("ben", "label_wrong"))
    )
    assert merge_records(a, b).summary()[1:4] == [
        "ann and ben: 2 of 3 alike, Cohen's kappa 0.00",
        "  areaMM2  2 of 2 alike, kappa undefined; right values: ICC(2,1) 1.00 over 2",
        "  deltaL   0 of 1 alike, kappa 0.00",
    ]


def test_three_reviewers_have_fleiss_kappa_together(tmp_path: Path) -> None:
    a = workspace(tmp_path / "a", *(Verdict("ISIC_1", "deltaL", "label_ok", name) for name in ("ann", "ben")))
    b = workspace(tmp_path / "b", Verdict("ISIC_1", "deltaL", "label_wrong", "cem"))
    assert "ann, ben and cem: 0 of 1 alike, Fleiss' kappa -0.50" in merge_records(a, b).summary()


def test_the_disagreements_of_three_are_listed_per_pair(tmp_path: Path) -> None:
    a = workspace(tmp_path / "a", *(Verdict("ISIC_1", "deltaL", "label_ok", name) for name in ("ann", "ben")))
    b = workspace(tmp_path / "b", Verdict("ISIC_1", "deltaL", "label_wrong", "cem"))
    pairs = [(row["reviewer_a"], row["reviewer_b"]) for row in merge_records(a, b).rows()]
    assert pairs == [("ann", "cem"), ("ben", "cem")]


def test_the_last_line_says_how_to_work_through_disagreements(tmp_path: Path) -> None:
    a = workspace(tmp_path / "a", Verdict("ISIC_1", "areaMM2", "label_ok", "ann"))
    b = workspace(tmp_path / "b", Verdict("ISIC_1", "areaMM2", "label_wrong", "ben"))
    last = merge_records(a, b).summary()[-1]
    assert last.startswith("1 disagreement: open the application")
    assert "'where two reviewers differ'" in last  # as the queues are called there


def test_names_from_another_record_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    a = workspace(tmp_path / "a", Verdict("ISIC_1", "areaMM2", "label_ok", "ann\x1b[2J"))
    b = workspace(tmp_path / "b", Verdict("ISIC_1", "areaMM2", "label_wrong", "ben"))
    assert "\x1b" not in "".join(merge_records(a, b).summary())
