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
