from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from skintui.session import Cell, Session
from skintui.steps.place import Place
from tests.made_results import copied, flag


@pytest.fixture
def place(prepared: Place, tmp_path: Path) -> Place:
    """The drawn lesions with the three planted errors flagged."""
    return flag(copied(prepared, tmp_path / "workspace"))


@pytest.fixture
def again(place: Place) -> Iterator[Callable[..., Session]]:
    """A session opened on the same workspace, as the application does it."""
    opened: list[Session] = []

    def open_again(reviewer: str = "ada") -> Session:
        session = Session(place, reviewer=reviewer)
        opened.append(session)
        session.resuming.begin()
        session.load_results()
        return session

    yield open_again
    for session in opened:
        session.close()


def leave(session: Session, panes: dict[str, str] | None = None) -> None:
    place = session.resuming.moved(panes)
    assert place is not None
    session.desk.put(session.resuming.name, place)


def test_a_first_time_reviewer_starts_at_the_top(again: Callable[..., Session]) -> None:
    session = again()
    assert session.resuming.finish() == ""
    assert session.selected == Cell(0, 0)


def test_one_comes_back_to_the_lesion_filter_order_and_mode(session: Session, again: Callable[..., Session]) -> None:
    session.filter("sex = 'male'")
    session.sort("areaMM2", descending=True)
    session.selected = Cell(7, 4)
    mode = session.next_mode()
    leave(session)
    back = again()
    assert back.selected == Cell(7, 4)
    assert back.view.describe() == session.view.describe()
    assert back.mode == mode
    assert back.resuming.finish() == ""


def test_one_comes_back_to_the_queue_when_the_results_are_in(session: Session, again: Callable[..., Session]) -> None:
    session.queue.order = "patient"
    session.show_queue(True)
    session.select(5)
    leave(session)
    back = again()
    assert not back.in_queue
    assert back.selected == session.selected
    assert back.resuming.finish() == ""
    assert back.in_queue
    assert back.queue.order == "patient"
    assert (back.selected, back.position) == (session.selected, 5)


def test_a_filter_by_the_audit_waits_for_it(session: Session, again: Callable[..., Session]) -> None:
    session.filter("flagged AND sex = 'male'")
    leave(session)
    back = again()
    assert len(back.view) == 24
    back.resuming.finish()
    assert back.view.describe() == session.view.describe()


def test_who_has_moved_meanwhile_is_left_there(session: Session, again: Callable[..., Session]) -> None:
    session.show_queue(True)
    leave(session)
    back = again()
    back.selected = Cell(20, 0)
    back.resuming.finish()
    assert back.selected == Cell(20, 0)
    assert not back.in_queue


def test_every_reviewer_has_a_place_of_their_own(session: Session, again: Callable[..., Session]) -> None:
    session.selected = Cell(9, 2)
    leave(session)
    assert again("ben").selected == Cell(0, 0)


def test_what_is_gone_is_told_once_and_the_rest_is_there(session: Session, again: Callable[..., Session]) -> None:
    session.filter("sex = 'male'")
    session.selected = Cell(3, 1)
    leave(session)
    place = session.desk.get(session.resuming.name)
    place["rules"]["filters"].append({"expression": "no_such_column > 3", "attribute": "areaMM2"})
    place["isic_id"] = "ISIC_gone"
    session.desk.put(session.resuming.name, place)
    back = again()
    assert len(back.view) == 10
    assert back.attribute == 1
    assert back.resuming.finish() == "of where you were, this is gone: the lesion, a filter"
    assert back.resuming.finish() == ""


@pytest.mark.parametrize("value", [3, [], {"rules": {}}, "x"])
def test_a_damaged_place_is_told_and_costs_nothing(
    session: Session, again: Callable[..., Session], value: object
) -> None:
    session.desk.put(session.resuming.name, value)
    back = again()
    assert back.selected == Cell(0, 0)
    assert "gone: the place where you were" in back.resuming.finish()


@pytest.mark.parametrize("rule", [{"expression": 5, "attribute": "areaMM2"}, {"facet": "verdict", "value": ["x"]}])
def test_a_damaged_rule_costs_the_place_only(
    session: Session, again: Callable[..., Session], rule: dict[str, object]
) -> None:
    place = session.resuming.place()
    place["rules"]["filters"].append(rule)
    session.desk.put(session.resuming.name, place)
    assert "gone: the place where you were" in again().resuming.finish()


def test_a_lesion_outside_the_filter_is_gone_back_to(session: Session, again: Callable[..., Session]) -> None:
    session.filter("sex = 'male'")
    session.follow(20)
    leave(session)
    back = again()
    assert back.selected == Cell(20, 0)
    assert len(back.view) == 10


def test_staying_is_not_moving(session: Session) -> None:
    assert session.resuming.moved() is None
    session.selected = Cell(2, 0)
    assert session.resuming.moved() is not None
    assert session.resuming.moved() is None


def test_the_panes_come_back(session: Session, again: Callable[..., Session]) -> None:
    leave(session, {"focus": "near"})
    assert again().resuming.panes == {"focus": "near"}


def test_leaving_before_the_results_are_in_keeps_the_place_that_was_kept(session: Session, place: Place) -> None:
    session.show_queue(True)
    leave(session)
    early = Session(place, reviewer="ada")
    early.resuming.begin()
    assert early.resuming.parting({}) is None
    early.close()
