"""Photographs of real terminals for README: ``python -m tests.terminals.shoot [WORKSPACE]``.

Opens the bundled demo in an xterm with sixel and in a kitty, 120 × 40 cells each, waits until every tile is where it
belongs, and writes ``screenshots/xterm-sixel.png`` and ``screenshots/kitty.png``. The first run makes the demo's index.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from skintui.progress import SILENT
from skintui.steps.audit import audit
from skintui.steps.index import index
from skintui.steps.place import Place, open_place
from skintui.steps.weights import choose_weights
from tests.made_results import copied
from tests.terminals.application import ROOT, Application
from tests.terminals.display import KITTY_VARIABLES, Display, Window, kitty, xterm
from tests.terminals.matching import Tiles
from tests.terminals.scene import scenes

KEYS = ("w", "x", "v", "j")
"""The queue, two verdicts, and on."""
COLOURS = 256


def demo(workspace: Path) -> Place:
    """The bundled demo with an index and an audit."""
    place = open_place(None, workspace=workspace)
    if not place.workspace.predictions.is_file():
        index(place, choose_weights(None, None), SILENT)
    if not place.workspace.findings.is_file():
        audit(place, SILENT)
    return place


def shoot(place: Place, name: str, folder: Path) -> None:
    """Do the steps in one terminal and keep its picture, in few colours for a small file."""
    folder.mkdir()
    application = Application(copied(place, folder / "workspace"), folder)
    for decided in (application.place.workspace.review, application.place.workspace.desk):
        decided.unlink(missing_ok=True)
    pilot, display = application.place, Display()
    try:
        window = _opened(display, name, application)
        played = scenes(pilot, folder / "pilot", *window.shape, KEYS)
        window.plays(KEYS, played, Tiles(place.lesions()))
        picture = window.picture().quantize(COLOURS, dither=Image.Dither.NONE)
        picture.save(ROOT / "screenshots" / f"{name}.png", optimize=True)
    finally:
        display.close()


def _opened(display: Display, name: str, application: Application) -> Window:
    if name == "kitty":
        return display.open(kitty(), application.command(), application, **KITTY_VARIABLES)
    return display.open(xterm(sixel=True), application.command(), application)


def main(workspace: Path | None) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        place = demo(workspace or Path(temporary) / "workspace")
        for name in ("xterm-sixel", "kitty"):
            shoot(place, name, Path(temporary) / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
