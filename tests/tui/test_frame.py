from __future__ import annotations

import io
import random

import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from skintui.tui.frame import FIRST_MARK, Frame, Pen, cells_of, change, on_blanks, pen_of
from tests.tui.emulated import Emulated

CONSOLE = Console(force_terminal=True, color_system="truecolor", file=io.StringIO())
RED, BLUE = Style(color="#ff0000", bgcolor="#101010"), Style(color="#0000ff", bgcolor="#101010")


def whole(*lines: list[Segment]) -> LayoutUpdate:
    strips = [Strip(line) for line in lines]
    return LayoutUpdate([[strip] for strip in strips], Region(0, 0, strips[0].cell_length, len(strips)))


def test_what_is_on_the_terminal_is_not_sent_again() -> None:
    frame = Frame()
    assert frame.difference(whole([Segment("lesion", RED)]), CONSOLE)
    assert frame.difference(whole([Segment("lesion", RED)]), CONSOLE) == ""


def test_one_cell_that_differs_is_one_cell_sent() -> None:
    frame = Frame()
    frame.difference(whole([Segment("12.84 mm", RED)]), CONSOLE)
    assert frame.difference(whole([Segment("12.85 mm", RED)]), CONSOLE) == (
        "\x1b[1;5H\x1b[0;38;2;255;0;0;48;2;16;16;16m5\x1b[m"
    )


def test_of_two_colours_only_the_one_that_changes_is_said() -> None:
    sent = Frame().difference(whole([Segment("a", RED), Segment("b", BLUE)]), CONSOLE)
    assert sent == "\x1b[1H\x1b[0;38;2;255;0;0;48;2;16;16;16ma\x1b[38;2;0;0;255mb\x1b[m"


def test_the_colour_of_blanks_is_not_said() -> None:
    sent = Frame().difference(whole([Segment("a", RED), Segment("  ", BLUE), Segment("b", RED)]), CONSOLE)
    assert sent == "\x1b[1H\x1b[0;38;2;255;0;0;48;2;16;16;16ma  b\x1b[m"


def test_an_underline_shows_on_blanks() -> None:
    assert on_blanks(Pen("4", "31", "41")) == Pen("4", "31", "41")
    assert on_blanks(Pen("1", "31", "41")) == Pen("", "", "41")


def test_distant_changes_are_jumped_to() -> None:
    frame = Frame()
    frame.difference(whole([Segment("a" + "." * 30 + "b", RED)]), CONSOLE)
    sent = frame.difference(whole([Segment("A" + "." * 30 + "B", RED)]), CONSOLE)
    assert "A\x1b[30CB" in sent


def test_after_forgetting_everything_is_sent() -> None:
    frame = Frame()
    update = whole([Segment("lesion", RED)])
    first = frame.difference(update, CONSOLE)
    frame.forget()
    assert frame.difference(update, CONSOLE) == first


def test_another_size_is_sent_whole() -> None:
    frame = Frame()
    frame.difference(whole([Segment("lesion", RED)]), CONSOLE)
    assert "lesion" in frame.difference(whole([Segment("lesion  ", RED)]), CONSOLE)


def test_a_part_of_the_screen_is_cut_where_its_span_ends() -> None:
    frame = Frame()
    frame.difference(whole([Segment("aaaaaaaa", RED)]), CONSOLE)
    update = ChopsUpdate([{0: Strip([Segment("bbbb", RED)]), 4: Strip([Segment("cccc", RED)])}], [(0, 0, 6)], [[4, 8]])
    assert Emulated().feed(frame.difference(update, CONSOLE)).line(0, 8) == "bbbbcc  "


def test_a_wide_character_is_one_that_fills_two_cells() -> None:
    assert cells_of("a語b") == ["a", "語", "", "b"]
    assert cells_of("e\u0301x") == ["e\u0301", "x"]


@pytest.mark.parametrize("seed", range(20))
def test_the_terminal_shows_what_was_composed(seed: int) -> None:
    """After any updates the cells are those of the last frame, each with its pen, wide characters among them."""
    chance = random.Random(seed)
    frame, terminal = Frame(), Emulated()
    styles = [
        RED,
        BLUE,
        Style(bold=True, color="#00ff00"),
        Style(bgcolor="#222222"),
        Style(underline=True),
        Style.null(),
    ]
    for _ in range(12):
        lines = []
        for _y in range(3):
            line, left = [], 20
            while left:
                text = chance.choice(["a", "bb ", "   ", "語", "lesion", "▀▄", "é"])
                width = len(cells_of(text))
                if width <= left:
                    line.append(Segment(text, chance.choice(styles)))
                    left -= width
            lines.append(line)
        terminal.feed(frame.difference(whole(*lines), CONSOLE))
        for y, line in enumerate(lines):
            assert terminal.line(y, 20) == "".join(segment.text for segment in line)
            wanted = [
                pen_of(style, ColorSystem.TRUECOLOR) if style else Pen()
                for text, style, _ in line
                for _cell in cells_of(text)
            ]
            cells = [cell for segment in line for cell in cells_of(segment.text)]
            for pen, sent, cell in zip(wanted, terminal.pens(y, 20), cells, strict=True):
                assert on_blanks(Pen(*sent)) == on_blanks(pen) if cell == " " else Pen(*sent) == pen


def test_a_mark_is_sent_as_a_blank_on_its_ground() -> None:
    sent = Frame().difference(whole([Segment("a", RED), Segment(chr(FIRST_MARK) * 3, BLUE)]), CONSOLE)
    assert sent.endswith("a\x1b[39m   \x1b[m")


def test_pens_change_in_as_few_numbers_as_they_can() -> None:
    assert change(Pen("", "31", "41"), Pen("", "32", "41")) == "\x1b[32m"
    assert change(Pen("", "31", "41"), Pen("", "31", "")) == "\x1b[49m"
    assert change(Pen("1", "31", ""), Pen("", "31", "")) == "\x1b[0;31m"
    assert change(None, Pen()) == "\x1b[m"
