from __future__ import annotations

import numpy as np
import pytest

from skintui.errors import UsageError
from skintui.session import Cell, Curator, Session
from skintui.session.decisions import LATER
from skintui.session.onward import advance
from skintui.steps.place import Place


@pytest.fixture
def curator(session: Session) -> Curator:
    return Curator(session)


def test_a_verdict_is_in_the_file_when_the_call_returns(session: Session, curator: Curator, place: Place) -> None:
    from skintui.review.record import ReviewRecord

    curator.decide("label_wrong", value=12.5, note="too large")
    with ReviewRecord(place.workspace.review) as record:
        (verdict,) = record.latest().values()
    assert (verdict.verdict, verdict.proposed_value, verdict.note) == ("label_wrong", 12.5, "too large")
    assert verdict.label == session.lesions.labels()[0, 0]
    assert verdict.dataset_sha256 == session.lesions.dataset_sha256


def test_undo_and_redo_go_to_the_annotation(session: Session, curator: Curator) -> None:
    curator.decide("label_ok")
    session.selected = Cell(5, 5)
    assert curator.undo()
    assert session.selected == Cell(0, 0)
    assert session.state(Cell(0, 0)).verdict == ""
    session.selected = Cell(5, 5)
    assert curator.redo()
    assert session.selected == Cell(0, 0)
    assert session.state(Cell(0, 0)).verdict == "label_ok"


def test_nothing_to_undo_is_empty(curator: Curator) -> None:
    assert curator.undo() == ()


def test_the_queue_advances_past_what_is_decided(session: Session, curator: Curator) -> None:
    session.show_queue(True)
    second, third = session.listing.cell(1, 0), session.listing.cell(2, 0)
    session.selected = second
    curator.decide("label_ok")
    session.selected = session.listing.cell(0, 0)
    advance(session)
    assert session.selected == third


def test_a_flag_is_taken_back_by_flagging_again(session: Session, curator: Curator) -> None:
    assert curator.flag() == LATER
    assert session.state(Cell(0, 0)).verdict == "unsure"
    assert curator.flag() == "flag taken back"
    assert session.state(Cell(0, 0)).verdict == ""


def test_a_flag_under_a_later_decision_is_taken_back_alone(session: Session, curator: Curator) -> None:
    curator.flag()
    session.selected = Cell(1, 0)
    curator.decide("label_ok")
    session.selected = Cell(0, 0)
    assert curator.flag() == "flag taken back"
    assert session.state(Cell(0, 0)).verdict == ""
    assert session.state(Cell(1, 0)).verdict == "label_ok"


def test_a_note_keeps_the_verdict_and_its_value(session: Session, curator: Curator) -> None:
    curator.decide("label_wrong", value=3.5)
    curator.annotate("ruler visible")
    own = session.decisions.own(session.ids[0], 0)
    assert own is not None
    assert (own.verdict, own.proposed_value, own.note) == ("label_wrong", 3.5, "ruler visible")


def test_ones_own_verdict_is_shown_before_a_newer_one_of_another(session: Session, place: Place) -> None:
    other = Session(place, reviewer="ben")
    Curator(session).decide("label_wrong")
    Curator(other).decide("label_ok")
    session.decisions.refresh()
    assert session.state(Cell(0, 0)).verdict == "label_wrong"
    assert other.state(Cell(0, 0)).verdict == "label_ok"
    other.close()


def test_anothers_verdict_is_shown_where_one_has_none(session: Session, place: Place) -> None:
    other = Session(place, reviewer="ben")
    Curator(other).decide("image_unusable")
    session.decisions.refresh()
    assert session.state(Cell(0, 0)).verdict == "image_unusable"
    other.close()


@pytest.fixture
def unlabelled(session: Session, monkeypatch: pytest.MonkeyPatch) -> Session:
    """The first lesion has no area."""
    labels = np.array(session.labels)
    labels[0, 0] = float("nan")
    monkeypatch.setattr(session, "labels", labels)
    return session


@pytest.mark.parametrize("verdict", ["label_wrong", "label_ok", "both_plausible"])
def test_a_label_that_is_missing_is_neither_right_nor_wrong(unlabelled: Session, verdict: str) -> None:
    with pytest.raises(UsageError, match="no label here to judge; give it a value"):
        Curator(unlabelled).decide(verdict)
    assert len(unlabelled.decisions) == 0


def test_an_image_without_a_label_can_be_unusable(unlabelled: Session) -> None:
    decided = Curator(unlabelled).decide("image_unusable")
    assert decided is not None


def test_one_verdict_over_marks_leaves_those_without_a_label_out(unlabelled: Session) -> None:
    unlabelled.marks.add([Cell(0, 0), Cell(1, 0), Cell(2, 0)])
    decided = Curator(unlabelled).decide_many("label_ok")
    assert [verdict.isic_id for verdict in decided] == list(unlabelled.ids[1:3])
