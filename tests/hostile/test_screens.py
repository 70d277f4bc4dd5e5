"""Every screen shows hostile texts as text by itself, before the last gate on the way to the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textual.screen import Screen

from skintui.tui.frame import is_mark
from tests.hostile import data
from tests.hostile.sequences import ACTING
from tests.tui.opened import Opened, opener
from tests.tui.screens.test_clusters import flag_a_patient

WALK = (
    ("o", "CompareScreen", "l"),
    ("F", "FacetScreen", "down right right right"),
    ("W", "ViewScreen", "j enter G"),
    ("L", "LogScreen", "j G"),
    ("E", "ClusterScreen", "j"),
    ("M", "MeterScreen", ""),
    ("C", "ColumnsScreen", "G"),
    ("question_mark", "HelpScreen", ""),
    ("P", "PlotScreen", ""),
    ("s", "Picker", "G"),
    ("colon", "CommandPalette", ""),
)
"""The key that opens a screen, the screen, and keys on it."""
LINES = (("f", "[b] > 1"), ("t", "[b]x[/]"))
"""Lines to type: an error that repeats its text, and a note."""


def _acting(opened: Opened) -> set[str]:
    """Characters of the screen, as composed, that act on a terminal or are not seen; pictures' marks apart."""
    return {repr(c) for c in opened.text if c != "\n" and unicodedata.category(c) in ACTING and not is_mark(c)}


async def test_no_screen_relies_on_the_last_gate(tmp_path: Path) -> None:
    place = data.hostile(tmp_path)
    visited: set[str] = set()
    async with opener(place)(size=(150, 40)) as opened:

        async def press(key: str) -> None:
            await opened.press(key)
            visited.add(type(opened.app.screen).__name__)
            assert _acting(opened) == set(), (key, type(opened.app.screen).__name__)

        for key in ("j", "l", "l", "m", "h", "w", "j", "j", "w", "G"):
            await press(key)
        flag_a_patient(opened, str(opened.session.lesions.patients[0]))
        for key, name, keys in WALK:
            await press(key)
            assert type(opened.app.screen).__name__ == name, key
            for inside in keys.split():
                await press(inside)
            while len(opened.app.screen_stack) > 1 and type(opened.app.screen).__name__ != "AuditScreen":
                await press("escape")
        for key, line in LINES:
            await press(key)
            await opened.type(line)
            assert _acting(opened) == set(), line
            await press("escape")
    assert visited >= {kind.__name__ for kind in _screens(Screen)}


def _screens(kind: type[Any]) -> Iterator[type[Any]]:
    """Every screen of the application."""
    for each in kind.__subclasses__():
        if each.__module__.startswith("skintui."):
            yield each
        yield from _screens(each)
