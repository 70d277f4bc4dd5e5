from __future__ import annotations

from pathlib import Path

import pytest

from skintui.dataset.table import Table
from skintui.steps.place import Place
from skintui.tui.screens.facets import FacetScreen
from skintui.tui.screens.views import ViewRows, ViewScreen
from tests.made_results import copied, flag
from tests.tui.opened import Opened, Opener, opener


@pytest.fixture
def place(prepared: Place, tmp_path: Path) -> Place:
    return flag(copied(prepared, tmp_path / "workspace"))


@pytest.fixture
def opened(place: Place) -> Opener:
    return opener(place)


async def facets(app: Opened) -> FacetScreen:
    await app.press("F")
    screen = app.app.screen
    assert isinstance(screen, FacetScreen)
    await app.until(lambda: screen.facet is not None, "the counts")
    await app.pilot.pause()
    return screen


async def views(app: Opened) -> ViewScreen:
    await app.press("W")
    screen = app.app.screen
    assert isinstance(screen, ViewScreen)
    await app.until(lambda: "counting" not in app.text, "the views")
    return screen


async def test_enter_narrows_to_the_value(opened: Opener) -> None:
    async with opened() as app:
        await facets(app)
        await app.press("enter")
        assert len(app.session.listing) == 10  # the patient with most lesions
        assert app.message == f"10 of 24 lesions · patient_id = '{app.session.lesions.patients[0]}'"


async def test_a_facet_shows_counts_and_flags(opened: Opener) -> None:
    async with opened() as app:
        await facets(app)
        first = next(line for line in app.text.splitlines() if "━" in line)
        assert first.split()[-2:] == ["10", "2!"]


async def test_minus_leaves_the_value_out_and_counts_again(opened: Opener) -> None:
    async with opened() as app:
        screen = await facets(app)
        await app.press("-")
        await app.until(lambda: screen.facet is not None and screen.facet.counts.tolist() == [8, 3, 3])
        await app.press("escape")
        assert len(app.session.listing) == 14


async def test_x_leaves_out_too_while_nothing_is_typed(opened: Opener) -> None:
    async with opened() as app:
        await facets(app)
        await app.press("x", "escape")
        assert len(app.session.listing) == 14


async def test_typing_narrows_the_values(opened: Opener) -> None:
    async with opened() as app:
        screen = await facets(app)
        await app.press("tab", *"upper")
        assert screen.chosen == "site"
        assert len(screen.table.rows) == 1
        await app.press("enter")
        assert "upper extremity" in app.message


async def test_escape_takes_the_typed_back_before_it_closes(opened: Opener) -> None:
    async with opened() as app:
        screen = await facets(app)
        await app.press("z", "z")
        assert len(screen.table.rows) == 0
        await app.press("escape")
        assert len(screen.table.rows) == 4
        assert app.app.screen is screen
        await app.press("escape")
        assert not isinstance(app.app.screen, FacetScreen)


async def test_a_flagged_attribute_narrows_the_queue_and_the_list_alike(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w")
        screen = await facets(app)
        await app.until(lambda: screen.facet is not None)
        while screen.facet is None or screen.facet.title != "flagged attribute":
            await app.press("tab")
        await app.press(*"long", "enter")
        assert [tuple(app.session.listing.cell(i, 0)) for i in range(len(app.session.listing))] == [(7, 3)]
        await app.press("w")
        assert app.session.view.rows.tolist() == [7]


async def test_the_facet_is_remembered(opened: Opener) -> None:
    async with opened() as app:
        await facets(app)
        await app.press("tab", "enter")
        screen = await facets(app)
        assert screen.facet is not None
        assert screen.facet.title == "site"


async def test_what_would_leave_nothing_is_said_and_the_screen_stays(opened: Opener) -> None:
    async with opened() as app:
        screen = await facets(app)
        await app.press("shift+tab", "-")
        assert "no lesion matches" in app.line(0)
        assert app.app.screen is screen


async def test_closing_without_a_choice_changes_nothing(opened: Opener) -> None:
    async with opened() as app:
        before = app.session.view
        await facets(app)
        await app.press("escape")
        assert app.session.view is before


async def test_many_values_scroll(opened: Opener) -> None:
    import polars as pl

    async with opened(size=(80, 24)) as app:
        frame = app.session.lesions.frame
        app.session.lesions.table = Table.of(
            frame.with_columns(patient_id=pl.format("IP_{}", pl.int_range(frame.height)))
        )
        app.session.clear()
        screen = await facets(app)
        await app.press("end")
        assert screen.table.cursor == 23
        assert "▏" in app.text


# Views


async def test_an_empty_list_of_views_says_what_to_do(opened: Opener) -> None:
    async with opened() as app:
        await views(app)
        assert "no saved views yet: s saves what is shown now" in app.text


async def test_a_view_is_saved_and_shown_again(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type("sex = 'female'")
        await views(app)
        await app.press("s")
        await app.type("women")
        await app.until(
            lambda: "lesions · sex = 'female'" in app.text.replace("now: ", "", 1).split("what it shows")[-1]
        )
        await app.press("escape", "escape")
        assert len(app.session.listing) == 24
        screen = await views(app)
        await app.until(lambda: isinstance(screen.table.rows, ViewRows))
        await app.press("enter")
        assert len(app.session.listing) == 6
        assert app.message == "6 of 24 lesions · sex = 'female'"


async def saved(app: Opened, *names: str) -> ViewScreen:
    from skintui.session.saved_views import SavedViews

    for name in names:
        SavedViews(app.session).save(name)
    screen = await views(app)
    await app.until(lambda: isinstance(screen.table.rows, ViewRows))
    return screen


async def test_a_view_is_deleted_at_the_second_press(opened: Opener) -> None:
    async with opened() as app:
        await saved(app, "a", "b")
        await app.press("d")
        assert "d again deletes 'a' for everybody" in app.line(0)
        assert app.session.desk.names("view/") == ["a", "b"]
        await app.press("d")
        assert app.session.desk.names("view/") == ["b"]


async def test_moving_on_spares_the_view(opened: Opener) -> None:
    async with opened() as app:
        await saved(app, "a", "b")
        await app.press("d", "j", "d")
        assert app.session.desk.names("view/") == ["a", "b"]


async def test_a_view_is_renamed(opened: Opener) -> None:
    async with opened() as app:
        await saved(app, "a")
        await app.press("r")
        await app.type("b")  # in the place of the old name, which is selected
        assert app.session.desk.names("view/") == ["b"]


async def test_a_name_that_is_taken_is_replaced_after_a_second_enter(opened: Opener) -> None:
    async with opened() as app:
        screen = await saved(app, "a")
        await app.press("s")
        await app.type("a")
        assert "Enter again replaces it" in screen.prompt.problem
        await app.press("enter")
        assert not screen.prompt.display


async def test_a_view_that_cannot_be_shown_says_why(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type("tbp_lv_x < 1000000")
        await saved(app, "by place")
        app.session.lesions.table = Table.of(app.session.lesions.frame.drop("tbp_lv_x"))
        await app.press("enter")
        assert "view 'by place' cannot be shown here: no column 'tbp_lv_x'" in app.line(0)
