from __future__ import annotations

import shutil
from typing import Any

import polars as pl
import pytest
from textual.geometry import Region

from skintui.dataset.table import Table
from skintui.session import Cell, patient_lane
from skintui.steps.place import Place
from skintui.tui.screens.near import strip_rows
from skintui.tui.widgets.neighbour_grid import CAPTION, MOST
from skintui.tui.widgets.paragraph import Paragraph
from skintui.tui.widgets.tile import Tile
from tests.tui.opened import Opened, Opener, opener


def sent_over(app: Opened, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys of the tiles that what is sent from now on goes over."""
    keys: list[str] = []
    display = type(app.app)._display

    def watched(self: Any, screen: Any, renderable: Any) -> None:
        spans = getattr(renderable, "spans", None)
        if spans is None and hasattr(renderable, "region"):
            area = renderable.region
            spans = [(y, area.x, area.right) for y in range(area.y, area.bottom)]
        for y, left, right in spans or ():
            keys.extend(t.key for t in app.screen.query(Tile) if t.region.overlaps(Region(left, y, right - left, 1)))
        display(self, screen, renderable)

    monkeypatch.setattr(type(app.app), "_display", watched)
    return keys


async def pictures_there(app: Opened) -> None:
    await app.until(lambda: all(card.tile.picture for card in app.screen.grid.cards[: len(app.screen.grid.shown)]))
    await app.until(lambda: app.screen.tile.picture is not None)
    await app.pilot.pause()


def heading(app: Opened, pane: str) -> str:
    found: Any = app.screen.query_one(f"#{pane}-heading")
    return str(found.text)


def context(app: Opened) -> str:
    """What stands above the cards, in one line."""
    found: Any = app.screen.query_one("#context")
    return " ".join(found.text.split())


async def test_no_picture_is_painted_again_because_the_focus_moves(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as app:
        await pictures_there(app)
        again = sent_over(app, monkeypatch)
        await app.press("tab", "tab")
        assert app.screen.pane() == "near"
        await app.press("l", "j", "tab")
        assert app.screen.pane() == "list"
        assert again == []
        await app.press("ctrl+l")
        assert set(again) >= {card.tile.key for card in app.screen.grid.cards[:6]}


async def test_p_shows_the_same_patients_lesions_and_p_again_the_neighbours(opened: Opener) -> None:
    async with opened() as app:
        neighbours = [n.row for n in app.screen.grid.neighbours]
        lane = patient_lane(app.session, Cell(0, 0), "attribute", MOST)
        await app.press("p")
        await app.until(lambda: [n.row for n in app.screen.grid.neighbours] == [n.row for n in lane.found])
        assert "Same patient" in heading(app, "near")
        assert f"{lane.patient}" in app.text
        assert f"{lane.lesions} lesions, {lane.flagged} flagged" in app.text
        await app.press("p")
        await app.until(lambda: [n.row for n in app.screen.grid.neighbours] == neighbours)
        assert "Neighbours" in heading(app, "near")


async def test_enter_follows_in_the_lane_too(opened: Opener) -> None:
    async with opened() as app:
        lane = patient_lane(app.session, Cell(0, 0), "attribute", MOST)
        await app.press("p", "shift+tab")
        await app.until(lambda: [n.row for n in app.screen.grid.neighbours] == [n.row for n in lane.found])
        await app.press("l", "enter")
        assert app.session.selected.row == lane.found[1].row


async def test_the_lane_follows_the_cursor_and_the_attribute(opened: Opener) -> None:
    async with opened() as app:
        await app.press("p", "j", "]")
        lane = patient_lane(app.session, Cell(1, 1), "attribute", MOST)
        await app.until(lambda: [n.row for n in app.screen.grid.neighbours] == [n.row for n in lane.found])
        assert "by minor axis" in heading(app, "near")


async def test_an_unknown_patient_is_said(opened: Opener) -> None:
    async with opened() as app:
        frame = app.session.lesions.frame.with_columns(pl.lit("unknown").alias("patient_id"))
        app.session.lesions.table = Table.of(frame)
        await app.press("p")
        await app.until(lambda: "patient of this lesion is unknown" in context(app))
        assert not app.screen.grid.neighbours


async def test_the_only_lesion_of_a_patient_is_said(opened: Opener) -> None:
    async with opened() as app:
        ids = app.session.lesions.frame["isic_id"]
        app.session.lesions.table = Table.of(app.session.lesions.frame.with_columns(ids.alias("patient_id")))
        await app.press("p")
        await app.until(lambda: "has no other lesion" in context(app))


async def test_compare_takes_the_patients_lesions_where_these_are_shown(opened: Opener) -> None:
    async with opened() as app:
        lane = patient_lane(app.session, Cell(0, 0), "attribute", MOST)
        await app.press("p")
        await app.until(lambda: [n.row for n in app.screen.grid.neighbours] == [n.row for n in lane.found])
        await app.press("o")
        assert [n.row for n in app.app.screen.others] == [n.row for n in lane.found]  # type: ignore[attr-defined]
        assert "= same patient" in app.text


async def test_a_narrow_window_shows_the_pane_first(opened: Opener) -> None:
    async with opened(size=(80, 24)) as app:
        await app.press("p")
        assert app.screen.pane() == "near"
        await app.until(lambda: "Same patient" in app.text)


async def test_a_large_window_shows_both(opened: Opener) -> None:
    async with opened(size=(200, 60)) as app:
        lane = patient_lane(app.session, Cell(0, 0), "attribute", MOST)
        rows = [n.row for n in lane.found]
        await app.until(lambda: [n.row for n in app.screen.strip.neighbours] == rows)
        await app.until(
            lambda: all(card.tile.picture for card in app.screen.strip.cards[: len(app.screen.strip.shown)])
        )
        assert len(app.screen.grid.shown) == MOST
        assert "Same patient" in heading(app, "strip")
        assert f"{lane.lesions} lesions" in heading(app, "strip")
        await app.press("p")
        await app.until(lambda: [n.row for n in app.screen.grid.neighbours] == rows)
        assert "Neighbours" in heading(app, "strip")


async def test_the_strip_is_never_reached_by_keys_but_a_click_follows(opened: Opener) -> None:
    async with opened(size=(200, 60)) as app:
        await app.until(lambda: bool(app.screen.strip.shown))
        seen = set()
        for _ in range(4):
            await app.press("tab")
            seen.add(app.screen.pane())
        assert seen == {"list", "lesion", "near"}
        row = app.screen.strip.shown[1].row
        await app.pilot.click(app.screen.strip.cards[1])
        await app.pilot.pause()
        assert app.session.selected.row == row


async def test_a_window_made_smaller_gives_the_strip_up(opened: Opener) -> None:
    async with opened(size=(200, 60)) as app:
        assert app.screen.strip.display
        await app.pilot.resize_terminal(120, 40)
        await app.until(lambda: not app.screen.strip.display)


def half(width: int) -> int:
    return width // 2


def test_the_strip_has_cards_as_large_as_those_above_it() -> None:
    # 71 cells: four cards of 17 × (8 + 2) lines; twelve neighbours are 30 lines
    assert strip_rows(71, 52, half) == 20
    assert strip_rows(71, 41, half) == 10
    assert strip_rows(71, 40, half) == 0
    assert strip_rows(71, 52, half) % (8 + CAPTION) == 0


def test_a_pane_that_cannot_spare_it_has_no_strip() -> None:
    assert strip_rows(30, 45, half) == 0
    assert strip_rows(10, 3, half) == 0


async def test_why_there_are_no_neighbours_is_broken_anew_for_a_wider_window(place: Place) -> None:
    shutil.rmtree(place.workspace.root / "vectors")
    async with opener(place)(size=(200, 40), settled=False) as app:
        context = app.screen.query_one("#context", Paragraph)
        await app.until(lambda: "No index yet" in " ".join(context.text.split()))
        whole = context.text
        await app.pilot.resize_terminal(110, 40)
        await app.until(lambda: context.text != whole)
        await app.pilot.resize_terminal(200, 40)
        await app.until(lambda: context.text == whole)
