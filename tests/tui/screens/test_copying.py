from __future__ import annotations

import pytest

from skintui.session import Cell
from skintui.tui.screens import copying
from tests.made_results import WRONG
from tests.tui.opened import Opener


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was put on the clipboard."""
    texts: list[str] = []
    monkeypatch.setattr(copying, "copy", lambda text, _: texts.append(text))
    return texts


async def test_y_copies_the_id_and_says_so(opened: Opener, copied: list[str]) -> None:
    async with opened() as app:
        await app.press("j", "y")
        assert copied == [app.session.ids[1]]
        assert app.message == f"copied {app.session.ids[1]} to the clipboard"


async def test_capital_y_copies_what_is_known_of_the_annotation(opened: Opener, copied: list[str]) -> None:
    row, attribute = WRONG[0]
    async with opened() as app:
        await app.press(*["j"] * row, "x", "k", "Y")
        values = copied[0].split("\t")
        state = app.session.state(Cell(row, attribute))
        assert values[:3] == [app.session.ids[row], str(app.session.lesions.patients[row]), "areaMM2"]
        assert [float(value) for value in values[3:6]] == pytest.approx(
            [state.label, state.predicted, state.score], rel=1e-5
        )
        assert values[8] == "label_wrong"


async def test_in_the_neighbours_pane_it_is_the_neighbours_id(opened: Opener, copied: list[str]) -> None:
    async with opened() as app:
        await app.press("shift+tab", "y")
        assert copied == [app.session.ids[app.screen.grid.shown[0].row]]


async def test_control_characters_are_not_copied(opened: Opener, copied: list[str]) -> None:
    async with opened() as app:
        app.session.ids[0] = "a\x1b]52;c;\x07\tb\n"
        await app.press("y", "Y")
        assert not set("".join(copied).replace("\t", "")) & set("\x1b\x07\n")
        assert copied[1].count("\t") == 10
