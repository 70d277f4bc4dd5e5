"""The application in a real xterm: sixel where it has it, blocks where it has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminals.application import Application
from tests.terminals.display import Display, xterm
from tests.terminals.matching import COARSE, FINE, Tiles
from tests.terminals.programs import needs
from tests.terminals.scene import TOUR, scenes

pytestmark = needs("Xvfb", "xterm", "xdotool")


@pytest.mark.parametrize(("sixel", "side"), [(True, FINE), (False, COARSE)], ids=["sixel", "blocks"])
def test_each_tile_is_shown_and_nothing_of_the_former(
    display: Display, application: Application, tiles: Tiles, tmp_path: Path, sixel: bool, side: int
) -> None:
    window = display.open(xterm(sixel=sixel), application.command(), application)
    window.plays(TOUR, scenes(application.place, tmp_path / "pilot", *window.shape, TOUR), tiles, side)
