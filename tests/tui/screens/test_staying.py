from __future__ import annotations

from tests.tui.opened import Opener


async def test_one_comes_back_to_where_one_was(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type("sex = 'male'")
        await app.press("j", "j", "j", "]", "]", "m")
        place, mode = app.session.selected, app.session.mode
    async with opened() as app:
        assert app.session.selected == place
        assert app.session.mode == mode
        assert app.screen.table.cursor == 3
        assert "sex = 'male'" in app.line(1)


async def test_one_comes_back_to_the_queue(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "j", "j")
        cell = app.session.selected
    async with opened() as app:
        await app.until(lambda: app.session.in_queue, "the queue")
        assert app.session.selected == cell
        assert app.screen.table.cursor == 2


async def test_the_place_is_on_the_desk_without_leaving(opened: Opener, monkeypatch: object) -> None:
    from skintui.session.desk import Desk

    async with opened() as app:
        await app.press("j", "j")
        staying = app.screen.staying
        assert staying is not None
        staying.keep()
        desk = Desk(app.session.place.workspace.desk)
        await app.until(lambda: desk.get("place/ada", {}).get("isic_id") == app.session.ids[2], "the place")


async def test_staying_where_one_is_writes_nothing(opened: Opener) -> None:
    async with opened() as app:
        staying = app.screen.staying
        assert staying is not None
        staying.keep()
        await app.pilot.pause()
        assert app.session.resuming.moved(staying.panes) is None


async def test_the_focus_comes_back(opened: Opener) -> None:
    async with opened() as app:
        await app.press("tab", "tab")
        assert app.screen.pane() == "near"
        assert app.screen.staying is not None
        app.screen.staying.keep()
    async with opened() as app:
        assert app.screen.pane() == "near"


async def test_what_is_gone_is_one_message(opened: Opener) -> None:
    async with opened() as app:
        await app.press("j")
    async with opened() as app:
        app.session.desk.put("place/ada", {"broken": True})
        app.screen.staying = None  # as after kill -9
    async with opened() as app:
        await app.until(lambda: "gone: the place where you were" in app.message)
        assert app.session.selected == (0, 0)
