from __future__ import annotations

import csv
from pathlib import Path

import pytest

from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.place import Place
from tests.tui.opened import Opened, Opener


def recorded(place: Place) -> list[Verdict]:
    """What the file holds, read by a second connection."""
    with ReviewRecord(place.workspace.review) as record:
        return list(record.latest().values())


@pytest.mark.parametrize(
    ("key", "verdict"),
    [
        ("x", "label_wrong"),
        ("v", "label_ok"),
        ("b", "both_plausible"),
        ("n", "unsure"),
        ("i", "image_unusable"),
        ("1", "label_wrong"),
        ("2", "label_ok"),
        ("3", "both_plausible"),
        ("4", "unsure"),
        ("5", "image_unusable"),
    ],
)
async def test_one_key_records_and_advances(opened: Opener, place: Place, key: str, verdict: str) -> None:
    async with opened() as app:
        await app.press(key)
        (found,) = recorded(place)
        assert (found.isic_id, found.attribute, found.verdict) == (app.session.ids[0], "areaMM2", verdict)
        assert found.reviewer == "ada"
        assert app.session.selected.row == app.screen.table.cursor == 1
        assert app.session.ids[0] in app.message


async def test_in_the_queue_a_verdict_is_on_its_attribute(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("w")
        row, attribute = app.session.selected
        await app.press("x")
        (found,) = recorded(place)
        assert found.isic_id == app.session.ids[row]
        assert found.label == app.session.labels[row, attribute]
        assert app.screen.table.cursor == 1


async def test_the_queue_begins_at_the_first_undecided(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "x", "v")
    async with opened() as app:
        await app.press("w")
        assert app.screen.table.cursor == 2


async def test_the_verdicts_sign_is_on_its_row(opened: Opener) -> None:
    async with opened() as app:
        await app.press("x")
        row = next(line for line in app.text.splitlines() if app.session.ids[0] in line)
        assert "✗" in row


async def test_undo_takes_back_and_returns_there(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("x", "j", "j", "u")
        assert recorded(place) == []
        assert app.session.selected.row == 0
        assert "taken back" in app.message
        row = next(line for line in app.text.splitlines() if app.session.ids[0] in line)
        assert "✗" not in row


@pytest.mark.parametrize("key", ["U", "ctrl+r"])
async def test_redo_reinstates(opened: Opener, place: Place, key: str) -> None:
    async with opened() as app:
        await app.press("v", "u", key)
        (found,) = recorded(place)
        assert found.verdict == "label_ok"


async def test_undo_reaches_back_over_a_restart(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("x")
    async with opened() as app:
        await app.press("u")
        assert recorded(place) == []


async def test_nothing_to_undo_is_said(opened: Opener) -> None:
    async with opened() as app:
        await app.press("u")
        assert app.message == "nothing to undo"
        await app.press("U")
        assert app.message == "nothing to redo"


async def test_c_asks_for_the_right_value(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("c")
        await app.type("12.5")
        (found,) = recorded(place)
        assert (found.verdict, found.proposed_value) == ("label_wrong", 12.5)
        assert app.session.selected.row == 1


async def test_an_implausible_value_is_refused_and_nothing_recorded(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("c")
        await app.type("5000")
        assert "lies between 0.01 and 400 mm²" in app.screen.prompt.problem
        assert recorded(place) == []


async def test_a_flag_stays_where_it_is_and_can_be_taken_back(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("!")
        assert [(v.verdict, v.note) for v in recorded(place)] == [("unsure", "flagged for later")]
        assert app.session.selected.row == 0
        await app.press("!")
        assert recorded(place) == []


async def test_a_note_is_kept_with_the_verdict(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("v", "k", "t")
        await app.type("hair across")
        (found,) = recorded(place)
        assert (found.verdict, found.note) == ("label_ok", "hair across")
        assert "hair across" in app.text


async def test_a_verdict_on_a_followed_neighbour_is_on_the_neighbour(opened: Opener, place: Place) -> None:
    async with opened() as app:
        row = app.screen.grid.shown[0].row
        await app.press("enter", "enter", "x")
        (found,) = recorded(place)
        assert found.isic_id == app.session.ids[row]


async def _export(app: Opened, name: str) -> None:
    await app.press("e")
    await app.press("ctrl+u")
    await app.type(name)


async def test_export_writes_what_was_decided(opened: Opener, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    async with opened() as app:
        await app.press("x", "v")
        await _export(app, str(out))
        await app.until(lambda: "rows written" in app.message)
        ids = app.session.ids[:2]
    with out.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["verdict"]]
    assert {(row["isic_id"], row["verdict"]) for row in rows} == {(ids[0], "label_wrong"), (ids[1], "label_ok")}


async def test_an_existing_file_is_replaced_after_a_second_enter_only(opened: Opener, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("precious", encoding="utf-8")
    async with opened() as app:
        await _export(app, str(out))
        assert "exists" in app.screen.prompt.problem
        assert out.read_text(encoding="utf-8") == "precious"
        await app.press("enter")
        await app.until(lambda: "rows written" in app.message)
    assert out.read_text(encoding="utf-8").startswith("isic_id,")


@pytest.mark.parametrize("name", ["-", ""])
async def test_export_wants_a_file(opened: Opener, name: str) -> None:
    async with opened() as app:
        await _export(app, name)
        assert "name a file" in app.screen.prompt.problem


async def test_an_export_that_cannot_be_written_is_a_message(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    async with opened() as app:
        await _export(app, str(tmp_path / "file" / "out.csv"))
        await app.until(lambda: "file" in app.message)
        assert app.app.is_running


async def test_a_verdict_that_cannot_be_written_is_a_message(
    opened: Opener, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skintui.errors import WorkspaceError

    def full(*_: object) -> None:
        raise WorkspaceError("the disk is full", where="review.sqlite")

    monkeypatch.setattr(ReviewRecord, "record_many", full)
    async with opened() as app:
        await app.press("x")
        assert "the disk is full" in app.message
        assert app.session.selected.row == 0
    monkeypatch.undo()
    assert recorded(place) == []
