"""The application at the far end of a real OpenSSH login."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminals.application import Application
from tests.terminals.display import Display, xterm
from tests.terminals.matching import COARSE, FINE, Tiles
from tests.terminals.programs import needs
from tests.terminals.scene import scenes
from tests.terminals.server import Server

pytestmark = needs("Xvfb", "xterm", "xdotool", "sshd", "ssh", "ssh-keygen")


@pytest.mark.parametrize(("sixel", "side"), [(True, FINE), (False, COARSE)], ids=["sixel", "blocks"])
def test_each_tile_is_shown_through_a_login(
    display: Display,
    server: Server,
    application: Application,
    tiles: Tiles,
    tmp_path: Path,
    sixel: bool,
    side: int,
) -> None:
    login = server.login(application.command(), application.environment)
    window = display.open(xterm(sixel=sixel), login, application)
    window.plays(["j"], scenes(application.place, tmp_path / "pilot", *window.shape, ["j"]), tiles, side)
