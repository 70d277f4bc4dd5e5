"""The journal of decisions."""

from __future__ import annotations

import pytest

from skintui.session import Cell, Curator, Session
from skintui.session.journal import Journal

WORDS = {"label_ok": "label right", "label_wrong": "label wrong"}


@pytest.fixture
def journal(session: Session, ben: Session) -> Journal:
    """Ada: area of lesion 1 right; Ben: perimeter of lesion 2 wrong; Ada: area of 3 wrong, taken back."""
    for one, cell, verdict, note in (
        (session, Cell(1, 0), "label_ok", ""),
        (ben, Cell(2, 2), "label_wrong", "Ruler in the way"),
        (session, Cell(3, 0), "label_wrong", ""),
    ):
        one.selected = cell
        Curator(one).decide(verdict, note=note)
    Curator(session).undo()
    session.decisions.refresh()
    return Journal(session.decisions, WORDS)


def rows(journal: Journal) -> list[str]:
    entries = [journal.entry(i) for i in range(len(journal))]
    return [entry.event.kind if entry.event.verdict is None else entry.event.verdict.verdict for entry in entries]


def test_the_newest_event_is_first(journal: Journal) -> None:
    assert rows(journal) == ["undo", "label_wrong", "label_wrong", "label_ok"]


def test_what_was_taken_back_does_not_stand(journal: Journal) -> None:
    assert [journal.entry(i).stands for i in range(4)] == [False, False, True, True]


def test_an_undo_names_what_it_took_back(journal: Journal, session: Session) -> None:
    verdict = journal.entry(0).verdict
    assert verdict is not None
    assert verdict.isic_id == session.ids[3]


def test_ones_own_are_told_from_others(journal: Journal) -> None:
    assert [journal.entry(i).own for i in range(4)] == [True, True, False, True]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ben", ["label_wrong"]),
        ("area", ["undo", "label_wrong", "label_ok"]),
        ("perimeter", ["label_wrong"]),
        ("label right", ["label_ok"]),
        ("LABEL_OK", ["label_ok"]),
        ("ruler", ["label_wrong"]),
        ("took back", ["undo"]),
        ("areaMM2 wrong", ["label_wrong"]),
        ("wrong ada", ["label_wrong"]),
        ("nothing like it", []),
        ("  ", ["undo", "label_wrong", "label_wrong", "label_ok"]),
    ],
)
def test_words_narrow_it(journal: Journal, text: str, found: list[str]) -> None:
    journal.narrow(text)
    assert rows(journal) == found


def test_a_lesion_is_found_by_its_id(journal: Journal, session: Session) -> None:
    journal.narrow(session.ids[2])
    assert rows(journal) == ["label_wrong"]


def test_typing_on_and_deleting_finds_the_same_as_typing_at_once(journal: Journal) -> None:
    for text in ("a", "ad", "ada", "ada w", "ada", "a"):
        journal.narrow(text)
        at_once = Journal(journal._decisions, WORDS)
        at_once.narrow(text)
        assert rows(journal) == rows(at_once)


def test_what_happens_meanwhile_joins_what_is_found(journal: Journal, ben: Session) -> None:
    journal.narrow("ben")
    Curator(ben).decide("label_ok")
    journal.refresh()
    assert rows(journal) == ["label_ok", "label_wrong"]


def test_many_decided_together_are_counted(session: Session) -> None:
    session.marks.add([Cell(1, 0), Cell(2, 0)])
    Curator(session).decide_many("unsure")
    assert Journal(session.decisions, WORDS).entry(1).together == 2
