from __future__ import annotations

import subprocess
import sys

from PIL import Image

from skintui.tui.terminal import Graphics
from skintui.tui.tmux import Tmux
from skintui.tui.widgets.painting import Blocks, Kitty, KittyCells, Sixels, painter_for
from skintui.tui.widgets.painting.scale_bar import DARK, LIGHT, bar_length, bar_place, draw_bar


def test_each_mode_has_its_painter() -> None:
    assert isinstance(painter_for(Graphics("half")), Blocks)
    assert isinstance(painter_for(Graphics("sixel")), Sixels)
    assert type(painter_for(Graphics("kitty"))) is Kitty
    assert type(painter_for(Graphics("kitty", tmux=Tmux()))) is KittyCells
    assert painter_for(Graphics("none")) is None


def test_painting_never_asks_the_terminal() -> None:
    program = (
        "import sys, os, pty\n"
        "leader, follower = pty.openpty()\n"
        "os.dup2(follower, 1)\n"
        "from skintui.tui.terminal import Graphics\n"
        "from skintui.tui.tmux import Tmux\n"
        "from skintui.tui.widgets.painting import painter_for\n"
        "for mode in ('half', 'sixel', 'kitty'):\n"
        "    painter_for(Graphics(mode, tmux=Tmux()))\n"
        "os.write(1, b'.')\n"
        "sys.exit(0 if os.read(leader, 100) == b'.' else 'asked')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_bar_is_two_of_fifteen_millimetres() -> None:
    assert bar_length(150) == 20
    assert bar_length(129) == 17


def test_the_bar_stands_out_from_any_skin() -> None:
    left, top, right, bottom = bar_place(150, 150)
    for colour in (LIGHT, DARK):
        drawn = Image.new("RGB", (150, 150), colour)
        draw_bar(drawn)
        assert drawn.getpixel((left, top)) == drawn.getpixel((right - 1, bottom - 1)) == LIGHT
        assert drawn.getpixel((left - 1, top)) == drawn.getpixel((right, bottom)) == DARK
        assert drawn.getpixel((right + 1, bottom + 1)) == colour
