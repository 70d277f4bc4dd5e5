from __future__ import annotations

from skintui.tui.screens.columns import ColumnsScreen
from tests.tui.opened import Opened, Opener


def chooser(app: Opened) -> ColumnsScreen:
    assert isinstance(app.app.screen, ColumnsScreen)
    return app.app.screen


def head(app: Opened) -> str:
    """The table's line of column names."""
    table = app.screen.table
    return "".join(text for text, _ in table.rows.head(table.size.width))


async def test_columns_are_listed_the_shown_ones_first(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C")
        assert chooser(app).name_here == "label"
        await app.press("j", "j", "j", "j")
        assert chooser(app).name_here == "difference"


async def test_space_shows_a_column_and_the_table_follows(opened: Opener) -> None:
    async with opened(size=(200, 60)) as app:
        assert "sex" not in head(app)
        await app.press("C", "slash", *"sex", "enter", "space")
        assert "sex" in head(app)
        row = "".join(text for text, _ in app.screen.table.rows.row(0, app.screen.table.size.width - 1))
        assert row.split()[-1] == app.session.lesions.frame["sex"][0]


async def test_space_again_hides_it(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C", "j", "space")
        assert "model" not in head(app)
        assert chooser(app).name_here == "suspicion"


async def test_capital_j_and_k_move_a_column(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C", "j", "K")
        assert head(app).index("model") < head(app).index("label")
        assert chooser(app).name_here == "model"
        await app.press("J")
        assert head(app).index("label") < head(app).index("model")


async def test_a_hidden_column_has_to_be_shown_before_it_moves(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C", "G", "K")
        assert "show it first" in app.text


async def test_p_pins(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C", "j", "p")
        assert "model" in app.session.columns.pinned


async def test_s_sorts_upwards_and_capital_s_downwards(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C", "s")
        labels = [app.session.labels[app.session.listing.cell(i, 0).row, 0] for i in range(24)]
        assert labels == sorted(labels)
        await app.press("S")
        labels = [app.session.labels[app.session.listing.cell(i, 0).row, 0] for i in range(24)]
        assert labels == sorted(labels, reverse=True)


async def test_every_built_in_column_sorts(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C")
        for _ in range(6):
            await app.press("S", "j")
            assert "sorted by" in app.text


async def test_escape_drops_what_was_typed_before_it_closes(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C", "slash", *"diam", "escape")
        assert chooser(app).name_here == "label"
        await app.press("escape")
        assert app.app.screen is app.screen


async def test_enter_in_the_typed_line_goes_back_to_the_list(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C", "slash", *"diam", "enter", "space", "enter")
        assert app.app.screen is app.screen
        assert "clin_size_long_diam_mm" in app.session.columns.shown


async def test_nothing_like_what_was_typed_does_nothing(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C", "slash", *"zzz", "enter", "space", "p", "J", "s")
        assert chooser(app).name_here is None


async def test_columns_come_back_for_the_same_reviewer(opened: Opener) -> None:
    async with opened() as app:
        await app.press("C", "j", "space", "escape")
    async with opened() as app:
        assert app.session.columns.shown == ["label", "suspicion", "patient_id"]


async def test_more_and_less_bring_columns_into_sight(opened: Opener) -> None:
    async with opened() as app:
        assert "model" in head(app)
        await app.press("greater_than_sign")
        assert "model" not in head(app)
        assert "label" in head(app)
        await app.press("greater_than_sign")
        assert "no more columns" in app.message
        await app.press("less_than_sign")
        assert "model" in head(app)


async def test_the_queue_says_that_its_columns_are_its_own(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "greater_than_sign")
        assert app.message == "the queue has columns of its own"


async def test_pinned_columns_without_room_for_others_say_so(opened: Opener) -> None:
    async with opened(size=(120, 40)) as app:
        app.session.columns.pin("sex")
        app.session.columns.pin("anatom_site_general")
        assert app.screen.display_of is not None
        app.screen.display_of.rows_changed()
        await app.press(">")
        assert "p in C unpins one" in app.message
