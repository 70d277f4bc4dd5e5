"""What every way of drawing pictures has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

from PIL.Image import Image
from textual.geometry import Region, Size
from textual.strip import Strip

from skintui.tui.messages import Encode
from skintui.tui.terminal import Graphics

KEPT = 96
"""Encoded pictures kept, a few screens full."""
LARGEST_TILE = 2 * 26 * 13
"""Cells that no tile beside facts exceeds; a larger picture has been enlarged to be looked at closely."""


def allowance(limit: int, size: Size) -> int:
    """Bytes for a picture of ``size`` cells: an enlarged one may take more, for it is there to show more."""
    return round(limit * max(1.0, size.area / LARGEST_TILE))


class Painter(Protocol):
    """Turns a picture into lines of cells.

    ``bar`` says whether a scale bar of 2 mm is drawn on it, which a caller that compares pixels leaves out.
    """

    later: Callable[[Encode], None] | None
    """Does an encoding in the background; where it is None, a picture is encoded when it is painted."""

    def box(self, width: int, height: int) -> tuple[int, int]:
        """Cells of the largest square inside ``width`` × ``height`` cells."""

    def pixels(self, columns: int) -> int:
        """Pixels of a picture that can be told apart across so many cells."""

    def is_ready(self, key: str, size: Size, bar: bool = True) -> bool:
        """Whether the picture named ``key`` has been encoded for ``size`` cells."""

    def prepare(self, key: str, picture: Image, size: Size, bar: bool = True) -> None:
        """Encode it. The one costly step, and safe in any thread."""

    def paint(self, key: str, picture: Image, region: Region, bar: bool = True) -> list[Strip]:
        """Lines that show ``picture`` (named ``key``) at ``region`` of the screen."""

    def measure(self, cell_width: int, cell_height: int) -> None:
        """A cell now has this many pixels: the font has changed."""


class Kept:
    """The most recently used results. Safe in several threads; what two make at once is kept once."""

    def __init__(self, limit: int, dropped: Callable[[Any], None] | None = None) -> None:
        self._values: OrderedDict[object, Any] = OrderedDict()
        self._limit, self._dropped = limit, dropped
        self._lock = Lock()

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def get(self, key: object, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make()
        with self._lock:
            made = self._values.setdefault(key, made)
            self._values.move_to_end(key)
            while len(self._values) > self._limit:
                _, old = self._values.popitem(last=False)
                if self._dropped:
                    self._dropped(old)
        return made

    def peek(self, key: object) -> Any:
        """What is kept, used just now; None where there is nothing."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def values(self) -> list[Any]:
        with self._lock:
            return list(self._values.values())


class Square(ABC):
    """Pictures as large as a box of cells allows, encoded once and kept."""

    def __init__(self, graphics: Graphics) -> None:
        self.graphics = graphics
        self.cell_width, self.cell_height = graphics.cell_width, graphics.cell_height
        self.later: Callable[[Encode], None] | None = None
        self.kept = Kept(KEPT)

    def box(self, width: int, height: int) -> tuple[int, int]:
        rows = max(0, min(height, width * self.cell_width // self.cell_height))
        return min(width, round(rows * self.cell_height / self.cell_width)), rows

    def pixels(self, columns: int) -> int:
        return columns * self.cell_width

    def measure(self, cell_width: int, cell_height: int) -> None:
        self.cell_width, self.cell_height = cell_width, cell_height

    def is_ready(self, key: str, size: Size, bar: bool = True) -> bool:
        return self.name(key, size, bar) in self.kept

    def prepare(self, key: str, picture: Image, size: Size, bar: bool = True) -> None:
        self.encoded(key, picture, size, bar)

    def encoded(self, key: str, picture: Image, size: Size, bar: bool) -> Any:
        """The picture in the painter's own form."""
        return self.kept.get(self.name(key, size, bar), lambda: self.encode(picture, size, bar))

    def name(self, key: str, size: Size, bar: bool) -> object:
        """Under what an encoded picture is kept: everything that its bytes depend on."""
        return key, size, bar, self.cell_width, self.cell_height

    @abstractmethod
    def encode(self, picture: Image, size: Size, bar: bool) -> Any:
        """``picture`` in the painter's own form."""
