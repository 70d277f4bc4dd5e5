"""Orders of the queue."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from skintui.errors import FilterError
from skintui.session import Cell, Curator, Session
from skintui.session.jumps import go_flagged
from skintui.session.listing import A
from skintui.session.onward import advance, open_count
from skintui.session.queue import ORDERS, by_attribute, by_patient, random_sample
from skintui.steps.place import Place
from tests.made_results import WRONG


def enter(session: Session, order: str) -> list[Cell]:
    """The queue in an order, entered."""
    session.queue.order = order
    session.queue.attribute = session.attribute
    assert session.show_queue(True)
    return listed(session)


def listed(session: Session) -> list[Cell]:
    return [session.listing.cell(i, 0) for i in range(len(session.listing))]


def decide(session: Session, cell: Cell, verdict: str) -> None:
    session.selected = cell
    Curator(session).decide(verdict)


def test_by_patient_by_hand() -> None:
    # Lesions 0 and 1 are of patient 7, 2 of 5, 3 of 3. Patient 3 has two flags, 5 and 7 have one each, 5 the worse one.
    people = np.array([7, 7, 5, 3])
    cells = [Cell(2, 0), Cell(0, 1), Cell(3, 4), Cell(3, 2), Cell(1, 1), Cell(2, 9)]
    codes = np.array([cell.code for cell in cells])
    flagged = np.zeros(4 * A, dtype=np.bool_)
    flagged[[cell.code for cell in cells[:4]]] = True
    found = [Cell.of(code) for code in by_patient(codes, flagged, people)]
    assert found == [Cell(3, 4), Cell(3, 2), Cell(2, 0), Cell(2, 9), Cell(0, 1), Cell(1, 1)]


def test_by_attribute_begins_with_the_chosen_one_and_goes_round() -> None:
    cells = [Cell(0, 3), Cell(1, 5), Cell(2, 4), Cell(3, 4), Cell(4, 5)]
    found = by_attribute(np.array([cell.code for cell in cells]), 4)
    assert [Cell.of(code) for code in found] == [Cell(2, 4), Cell(3, 4), Cell(1, 5), Cell(4, 5), Cell(0, 3)]


def test_the_queue_by_patient_keeps_patients_together(session: Session) -> None:
    owners = [str(session.lesions.patients[cell.row]) for cell in enter(session, "patient")]
    changes = sum(a != b for a, b in pairwise(owners))
    assert changes == len(set(owners)) - 1


def test_the_queue_by_attribute_has_all_of_the_chosen_one_first(session: Session) -> None:
    session.choose_attribute(3)
    cells = enter(session, "attribute")
    assert [cell.attribute for cell in cells[:24]] == [3] * 24
    assert cells[0] == Cell(*WRONG[1])


def test_every_order_by_suspicion_lists_the_same_annotations(session: Session) -> None:
    assert set(enter(session, "suspicion")) == set(enter(session, "patient")) == set(enter(session, "attribute"))


# The random sample


def test_a_random_sample_has_each_lesion_once() -> None:
    codes = random_sample(np.ones((50, A)), "ab")
    assert sorted(codes // A) == list(range(50))


def test_a_random_sample_is_the_same_for_everybody_and_another_for_other_data() -> None:
    labels = np.ones((50, A))
    assert random_sample(labels, "ab").tolist() == random_sample(labels, "ab").tolist()
    assert random_sample(labels, "ab").tolist() != random_sample(labels, "cd").tolist()


def test_nothing_unlabelled_is_drawn() -> None:
    labels = np.full((4, A), np.nan)
    labels[1, 3] = labels[2, 7] = 1.0
    assert {Cell.of(code) for code in random_sample(labels, "ab")} == {Cell(1, 3), Cell(2, 7)}


def test_every_annotation_is_as_likely_to_come_first() -> None:
    # Lesion 0 has three labels, lesion 1 has one: drawn first in 3 of 4 samples, whichever of the three.
    labels = np.full((2, A), np.nan)
    labels[0, :3] = labels[1, 0] = 1.0
    first = [int(random_sample(labels, f"data set {i}")[0]) for i in range(2000)]
    counts = [first.count(Cell(0, a).code) for a in range(3)] + [first.count(Cell(1, 0).code)]
    assert stats.chisquare(counts).pvalue > 1e-4


def test_a_verdict_on_the_random_sample_calibrates(session: Session) -> None:
    cells = enter(session, "random")
    decided = Curator(session).decide("label_ok")
    assert decided is not None
    assert decided.random_sample
    assert (decided.isic_id, decided.attribute) == (session.ids[cells[0].row], decided.attribute)


@pytest.mark.parametrize("order", ["suspicion", "patient", "attribute"])
def test_a_verdict_on_a_suspicious_annotation_calibrates_nothing(session: Session, order: str) -> None:
    enter(session, order)
    decided = Curator(session).decide("label_ok")
    assert decided is not None
    assert not decided.random_sample


def test_a_filtered_sample_is_none(session: Session) -> None:
    enter(session, "random")
    session.filter(f"isic_id != '{session.ids[0]}'")
    assert not session.sampled


def test_a_lesion_that_was_followed_is_no_random_one(session: Session) -> None:
    cells = enter(session, "random")
    session.visit(cells[5])
    assert not session.sampled
    assert session.back()
    assert session.sampled


def test_a_flagged_one_that_was_looked_for_is_no_random_one(session: Session) -> None:
    cells = enter(session, "random")
    assert session.findings is not None
    session.findings.flags[cells[5]] = True
    assert go_flagged(session, 1) is not None
    assert session.selected == cells[5]
    assert not session.sampled
    session.select(6)
    assert session.sampled


def test_a_suspicious_one_gone_back_to_by_undo_is_no_random_one(session: Session) -> None:
    cells = enter(session, "random")
    curator = Curator(session)
    curator.decide("label_ok")
    curator.undo()
    assert session.sampled
    session.visit(cells[5])
    curator.decide("label_ok")
    session.select(0)
    curator.undo()
    assert session.selected == cells[5]
    assert not session.sampled
    session.back()
    assert session.sampled


def test_another_attribute_of_the_lesion_is_no_random_one(session: Session) -> None:
    enter(session, "random")
    session.choose_attribute(session.attribute + 1)
    assert not session.sampled


def test_marked_annotations_were_chosen_and_calibrate_nothing(session: Session) -> None:
    session.marks.add(enter(session, "random")[:3])
    assert [v.random_sample for v in Curator(session).decide_many("label_ok")] == [False] * 3


def test_the_audit_counts_what_was_confirmed_on_the_random_sample(session: Session, place: Place) -> None:
    from skintui.review.record import ReviewRecord

    (cell, *_) = enter(session, "random")
    Curator(session).decide("label_ok")
    with ReviewRecord(place.workspace.review) as record:
        assert [isic_id for isic_id, _ in record.confirmed()] == [session.ids[cell.row]]


# Two reviewers


def test_disagreements_are_where_standing_verdicts_differ(session: Session, ben: Session) -> None:
    for cell, ours, theirs in (
        (Cell(4, 2), "label_ok", "label_wrong"),
        (Cell(5, 2), "label_ok", "label_ok"),
        (Cell(1, 0), "unsure", "label_ok"),
    ):
        decide(session, cell, ours)
        decide(ben, cell, theirs)
    decide(ben, Cell(9, 9), "label_wrong")
    session.decisions.refresh()
    assert enter(session, "disagreements") == [Cell(1, 0), Cell(4, 2)]


def test_a_disagreement_is_open_until_it_is_resolved(session: Session, ben: Session) -> None:
    for row in (1, 2, 3):
        decide(ben, Cell(row, 0), "label_wrong")
        decide(session, Cell(row, 0), "label_ok")
    enter(session, "disagreements")
    assert session.selected == Cell(1, 0)
    Curator(session).decide("label_wrong")
    assert advance(session)
    assert session.selected == Cell(2, 0)
    assert open_count(session) == 2


def test_the_second_review_is_of_what_only_others_decided(session: Session, ben: Session) -> None:
    decide(ben, Cell(4, 2), "label_wrong")
    decide(ben, Cell(1, 7), "label_ok")
    decide(ben, Cell(2, 0), "label_ok")
    decide(session, Cell(2, 0), "label_ok")
    session.decisions.refresh()
    assert enter(session, "second") == [Cell(1, 7), Cell(4, 2)]


def test_what_was_decided_stays_listed_and_is_passed_over(session: Session, ben: Session) -> None:
    for row in (1, 2, 3):
        decide(ben, Cell(row, 0), "label_wrong")
    session.decisions.refresh()
    enter(session, "second")
    session.selected = Cell(2, 0)
    Curator(session).decide("label_ok")
    session.selected = Cell(1, 0)
    advance(session)
    assert session.selected == Cell(3, 0)
    assert len(session.listing) == 3


# All of them


@pytest.mark.parametrize(
    ("order", "why"),
    [("suspicion", "no audit"), ("patient", "no audit"), ("disagreements", "nobody disagrees"), ("second", "nothing")],
)
def test_why_there_is_no_queue(place: Place, order: str, why: str) -> None:
    session = Session(place, reviewer="ada")
    session.queue.order = order
    assert not session.show_queue(True)
    assert session.queue.why_not(session.findings).startswith(why)


def test_a_random_sample_needs_no_audit(place: Place) -> None:
    session = Session(place, reviewer="ada")
    session.queue.order = "random"
    assert session.show_queue(True)
    assert len(session.listing) == 24


@pytest.mark.parametrize("order", ["suspicion", "patient", "attribute", "random"])
def test_a_filter_holds_in_every_order(session: Session, order: str) -> None:
    enter(session, order)
    session.filter(f"isic_id = '{session.ids[5]}'")
    assert {cell.row for cell in listed(session)} == {5}


@pytest.mark.parametrize("order", ["suspicion", "patient", "attribute", "random"])
def test_entering_passes_over_what_is_decided(session: Session, order: str) -> None:
    cells = enter(session, order)
    for cell in cells[:3]:
        decide(session, cell, "label_ok")
    enter(session, order)
    assert session.selected == cells[3]


def test_the_end_of_the_queue_is_told(session: Session) -> None:
    cells = enter(session, "random")
    session.selected = cells[-1]
    Curator(session).decide("label_ok")
    assert not advance(session)
    assert open_count(session) == len(cells) - 1


def test_a_queue_in_which_all_is_decided_shows_its_first(session: Session) -> None:
    cells = enter(session, "random")
    session.marks.add(cells)
    Curator(session).decide_many("label_ok")
    enter(session, "random")
    assert session.selected == cells[0]
    assert open_count(session) == 0


def test_every_order_has_a_heading(session: Session) -> None:
    words = set()
    for session.queue.order in ORDERS:
        words.add(session.queue.words())
    assert len(words) == len(ORDERS)


def test_a_filter_that_leaves_nothing_of_the_queue_is_refused(session: Session) -> None:
    enter(session, "random")
    with pytest.raises(FilterError):
        session.filter("areaMM2 > 100000")
