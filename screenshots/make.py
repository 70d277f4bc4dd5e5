"""Draw every screen from the bundled demo as SVG: ``python screenshots/make.py WORKSPACE [NAME…]``.

The first run makes the demo's index (a minute or two). Pictures are blocks of cells, so that the result does not depend
on a terminal; reviewer and time are fixed.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from unittest.mock import patch

from scenes import SCENES, SLOW, Scene
from textual.pilot import Pilot

from skintui import bundled
from skintui.progress import SILENT
from skintui.review import verdicts
from skintui.settings import Settings
from skintui.steps.audit import audit
from skintui.steps.index import index
from skintui.steps.place import Place, open_place
from skintui.steps.weights import choose_weights
from skintui.tui.app import SkintuiApp
from skintui.tui.jobs.opening import Request
from skintui.tui.screens.audit import AuditScreen
from skintui.tui.terminal import Graphics

HERE = Path(__file__).resolve().parent
REVIEWER, TIME = "curator", "2026-01-31T09:30:00.000Z"
LONG = re.compile(r"terminal-\d+")
"""The name each rule and each cell repeats: a quarter of the file."""
RECORDS = ("review.sqlite", "desk.sqlite")
"""What a session leaves in the workspace."""


def prepared(folder: Path) -> Place:
    """The demo with an index and an audit in a workspace."""
    place = open_place(None, workspace=folder)
    if not place.workspace.predictions.is_file():
        index(place, choose_weights(None, None), SILENT)
    if not place.workspace.findings.is_file():
        audit(place, SILENT)
    return place


def forget(place: Place) -> None:
    """Take away what earlier sessions recorded."""
    for name in RECORDS:
        for path in place.workspace.root.glob(f"{name}*"):
            path.unlink()


async def still(pilot: Pilot[int]) -> None:
    """Wait until nothing changes any more."""
    before: list[str] = []
    while True:
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.3)
        now = [strip.text for strip in pilot.app.screen._compositor.render_strips()]
        if now == before:
            return
        before = now


async def shoot(place: Place, scene: Scene) -> str:
    """Play one scene and draw where it ends."""
    settings = Settings(image="half", theme=scene.theme, reviewer=REVIEWER)
    app = SkintuiApp(
        Request(bundled.demo_dataset(), place.workspace, settings, base="", adapter=None), Graphics("half")
    )
    async with app.run_test(size=scene.size) as pilot:
        while not isinstance(app.screen, AuditScreen) or app.screen.session is None:
            await pilot.pause(0.05)
        await still(pilot)
        for key in scene.keys:
            await pilot.press(key)
            if key in SLOW:
                await still(pilot)
        await still(pilot)
        return re.sub(LONG, "t", app.export_screenshot(title="skintui", simplify=True))


def main(folder: Path, *names: str) -> None:
    """Every scene, or those named, each on a record of its own."""
    place = prepared(folder)
    for scene in SCENES:
        if not names or scene.name in names:
            forget(place)
            with patch.object(verdicts, "now", lambda: TIME), patch("skintui.review.record.now", lambda: TIME):
                svg = asyncio.run(shoot(place, scene))
            (HERE / f"{scene.name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), *sys.argv[2:])
