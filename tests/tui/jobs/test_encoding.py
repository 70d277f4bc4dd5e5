from __future__ import annotations

from threading import Event

from textual.app import App

from skintui.tui.jobs.encoding import Encoding
from skintui.tui.messages import Encode
from tests.tui.opened import wait_until


class Encoded:
    """Remembers what was encoded and how it ended."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.ended: list[str] = []
        self.wanted = True
        self.gate = Event()

    def encode(self, who: str, name: str, *, waits: bool = False, fails: bool = False) -> Encode:
        def prepare() -> None:
            if waits:
                self.gate.wait(20)
            if fails:
                raise ValueError("bad pixels")
            self.made.append(name)

        return Encode(who, prepare, lambda: self.wanted, self.ended.append)


async def test_of_two_pictures_for_one_place_only_the_later_is_encoded() -> None:
    app, encoded = App[None](), Encoded()
    async with app.run_test() as pilot:
        encoding = Encoding(app)
        encoding.want(encoded.encode("other", "first", waits=True))
        await wait_until(pilot, lambda: not encoding._waiting)
        encoding.want(encoded.encode("tile", "scrolled past"))
        encoding.want(encoded.encode("tile", "shown"))
        encoded.gate.set()
        await wait_until(pilot, lambda: len(encoded.ended) == 2)
        assert encoded.made == ["first", "shown"]


async def test_what_nobody_waits_for_is_not_begun() -> None:
    app, encoded = App[None](), Encoded()
    async with app.run_test() as pilot:
        encoding, encoded.wanted = Encoding(app), False
        encoding.want(encoded.encode("tile", "gone"))
        await wait_until(pilot, lambda: not encoding._runs)
        assert encoded.made == encoded.ended == []


async def test_a_picture_that_cannot_be_encoded_says_why_and_holds_up_no_other() -> None:
    app, encoded = App[None](), Encoded()
    async with app.run_test() as pilot:
        encoding = Encoding(app)
        encoding.want(encoded.encode("a", "bad", fails=True))
        encoding.want(encoded.encode("b", "good"))
        await wait_until(pilot, lambda: len(encoded.ended) == 2)
        assert encoded.ended == ["the tile cannot be drawn (bad pixels)", ""]
