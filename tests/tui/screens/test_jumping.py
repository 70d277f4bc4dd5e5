from __future__ import annotations

import numpy as np
import pytest

from skintui.errors import UsageError
from skintui.steps.place import Place
from skintui.tui.screens.jumping import row_of
from tests.made_results import WRONG
from tests.tui.opened import Opened, Opener


def flag_the_wrong(app: Opened) -> None:
    """Flag the planted errors: two dozen lesions are too few for the audit to vouch for any."""
    flags = np.zeros_like(app.session.findings.flags)
    flags[tuple(zip(*WRONG, strict=True))] = True
    app.session.findings.flags = flags


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("12", 12),
        ("12,034", 12034),
        ("12 034", 12034),
        (" 7 ", 7),
        ("0", 0),
        ("-3", -3),
        ("0 %", 1),
        ("100%", 401),
        ("50 %", 201),
        ("12.5%", 51),
        ("12,5 %", 51),
        ("200 %", 801),
    ],
)
def test_a_row_is_a_number_or_a_share(text: str, row: int) -> None:
    assert row_of(text, 401) == row


@pytest.mark.parametrize("text", ["", "x", "%", "1.5", "nan %", "inf%", "1e400 %", "12;3", "9" * 30])
def test_what_is_no_row_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no row"):
        row_of(text, 401)


async def test_a_number_goes_to_its_row(opened: Opener) -> None:
    async with opened() as app:
        await app.press("number_sign")
        await app.type("18")
        assert app.screen.table.cursor == app.session.selected.row == 17


@pytest.mark.parametrize(("text", "row", "word"), [("999", 23, "last"), ("0", 0, "first")])
async def test_a_row_outside_is_the_nearest_and_that_is_said(opened: Opener, text: str, row: int, word: str) -> None:
    async with opened() as app:
        await app.press("j", "number_sign")
        await app.type(text)
        assert app.session.selected.row == row
        assert app.message == f"there are 24 rows; this is the {word}"


async def test_what_is_no_row_keeps_the_line_open(opened: Opener) -> None:
    async with opened() as app:
        await app.press("number_sign")
        await app.type("here")
        assert "type 1 to 24" in app.screen.prompt.problem
        assert app.session.selected.row == 0


async def test_next_flagged_is_of_the_chosen_attribute(opened: Opener) -> None:
    row, attribute = WRONG[1]
    async with opened() as app:
        flag_the_wrong(app)
        app.session.choose_attribute(attribute)
        await app.press("right_curly_bracket")
        assert app.session.selected == (row, attribute)
        assert app.screen.table.cursor == row


async def test_where_the_attribute_has_no_flag_any_other_counts_and_is_chosen(opened: Opener) -> None:
    async with opened() as app:
        flag_the_wrong(app)
        flags = app.session.findings.flags
        app.session.choose_attribute(15)
        await app.press("right_curly_bracket")
        row = int(flags.any(axis=1)[1:].argmax()) + 1
        assert app.session.selected == (row, int(flags[row].argmax()))
        assert "no LB contrast listed is flagged" in app.message


async def test_behind_the_last_flag_it_goes_on_from_the_top(opened: Opener) -> None:
    row, attribute = WRONG[1]
    async with opened() as app:
        flag_the_wrong(app)
        app.session.choose_attribute(attribute)
        await app.press("G", "right_curly_bracket")
        assert app.session.selected.row == row
        assert app.message == "on from the top"


async def test_previous_flagged_goes_back(opened: Opener) -> None:
    row, attribute = WRONG[1]
    async with opened() as app:
        flag_the_wrong(app)
        app.session.choose_attribute(attribute)
        await app.press("G", "left_curly_bracket")
        assert app.session.selected.row == row
        await app.press("left_curly_bracket")
        assert app.message == "on from the end"


async def test_in_the_queue_the_next_flagged_is_any(opened: Opener) -> None:
    async with opened() as app:
        flag_the_wrong(app)
        await app.press("w", "G", "left_curly_bracket")
        assert tuple(app.session.selected) in WRONG
        assert app.screen.table.cursor < len(app.session.listing) - 1


async def test_nothing_flagged_in_the_view_is_said(opened: Opener) -> None:
    async with opened() as app:
        row = int((~app.session.findings.flags.any(axis=1)).argmax())
        await app.press("f")
        await app.type(f"isic_id = '{app.session.ids[row]}'")
        await app.press("right_curly_bracket")
        assert app.message == "nothing flagged is listed; Esc drops the filter"


async def test_without_an_audit_the_key_that_makes_it_is_named(place: Place) -> None:
    from tests.tui.opened import opener

    place.workspace.findings.unlink()
    place.workspace.predictions.unlink()
    async with opener(place)() as app:
        await app.press("right_curly_bracket")
        assert app.message == "no audit yet: press I"


async def test_next_unreviewed_passes_over_what_has_a_verdict(opened: Opener) -> None:
    async with opened() as app:
        await app.press("j", "v", "v", "g", "right_parenthesis")
        assert app.session.selected.row == 3


async def test_previous_unreviewed_passes_over_what_has_a_verdict(opened: Opener) -> None:
    async with opened() as app:
        await app.press("j", "v", "v", "left_parenthesis")
        assert app.session.selected.row == 0


async def test_in_the_queue_unreviewed_is_the_annotation(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "v", "v", "g", "right_parenthesis")
        assert app.screen.table.cursor == 2


async def test_when_everything_has_a_verdict_that_is_said(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type(f"isic_id = '{app.session.ids[4]}'")
        await app.press("v", "right_parenthesis")
        assert app.message == "everything listed has your verdict"
