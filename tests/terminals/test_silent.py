"""A terminal that answers no question."""

from __future__ import annotations

import pytest

from tests.terminals.application import Application
from tests.terminals.bare import BareLine

FIRST_PAINT = b"skintui"
AT_MOST = 0.3
"""Seconds that asking may cost."""


@pytest.mark.xfail(reason="the questions are waited for before the application is loaded")
def test_questions_without_an_answer_cost_at_most_a_third_of_a_second(application: Application) -> None:
    def first_paint(mode: str) -> float:
        line = BareLine(application.command("--image", mode), application)
        try:
            return line.seconds_until(FIRST_PAINT)
        finally:
            line.close()

    first_paint("none")  # the files are in memory from here on
    unasked, asked = ([first_paint(mode) for _ in range(3)] for mode in ("none", "auto"))
    assert min(asked) - min(unasked) <= AT_MOST, (unasked, asked)
