"""The application in tmux: blocks by itself, pixels where tmux may pass them to the terminal around it."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from skintui.tui.widgets.painting.encoders import placeholders
from skintui.tui.widgets.painting.kitty import native_png
from tests.terminals.application import Application
from tests.terminals.bare import BareLine
from tests.terminals.cells import picture_of
from tests.terminals.display import Display, xterm
from tests.terminals.matching import COARSE, Tiles, faults
from tests.terminals.programs import needs
from tests.terminals.scene import TOUR, Scene, scenes
from tests.terminals.tmux import Tmux
from tests.terminals.waiting import until_right

pytestmark = needs("tmux")
PASSING = ("set -g allow-passthrough on", "set -g status off", "set -s escape-time 20")
GRAPHICS = re.compile(rb"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\")
"""A command of kitty's protocol: its keys and its payload."""
TMUX_NAMES = {"ctrl+l": "C-l", "escape": "Escape"}


@pytest.fixture
def tmux(application: Application) -> Iterator[Tmux]:
    tmux = Tmux(application.folder, application.environment, PASSING)
    yield tmux
    tmux.close()


def whole_pictures(written: bytes) -> dict[int, bytes]:
    """Pictures that kitty's protocol has brought, by their number."""
    pictures: dict[int, bytes] = {}
    number, parts = 0, b""
    for keys, payload in GRAPHICS.findall(written):
        if found := re.search(rb"\bi=(\d+)", keys):
            number, parts = int(found.group(1)), b""
        parts += payload
        if b"m=0" in keys:
            pictures[number] = b64decode(parts)
    return pictures


def named_pictures(line: str) -> list[tuple[int, int]]:
    """Number and width of each picture whose cells stand in a captured line: a colour, and diacritics on each cell."""
    cell, diacritics = placeholders()
    runs = re.findall(rf"38;5;(\d+)m((?:{cell}[^\x1b{cell}]{{3}})+)", line)
    return [(diacritics.index(cells[3]) << 24 | int(colour), len(cells) // 4) for colour, cells in runs]


def captured_faults(tmux: Tmux, scene: Scene, tiles: Tiles) -> list[str]:
    """What is wrong with the text and the tiles that tmux has in its cells."""
    lines, text = tmux.coloured, scene.blanked(tmux.screen.splitlines())
    wrong = [f"{seen!r} instead of {line!r}" for seen, line in zip(text, scene.text, strict=False) if seen != line]
    for drawn in scene.tiles:
        matches = tiles.matches(picture_of(lines, drawn.region), COARSE)
        wrong += faults(matches, drawn.isic_id)
    return wrong


def test_blocks_show_each_tile(tmux: Tmux, application: Application, tiles: Tiles, tmp_path: Path) -> None:
    within, report = application.reporting(application.command())
    tmux.start(within)
    cell = application.report(report).cell
    for step, scene in zip(
        ["", *TOUR], scenes(application.place, tmp_path / "pilot", (120, 40), cell, TOUR), strict=True
    ):
        if isinstance(step, str):
            tmux.keys(*filter(None, [TMUX_NAMES.get(step, step)]))
        else:
            tmux("resize-window", "-x", str(step[0]), "-y", str(step[1]))
        assert until_right(lambda: captured_faults(tmux, scene, tiles)) == [], step  # noqa: B023 -- asked at once


@needs("Xvfb", "xterm", "xdotool")
def test_sixels_pass_to_the_terminal_around(
    display: Display, tmux: Tmux, application: Application, tiles: Tiles, tmp_path: Path
) -> None:
    command = tmux.starting(application.command("--image", "sixel"))
    window = display.open(xterm(sixel=True), command, application)
    window.plays(TOUR, scenes(application.place, tmp_path / "pilot", *window.shape, TOUR), tiles)


def test_kitty_pictures_pass_to_the_terminal_around(
    tmux: Tmux, application: Application, tiles: Tiles, tmp_path: Path
) -> None:
    """A terminal that calls itself a kitty with placeholders gets each tile's pixels, and cells that name them."""
    (scene,) = scenes(application.place, tmp_path / "pilot", (120, 40), (16, 32))
    kitty = {b"\x1b[>q": b"\x1bP>|kitty(0.31.0)\x1b\\"}
    with closing(BareLine(tmux.starting(application.command()), application, kitty)) as line:
        line.until(lambda: len(whole_pictures(line.written)) == len(scene.tiles), "every picture")
        lesions, sent = application.place.lesions(), whole_pictures(line.written)
        assert sorted(sent.values()) == sorted(
            native_png(lesions.tile(drawn.isic_id), bar=True) for drawn in scene.tiles
        )
        pictures = {
            drawn.isic_id: number
            for drawn in scene.tiles
            for number, data in sent.items()
            if not faults(tiles.matches(Image.open(BytesIO(data))), drawn.isic_id)
        }
        for y in range(40):
            here = sorted((d for d in scene.tiles if y in d.region.line_range), key=lambda drawn: drawn.region.x)
            wanted = [(pictures[drawn.isic_id], drawn.region.width) for drawn in here]
            line.until(lambda: named_pictures(tmux.coloured[y]) == wanted, f"cells in line {y}")  # noqa: B023
