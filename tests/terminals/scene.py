"""What a screen has to show: where each lesion's tile belongs, and which cells are empty.

Learned from the application under a pilot, where every widget tells its place; whether it then *is* there, only the
pixels of a real terminal say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from textual.geometry import Region

from skintui.steps.place import Place
from skintui.tui.screens.audit import AuditScreen
from skintui.tui.terminal import Graphics
from tests.made_results import copied
from tests.terminals.matching import FINE, Tiles, faults
from tests.tui.opened import Opened, opener

Step = str | tuple[int, int]
"""A key, or a new size of the window in cells."""
TOUR: tuple[Step, ...] = ("j", "?", "escape", "ctrl+l", (140, 44), "j")
"""Another lesion, help opened and closed, a spoilt screen drawn again, another size, another lesion."""
CALM = 0.2
"""Seconds without a change after which a screen has settled (it takes former neighbours away after 0.12)."""


@dataclass(frozen=True)
class Drawn:
    """One lesion's tile in cells of the screen."""

    isic_id: str
    region: Region


@dataclass(frozen=True)
class Scene:
    """One screen."""

    cell: tuple[int, int]
    tiles: tuple[Drawn, ...]
    ground: NDArray[np.int16]
    """(rows, columns, 3) colour of each empty cell, -1 elsewhere."""
    text: tuple[str, ...]
    """The lines, the tiles left blank."""

    def blanked(self, lines: Sequence[str]) -> tuple[str, ...]:
        """Lines of a screen with the tiles left blank, to be compared with ``text``."""
        return tuple(_blanked(lines, self.tiles))

    def faults(self, picture: Image.Image, tiles: Tiles, side: int = FINE) -> list[str]:
        """What is wrong with a picture of the screen: tiles that are not where they belong, traces of other things."""
        wrong = []
        for drawn in self.tiles:
            matches = tiles.matches(picture.crop(self._pixels(drawn.region)), side)
            wrong += [f"at {tuple(drawn.region)}: {fault}" for fault in faults(matches, drawn.isic_id)]
        return wrong + self._traces(picture)

    @property
    def without_text(self) -> Scene:
        """The tiles alone."""
        return replace(self, ground=np.full_like(self.ground, -1))

    def _pixels(self, region: Region) -> tuple[int, int, int, int]:
        width, height = self.cell
        return region.x * width, region.y * height, region.right * width, region.bottom * height

    def _traces(self, picture: Image.Image) -> list[str]:
        """Empty cells that are not empty, and cells that nobody painted: white, as an xterm begins."""
        (rows, columns), (width, height) = self.ground.shape[:2], self.cell
        pixels = np.asarray(picture.convert("RGB"), dtype=np.int16)[: rows * height, : columns * width]
        if pixels.shape[:2] != (rows * height, columns * width):
            return [f"the picture has {picture.width} × {picture.height} pixels"]
        cells = pixels.reshape(rows, height, columns, width, 3)[:, 1:-1, :, 1:-1]  # letters may touch the edge
        spread = cells.max(axis=(1, 3)) - cells.min(axis=(1, 3))
        off = np.abs(cells.mean(axis=(1, 3)) - self.ground)
        empty = (self.ground >= 0).all(axis=2)
        bare = (cells == 255).all(axis=(1, 3, 4))
        return [
            f"{len(places)} cells {what}, the first in row {places[0][0]}, column {places[0][1]}"
            for what, wrong in (
                ("are not empty", empty & ((spread > 3) | (off > 6)).any(axis=2)),
                ("show the terminal's own ground", bare),
            )
            if len(places := np.argwhere(wrong))
        ]


def scenes(
    place: Place, folder: Path, size: tuple[int, int], cell: tuple[int, int], steps: Sequence[Step] = ()
) -> list[Scene]:
    """The screen at first and after each step. Records nothing in ``place``."""
    return asyncio.run(_played(copied(place, folder), size, cell, steps))


async def _played(place: Place, size: tuple[int, int], cell: tuple[int, int], steps: Sequence[Step]) -> list[Scene]:
    played = []
    async with opener(place, Graphics("half", *cell))(size=size) as app:
        played.append(await _settled(app, cell))
        for step in steps:
            if isinstance(step, str):
                await app.press(step)
            else:
                await app.pilot.resize_terminal(*step)
            played.append(await _settled(app, cell))
    return played


async def _settled(app: Opened, cell: tuple[int, int]) -> Scene:
    """The scene once it stays as it is."""
    before: Scene | None = None
    while True:
        await app.app.workers.wait_for_complete()
        await app.pilot.pause(CALM)
        now = _scene(app, cell)
        if now and before and (now.tiles, now.text) == (before.tiles, before.text):
            return now
        before = now


def _scene(app: Opened, cell: tuple[int, int]) -> Scene | None:
    """The screen as it is; None while a picture is on its way."""
    strips = app.app.screen._compositor.render_strips()
    lines = ["".join(segment.text for segment in strip) for strip in strips]
    ground = np.full((len(strips), app.app.size.width, 3), -1, np.int16)
    for y, strip in enumerate(strips):
        x = 0
        for text, style, _ in strip:
            colour = style.bgcolor if style and not (style.underline or style.reverse) else None
            for character in text:
                if character == " " and colour is not None and x < ground.shape[1]:
                    ground[y, x] = colour.get_truecolor()
                x += 1
    drawn = _tiles(app)
    if drawn is None:
        return None
    for each in drawn:
        ground[each.region.y : each.region.bottom, each.region.x : each.region.right] = -1
    shown = tuple(drawn) if isinstance(app.app.screen, AuditScreen) else ()
    return Scene(cell, shown, ground, tuple(_blanked(lines, shown)))


def _blanked(lines: Sequence[str], tiles: Sequence[Drawn]) -> list[str]:
    """Lines without the cells of tiles and the blanks at their ends."""
    out = []
    for y, line in enumerate(lines):
        cells = list(line)
        for drawn in tiles:
            if y in drawn.region.line_range:
                cells += " " * (drawn.region.right - len(cells))
                cells[drawn.region.x : drawn.region.right] = " " * drawn.region.width
        out.append("".join(cells).rstrip())
    return out


def _tiles(app: Opened) -> list[Drawn] | None:
    screen, ids = app.screen, app.session.ids
    shown = [(app.session.selected.row, screen.tile)]
    shown += [(n.row, card.tile) for n, card in zip(screen.grid.shown, screen.grid.cards, strict=False)]
    if len(shown) == 1 and screen.grid.region.area:
        return None
    drawn = []
    for row, tile in shown:
        if not tile.region.area:
            continue
        if tile.picture is None or screen.painter is None:
            return None
        columns, rows = screen.painter.box(*tile.size)
        drawn.append(Drawn(ids[row], Region(tile.region.x, tile.region.y, columns, rows)))
    return drawn
