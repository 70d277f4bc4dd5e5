from __future__ import annotations

import pytest
from textual.events import Key

from skintui.tui.late_answers import LONGEST, Answers, Parser

ANSWERS = (
    "\x1b_Gi=31;OK\x1b\\",
    "\x1bP1$r0;48:2::1:2:3m\x1b\\",
    "\x1bP>|XTerm(379)\x1b\\",
    "\x1b[6;20;10t",
    "\x1b[?64;1;2;4c",
)


def keys(*pieces: str) -> list[str]:
    """Keys that the parser takes these pieces of input for."""
    parser = Parser()
    return [event.key for piece in pieces for event in parser.feed(piece) if isinstance(event, Key)]


def test_answers_are_no_keys() -> None:
    assert keys("j" + "".join(ANSWERS) + "k") == ["j", "k"]


@pytest.mark.parametrize("answer", ANSWERS)
def test_nor_are_they_where_they_come_in_pieces(answer: str) -> None:
    for cut in range(2, len(answer)):
        answers = Answers()
        assert answers.without("j" + answer[:cut]) + answers.without(answer[cut:] + "k") == "jk"


@pytest.mark.parametrize(
    "sequence", ["\x1b[A", "\x1b[6~", "\x1b[1;5D", "\x1b[<0;10;5M", "\x1b[?2026;2$y", "\x1b", "jx1"]
)
def test_everything_else_passes(sequence: str) -> None:
    answers = Answers()
    assert answers.without(sequence) == sequence


def test_arrows_are_keys() -> None:
    assert keys("\x1b[A", "\x1b[6~") == ["up", "pagedown"]


def test_what_never_ends_is_let_through() -> None:
    text = "\x1b_G" + "i" * LONGEST
    assert Answers().without(text) == text


def test_the_end_of_the_input_passes() -> None:
    parser = Parser()
    assert list(parser.feed("")) == []
    assert parser.is_eof
