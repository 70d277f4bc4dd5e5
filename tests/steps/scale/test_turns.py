from __future__ import annotations

from multiprocessing import Pipe

import pytest

from skintui.errors import SkintuiError
from skintui.progress import SILENT
from skintui.steps.place import Place
from skintui.steps.scale.turns import READING, WINDOWS, Course, Turns, Window, by_turns, cpu_ratio, wall_ratio
from skintui.steps.weights import Weights

SLOWER = Course(tuple(Window(10, seconds, 1.25, 7.0) for seconds in (2.0, 4.0, 8.0)))
QUICKER = Course(tuple(Window(10, seconds, 1.0, 8.0) for seconds in (1.0, 4.0, 2.0)))


def test_rates_are_compared_over_all_windows() -> None:
    assert wall_ratio(SLOWER, QUICKER) == 2.0  # 14 s and 7 s
    assert cpu_ratio(SLOWER, QUICKER) == 0.8


def test_the_rate_of_a_course_is_its_median() -> None:
    assert SLOWER.tiles_per_second == 2.5


def test_tiles_are_read_when_it_is_asked_for() -> None:
    ours, theirs = Pipe()
    for _ in range(WINDOWS + 1):
        ours.send(None)
    turns = Turns(theirs, 4)
    turns.start("loading the model")
    turns.advance(9)
    turns.start(READING)
    told = []
    while not turns.cancelled:
        turns.advance(2)
        if ours.poll():
            told.append(ours.recv().tiles)
    assert told == [4] * (WINDOWS + 1)


def test_what_a_process_fails_of_is_said(predicted: Place, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SkintuiError, match="no such base model"):
        by_turns([predicted], Weights(str(tmp_path / "none"), None, "cpu"), 8, SILENT)


def test_a_run_has_as_many_windows_as_there_are_tiles(predicted: Place, tiny) -> None:  # type: ignore[no-untyped-def]
    (course,) = by_turns([predicted], Weights(str(tiny), None, "cpu"), 8, SILENT)
    assert 0 < len(course.windows) <= WINDOWS
    assert course.tiles_per_second > 0
    assert course.megabytes > 0 or course.megabytes != course.megabytes
