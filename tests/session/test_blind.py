"""What is hidden is hidden everywhere."""

from __future__ import annotations

from math import isnan

import pytest

from skintui.errors import FilterError
from skintui.session import Cell, Curator, Reading, Session
from skintui.session.blind import Blind, hide
from skintui.session.journal import Journal
from skintui.session.rules import Having, Where
from skintui.steps.place import Place
from tests.made_results import WRONG

VERDICTS, PREDICTION = Blind(verdicts=True), Blind(prediction=True)


@pytest.fixture
def reviewed(session: Session, ben: Session) -> Session:
    """Ada's session after Ben's verdict on one annotation and hers on another."""
    for one, cell, verdict in ((ben, Cell(3, 0), "label_wrong"), (session, Cell(5, 1), "label_ok")):
        one.selected = cell
        Curator(one).decide(verdict, note=f"by {one.decisions.reviewer}")
    session.decisions.refresh()
    return session


def test_anothers_verdict_is_withheld_and_ones_own_is_not(reviewed: Session) -> None:
    hide(reviewed, VERDICTS)
    assert reviewed.state(Cell(3, 0)).verdict == ""
    assert reviewed.decisions.of_lesion(reviewed.ids[3]) is None
    assert reviewed.state(Cell(5, 1)).verdict == "label_ok"
    assert len(reviewed.decisions) == 1


def test_others_are_nobody_while_withheld(reviewed: Session) -> None:
    hide(reviewed, VERDICTS)
    assert reviewed.decisions.others(reviewed.ids[3], 0) == []
    assert {v.reviewer for v in reviewed.decisions.visible().values()} == {"ada"}


def test_the_log_has_only_ones_own(reviewed: Session) -> None:
    hide(reviewed, VERDICTS)
    journal = Journal(reviewed.decisions, {})
    assert [journal.entry(i).event.reviewer for i in range(len(journal))] == ["ada"]


def test_a_filter_by_verdict_sees_ones_own_only(reviewed: Session) -> None:
    reviewed.narrow(Having("verdict", ""))
    assert len(reviewed.view) == 2
    hide(reviewed, VERDICTS)
    assert reviewed.view.rows.tolist() == [5]


def test_the_second_review_is_entered(reviewed: Session) -> None:
    hide(reviewed, VERDICTS)
    assert reviewed.in_queue
    assert reviewed.queue.order == "second"
    assert reviewed.selected == Cell(3, 0)


def test_disagreements_are_refused_while_one_verdict_is_hidden(reviewed: Session) -> None:
    hide(reviewed, VERDICTS)
    reviewed.queue.order = "disagreements"
    assert not reviewed.show_queue(True)


def test_after_a_blind_verdict_the_disagreement_shows_both(reviewed: Session) -> None:
    hide(reviewed, VERDICTS)
    Curator(reviewed).decide("label_ok")
    hide(reviewed, Blind())
    reviewed.queue.order = "disagreements"
    assert reviewed.show_queue(True)
    assert reviewed.selected == Cell(3, 0)
    assert [v.verdict for v in reviewed.decisions.others(reviewed.ids[3], 0)] == ["label_wrong"]


def test_what_another_decides_meanwhile_stays_withheld(reviewed: Session, ben: Session) -> None:
    hide(reviewed, VERDICTS)
    ben.selected = Cell(9, 0)
    Curator(ben).decide("label_wrong")
    reviewed.decisions.refresh()
    assert reviewed.state(Cell(9, 0)).verdict == ""


def test_showing_again_shows_everything(reviewed: Session) -> None:
    hide(reviewed, VERDICTS)
    hide(reviewed, Blind())
    assert reviewed.state(Cell(3, 0)).verdict == "label_wrong"


def test_a_hidden_prediction_is_nowhere_in_the_state(session: Session) -> None:
    hide(session, PREDICTION)
    state = session.state(Cell(*WRONG[0]))
    assert isnan(state.predicted)
    assert isnan(state.spread)
    assert isnan(state.score)
    assert isnan(state.q_value)
    assert not state.flagged
    assert not state.impossible


def test_a_hidden_prediction_is_no_audit(session: Session) -> None:
    hide(session, PREDICTION)
    assert session.findings is None
    with pytest.raises(FilterError):
        session.sort("suspicion")


def test_nothing_is_sorted_or_filtered_by_a_hidden_prediction(session: Session) -> None:
    session.filter("suspicion > 4")
    session.filter("areaMM2 > 0")
    session.sort("suspicion", descending=True)
    hide(session, PREDICTION)
    assert session.rules.filters == (Where("areaMM2 > 0"),)
    assert session.view.rows.tolist() == list(range(24))


def test_what_people_decided_is_still_filtered_by_under_a_hidden_prediction(session: Session) -> None:
    Curator(session).decide("label_ok")
    session.narrow(Having("verdict", ""))
    session.sort("verdict")
    hide(session, PREDICTION)
    assert session.rules.filters == (Having("verdict", ""),)
    assert session.rules.order is not None


def test_the_suspicious_queue_gives_way_to_a_random_one(session: Session) -> None:
    session.show_queue(True)
    hide(session, PREDICTION)
    assert session.in_queue
    assert session.queue.order == "random"


def test_a_verdict_under_a_hidden_prediction_saw_none(session: Session) -> None:
    hide(session, PREDICTION)
    decided = Curator(session).decide("label_ok")
    assert decided is not None
    assert decided.checked().predicted is None


def test_what_the_model_reads_meanwhile_is_shown_later(session: Session) -> None:
    hide(session, PREDICTION)
    session.predictions.put(3, Reading((1.5,) * 16, (0.1,) * 16))
    assert isnan(session.predictions.predicted[3, 0])
    hide(session, Blind())
    assert session.predictions.predicted[3, 0] == 1.5


def test_the_model_is_not_asked_while_nobody_may_see_the_answer(place: Place) -> None:
    session = Session(place, reviewer="ada")
    assert not session.predictions.has(3)
    hide(session, PREDICTION)
    assert session.predictions.has(3)


def test_a_lost_connection_does_not_show_it(session: Session, place: Place) -> None:
    hide(session, Blind(verdicts=True, prediction=True))
    again = Session(place, reviewer="ada")
    assert again.blind == Blind(verdicts=True, prediction=True)
    assert again.decisions.alone
    again.close()


def test_each_reviewer_is_blind_for_themselves(session: Session, place: Place) -> None:
    hide(session, VERDICTS)
    other = Session(place, reviewer="ben")
    assert not other.blind
    other.close()


@pytest.mark.parametrize(
    ("blind", "words"),
    [
        (Blind(), ""),
        (VERDICTS, "first verdict hidden"),
        (PREDICTION, "prediction hidden"),
        (Blind(verdicts=True, prediction=True), "first verdict and prediction hidden"),
    ],
)
def test_what_is_hidden_in_words(blind: Blind, words: str) -> None:
    assert blind.words() == words
