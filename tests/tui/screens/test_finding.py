from __future__ import annotations

from skintui.attributes import ATTRIBUTES
from tests.made_results import WRONG
from tests.tui.opened import Opener, _key


async def test_a_filter_narrows_the_table(opened: Opener) -> None:
    async with opened() as app:
        middle = float(sorted(app.session.labels[:, 0])[12])
        await app.press("f")
        await app.type(f"areaMM2 >= {middle}")
        assert len(app.session.listing) == 12
        assert len(app.screen.table.rows) == 12
        assert "12 of 24 lesions" in app.message


async def test_a_bad_filter_keeps_the_line_open_and_the_view(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type("areaM2 > 20")
        assert app.screen.prompt.display
        assert "did you mean" in app.screen.prompt.problem
        assert len(app.session.listing) == 24
        await app.press("escape")
        assert not app.screen.prompt.display


async def test_a_filter_that_matches_nothing_is_a_message(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type("areaMM2 > 100000")
        assert "no lesion matches" in app.screen.prompt.problem
        assert len(app.session.listing) == 24


async def test_escape_shows_every_lesion_again(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type(f"isic_id = '{app.session.ids[3]}'")
        assert len(app.session.listing) == 1
        await app.press("escape")
        assert len(app.session.listing) == 24
        assert app.session.selected.row == app.screen.table.cursor == 3


async def test_search_goes_to_the_id(opened: Opener) -> None:
    async with opened() as app:
        await app.press("/")
        await app.type(app.session.ids[17][-4:])
        assert app.screen.table.cursor == 17
        await app.until(lambda: app.screen.tile.key == "17")


async def test_a_search_for_nothing_is_a_message(opened: Opener) -> None:
    async with opened() as app:
        await app.press("/")
        await app.type("zzz")
        assert "no id here like 'zzz'" in app.screen.prompt.problem


async def test_keys_are_text_while_the_line_is_open(opened: Opener) -> None:
    async with opened() as app:
        await app.press("/", "x", "v", "q", "question_mark")
        assert app.screen.prompt.display
        assert len(app.session.decisions) == 0
        assert app.app.is_running


async def test_sorting_by_a_column(opened: Opener) -> None:
    async with opened() as app:
        await app.press("s")
        await app.type("tbp_lv_areaMM2 ↓")
        areas = [app.session.labels[app.session.listing.cell(i, 0).row, 0] for i in range(24)]
        assert areas == sorted(areas, reverse=True)
        assert app.session.selected == app.session.listing.cell(0, 0)


async def test_sorting_by_suspicion(opened: Opener) -> None:
    row, attribute = WRONG[1]
    async with opened() as app:
        await app.press(*"]" * attribute, "s")
        await app.type("suspicion ↓")
        assert app.session.selected == (row, attribute)
        assert ATTRIBUTES[attribute].title in app.message


async def test_w_shows_the_queue_with_the_most_suspicious_first(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w")
        assert app.session.in_queue
        assert app.screen.table.cursor == 0
        assert app.session.selected == app.session.listing.cell(0, 0)
        assert app.screen.attributes.chosen == app.session.selected.attribute
        assert "Suspicious" in app.line(1)


async def test_moving_in_the_queue_selects_lesion_and_attribute(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "j", "j")
        cell = app.session.listing.cell(2, 0)
        assert app.session.selected == cell
        await app.until(lambda: app.screen.tile.key == str(cell.row))
        await app.until(lambda: app.screen.attributes.chosen == cell.attribute)


async def test_w_again_returns_to_the_lesion_among_all(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "j")
        row = app.session.selected.row
        await app.press("w")
        assert not app.session.in_queue
        assert app.screen.table.cursor == row


async def test_a_filter_holds_in_the_queue(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "f")
        await app.type(f"isic_id = '{app.session.ids[7]}'")
        assert {app.session.listing.cell(i, 0).row for i in range(len(app.session.listing))} == {7}


async def test_the_count_of_a_filter_is_told_while_it_is_typed(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f", *[_key(c) for c in "sex = 'male'"])
        await app.until(lambda: "10 of 24 lesions" in app.text)
        assert len(app.session.listing) == 24


async def test_in_the_queue_annotations_are_counted(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w")
        of = len(app.session.listing)
        await app.press("f", *[_key(c) for c in "1 = 1"])
        await app.until(lambda: f"{of} of {of} annotations" in app.text)


async def test_tab_completes_a_column(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f", *"anat", "tab")
        await app.type(" = 'anterior torso'")
        assert app.session.view.filters == ("anatom_site_general = 'anterior torso'",)


async def test_an_earlier_filter_is_recalled_after_a_restart(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type("sex = 'male'")
        await app.until(lambda: app.session.desk.get("filters/ada") == ["sex = 'male'"])
        await app.press("escape")
    async with opened() as app:
        await app.press("f", "up", "enter")
        assert app.session.view.filters == ("sex = 'male'",)


async def test_a_function_without_bounds_is_refused(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type("lpad(sex, 4000000000) = 'x'")
        assert "the function 'lpad' is not available in a filter" in app.screen.prompt.problem


async def test_ids_are_offered_while_one_is_typed(opened: Opener) -> None:
    async with opened() as app:
        await app.press("/", *app.session.ids[17][-5:])
        await app.until(lambda: f"ending so: {app.session.ids[17]}" in app.text)


async def test_enter_alone_searches_for_the_same_again(opened: Opener) -> None:
    async with opened() as app:
        await app.press("/")
        await app.type("ISIC_")
        assert app.screen.table.cursor == 1
        await app.press("/", "enter")
        assert app.screen.table.cursor == 2


async def test_an_id_outside_the_view_is_told_so(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type(f"isic_id = '{app.session.ids[3]}'")
        await app.press("/")
        await app.type(app.session.ids[4])
        assert "is not in this view" in app.screen.prompt.problem


async def test_an_order_used_lately_comes_first(opened: Opener) -> None:
    from textual.widgets import OptionList

    async with opened() as app:
        await app.press("s")
        await app.type("age_approx ↓")
        await app.press("s")
        first = app.app.screen.query_one(OptionList).get_option_at_index(0)
        assert str(first.prompt) == "age_approx ↓"
