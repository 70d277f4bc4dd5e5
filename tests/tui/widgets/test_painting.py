from __future__ import annotations

import base64
import re
import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from textual.geometry import Region

from skintui.tui.terminal import Graphics
from skintui.tui.widgets.painting import HalfCells, Kitty, Sixels, painter_for


@pytest.fixture
def picture() -> Image.Image:
    """129 × 129 pixels: red above, blue below, as odd-sided as a tile."""
    pixels = np.zeros((129, 129, 3), np.uint8)
    pixels[:65, :, 0] = 250
    pixels[65:, :, 2] = 250
    return Image.fromarray(pixels)


def test_the_box_is_square_in_pixels() -> None:
    assert HalfCells(Graphics("half", 10, 20)).box(40, 10) == (20, 10)
    assert HalfCells(Graphics("half", 10, 20)).box(12, 10) == (12, 6)
    assert HalfCells(Graphics("half", 9, 18)).box(1, 10) == (0, 0)
    assert HalfCells(Graphics("half", 8, 17)).box(30, 10) == (21, 10)


def test_half_cells_show_the_pixels_colours(picture: Image.Image) -> None:
    lines = HalfCells(Graphics("half")).paint("a", picture, Region(0, 0, 8, 4))
    assert [line.cell_length for line in lines] == [8] * 4
    colours = [[(s.style.color.triplet, s.style.bgcolor.triplet) for s in line] for line in lines]  # type: ignore[union-attr]
    assert all(tuple(c) == (250, 0, 0) for pair in colours[0] for c in pair)  # type: ignore[arg-type]
    assert all(tuple(c) == (0, 0, 250) for pair in colours[3] for c in pair)  # type: ignore[arg-type]


def test_half_cells_are_encoded_once_per_size(picture: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    painter = HalfCells(Graphics("half"))
    first = painter.paint("a", picture, Region(0, 0, 8, 4))
    monkeypatch.setattr(painter, "_lines", lambda *_: pytest.fail("encoded again"))
    assert painter.paint("a", picture, Region(5, 5, 8, 4)) == first


def test_kitty_sends_native_pixels_once(picture: Image.Image) -> None:
    sent: list[str] = []
    painter = Kitty(Graphics("kitty", 20, 40), sent.append)
    lines = painter.paint("a", picture, Region(0, 0, 26, 13))
    count = len(sent)
    painter.paint("a", picture, Region(0, 0, 26, 13))
    assert len(sent) == count
    payload = "".join(re.fullmatch(r"\x1b_G[^;]*;(.*)\x1b\\", part).group(1) for part in sent)  # type: ignore[union-attr]
    shown = Image.open(BytesIO(base64.b64decode(payload))).convert("RGB")
    assert shown.size == (129, 129)
    assert np.abs(np.asarray(shown, int) - np.asarray(picture, int)).max() <= 8
    assert "c=26,r=13" in sent[0]
    assert len(lines) == 13


def test_kitty_names_the_picture_in_every_cell(picture: Image.Image) -> None:
    sent: list[str] = []
    lines = Kitty(Graphics("kitty"), sent.append).paint("a", picture, Region(0, 0, 4, 2))
    number = int(re.search(r"i=(\d+)", sent[0]).group(1))  # type: ignore[union-attr]
    for line in lines:
        (segment,) = line
        assert segment.text.count("\U0010eeee") == 4
        assert segment.style is not None
        assert segment.style.color is not None
        red, green, blue = segment.style.color.get_truecolor()
        assert (red << 16) + (green << 8) + blue == number


def test_kitty_forgets_the_oldest_pictures(picture: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skintui.tui.widgets.painting.KEPT", 2)
    sent: list[str] = []
    painter = Kitty(Graphics("kitty"), sent.append)
    for key in "abc":
        painter.paint(key, picture, Region(0, 0, 4, 2))
    assert sum("a=d,d=I" in part for part in sent) == 1


def test_a_real_tile_costs_kitty_at_most_40_kb(slice3d: object) -> None:
    import h5py

    with h5py.File(f"{slice3d}/train-image.hdf5") as file:
        names = [name for name, _ in zip(file, range(50), strict=False)]
        tiles = [Image.open(BytesIO(file[name][()])).convert("RGB") for name in names]
    for tile in tiles:
        sent: list[str] = []
        Kitty(Graphics("kitty", 20, 40), sent.append).paint("a", tile, Region(0, 0, 26, 13))
        assert sum(map(len, sent)) <= 40_000


def test_sixels_ride_on_the_last_line(picture: Image.Image) -> None:
    lines = Sixels(Graphics("sixel", 10, 20)).paint("a", picture, Region(30, 5, 12, 6))
    texts = ["".join(s.text for s in line) for line in lines]
    assert texts[:5] == [" " * 12] * 5
    assert texts[5].startswith(" " * 12 + "\x1b[6;31H\x1bP")
    assert texts[5].endswith("\x1b\\\x1b[11;43H")
    assert lines[5].cell_length == 12


def test_sixels_say_the_pictures_size_in_pixels(picture: Image.Image) -> None:
    text = "".join(s.text for s in Sixels(Graphics("sixel", 10, 20)).paint("a", picture, Region(0, 0, 12, 6))[5])
    assert re.search(r'"\d+;\d+;120;120', text)


def test_no_pictures_no_painter() -> None:
    assert painter_for(Graphics("none"), lambda _: None) is None


def test_painting_never_asks_the_terminal() -> None:
    program = (
        "import sys, os, pty\n"
        "leader, follower = pty.openpty()\n"
        "os.dup2(follower, 1)\n"
        "from skintui.tui.terminal import Graphics\n"
        "from skintui.tui.widgets.painting import painter_for\n"
        "for mode in ('half', 'sixel', 'kitty'):\n"
        "    painter_for(Graphics(mode), print)\n"
        "os.write(1, b'.')\n"
        "sys.exit(0 if os.read(leader, 100) == b'.' else 'asked')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
