"""Draw the screenshots of README from the bundled demo: ``python screenshots/make.py [WORKSPACE]``.

The first run makes the demo's index (a minute or two). Pictures are half cells, so that the result does not depend on
a terminal; names, times and reviewers are fixed. ``python -m tests.terminals.shoot`` photographs real terminals.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from skintui import bundled
from skintui.progress import SILENT
from skintui.settings import Settings
from skintui.steps.audit import audit
from skintui.steps.index import index
from skintui.steps.place import open_place
from skintui.steps.weights import choose_weights
from skintui.tui.app import SkintuiApp
from skintui.tui.jobs.opening import Request
from skintui.tui.screens.audit import AuditScreen
from skintui.tui.terminal import Graphics
from skintui.workspace import Workspace

HERE = Path(__file__).resolve().parent
Scene = Callable[[Pilot[int], AuditScreen], Awaitable[None]]


async def overview(pilot: Pilot[int], screen: AuditScreen) -> None:
    """The table of lesions."""
    await pilot.press("j", "j")
    await still(pilot, screen)


async def queue(pilot: Pilot[int], screen: AuditScreen) -> None:
    """The queue of suspicious annotations after two verdicts."""
    await pilot.press("w", "x", "v")
    await still(pilot, screen)


async def neighbours(pilot: Pilot[int], screen: AuditScreen) -> None:
    """The neighbours' pane where the window has room for two panes only."""
    await pilot.press("w", "tab", "tab")
    await still(pilot, screen)


async def help_screen(pilot: Pilot[int], _: AuditScreen) -> None:
    """The keys."""
    await pilot.press("?")
    await pilot.pause()


SCENES: dict[str, tuple[Scene, tuple[int, int], str]] = {
    "overview": (overview, (120, 40), "textual-dark"),
    "queue": (queue, (120, 40), "textual-dark"),
    "queue-light": (queue, (120, 40), "textual-light"),
    "wide": (queue, (200, 60), "textual-dark"),
    "narrow": (overview, (80, 24), "textual-dark"),
    "narrow-neighbours": (neighbours, (80, 24), "textual-dark"),
    "help": (help_screen, (120, 40), "textual-dark"),
}
"""Name of the file: what is done, the window's size, the theme."""


async def still(pilot: Pilot[int], screen: AuditScreen) -> None:
    """Wait until nothing is on its way any more: every tile that has a lesion has its picture."""
    await pilot.pause(0.4)
    while any(card.tile.picture is None for card in screen.grid.cards[: len(screen.grid.shown)]):
        await pilot.pause(0.05)


async def shoot(request: Request, name: str) -> None:
    """Play one scene and write its SVG."""
    scene, size, _ = SCENES[name]
    app = SkintuiApp(request, Graphics("half"))
    async with app.run_test(size=size) as pilot:
        while not isinstance(app.screen, AuditScreen) or not app.screen.grid.neighbours:
            await pilot.pause(0.05)
        await scene(pilot, app.screen)
        svg = app.export_screenshot(title="skintui")
    (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")


def main(folder: Path) -> None:
    """Make the index where there is none, then every scene on a record of its own."""
    place = open_place(None, workspace=folder)
    if not place.workspace.predictions.is_file():
        index(place, choose_weights(None, None), SILENT)
    if not place.workspace.findings.is_file():
        audit(place, SILENT)
    for name, (_, _, theme) in SCENES.items():
        place.workspace.review.unlink(missing_ok=True)
        settings = Settings(image="half", theme=theme, reviewer="curator")
        request = Request(bundled.demo_dataset(), Workspace(folder), settings, base="", adapter=None)
        asyncio.run(shoot(request, name))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
