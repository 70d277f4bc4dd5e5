from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui.errors import FilterError
from skintui.session import Cell, Curator, Session
from skintui.session.rules import Having, Order, Rules, Where
from skintui.steps.place import Place
from tests.made_results import WRONG, copied, flag


@pytest.fixture
def place(prepared: Place, tmp_path: Path) -> Place:
    """The drawn lesions with the three planted errors flagged."""
    return flag(copied(prepared, tmp_path / "workspace"))


def listed(session: Session) -> list[Cell]:
    return [session.listing.cell(i, session.attribute) for i in range(len(session.listing))]


def test_flagged_lists_the_lesions_with_a_flag(session: Session) -> None:
    session.filter("flagged")
    assert session.view.rows.tolist() == [2, 7, 11]


def test_not_flagged_lists_the_others(session: Session) -> None:
    session.filter("NOT flagged")
    assert session.view.rows.tolist() == [row for row in range(24) if row not in (2, 7, 11)]


def test_suspicion_of_a_lesion_is_its_highest(session: Session) -> None:
    assert session.findings is not None
    scores = np.stack([session.findings.scores_of(attribute) for attribute in range(16)], axis=1)
    session.filter("suspicion > 4")
    assert session.view.rows.tolist() == np.flatnonzero(np.nanmax(scores, axis=1) > 4).tolist()


def test_in_the_queue_suspicion_is_of_each_annotation(session: Session) -> None:
    assert session.findings is not None
    session.show_queue(True)
    session.filter("suspicion > 4")
    scores = np.stack([session.findings.scores_of(attribute) for attribute in range(16)], axis=1)
    assert {cell.code for cell in listed(session)} == set(np.flatnonzero(scores.reshape(-1) > 4).tolist())


def test_a_filter_on_the_audit_leaves_the_lesions_of_the_metadata(session: Session) -> None:
    session.filter("flagged AND sex = 'male'")
    assert session.view.rows.tolist() == [2, 7]  # the first ten are the one man's


def test_difference_is_of_the_attribute_that_was_chosen(session: Session) -> None:
    row, attribute = WRONG[1]
    session.choose_attribute(attribute)
    apart = np.abs(session.labels[:, attribute] - session.predictions.predicted[:, attribute])
    session.filter(f"difference >= {apart.max()}")
    assert session.view.rows.tolist() == [row]
    assert "(long diameter)" in session.view.describe()


def test_verdict_is_the_gravest_of_a_lesion(session: Session) -> None:
    for attribute, verdict in ((0, "label_ok"), (1, "label_wrong")):
        session.selected = Cell(4, attribute)
        Curator(session).decide(verdict)
    session.filter("verdict = 'label_wrong'")
    assert session.view.rows.tolist() == [4]


def test_what_is_decided_leaves_the_queue_with_a_filter(session: Session) -> None:
    session.show_queue(True)
    first = session.listing.cell(0, 0)
    Curator(session).decide("label_ok")
    before = len(session.listing)
    session.filter("verdict IS NULL")
    assert len(session.listing) == before - 1
    assert session.listing.position(first) is None


def test_a_filter_by_the_audit_without_one_says_what_to_do(place: Place) -> None:
    session = Session(place, reviewer="ada")
    with pytest.raises(FilterError, match="no audit to filter by yet; make the index first"):
        session.filter("flagged")
    session.close()


def test_a_count_changes_nothing(session: Session) -> None:
    assert session.count(Where("sex = 'male'")) == (10, 24)
    assert len(session.view) == 24
    assert session.rules == Rules()


def test_the_rules_give_the_view_again(session: Session) -> None:
    session.filter("sex = 'male'")
    session.sort("age_approx", descending=True)
    session.narrow(Having("flagged", ""))
    rows, words = session.view.rows.tolist(), session.view.filters
    again = session.sieve.of(Rules.of(session.rules.plain()))
    assert sorted(again.rows.tolist()) == sorted(rows)
    assert again.filters == words


def test_a_flagged_attribute_lists_its_annotations_in_the_queue(session: Session) -> None:
    row, attribute = WRONG[1]
    session.show_queue(True)
    session.narrow(Having("attribute", "clin_size_long_diam_mm"))
    assert listed(session) == [Cell(row, attribute)]


def test_leaving_an_attribute_out_leaves_the_lesions_other_annotations_in_the_queue(session: Session) -> None:
    row, attribute = WRONG[1]
    session.show_queue(True)
    session.narrow(Having("attribute", "clin_size_long_diam_mm", without=True))
    cells = listed(session)
    assert Cell(row, attribute) not in cells
    assert any(cell.row == row for cell in cells)


def test_no_verdict_lists_lesions_nobody_has_judged(session: Session) -> None:
    session.selected = Cell(4, 2)
    Curator(session).decide("unsure")
    session.narrow(Having("verdict", "", without=True))
    assert session.view.rows.tolist() == [row for row in range(24) if row != 4]


def test_a_rule_that_would_leave_nothing_is_refused(session: Session) -> None:
    with pytest.raises(FilterError, match="no lesion matches 'verdict unsure'; the view stays as it was"):
        session.narrow(Having("verdict", "unsure"))
    assert session.rules == Rules()


def test_sorting_by_what_the_audit_flags_puts_flags_first(session: Session) -> None:
    session.sort("flagged", descending=True)
    assert session.view.rows[:4].tolist() == [2, 7, 11, 0]
    assert session.view.order == "flagged ↓"


def test_a_search_tells_the_next_of_the_same_kind(session: Session) -> None:
    session.selected = Cell(0, 0)
    first = session.search("ISIC_")
    assert first == 1
    session.select(first)
    assert session.search("ISIC_") == 2


def test_a_typo_finds_the_id(session: Session) -> None:
    wrong = session.ids[9][:-1] + ("0" if session.ids[9][-1] != "0" else "1")
    assert session.search(wrong) == 9


def test_an_order_is_kept_as_a_rule(session: Session) -> None:
    session.sort("suspicion", descending=True)
    assert session.rules.order == Order("suspicion", True, 0)
    session.clear()
    assert session.rules == Rules()
