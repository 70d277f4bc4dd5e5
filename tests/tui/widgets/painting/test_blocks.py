from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from textual.geometry import Region, Size

from skintui.tui.terminal import Graphics
from skintui.tui.widgets.painting import Blocks
from tests.tui.widgets.painting import decoded


def test_the_box_is_square_in_pixels() -> None:
    assert Blocks(Graphics("half", 10, 20)).box(40, 10) == (20, 10)
    assert Blocks(Graphics("half", 10, 20)).box(12, 10) == (12, 6)
    assert Blocks(Graphics("half", 9, 18)).box(1, 10) == (0, 0)
    assert Blocks(Graphics("half", 8, 17)).box(30, 10) == (21, 10)


def test_quadrants_show_the_pixels_colours() -> None:
    """Four pixels in two colours are one cell: ▛ or, the colours exchanged, ▗."""
    pixels = np.full((2, 2, 3), [200, 100, 50], np.uint8)
    pixels[1, 1] = [10, 20, 30]
    (line,) = Blocks(Graphics("half")).paint("a", Image.fromarray(pixels), Region(0, 0, 1, 1), bar=False)
    assert decoded.blocks([line]).tolist() == pixels.tolist()


def test_an_even_cell_is_a_blank() -> None:
    picture = Image.new("RGB", (129, 129), (200, 100, 50))
    (line, *_) = Blocks(Graphics("half")).paint("a", picture, Region(0, 0, 8, 4))
    assert line.text == " " * 8
    assert line.cell_length == 8


def test_a_tile_is_recognised(skin: Image.Image) -> None:
    lines = Blocks(Graphics("half")).paint("a", skin, Region(0, 0, 26, 13), bar=False)
    assert decoded.likeness(decoded.blocks(lines), skin) > 30


@pytest.mark.parametrize(("size", "limit"), [((13, 6), 1_500), ((26, 13), 4_000), ((52, 24), 15_000)])
def test_a_tile_costs_at_most_4_kb(skin: Image.Image, size: tuple[int, int], limit: int) -> None:
    painter, region = Blocks(Graphics("half")), Region(0, 0, *size)
    region = region.intersection(Region(0, 0, 80, 24))
    blank = decoded.sent(painter, [], Region())
    assert len(decoded.sent(painter, painter.paint("a", skin, region), region).encode()) - len(blank) <= limit


def test_an_enlarged_tile_shows_more_for_its_bytes(skin: Image.Image) -> None:
    painter = Blocks(Graphics("half"))
    sent = [
        len(decoded.sent(painter, painter.paint("a", skin, Region(0, 0, *size)), Region(0, 0, *size)).encode())
        for size in ((36, 18), (48, 24))
    ]
    assert 1.3 * sent[0] < sent[1] < 4_500 * 48 * 24 / 676 + 2_100  # of which the blank screen takes 2,100


def test_noise_fits_too() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (129, 129, 3), np.uint8))
    painter, region = Blocks(Graphics("half")), Region(0, 0, 26, 13)
    blank = decoded.sent(painter, [], Region())
    assert len(decoded.sent(painter, painter.paint("a", noise, region), region).encode()) - len(blank) <= 4_000


def test_the_scale_bar_is_two_fifteenths_long(skin: Image.Image) -> None:
    last = Blocks(Graphics("half")).paint("a", skin, Region(0, 0, 30, 15))[-1]
    assert last.text[1:5] == "━━━━"  # 30 cells × 2 mm / 15 mm
    assert last.text.count("━") == 4
    assert Blocks(Graphics("half")).paint("a", skin, Region(0, 0, 26, 13))[-1].text[1:5] == "━━━╸"


def test_the_scale_bar_can_be_left_out(skin: Image.Image) -> None:
    lines = Blocks(Graphics("half")).paint("a", skin, Region(0, 0, 26, 13), bar=False)
    assert "━" not in lines[-1].text


def test_a_picture_is_encoded_once_per_size(skin: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    painter = Blocks(Graphics("half"))
    painter.prepare("a", skin, Size(8, 4))
    monkeypatch.setattr(painter, "encode", lambda *_: pytest.fail("encoded again"))
    assert painter.is_ready("a", Size(8, 4))
    assert not painter.is_ready("a", Size(9, 4))
    assert painter.paint("a", skin, Region(5, 5, 8, 4)) == painter.paint("a", skin, Region(0, 0, 8, 4))
