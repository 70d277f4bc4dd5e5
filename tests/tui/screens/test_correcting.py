"""Correct a label, with what its siblings say."""

from __future__ import annotations

import pytest

from skintui.steps.place import Place
from tests.tui.opened import Opened, Opener
from tests.tui.screens.test_deciding import recorded

LONG_DIAMETER = 3
"""An attribute that no rule binds to others."""


async def _correct(app: Opened, text: str) -> None:
    await app.press("c")
    await app.type(text)


async def test_a_value_that_breaks_nothing_is_recorded_at_once(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press(*"]" * LONG_DIAMETER)
        await _correct(app, "3.5")
        (found,) = recorded(place)
        assert (found.attribute, found.verdict, found.proposed_value) == ("clin_size_long_diam_mm", "label_wrong", 3.5)
        assert app.session.selected.row == 1


async def test_an_implausible_value_is_refused_and_nothing_recorded(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await _correct(app, "5000")
        assert "lies between 0.01 and 400 mm²" in app.screen.prompt.problem
        assert recorded(place) == []


async def test_a_broken_rule_is_told_before_anything_is_recorded(opened: Opener, place: Place) -> None:
    async with opened() as app:
        area, perimeter = app.session.labels[0, 0], app.session.labels[0, 2]
        value = round(area * 1.2, 2)
        await _correct(app, f"{value:g}")
        assert f"{perimeter**2 / value:.2f} expected, not {perimeter**2 / area:.2f}" in app.screen.prompt.problem
        assert recorded(place) == []


async def test_enter_again_offers_what_follows(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await _correct(app, f"{app.session.labels[0, 0] * 1.2:.2f}")
        await app.press("enter")
        assert "also border jaggedness" in app.text
        assert recorded(place) == []


async def test_y_corrects_what_follows_in_the_same_decision(opened: Opener, place: Place) -> None:
    async with opened() as app:
        value, perimeter = round(app.session.labels[0, 0] * 1.2, 2), app.session.labels[0, 2]
        await _correct(app, f"{value:g}")
        await app.press("enter", "y")
        area, ratio, *_ = recorded(place)
        assert (area.attribute, area.proposed_value) == ("areaMM2", value)
        assert ratio.attribute == "area_perim_ratio"
        assert ratio.proposed_value == pytest.approx(perimeter**2 / value, abs=1e-4)
        assert ratio.note.startswith("follows from area")
        await app.press("u")
        assert recorded(place) == []


async def test_enter_corrects_the_one_only(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await _correct(app, f"{app.session.labels[0, 0] * 1.2:.2f}")
        await app.press("enter", "enter")
        assert [v.attribute for v in recorded(place)] == ["areaMM2"]
        assert not app.screen.prompt.display


async def test_escape_corrects_nothing(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await _correct(app, f"{app.session.labels[0, 0] * 1.2:.2f}")
        await app.press("enter", "escape")
        assert recorded(place) == []
        assert app.screen.focused is app.screen.table


async def test_another_value_is_doubted_anew(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await _correct(app, f"{app.session.labels[0, 0] * 1.2:.2f}")
        await app.press("ctrl+u")
        await app.type(f"{app.session.labels[0, 0] * 1.3:.2f}")
        assert "Enter again keeps it" in app.screen.prompt.problem
        assert recorded(place) == []
