"""The application on a place without a terminal: through its screens, and what it then knows, as JSON to stdout."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from skintui.steps.place import open_place

_OPENED = ("P", "M", "E", "C", "F", "W", "L", "o", "?")
SCREENS = (*(key for opens in _OPENED for key in (opens, "escape")), *("w", "j", "w", "j", "enter", "backspace"))
MODES = ("attribute", "image", "hierarchical", "joint")


def walk(root: str, workspace: str) -> None:
    """Exit code 1 and a line where it cannot be opened."""
    told = asyncio.run(_walked(Path(root), Path(workspace)))
    if isinstance(told, str):
        sys.stderr.write(f"skintui: {told}\n")
        raise SystemExit(1)
    sys.stdout.write(json.dumps(told))


def fill(root: str, workspace: str) -> None:
    """Leave a saved view and a place on the desk."""
    from skintui.session import Session
    from skintui.session.saved_views import SavedViews

    session = Session(open_place(root, workspace=workspace), reviewer="ada")
    session.filter("areaMM2 > 5")
    SavedViews(session).save("large")
    session.close()


async def _walked(root: Path, folder: Path) -> dict[str, Any] | str:
    from skintui.settings import Settings
    from skintui.tui.app import SkintuiApp
    from skintui.tui.jobs.opening import Request
    from skintui.tui.screens.audit import AuditScreen
    from skintui.workspace import Workspace
    from tests.tui.opened import HALF, Opened, wait_until

    request = Request(root, Workspace(folder), Settings(image="half", reviewer="ada"), base="", adapter=None)
    app = SkintuiApp(request, HALF)
    async with app.run_test(size=(120, 40)) as pilot:
        opened = Opened(app, pilot)
        said: list[str] = []
        await wait_until(pilot, lambda: isinstance(app.screen, AuditScreen), "the screen")
        screen = opened.screen
        await wait_until(pilot, lambda: screen.session is not None or ": " in opened.message, "the session")
        if opened.screen.session is None:
            return opened.message
        said.append(opened.message)
        for key in SCREENS:
            await opened.press(key)
            said.append(opened.message)
            said += [note.message for note in app._notifications]
        return {**_known(opened.session, said), "said": said}


def _known(session: Any, said: list[str]) -> dict[str, Any]:
    from skintui.errors import SkintuiError
    from skintui.session import Cell
    from skintui.session.saved_views import SavedViews

    said += session.load_results()
    near: dict[str, list[int] | None] = {}
    for mode in MODES:
        try:
            found = session.neighbours(Cell(0, 0), mode, 5)
            near[mode] = [each.row for each in found.found]
        except SkintuiError as error:
            said.append(str(error))
            near[mode] = None
    findings = session.findings
    return {
        "lesions": [len(session.ids), session.ids[:3]],
        "labels": _digest(session.labels),
        "predictions": _digest(np.asarray(session.predictions.predicted)),
        "flags": None if findings is None else _digest(findings.flags),
        "verdicts": sorted(map(str, session.decisions.visible().items())),
        "views": sorted(f"{view.name}: {view.words}" for view in SavedViews(session).all()),
        "neighbours": near,
    }


def _digest(values: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(np.nan_to_num(values, nan=-1.0)).tobytes()).hexdigest()[:12]
