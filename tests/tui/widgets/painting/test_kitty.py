from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from textual.geometry import Region

from skintui.tui.frame import Frame
from skintui.tui.terminal import Graphics
from skintui.tui.tmux import Tmux
from skintui.tui.widgets.painting import Kitty, KittyCells, kitty
from tests.tui.emulated import Emulated
from tests.tui.widgets.painting import decoded

HERE, THERE = Region(30, 5, 26, 13), Region(0, 0, 13, 6)


@pytest.fixture
def painter() -> Kitty:
    return Kitty(Graphics("kitty", 20, 40))


def commands(data: str) -> list[str]:
    """Kitty's commands, without their payload."""
    return [command.partition(";")[0] for _, command in Emulated().feed(data).commands]


def test_native_pixels_are_sent(painter: Kitty, picture: Image.Image) -> None:
    shown = decoded.payload(decoded.sent(painter, painter.paint("a", picture, HERE, bar=False), HERE))
    assert shown.size == (129, 129)
    assert np.abs(np.asarray(shown, int) - np.asarray(picture, int)).max() <= 8


def test_the_terminal_scales_it_into_its_cells(painter: Kitty, picture: Image.Image) -> None:
    terminal = Emulated().feed(decoded.sent(painter, painter.paint("a", picture, HERE), HERE))
    place, command = terminal.commands[-1]
    assert place == (5, 30)
    assert "c=26,r=13,C=1" in command
    assert all(terminal.cells[y, x].text == " " for y in HERE.line_range for x in HERE.column_range)


def test_a_picture_is_sent_once_and_placed_by_its_number(painter: Kitty, skin: Image.Image) -> None:
    frame = Frame(painter)
    decoded.sent(painter, painter.paint("a", skin, HERE), HERE, frame)
    again = decoded.sent(painter, painter.paint("a", skin, THERE), THERE, frame)
    assert [command[:4] for command in commands(again)] == ["a=d,", "a=p,"]
    assert len(again) < 3_000


def test_what_is_shown_no_longer_is_taken_away(painter: Kitty, skin: Image.Image, picture: Image.Image) -> None:
    frame = Frame(painter)
    first = commands(decoded.sent(painter, painter.paint("a", skin, HERE), HERE, frame))[-1]
    number, place = re.findall(r"[ip]=(\d+)", first)
    second = commands(decoded.sent(painter, painter.paint("b", picture, HERE), HERE, frame))
    assert second[0] == f"a=d,d=i,i={number},p={place},q=2"
    assert commands(decoded.sent(painter, [], Region(), frame))[0].startswith("a=d,d=i,")


def test_a_window_over_a_part_takes_it_away_for_a_while(painter: Kitty, skin: Image.Image) -> None:
    frame = Frame(painter)
    lines = painter.paint("a", skin, HERE)
    decoded.sent(painter, lines, HERE, frame)
    covered = decoded.sent(painter, [line.crop(0, 10) for line in lines], Region(30, 5, 10, 13), frame)
    assert [command[:4] for command in commands(covered)] == ["a=d,"]
    again = decoded.sent(painter, lines, HERE, frame)
    assert [command[:4] for command in commands(again)] == ["a=p,"]


def test_after_a_resize_it_is_placed_anew_without_its_data(painter: Kitty, skin: Image.Image) -> None:
    frame = Frame(painter)
    lines = painter.paint("a", skin, HERE)
    decoded.sent(painter, lines, HERE, frame)
    frame.forget()
    assert [command[:4] for command in commands(decoded.sent(painter, lines, HERE, frame))] == ["a=d,", "a=p,"]


def test_a_terminal_that_was_cleared_gets_it_again(painter: Kitty, skin: Image.Image) -> None:
    frame = Frame(painter)
    lines = painter.paint("a", skin, HERE)
    first = decoded.payload(decoded.sent(painter, lines, HERE, frame))
    frame.forget(data=True)
    assert decoded.payload(decoded.sent(painter, lines, HERE, frame)) == first


def test_the_oldest_pictures_are_taken_from_the_terminal(skin: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kitty, "KEPT", 2)
    painter = Kitty(Graphics("kitty"))
    frame = Frame(painter)
    sent = "".join(decoded.sent(painter, painter.paint(key, skin, THERE), THERE, frame) for key in "abc")
    assert sum(command.startswith("a=d,d=I,") for command in commands(sent)) == 1


def test_at_the_end_nothing_of_ours_stays_in_the_terminal(painter: Kitty, skin: Image.Image) -> None:
    frame = Frame(painter)
    sent = "".join(decoded.sent(painter, painter.paint(key, skin, THERE), THERE, frame) for key in "ab")
    numbers = set(re.findall(r"a=t,i=(\d+)", sent))
    assert set(re.findall(r"a=d,d=I,i=(\d+)", painter.farewell())) == numbers
    assert len(numbers) == 2


def test_a_real_tile_costs_at_most_40_kb(slice3d: Path) -> None:
    import h5py

    with h5py.File(f"{slice3d}/train-image.hdf5") as file:
        names = [name for name, _ in zip(file, range(50), strict=False)]
        tiles = [Image.open(BytesIO(file[name][()])).convert("RGB") for name in names]
    for tile in tiles:
        painter = Kitty(Graphics("kitty", 20, 40))
        assert len(decoded.sent(painter, painter.paint("a", tile, HERE), HERE)) <= 40_000


def test_the_scale_bar_is_burnt_in(painter: Kitty, skin: Image.Image) -> None:
    shown = np.asarray(decoded.payload(decoded.sent(painter, painter.paint("a", skin, HERE), HERE)), int)
    _, columns = np.nonzero((shown > 250).all(2))
    assert columns.max() - columns.min() + 1 == 17  # 129 × 2/15


def test_inside_tmux_the_cells_name_the_picture(skin: Image.Image) -> None:
    painter = KittyCells(Graphics("kitty", 10, 20, Tmux("kitty(0.31.0)", passes=True)))
    data = decoded.sent(painter, painter.paint("a", skin, THERE), THERE)
    passed = re.search(r"\x1bPtmux;\x1b\x1b_Ga=T,U=1,c=13,r=6,i=(\d+),", data)
    assert passed
    number = int(passed[1])
    terminal = Emulated().feed(re.sub(r"\x1bPtmux;.*?[^\x1b]\x1b\\", "", data, flags=re.S))
    cells = [terminal.cells[y, x] for y in THERE.line_range for x in THERE.column_range]
    assert {cell.pen[1] for cell in cells} == {f"38;5;{number & 0xFF}"}
    assert len({cell.text for cell in cells}) == 13 * 6
    assert all(cell.text[0] == "\U0010eeee" and len(cell.text) == 4 for cell in cells)
    assert number & 0xFF >= 16
