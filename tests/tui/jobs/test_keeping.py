from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from textual.app import App
from textual.screen import Screen

from skintui.session.desk import Desk
from skintui.tui.jobs.keeping import Keeping
from tests.tui.opened import wait_until


class SlowDesk(Desk):
    """Writes when it is let."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.gate = threading.Event()
        self.written: list[tuple[str, Any]] = []

    def put(self, name: str, value: Any) -> bool:
        self.gate.wait(20)
        self.written.append((name, value))
        return super().put(name, value)


async def test_of_a_value_put_meanwhile_the_last_is_written(tmp_path: Path) -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        screen: Screen[None] = Screen()
        await app.push_screen(screen)
        desk = SlowDesk(tmp_path / "desk.sqlite")
        keeping = Keeping(screen, desk)
        for value in range(5):
            keeping.put("place/ada", value)
        desk.gate.set()
        await wait_until(pilot, lambda: ("place/ada", 4) in desk.written)
        assert len(desk.written) <= 2
        assert desk.get("place/ada") == 4
