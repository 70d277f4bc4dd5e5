from __future__ import annotations

import time

import pytest

from skintui.tui.tmux import Tmux, find_tmux, read_tmux, wrapped


def test_outside_of_tmux_there_is_none() -> None:
    assert find_tmux({}) is None


def test_the_answer_is_read() -> None:
    answer = "xterm-kitty\tkitty(0.31.0)\ton\t40\t12\ton\ttop\n"
    assert read_tmux(answer) == Tmux("kitty(0.31.0)", passes=True, left=40, top=13)
    assert read_tmux("xterm-kitty\tkitty(0.31.0)\toff\t0\t12\t2\tbottom\n") == Tmux("kitty(0.31.0)", top=12)
    assert read_tmux("xterm\t\ton\t0\t0\t2\ttop\n") == Tmux("xterm", passes=True, top=2)
    assert read_tmux("") == Tmux()


@pytest.mark.parametrize(
    ("terminal", "passes", "mode"),
    [
        ("kitty(0.31.0)", True, "kitty"),
        ("kitty(0.26.5)", True, "half"),
        ("kitty(0.31.0)", False, "half"),
        ("ghostty 1.0.1", True, "kitty"),
        ("foot(1.13.1)", True, "sixel"),
        ("XTerm(379)", True, "half"),
        ("", True, "half"),
    ],
)
def test_the_best_mode_through_tmux(terminal: str, passes: bool, mode: str) -> None:
    assert Tmux(terminal, passes).mode == mode


def test_a_tmux_that_is_gone_is_no_wait() -> None:
    begun = time.monotonic()
    assert find_tmux({"TMUX": "/nonexistent,1,0", "PATH": "/nonexistent"}) == Tmux()
    assert time.monotonic() - begun < 0.3


def test_data_pass_with_their_escapes_doubled() -> None:
    assert wrapped("\x1b_Ga=d\x1b\\") == "\x1bPtmux;\x1b\x1b_Ga=d\x1b\x1b\\\x1b\\"
