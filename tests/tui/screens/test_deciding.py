from __future__ import annotations

import pytest

from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.session import Cell
from skintui.steps.place import Place
from tests.tui.opened import Opener


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


async def test_a_verdict_whose_key_overtakes_the_cursors_message_is_on_the_row_under_the_cursor(
    opened: Opener, place: Place
) -> None:
    async with opened() as app:
        for command in ("last", "first", "down", "label_wrong", "first", "label_ok"):  # nothing is handled in between
            app.screen.action_do(command)
        await app.press()
        found = {(verdict.isic_id, verdict.verdict) for verdict in recorded(place)}
        assert found == {(app.session.ids[1], "label_wrong"), (app.session.ids[0], "label_ok")}
        assert app.session.selected.row == app.screen.table.cursor == 1


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
        await app.press("w", "x", "v", "g", "w", "w")
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


async def test_a_full_stop_repeats_the_verdict_without_value_and_note(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("b", "k", "t")
        await app.type("blurred")
        await app.press("j", "full_stop")
        assert [(v.verdict, v.note) for v in recorded(place)] == [
            ("both_plausible", "blurred"),
            ("both_plausible", ""),
        ]
        assert app.session.selected.row == 2


async def test_nothing_to_repeat_is_said(opened: Opener) -> None:
    async with opened() as app:
        await app.press("full_stop")
        assert "no verdict to repeat" in app.message


async def test_a_verdict_over_marks_is_asked_for_once_more(opened: Opener, place: Place) -> None:
    async with opened() as app:
        app.session.marks.add([Cell(3, 0), Cell(5, 2)])
        await app.press("x")
        assert "label wrong for 2 annotations?" in app.text
        assert recorded(place) == []


@pytest.mark.parametrize("again", ["x", "1", "enter"])
async def test_the_second_press_decides_all_marked(opened: Opener, place: Place, again: str) -> None:
    async with opened() as app:
        app.session.marks.add([Cell(3, 0), Cell(5, 2)])
        await app.press("x", again)
        ids = app.session.ids
        assert [(v.isic_id, v.attribute) for v in recorded(place)] == [(ids[3], "areaMM2"), (ids[5], "perimeterMM")]
        assert len(app.session.marks) == 0
        assert not app.screen.prompt.display


@pytest.mark.parametrize("other", ["v", "j", "escape"])
async def test_any_other_key_decides_nothing(opened: Opener, place: Place, other: str) -> None:
    async with opened() as app:
        app.session.marks.add([Cell(3, 0)])
        await app.press("x", other)
        assert recorded(place) == []
        assert len(app.session.marks) == 1


async def test_one_undo_takes_all_marked_back(opened: Opener, place: Place) -> None:
    async with opened() as app:
        app.session.marks.add([Cell(3, 0), Cell(5, 2), Cell(6, 2)])
        await app.press("x", "x", "u")
        assert recorded(place) == []
        assert "and 2 more" in app.message


async def test_the_end_of_the_queue_says_what_is_open(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "G", "x")
        left = len(app.session.listing) - 1
        assert f"the end of the queue, {left:,} above are still open: (" in app.message


async def test_the_last_row_is_told(opened: Opener) -> None:
    async with opened() as app:
        await app.press("G", "v")
        assert app.message.endswith("the last row")
