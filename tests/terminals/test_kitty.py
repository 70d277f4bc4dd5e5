"""The application in a real kitty, by its graphics protocol."""

from __future__ import annotations

from pathlib import Path

from tests.terminals.application import Application
from tests.terminals.display import KITTY_VARIABLES, Display, kitty
from tests.terminals.matching import Tiles
from tests.terminals.programs import needs
from tests.terminals.scene import TOUR, scenes

pytestmark = needs("Xvfb", "kitty", "xdotool")


def test_each_tile_is_shown_and_nothing_of_the_former(
    display: Display, application: Application, tiles: Tiles, tmp_path: Path
) -> None:
    window = display.open(kitty(), application.command(), application, **KITTY_VARIABLES)
    window.plays(TOUR, scenes(application.place, tmp_path / "pilot", *window.shape, TOUR), tiles)
    assert "GraphicsCommand" not in window.complaints
