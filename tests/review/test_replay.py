"""What counts after a course of events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skintui.review.record import ReviewRecord
from skintui.review.replay import Event, State
from skintui.review.verdicts import Verdict


def verdict(isic_id: str, word: str = "label_ok", reviewer: str = "ann", note: str = "") -> Verdict:
    return Verdict(isic_id, "areaMM2", word, reviewer, note=note)


def counting(record: ReviewRecord) -> dict[tuple[str, str], str]:
    """Verdicts that count, by lesion and reviewer."""
    return {(key[0], key[2]): v.verdict for key, v in record.latest().items()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.sqlite"


def test_a_decision_under_later_ones_is_taken_back_alone(path: Path) -> None:
    with ReviewRecord(path) as record:
        first = record.record(verdict("ISIC_1"))
        record.record(verdict("ISIC_2"))
        assert [v.isic_id for v in record.undo_batch("ann", first)] == ["ISIC_1"]
        assert counting(record) == {("ISIC_2", "ann"): "label_ok"}


def test_the_verdict_under_one_taken_back_counts_again(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict("ISIC_1", "unsure"))
        second = record.record(verdict("ISIC_1", "label_wrong"))
        record.record(verdict("ISIC_2"))
        record.undo_batch("ann", second)
        assert counting(record)["ISIC_1", "ann"] == "unsure"


def test_a_later_verdict_stays_when_the_one_under_it_is_taken_back_and_reinstated(path: Path) -> None:
    with ReviewRecord(path) as record:
        first = record.record(verdict("ISIC_1", "unsure"))
        record.record(verdict("ISIC_1", "label_wrong"))
        record.undo_batch("ann", first)
        assert counting(record)["ISIC_1", "ann"] == "label_wrong"
        record.redo_batch("ann")
        assert counting(record)["ISIC_1", "ann"] == "label_wrong"
        record.undo("ann")
        assert counting(record)["ISIC_1", "ann"] == "unsure"


def test_plain_undo_passes_over_what_was_taken_back_by_name(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict("ISIC_1"))
        second = record.record(verdict("ISIC_2"))
        record.record(verdict("ISIC_3"))
        record.undo_batch("ann", second)
        undone = [record.undo("ann"), record.undo("ann"), record.undo("ann")]
        assert [v and v.isic_id for v in undone] == ["ISIC_3", "ISIC_1", None]


def test_redo_reinstates_in_the_order_of_taking_back(path: Path) -> None:
    with ReviewRecord(path) as record:
        first = record.record(verdict("ISIC_1"))
        record.record(verdict("ISIC_2"))
        record.undo_batch("ann", first)
        record.undo("ann")
        redone = [record.redo("ann"), record.redo("ann")]
        assert [v and v.isic_id for v in redone] == ["ISIC_2", "ISIC_1"]


def test_a_redo_may_name_its_decision(path: Path) -> None:
    with ReviewRecord(path) as record:
        first = record.record(verdict("ISIC_1"))
        record.record(verdict("ISIC_2"))
        record.undo("ann")
        record.undo("ann")
        assert [v.isic_id for v in record.redo_batch("ann", first)] == ["ISIC_1"]
        assert counting(record) == {("ISIC_1", "ann"): "label_ok"}


def test_nobody_takes_back_anothers_decision(path: Path) -> None:
    with ReviewRecord(path) as record:
        theirs = record.record(verdict("ISIC_1", reviewer="ben"))
        assert record.undo_batch("ann", theirs) == ()
        assert len(record.latest()) == 1


def test_what_was_taken_back_cannot_be_taken_back_again(path: Path) -> None:
    with ReviewRecord(path) as record:
        first = record.record(verdict("ISIC_1"))
        record.undo_batch("ann", first)
        assert record.undo_batch("ann", first) == ()
        assert [e.kind for e in record.history()] == ["verdict", "undo"]


def test_many_decided_together_are_taken_back_together_by_any_of_them(path: Path) -> None:
    with ReviewRecord(path) as record:
        first, *_ = record.record_many([verdict("ISIC_1"), verdict("ISIC_2")])
        record.record(verdict("ISIC_3"))
        assert len(record.undo_batch("ann", first)) == 2
        assert [e.batch for e in record.events() if e.verdict and record.stands(e)] == [first + 2]


def test_two_processes_taking_back_different_decisions_agree(path: Path) -> None:
    with ReviewRecord(path) as here, ReviewRecord(path) as there:
        first = here.record(verdict("ISIC_1"))
        second = here.record(verdict("ISIC_2"))
        here.record(verdict("ISIC_3"))
        there.undo_batch("ann", second)
        here.undo_batch("ann", first)
        assert counting(here) == counting(there) == {("ISIC_3", "ann"): "label_ok"}
        there.redo("ann")
        assert counting(here) == counting(there) == {("ISIC_1", "ann"): "label_ok", ("ISIC_3", "ann"): "label_ok"}


def test_two_processes_taking_back_the_same_decision_do_it_once(path: Path) -> None:
    with ReviewRecord(path) as here, ReviewRecord(path) as there:
        first = here.record(verdict("ISIC_1"))
        here.record(verdict("ISIC_2"))
        assert len(there.undo_batch("ann", first)) == 1
        assert here.undo_batch("ann", first) == ()


def test_the_last_decision_is_the_one_that_stands(path: Path) -> None:
    with ReviewRecord(path) as record:
        assert record.last("ann") is None
        record.record(verdict("ISIC_1", "unsure"))
        record.record(verdict("ISIC_2", "label_wrong"))
        record.undo("ann")
        last = record.last("ann")
        assert last is not None
        assert last.verdict == "unsure"


def test_an_undo_of_nothing_known_is_passed_over() -> None:
    state = State()
    state.apply(Event(1, "undo", 1, 7, "", "ann", None))
    state.apply(Event(2, "redo", 2, 7, "", "ann", None))
    state.apply(Event(3, "undo", 3, None, "", "ann", None))
    assert (state.last, state.standing, state.touched) == (3, {}, [])


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["decide", "decide", "undo", "undo this", "redo", "redo this"]),
        st.sampled_from(["ann", "ben"]),
        st.integers(0, 1),
        st.integers(0, 5),
        st.integers(1, 3),
    ),
    max_size=30,
)
"""What, who, in which of two processes, which (lesion or decision), how many together."""


class Course:
    """Steps by two reviewers in two processes, and beside them the rule told in another way: no stacks of verdicts."""

    def __init__(self, records: tuple[ReviewRecord, ReviewRecord]) -> None:
        self.records = records
        self.decisions: list[tuple[str, int, list[Verdict]]] = []
        self.taken: dict[str, list[int]] = {"ann": [], "ben": []}
        self.lost: set[int] = set()

    def standing(self, who: str) -> list[int]:
        crossed = self.lost.union(self.taken[who])
        return [i for i, (reviewer, _, _) in enumerate(self.decisions) if reviewer == who and i not in crossed]

    def decide(self, record: ReviewRecord, who: str, lesion: int, count: int) -> None:
        number = len(self.decisions)
        verdicts = [verdict(f"ISIC_{(lesion + i) % 6}", reviewer=who, note=f"{number}.{i}") for i in range(count)]
        self.decisions.append((who, record.record_many(verdicts)[0], verdicts))
        self.lost.update(self.taken[who])  # decided anew: nothing to redo any more
        self.taken[who] = []

    def step(self, what: str, who: str, process: int, number: int, count: int) -> None:
        record, open_ones = self.records[process], self.standing(who)
        if what == "decide":
            self.decide(record, who, number, count)
        elif what.startswith("undo"):
            named = what == "undo this" and bool(open_ones)
            which = open_ones[number % len(open_ones)] if named else open_ones[-1] if open_ones else None
            record.undo_batch(who, self.decisions[which][1] if named and which is not None else None)
            if which is not None:
                self.taken[who].append(which)
        else:
            stack = self.taken[who]
            named = what == "redo this" and bool(stack)
            which = stack[number % len(stack)] if named else stack[-1] if stack else None
            record.redo_batch(who, self.decisions[which][1] if named and which is not None else None)
            if which is not None:
                stack.remove(which)

    def expected(self) -> dict[tuple[str, str], str]:
        found = {}
        for who in ("ann", "ben"):
            for which in self.standing(who):
                found.update({(v.isic_id, who): v.note for v in self.decisions[which][2]})
        return found


def notes(record: ReviewRecord) -> dict[tuple[str, str], str]:
    return {(key[0], key[2]): v.note for key, v in record.latest().items()}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_file_replayed_from_scratch_is_what_both_processes_know(
    tmp_path_factory: pytest.TempPathFactory, steps: Any
) -> None:
    path = tmp_path_factory.mktemp("replay") / "review.sqlite"
    with ReviewRecord(path) as here, ReviewRecord(path) as there:
        course = Course((here, there))
        for step in steps:
            course.step(*step)
        with ReviewRecord(path) as again:
            assert notes(here) == notes(there) == notes(again) == course.expected()
            assert here._state == there._state == again._state
