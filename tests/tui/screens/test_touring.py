"""The tour."""

from __future__ import annotations

from pathlib import Path

import pytest

from skintui.tui.commands.table import BY_NAME
from skintui.tui.run import is_first_run
from skintui.tui.screens.touring import STEPS
from skintui.tui.widgets.heading import Heading
from tests.tui.opened import Opened, Opener


def line(app: Opened) -> str:
    """What the tour says; empty where it is not shown."""
    found = app.screen.query_one("#tour", Heading)
    return found.text if found.display else ""


def test_the_tour_has_at_most_six_steps() -> None:
    assert len(STEPS) <= 6


def test_every_step_names_commands_that_exist() -> None:
    named = {piece for step in STEPS for piece in step.text.replace("}", "{").split("{")[1::2]}
    assert named | {name for step in STEPS for name in step.tried} <= set(BY_NAME)


async def test_no_tour_unless_asked_for(opened: Opener) -> None:
    async with opened() as app:
        assert line(app) == ""


async def test_a_step_is_over_when_it_was_done(opened: Opener) -> None:
    async with opened() as app:
        await app.press("T")
        await app.until(lambda: line(app).startswith("1/"))
        await app.press("j")
        await app.until(lambda: line(app).startswith("2/"))
        assert app.session.position == 1  # the key did what it always does


async def test_the_tour_ends(opened: Opener) -> None:
    async with opened() as app:
        for _ in range(len(STEPS) + 1):
            await app.press("T")
        assert line(app) == ""


def test_only_the_first_run_begins_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert [is_first_run(), is_first_run()] == [True, False]


def test_where_nothing_can_be_kept_there_is_no_first_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert not is_first_run()
