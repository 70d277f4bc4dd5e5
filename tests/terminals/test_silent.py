"""Terminals that answer no question, or answer late."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.terminals.application import Application
from tests.terminals.bare import BareLine

FIRST_PAINT = b"skintui"
AT_MOST = 0.3
"""Seconds that asking may cost."""
XTERM = (
    b"\x1bP1$r0;48:2::1:2:3m\x1b\\",
    b"\x1bP>|XTerm(379)\x1b\\",
    b"\x1b[6;20;10t",
    b"\x1b[?64;1;2;4;6;9;15;16;17;18;21;22;28c",
)
KITTY = (b"\x1b_Gi=31;OK\x1b\\", b"\x1bP>|kitty(0.26.5)\x1b\\", b"\x1b[6;20;10t", b"\x1b[?62;c")

Opener = Callable[[str], BareLine]


@pytest.fixture
def opened(application: Application) -> Iterator[Opener]:
    """Opens the application on a bare line, drawing pictures in a given way."""
    lines = []

    def opened(mode: str) -> BareLine:
        lines.append(BareLine(application.command("--image", mode), application))
        return lines[-1]

    yield opened
    for line in lines:
        line.close()


def test_questions_without_an_answer_cost_at_most_a_third_of_a_second(opened: Opener) -> None:
    def first_paint(mode: str) -> float:
        line = opened(mode)
        seconds = line.seconds_until(FIRST_PAINT)
        line.close()
        return seconds

    first_paint("none")  # the files are in memory from here on
    unasked, asked = ([first_paint(mode) for _ in range(3)] for mode in ("none", "auto"))
    assert min(asked) - min(unasked) <= AT_MOST, (unasked, asked)


@pytest.mark.parametrize("answers", [XTERM, KITTY], ids=["xterm", "kitty"])
def test_an_answer_that_comes_late_is_no_key(
    opened: Opener, application: Application, answers: tuple[bytes, ...]
) -> None:
    """As keys, these would leave verdicts: ``1`` is a wrong label, ``i`` a useless picture."""
    second = application.place.lesions().ids[1].encode()
    line = opened("auto")
    line.seconds_until(b"Neighbours")
    line.written = b""
    for answer in answers:
        line.type(answer)
    line.type(b"j")
    line.seconds_until(second)
    assert application.verdicts == []
    assert b"label wrong" not in line.written
