from collections.abc import Iterator
from pathlib import Path

import pytest

from skintui.errors import ReviewError
from skintui.review.export import EXPORT_COLUMNS, export_rows
from skintui.review.incoming import read_sheet, take
from skintui.review.record import ReviewRecord
from skintui.review.sheet import write_csv
from skintui.review.verdicts import Verdict

WRONG = Verdict("ISIC_1", "areaMM2", "label_wrong", "ann", proposed_value=4.1, note="=ten times")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[ReviewRecord]:
    with ReviewRecord(tmp_path / "review.sqlite") as opened:
        yield opened


def test_new_verdicts_are_added(record: ReviewRecord) -> None:
    assert take(record, [WRONG]).added == 1
    assert record.latest()[WRONG.key].proposed_value == 4.1


def test_a_second_time_adds_nothing(record: ReviewRecord) -> None:
    take(record, [WRONG])
    again = take(record, [WRONG])
    assert (again.added, again.known, len(record.history())) == (0, 1, 1)


def test_a_contradiction_is_listed_and_the_verdict_here_stays(record: ReviewRecord) -> None:
    take(record, [WRONG])
    taken = take(record, [Verdict("ISIC_1", "areaMM2", "label_ok", "ann")])
    assert [(c.here.verdict, c.there.verdict) for c in taken.conflicts] == [("label_wrong", "label_ok")]
    assert record.latest()[WRONG.key].verdict == "label_wrong"


def test_another_reviewer_is_no_contradiction(record: ReviewRecord) -> None:
    take(record, [WRONG])
    assert take(record, [Verdict("ISIC_1", "areaMM2", "label_ok", "ben")]).added == 1


def test_an_exported_sheet_reads_back_the_same(record: ReviewRecord, tmp_path: Path) -> None:
    record.record(WRONG)
    write_csv(export_rows(None, record), EXPORT_COLUMNS, tmp_path / "out.csv")
    assert read_sheet(tmp_path / "out.csv") == list(record.latest().values())


def test_rows_without_a_verdict_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("isic_id,attribute,verdict,reviewer\nISIC_1,areaMM2,,\n")
    assert read_sheet(tmp_path / "a.csv") == []


def test_a_wrong_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("isic_id,attribute,verdict,reviewer\nISIC_1,areaMM2,maybe,ann\n")
    with pytest.raises(ReviewError, match="row 2: 'maybe' is no verdict"):
        read_sheet(tmp_path / "a.csv")


def test_a_value_that_is_no_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("isic_id,attribute,verdict,reviewer,proposed_value\nI,areaMM2,label_wrong,a,ten\n")
    with pytest.raises(ReviewError, match="row 2: proposed_value 'ten' is no number"):
        read_sheet(tmp_path / "a.csv")


def test_a_sheet_without_verdicts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("isic_id,attribute\n")
    with pytest.raises(ReviewError, match="no column 'verdict'"):
        read_sheet(tmp_path / "a.csv")


def test_where_asked_for_a_contradiction_is_taken_once(record: ReviewRecord) -> None:
    take(record, [WRONG])
    other = Verdict("ISIC_1", "areaMM2", "label_ok", "ann")
    taken = take(record, [other], replace=True)
    assert (taken.added, len(taken.conflicts)) == (0, 1)
    assert record.latest()[WRONG.key].verdict == "label_ok"
    assert take(record, [other], replace=True).known == 1


def test_what_was_replaced_comes_back_with_an_undo(record: ReviewRecord) -> None:
    take(record, [WRONG])
    take(record, [Verdict("ISIC_1", "areaMM2", "label_ok", "ann")], replace=True)
    record.undo("ann")
    assert record.latest()[WRONG.key].verdict == "label_wrong"


def test_a_spreadsheets_own_ways_do_no_harm(tmp_path: Path) -> None:
    lines = [
        'Reviewer,"Verdict",my column,proposed_value,note,attribute,isic_id',
        'ann, Label Wrong ,yellow,4.1,"two\r\nlines, ""quoted""",areaMM2,ISIC_1',
        "ben,LABEL-OK,,, ,areaMM2 , ISIC_2",
        ",,,,,,",
    ]
    (tmp_path / "a.csv").write_bytes("\r\n".join(lines).encode("utf-8-sig") + b"\r\n")
    first, second = read_sheet(tmp_path / "a.csv")
    assert (first.isic_id, first.verdict, first.proposed_value, first.reviewer) == ("ISIC_1", "label_wrong", 4.1, "ann")
    assert first.note == 'two\r\nlines, "quoted"'
    assert (second.isic_id, second.attribute, second.verdict) == ("ISIC_2", "areaMM2", "label_ok")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('"4,1"', "row 2: proposed_value '4,1' has a decimal comma; write 4.1"),
        ("4000", "row 2: the area cannot be 4000; it lies from 0.01 to 400 mm²"),
        ("nan", "row 2: the area cannot be nan|row 2: the proposed value nan is no finite number"),
    ],
)
def test_a_value_that_cannot_be_taken_is_explained(tmp_path: Path, value: str, told: str) -> None:
    text = f"isic_id,attribute,verdict,reviewer,proposed_value\nI,areaMM2,label_wrong,a,{value}\n"
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ReviewError, match=told):
        read_sheet(tmp_path / "a.csv")


def test_semicolons_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("isic_id;attribute;verdict;reviewer\n")
    with pytest.raises(ReviewError, match="separated by semicolons; save the sheet with commas"):
        read_sheet(tmp_path / "a.csv")


def test_a_column_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("isic_id,attribute,verdict,Verdict,reviewer\n")
    with pytest.raises(ReviewError, match="'verdict' twice"):
        read_sheet(tmp_path / "a.csv")


def test_a_verdict_without_a_reviewer_says_what_to_fill_in(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("isic_id,attribute,verdict,reviewer\nI,areaMM2,label_ok,\n")
    with pytest.raises(ReviewError, match="row 2: the verdict has no reviewer; fill in the column 'reviewer'"):
        read_sheet(tmp_path / "a.csv")


def test_a_note_of_several_lines_reads_back_without_a_conflict(record: ReviewRecord, tmp_path: Path) -> None:
    record.record(Verdict("ISIC_1", "areaMM2", "unsure", "ann", note="one\ntwo"))
    write_csv(export_rows(None, record), EXPORT_COLUMNS, tmp_path / "out.csv")
    assert take(record, read_sheet(tmp_path / "out.csv")).known == 1
