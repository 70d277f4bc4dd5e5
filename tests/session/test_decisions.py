"""Verdicts as one reviewer sees them."""

from __future__ import annotations

import numpy as np

from skintui.session import Cell, Curator, Session
from skintui.steps.place import Place


def decide(session: Session, cell: Cell, verdict: str) -> None:
    session.selected = cell
    Curator(session).decide(verdict)


def test_a_refresh_names_what_changed(session: Session, ben: Session) -> None:
    decide(ben, Cell(3, 0), "label_ok")
    assert session.decisions.refresh() == {(session.ids[3], "areaMM2")}
    assert session.decisions.refresh() == set()


def test_what_another_takes_back_is_gone_at_the_next_look(session: Session, ben: Session) -> None:
    decide(ben, Cell(3, 0), "label_ok")
    session.decisions.refresh()
    Curator(ben).undo()
    session.decisions.refresh()
    assert session.decisions.of(session.ids[3], 0) is None
    assert len(session.decisions) == 0


def test_decided_is_what_has_a_verdict_of_ones_own(session: Session, ben: Session) -> None:
    decide(ben, Cell(3, 0), "label_ok")
    decide(session, Cell(4, 1), "label_ok")
    assert session.decisions.decided.nonzero()[0].tolist() == [Cell(4, 1).code]
    Curator(session).undo()
    assert not session.decisions.decided.any()


def test_contested_is_what_two_see_differently(session: Session, ben: Session) -> None:
    decide(ben, Cell(3, 0), "label_ok")
    decide(session, Cell(3, 0), "unsure")
    assert session.decisions.contested == {Cell(3, 0).code}
    Curator(session).decide("label_ok")
    assert session.decisions.contested == set()


def test_others_are_told_newest_first(session: Session, ben: Session, place: Place) -> None:
    decide(ben, Cell(3, 0), "label_ok")
    cleo = Session(place, reviewer="cleo")
    decide(cleo, Cell(3, 0), "unsure")
    session.decisions.refresh()
    assert [v.reviewer for v in session.decisions.others(session.ids[3], 0)] == ["cleo", "ben"]
    cleo.close()


def test_the_sign_of_a_lesion_is_its_newest_verdict(session: Session) -> None:
    decide(session, Cell(3, 0), "label_ok")
    decide(session, Cell(3, 5), "label_wrong")
    found = session.decisions.of_lesion(session.ids[3])
    assert found is not None
    assert found.verdict == "label_wrong"
    Curator(session).undo()
    found = session.decisions.of_lesion(session.ids[3])
    assert found is not None
    assert found.verdict == "label_ok"


def test_what_was_seen_does_not_change_under_the_reader(session: Session) -> None:
    decide(session, Cell(3, 0), "label_ok")
    seen = session.decisions.visible()
    decide(session, Cell(4, 0), "label_ok")
    assert len(seen) == 1


def test_a_lesion_the_data_set_has_lost_is_kept_and_harms_nothing(session: Session, place: Place) -> None:
    from skintui.review.record import ReviewRecord
    from skintui.review.verdicts import Verdict

    with ReviewRecord(place.workspace.review) as record:
        record.record(Verdict("ISIC_gone", "areaMM2", "label_ok", "ada"))
    session.decisions.refresh()
    assert session.decisions.own("ISIC_gone", 0) is not None
    assert not session.decisions.decided.any()


def test_a_verdict_over_marks_is_one_decision(session: Session) -> None:
    session.marks.add(Cell(row, attribute) for row in range(24) for attribute in range(16))
    labels = int(np.isfinite(np.asarray(session.labels)).sum())
    assert 0 < labels < 384
    assert len(Curator(session).decide_many("label_ok")) == labels  # a missing one is neither right nor wrong
    assert len(session.marks) == 0
    assert len(Curator(session).undo()) == labels
    assert len(session.decisions) == 0
