"""Marked annotations."""

from __future__ import annotations

import numpy as np

from skintui.session.listing import Cell
from skintui.session.marks import Marks


def test_a_second_toggle_takes_the_mark_away() -> None:
    marks = Marks()
    assert marks.toggle(Cell(3, 2))
    assert not marks.toggle(Cell(3, 2))
    assert len(marks) == 0


def test_marks_keep_their_order_and_count_once() -> None:
    marks = Marks()
    marks.add([Cell(5, 1), Cell(2, 0), Cell(5, 1)])
    assert list(marks) == [Cell(5, 1), Cell(2, 0)]
    assert Cell(2, 0) in marks


def test_places_are_marked_at_once_and_counted_when_new() -> None:
    marks = Marks()
    marks.toggle(Cell(2, 0))
    assert marks.add_places(np.array([Cell(2, 0).code, Cell(4, 5).code])) == 1
    assert list(marks) == [Cell(2, 0), Cell(4, 5)]
