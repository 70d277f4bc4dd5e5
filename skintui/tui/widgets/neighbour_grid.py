"""The neighbours of a lesion: tiles in a grid that fits its pane, each with label, prediction, similarity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from PIL.Image import Image
from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from skintui.tui import theme
from skintui.tui.widgets.lines import Lines
from skintui.tui.widgets.painting import Painter
from skintui.tui.widgets.tile import Tile

MOST = 12
"""Neighbours at most on one screen."""
NARROWEST, WIDEST = 13, 22
"""Cells of a card's width."""
ENOUGH = 5
"""Neighbours that should be in sight: the paper's k."""
CAPTION = 2
"""Lines of text under a tile."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One neighbour as it is shown; NaN where a number is missing."""

    row: int
    isic_id: str
    label: float
    predicted: float
    similarity: float
    decimals: int = 2
    same_patient: bool = False


def _no_picture(_row: int) -> Image | None:
    return None


class Caption(Lines):
    """Label and prediction, and how similar."""

    def __init__(self) -> None:
        super().__init__()
        self.neighbour: Neighbour | None = None
        self.chosen = self.active = False
        self.room = 0
        """Cells of the tile above; the numbers end where it ends."""

    def lines(self) -> Sequence[Strip]:
        n, width = self.neighbour, self.size.width
        if n is None:
            return []
        mark = "▌" if self.chosen and self.active else "▏" if self.chosen else " "
        room = min(width, self.room or width)
        half = max(4, (room - 2) // 2)
        rest = max(4, room - 1 - half)
        label = theme.number(n.label, half, n.decimals)
        predicted = theme.number(n.predicted, rest, n.decimals)
        same = "=" if n.same_patient else ""
        similarity = (same + theme.number(n.similarity, min(5, half - len(same)), 3).strip()).rjust(half)
        on = "cursor" if self.chosen else None
        ident = f"{number_of(n.isic_id)[1 - rest :]:>{rest}}"
        return [
            self.line((mark, "accent"), (label, "strong"), (predicted, "muted"), on=on, width=width),
            self.line((mark, "accent"), (similarity, "plain"), (ident, "faint"), on=on, width=width),
        ]


class Card(Container):
    """One neighbour."""

    def __init__(self, painter: Painter | None) -> None:
        super().__init__()
        self.tile = Tile(painter)
        self.caption = Caption()

    def compose(self) -> ComposeResult:
        yield self.tile
        yield self.caption


class NeighbourGrid(Container, can_focus=True):
    """As many cards as fit, one of them chosen."""

    DEFAULT_CSS = """
    NeighbourGrid { layout: grid; overflow: hidden; grid-gutter: 0 1; }
    NeighbourGrid Card { layout: vertical; overflow: hidden; }
    NeighbourGrid Caption { height: 2; }
    """

    @dataclass
    class Shown(Message):
        """These neighbours need their pictures."""

        rows: list[int]
        grid: str
        """Which grid shows them."""

    @dataclass
    class Opened(Message):
        """The user clicked a neighbour."""

        row: int

    def __init__(self, painter: Painter | None, *, id: str | None = None, passive: bool = False) -> None:
        """A ``passive`` grid is looked at and clicked; keys never choose in it."""
        super().__init__(id=id)
        self.painter = painter
        self.can_focus = not passive
        self.neighbours: Sequence[Neighbour] = ()
        self.chosen = 0
        self.columns = self.fitting = 1
        self.picture_of: Callable[[int], Image | None] = _no_picture

    @property
    def cards(self) -> list[Card]:
        return [card for card in self.children if isinstance(card, Card)]

    def fill(self, neighbours: Sequence[Neighbour]) -> None:
        """Show these; pictures that are at hand are drawn, the others asked for."""
        self.neighbours = neighbours
        if neighbours and self.size and self.fitting > len(self.cards):
            self.lay_out(*self.size)
        self.chosen = min(self.chosen, max(0, len(self.shown) - 1))
        self._draw()
        missing = [n.row for n in self.shown if self.picture_of(n.row) is None]
        if missing:
            self.post_message(self.Shown(missing, self.id or "grid"))

    @property
    def shown(self) -> Sequence[Neighbour]:
        """The neighbours that fit."""
        return self.neighbours[: self.fitting]

    def choose(self, index: int) -> bool:
        """Choose the card ``index``; False where there is none."""
        if not 0 <= index < len(self.shown):
            return False
        self.chosen = index
        self._draw_captions()
        return True

    def pictured(self, row: int, picture: Image | None, reason: str) -> None:
        """The picture of a lesion has arrived: draw it wherever the lesion is shown now."""
        for card, neighbour in zip(self.cards, self.shown, strict=False):
            if neighbour.row == row:
                if picture is None:
                    card.tile.clear(reason)
                else:
                    card.tile.show(str(row), picture)

    def _draw(self) -> None:
        for index, card in enumerate(self.cards):
            neighbour = self.shown[index] if index < len(self.shown) else None
            picture = self.picture_of(neighbour.row) if neighbour else None
            if neighbour and picture is not None:
                card.tile.show(str(neighbour.row), picture)
            else:
                card.tile.clear("…" if neighbour else "")
        self._draw_captions()

    def _draw_captions(self) -> None:
        for index, card in enumerate(self.cards):
            caption = card.caption
            caption.neighbour = self.shown[index] if index < len(self.shown) else None
            caption.chosen, caption.active = index == self.chosen and self.can_focus, self.has_focus
            caption.redraw()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: super(NeighbourGrid, self).refresh())

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """A change of focus repaints nothing: the cards draw themselves, and pictures are slow to send again."""
        return super().refresh(*regions, repaint=repaint and layout, layout=layout, recompose=recompose)

    def lay_out(self, width: int, height: int) -> None:
        """Find the grid that fits ``width`` × ``height`` cells and lay the cards out on it.

        They are made with the first neighbours: before the first rows they would only hold those up.
        """
        self.columns, card, tile = fitting_grid(width, height, self.tile_rows)
        rows = max(1, height // (tile + CAPTION))
        self.styles.grid_gutter_horizontal = int(rows * (tile + CAPTION + 1) - 1 <= height)
        self.fitting = min(MOST, self.columns * rows)
        missing = self.fitting - len(self.cards)
        if missing > 0 and self.neighbours:
            self.mount(*[Card(self.painter) for _ in range(missing)])
        self.styles.grid_size_columns = self.columns
        self.styles.grid_columns = [str(card)]
        self.styles.grid_rows = [str(tile + CAPTION)]
        for index, each in enumerate(self.cards):
            each.display = index < self.fitting
            each.tile.styles.height = tile
            each.tile.styles.width = card
            each.caption.room = self.painter.box(card, tile)[0] if self.painter else card

    def tile_rows(self, width: int) -> int:
        """Lines of a tile that fills ``width`` cells."""
        return self.painter.box(width, 1000)[1] if self.painter else 3

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out(event.size.width, event.size.height)
        self.call_after_refresh(lambda: self.fill(self.neighbours))

    def on_focus(self) -> None:
        self._draw_captions()

    def on_blur(self) -> None:
        self._draw_captions()

    def on_click(self, event: events.Click) -> None:
        for index, card in enumerate(self.cards[: len(self.shown)]):
            if card.region.contains(event.screen_x, event.screen_y):
                if index == self.chosen or not self.can_focus:
                    self.post_message(self.Opened(self.shown[index].row))
                self.choose(index)


def fitting_grid(width: int, height: int, tile_rows: Callable[[int], int]) -> tuple[int, int, int]:
    """Columns, card width and tile height of the grid: the largest tiles that fill the width and show five neighbours.

    Where five do not fit, the most that do.
    """
    best, most = (1, max(1, min(width, WIDEST)), max(1, height - CAPTION)), 0
    fewest = -(-(width + 1) // (WIDEST + 1))
    for columns in range(fewest, max(fewest, (width + 1) // (NARROWEST + 1)) + 1):
        card = (width - columns + 1) // columns
        tile = max(1, min(tile_rows(card), height - CAPTION))
        count = columns * max(1, height // (tile + CAPTION))
        if count > most:
            best, most = (columns, card, tile), count
        if most >= ENOUGH:
            break
    return best


def number_of(isic_id: str) -> str:
    """The part of an id that differs: ``ISIC_0015670`` → ``0015670``."""
    return isic_id.rpartition("_")[2]
