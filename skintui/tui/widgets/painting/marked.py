"""Pictures out of pixels, which the terminal draws over cells."""

from __future__ import annotations

from abc import abstractmethod
from collections import OrderedDict
from dataclasses import dataclass
from itertools import count

from PIL.Image import Image
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from skintui.tui.frame import FIRST_MARK, LAST_MARK, Frame
from skintui.tui.terminal import Graphics
from skintui.tui.widgets.painting.painter import Square

PLACES = 256
"""Pictures at a place of the screen that are remembered."""


@dataclass(slots=True)
class Placed:
    """One picture at one place of the screen, with the character that stands for it in its cells."""

    mark: str
    number: int
    name: object
    region: Region
    shown: bool = False
    """Whether it is on the terminal there, whole."""


class Marked(Square):
    """Fills the cells of a picture with its mark, and sends the pixels when the frame says that the marks are there.

    So a picture follows its cells through everything Textual does with them: it is sent once, is left alone when text
    beside it changes or a window lies elsewhere, and is gone when its cells are.
    """

    def __init__(self, graphics: Graphics) -> None:
        super().__init__(graphics)
        self._numbers = count()
        self._places: OrderedDict[object, Placed] = OrderedDict()
        self._by_mark: dict[str, Placed] = {}

    def paint(self, key: str, picture: Image, region: Region, bar: bool = True) -> list[Strip]:
        self.encoded(key, picture, region.size, bar)
        name = self.name(key, region.size, bar)
        placed = self._places.get((name, region))
        if placed is None:
            number = next(self._numbers) % (LAST_MARK - FIRST_MARK)
            placed = self._places[name, region] = Placed(chr(FIRST_MARK + number), number, name, region)
            self._by_mark[placed.mark] = placed
        self._places.move_to_end((name, region))
        line = Strip([Segment(placed.mark * region.width, Style.null())], region.width)
        return [line] * region.height

    def cells(self, _mark: str, _row: int, start: int, end: int) -> str:
        return " " * (end - start)

    def settle(self, frame: Frame, written: list[Region]) -> str:
        gone, come = [], []
        for placed in self._places.values():
            whole = frame.holds(placed.mark, placed.region)
            if placed.shown and not whole:
                gone.append(self.hide(placed))
                placed.shown = False
            elif placed.shown and not self.is_hurt(placed, written):
                self.kept.peek(placed.name)  # in use: not to be dropped
            elif whole:
                come.append(self.show(placed))
                placed.shown = True
        self._drop_old()
        return "".join(gone + come)

    def forget(self, _data: bool) -> None:
        for placed in self._places.values():
            placed.shown = False

    def shown(self) -> list[Placed]:
        """The pictures on the terminal."""
        return [placed for placed in self._places.values() if placed.shown]

    def placed(self, mark: str) -> Placed | None:
        """The picture that ``mark`` stands for."""
        return self._by_mark.get(mark)

    @abstractmethod
    def show(self, placed: Placed) -> str:
        """What to send so that a picture shows."""

    @abstractmethod
    def hide(self, placed: Placed) -> str:
        """What to send once not all of a picture's cells are left."""

    def farewell(self) -> str:
        """What to send at the end, so that nothing of ours stays in the terminal."""
        return ""

    def is_hurt(self, _placed: Placed, _written: list[Region]) -> bool:
        """Whether writing to cells takes a picture's pixels away there, and it has happened."""
        return False

    def _drop_old(self) -> None:
        idle = [key for key, placed in self._places.items() if not placed.shown]
        for key in idle[: max(0, len(self._places) - PLACES)]:
            del self._by_mark[self._places.pop(key).mark]
