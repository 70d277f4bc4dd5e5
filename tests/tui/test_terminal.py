from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
import time

import pytest

from skintui.tui import terminal

SIXEL = "\x1b_Gi=31;ENOTSUP\x1b\\\x1b[6;20;10t\x1b[?63;1;2;4;6;9;15;22c"
KITTY = "\x1b_Gi=31;OK\x1b\\\x1b[6;36;18t\x1b[?62;22c"
BOTH = "\x1b_Gi=31;OK\x1b\\\x1bP>|WezTerm 20240203\x1b\\\x1b[?65;4;6;22c"
KITTY_TOO = "\x1b_Gi=31;OK\x1b\\\x1bP>|kitty(0.40.0)\x1b\\\x1b[?62;4;22c"
PLAIN = "\x1b[?1;2c"


@pytest.mark.parametrize(
    ("answer", "mode"),
    [
        (SIXEL, "sixel"), (KITTY, "kitty"), (PLAIN, "half"), ("", "half"), (BOTH, "sixel"), (KITTY_TOO, "kitty"),
    ],
)  # fmt: skip
def test_the_best_mode_an_answer_allows(answer: str, mode: str) -> None:
    assert terminal.read_mode(answer) == mode


def test_the_terminal_is_known_by_name() -> None:
    assert terminal.read_name(BOTH) == "WezTerm 20240203"
    assert terminal.read_name(PLAIN) == ""


def test_attribute_64_is_not_taken_for_4() -> None:
    assert terminal.read_mode("\x1b[?64;1;24c") == "half"


@pytest.mark.parametrize(("answer", "cell"), [(SIXEL, (10, 20)), (KITTY, (18, 36)), (PLAIN, (0, 0))])
def test_the_cell_size_is_read_as_width_and_height(answer: str, cell: tuple[int, int]) -> None:
    assert terminal.read_cell(answer) == cell


@pytest.mark.parametrize("mode", ["half", "none"])
def test_half_cells_and_none_ask_nothing_about_graphics(mode: str) -> None:
    assert terminal.Inquiry(mode, {"COLORTERM": "truecolor"}).questions == ""
    assert "_G" not in terminal.Inquiry(mode, {}).questions


def test_colours_that_are_known_are_not_asked_about() -> None:
    assert "$q" in terminal.Inquiry("auto", {"TERM": "xterm"}).questions
    assert "$q" not in terminal.Inquiry("auto", {"TERM": "xterm", "COLORTERM": "24bit"}).questions


PROGRAM = """
import os, sys, time
from skintui.tui.terminal import Inquiry
begun = time.monotonic()
with Inquiry("auto") as inquiry:
    time.sleep(float(sys.argv[1]))  # what is loaded meanwhile
    found = inquiry.graphics()
print("MODE", found, os.environ.get("COLORTERM"), time.monotonic() - begun)
"""


def _in_terminal(answer: bytes, busy: float = 0.0) -> tuple[str, float]:
    """What a program in a terminal finds that gives ``answer`` to its questions, and how long it took."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, str(busy)]
    environment = {name: value for name, value in os.environ.items() if name not in ("COLORTERM", "TMUX")}
    process = subprocess.Popen(command, stdin=follower, stdout=follower, close_fds=True, env=environment)
    os.close(follower)
    seen = b""
    asked = threading.Event()
    while b"\n" not in seen.partition(b"MODE")[2]:
        try:
            seen += os.read(leader, 4096)
        except OSError:
            break
        if b"\x1b[c" in seen and answer and not asked.is_set():
            asked.set()
            os.write(leader, answer)
    process.wait()
    os.close(leader)
    found = seen.decode("ascii", "replace").partition("MODE ")[2]
    return found, float(found.split()[-1])


@pytest.mark.parametrize(("answer", "mode"), [(SIXEL, "sixel"), (KITTY, "kitty"), (PLAIN, "half")])
def test_a_terminal_that_answers_is_believed_at_once(answer: str, mode: str) -> None:
    found, seconds = _in_terminal(answer.encode())
    assert f"mode='{mode}'" in found
    assert seconds < terminal.TIMEOUT


def test_a_terminal_that_answers_nothing_costs_the_timeout_once() -> None:
    begun = time.monotonic()
    found, seconds = _in_terminal(b"")
    assert "mode='half'" in found
    assert terminal.TIMEOUT <= seconds < 2 * terminal.TIMEOUT
    assert time.monotonic() - begun < 20


def test_what_is_loaded_meanwhile_is_waited_for_once() -> None:
    _, seconds = _in_terminal(b"", busy=terminal.TIMEOUT)
    assert seconds < 1.9 * terminal.TIMEOUT
    found, _ = _in_terminal(SIXEL.encode(), busy=2 * terminal.TIMEOUT)
    assert "mode='sixel'" in found


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        ("\x1bP1$r0;48:2::1:2:3m\x1b\\", "truecolor"),
        ("\x1bP1$r48:2:1:2:3m\x1b\\", "truecolor"),
        ("\x1bP1$r0;48;5;16m\x1b\\", "None"),
        ("\x1bP0$r\x1b\\", "None"),
    ],
)
def test_true_colours_are_known_from_the_colour_that_was_set(answer: str, known: str) -> None:
    found, _ = _in_terminal((answer + PLAIN).encode())
    assert found.split()[-2] == known


def test_an_xterm_is_known_to_show_true_colour() -> None:
    environment = {"XTERM_VERSION": "XTerm(379)", "TERM": "xterm"}
    terminal.tell_true_colour(environment)
    assert environment["COLORTERM"] == "truecolor"


def test_a_tmux_keeps_true_colours() -> None:
    environment = {"TMUX": "/run/tmux/default,1,0", "TERM": "tmux-256color"}
    terminal.tell_true_colour(environment)
    assert environment["COLORTERM"] == "truecolor"


@pytest.mark.parametrize(
    ("version", "term"), [("", "xterm"), ("XTerm(300)", "xterm"), ("XTerm(379)", "screen"), ("XTerm(x)", "xterm")]
)
def test_other_terminals_are_left_alone(version: str, term: str) -> None:
    environment = {"XTERM_VERSION": version, "TERM": term}
    terminal.tell_true_colour(environment)
    assert "COLORTERM" not in environment


def test_a_terminal_is_there_until_its_other_end_is_closed() -> None:
    ours, its = os.openpty()
    before = terminal.is_gone(its)
    os.close(ours)
    after = terminal.is_gone(its)
    os.close(its)
    assert (before, after) == (False, True)


def test_a_closed_descriptor_is_no_terminal() -> None:
    assert terminal.is_gone(-1)
