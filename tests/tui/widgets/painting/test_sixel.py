from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from textual.geometry import Region

from skintui.tui.frame import Frame
from skintui.tui.terminal import Graphics
from skintui.tui.tmux import Tmux
from skintui.tui.widgets.painting import Blocks, Sixels
from skintui.tui.widgets.painting.sixel import overlaid, sixels
from skintui.tui.widgets.painting.sixel_choice import Grid, grid_of, smooth
from tests.tui.widgets.painting import decoded

HERE = Region(30, 5, 26, 13)


def test_every_pixel_is_drawn_and_no_other(skin: Image.Image) -> None:
    assert not np.isnan(decoded.sixel(sixels(skin, 260, 260))).any()
    assert not np.isnan(decoded.sixel(sixels(skin, 187, 190))).any()


def test_two_colours_are_those_of_the_picture(picture: Image.Image) -> None:
    shown = decoded.sixel(sixels(picture, 120, 120, bar=False))
    assert np.abs(shown[:55] - [250, 0, 0]).max() <= 1.5
    assert np.abs(shown[65:] - [0, 0, 250]).max() <= 5  # scaling sharpens the edge


@pytest.mark.parametrize(("width", "likeness"), [(260, 33), (520, 31), (120, 35)])
def test_a_tile_is_like_the_picture_in_15_kb(skin: Image.Image, width: int, likeness: float) -> None:
    data = sixels(skin, width, width, bar=False)
    assert len(data) <= 15_000
    assert decoded.likeness(decoded.sixel(data), skin) > likeness


def test_sixteen_registers_are_enough(skin: Image.Image) -> None:
    assert "#16" not in sixels(skin, 260, 260)


def test_the_grid_holds_the_tiles_pixels_and_divides_the_bands() -> None:
    assert grid_of(260, 260) == Grid(130, 130, 2, 2)
    assert grid_of(120, 120) == Grid(120, 120, 1, 1)
    assert grid_of(520, 520) == Grid(130, 174, 4, 3)


def test_a_colour_changes_where_it_gains_more_than_it_costs() -> None:
    """Errors 0/9, 9/0, 0/9 along a line: two changes save 9, which is worth 4 a change and not 5."""
    errors = np.array([[[[0, 9], [9, 0], [0, 9]]]], np.float32)
    assert smooth(errors, 4.0).tolist() == [[[0, 1, 0]]]
    assert smooth(errors, 5.0).tolist() == [[[0, 0, 0]]]


def test_a_colour_runs_on_below_what_is_drawn_later() -> None:
    """Colour 0 in the upper line, interrupted by colour 1: drawn through, then over."""
    planes = np.array([[[1, 1, 0, 1, 0, 1], [0, 0, 1, 0, 1, 0]]], np.uint8)
    drawn, order = overlaid(planes)
    first = planes[0, order[0, 0]]
    assert drawn[0, 0].tolist() == [1] * 6
    assert (drawn[0, 0] & ~first & ~planes[0, order[0, 1]]).tolist() == [0] * 6
    assert drawn[0, 1].tolist() == planes[0, order[0, 1]].tolist()


def test_the_scale_bar_is_crisp_at_any_size(skin: Image.Image) -> None:
    shown = decoded.sixel(sixels(skin, 260, 260))
    (rows, columns) = np.nonzero((shown > 254).all(2))
    assert columns.max() - columns.min() + 1 == 34  # 130 × 2/15 = 17 pixels of the grid, two wide
    assert rows.max() - rows.min() + 1 == 2
    assert rows.min() > 220
    assert columns.min() < 20


def test_the_picture_is_sent_where_its_cells_are_and_once(skin: Image.Image) -> None:
    painter = Sixels(Graphics("sixel", 10, 20))
    frame = Frame(painter)
    lines = painter.paint("a", skin, HERE)
    assert "\x1b[6;31H\x1bP0;1q" in decoded.sent(painter, lines, HERE, frame)
    assert decoded.sent(painter, lines, HERE, frame) == ""


def test_a_window_that_covered_a_part_has_it_sent_again_when_closed(skin: Image.Image) -> None:
    painter = Sixels(Graphics("sixel", 10, 20))
    frame = Frame(painter)
    lines = painter.paint("a", skin, HERE)
    decoded.sent(painter, lines, HERE, frame)
    covered = [line.crop(0, 10) for line in lines]
    assert "\x1bP" not in decoded.sent(painter, covered, Region(30, 5, 10, 13), frame)
    assert "\x1bP0;1q" in decoded.sent(painter, lines, HERE, frame)


def test_another_lesion_takes_its_place(skin: Image.Image, picture: Image.Image) -> None:
    painter = Sixels(Graphics("sixel", 10, 20))
    frame = Frame(painter)
    decoded.sent(painter, painter.paint("a", skin, HERE), HERE, frame)
    data = decoded.sent(painter, painter.paint("b", picture, HERE), HERE, frame)
    assert np.abs(decoded.sixel(data)[:100] - [250, 0, 0]).max() <= 1.5


def test_a_change_beside_it_does_not_send_it(skin: Image.Image) -> None:
    painter = Sixels(Graphics("sixel", 10, 20))
    frame = Frame(painter)
    lines = painter.paint("a", skin, HERE)
    decoded.sent(painter, lines, HERE, frame)
    (text, *_) = Blocks(Graphics("half")).paint("t", skin, Region(0, 0, 1, 1))
    beside = [text.join([line, text]) for line in lines]
    assert "\x1bP" not in decoded.sent(painter, beside, Region(30, 5, 27, 13), frame)


def test_inside_tmux_it_carries_its_place_on_the_terminal(skin: Image.Image) -> None:
    painter = Sixels(Graphics("sixel", 10, 20, Tmux("foot(1.13.1)", passes=True, left=40, top=1)))
    data = decoded.sent(painter, painter.paint("a", skin, HERE), HERE)
    assert "\x1bPtmux;\x1b\x1b[7;71H\x1b\x1bP0;1q" in data
