"""The application in tmux: blocks by itself, pixels where tmux may pass them to the terminal around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminals.application import Application
from tests.terminals.cells import picture_of
from tests.terminals.matching import COARSE, Tiles, faults
from tests.terminals.programs import needs
from tests.terminals.scene import TOUR, Scene, scenes
from tests.terminals.tmux import Tmux
from tests.terminals.waiting import until_right

pytestmark = needs("tmux")
TMUX_NAMES = {"ctrl+l": "C-l", "escape": "Escape"}


@pytest.fixture
def tmux(application: Application) -> Iterator[Tmux]:
    tmux = Tmux(application.folder, application.environment)
    yield tmux
    tmux.close()


def captured_faults(tmux: Tmux, scene: Scene, tiles: Tiles) -> list[str]:
    """What is wrong with the tiles that tmux has in its cells."""
    lines = tmux.coloured
    try:
        return [
            fault
            for drawn in scene.tiles
            for fault in faults(tiles.matches(picture_of(lines, drawn.region), COARSE), drawn.isic_id)
        ]
    except KeyError as error:
        return [f"no block character: {error}"]


@pytest.mark.xfail(reason="256 colours in tmux")
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
