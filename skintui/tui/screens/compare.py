"""Two lesions side by side, as large as the window allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen

from skintui.attributes import ATTRIBUTES
from skintui.tui.jobs.drawing import PictureDrawing
from skintui.tui.messages import PictureDrawn
from skintui.tui.screens.compared import LINES, TABLE, WORDS, keys, other_words, query_words, table
from skintui.tui.widgets.heading import Heading, Hints
from skintui.tui.widgets.ink import Part, wrapped
from skintui.tui.widgets.painting import Painter
from skintui.tui.widgets.paragraph import Paragraph
from skintui.tui.widgets.tile import Tile

if TYPE_CHECKING:
    from skintui.session import Cell, Neighbour, Session
    from skintui.session.drawing import Drawing, Drawn

SIDE, BLINK, ABSOLUTE, SIGNED = "side by side", "blink", "difference", "difference in lightness"
OUTLINES = ("no outline", "outline", "both outlines")
KEPT = 24
"""Pictures kept: those of a few neighbours in every form."""
WORTH_IT = 0.7
"""The table is shown without being asked for where the pictures keep this share of their height."""

KEYS = (
    ("h l", "neighbour"), ("Space", "blink"), ("d", "difference"), ("e", "outline"), ("s", "side by side"),
    ("Enter", "follow"), ("Esc", "back"), ("j k", "attribute"), ("t", "table"),
)  # fmt: skip


class Plan(NamedTuple):
    """How a window is shared out."""

    columns: int
    rows: int
    """Cells of each picture."""
    table: str
    """``beside`` the pictures, ``below`` them, or empty."""


class CompareScreen(Screen[int | None]):
    """Answers with the lesion to go to, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,o", "dismiss(None)", show=False),
        Binding("enter", "follow", show=False),
        Binding("l,right,right_square_bracket", "step(1)", show=False),
        Binding("h,left,left_square_bracket", "step(-1)", show=False),
        Binding("j,down", "attribute(1)", show=False),
        Binding("k,up", "attribute(-1)", show=False),
        Binding("space", "blink", show=False),
        Binding("d", "difference", show=False),
        Binding("e,O", "outline", show=False),
        Binding("s", "side_by_side", show=False),
        Binding("t", "table", show=False),
    ]

    title_line = getters.query_one("#compare-title", Heading)
    words_of_table = getters.query_one("#compare-table", Paragraph)

    def __init__(
        self, session: Session, cell: Cell, others: Sequence[Neighbour], index: int, painter: Painter | None
    ) -> None:
        """``others`` are the lesions to compare with, ``index`` the one to begin with."""
        super().__init__()
        self.cell, self.others, self.index = cell, others, index
        self.look, self.outline, self.shows_other = SIDE, OUTLINES[0], False
        self._session, self._painter = session, painter
        self._job = PictureDrawing(self, session)
        self._drawn: dict[str, Drawn | str] = {}
        self._wants_table: bool | None = None

    def compose(self) -> ComposeResult:
        yield Heading(id="compare-title")
        with Container(id="compare-body"):
            with Horizontal(id="places"):
                for _ in range(2):
                    with Vertical(classes="place"):
                        yield Tile(self._painter)
                        yield Paragraph()
            yield Paragraph(id="compare-table")
        yield Hints(id="compare-keys")

    def on_mount(self) -> None:
        self.query_one("#compare-keys", Heading).show(left=keys(KEYS))
        self._arrange()

    def on_resize(self) -> None:
        self.call_after_refresh(self._arrange)

    @property
    def other(self) -> Neighbour:
        return self.others[self.index]

    @property
    def _places(self) -> list[Vertical]:
        """The places that are in use."""
        return list(self.query(".place").results(Vertical))[: 2 if self.look == SIDE else 1]

    # What the keys do

    def action_follow(self) -> None:
        self.dismiss(self.other.row)

    def action_step(self, count: int) -> None:
        if 0 <= self.index + count < len(self.others):
            self.index += count
            self._show()

    def action_attribute(self, count: int) -> None:
        self.cell = self.cell._replace(attribute=(self.cell.attribute + count) % len(ATTRIBUTES))
        self._show()

    def action_blink(self) -> None:
        """Put the other lesion in the place of the one that is shown."""
        self.shows_other = self.look != BLINK or not self.shows_other
        self._look(BLINK)

    def action_difference(self) -> None:
        self._look({ABSOLUTE: SIGNED, SIGNED: SIDE}.get(self.look, ABSOLUTE))

    def action_side_by_side(self) -> None:
        self._look(SIDE)

    def action_outline(self) -> None:
        self.outline = OUTLINES[(OUTLINES.index(self.outline) + 1) % len(OUTLINES)]
        self._show()

    def action_table(self) -> None:
        self._wants_table = not self.words_of_table.display
        self._arrange()

    def _look(self, look: str) -> None:
        changed, self.look = (self.look == SIDE) != (look == SIDE), look
        if changed:
            self._arrange()
        else:
            self._show()

    # What is on the screen

    def _arrange(self) -> None:
        """Share the window out and show what belongs there."""
        width, height = self.size
        box = self._painter.box if self._painter else lambda _width, _height: (0, 0)
        plan = planned(width - 1, height - 2, 2 if self.look == SIDE else 1, box, self._wants_table)
        body, numbers = self.query_one("#compare-body"), self.words_of_table
        body.styles.layout = "vertical" if plan.table == "below" else "horizontal"
        numbers.display = bool(plan.table)
        numbers.styles.width = TABLE if plan.table == "beside" else "1fr"
        for index, place in enumerate(self.query(".place")):
            place.display = index < len(self._places)
            tile = place.query_one(Tile)
            tile.display = plan.rows > 0
            tile.styles.width, tile.styles.height = plan.columns, plan.rows
        self._pixels = self._painter.pixels(plan.columns) if self._painter else 0
        self._width = plan.columns or width // len(self._places)
        self._show()

    def _show(self) -> None:
        """Show the pictures that are at hand, and have the others made."""
        self._words()
        if self._painter is None:
            return
        wanted = []
        for place, drawing in zip(self._places, self._drawings(), strict=True):
            if not self._put(place, drawing):
                wanted.append(drawing)
        self._job.draw([*wanted, *self._next()])

    def _drawings(self) -> list[Drawing]:
        """What belongs into each place."""
        from skintui.session.drawing import ABSOLUTE as PLAIN_DIFFERENCE
        from skintui.session.drawing import SIGNED as SIGNED_DIFFERENCE
        from skintui.session.drawing import Drawing

        here, there = self.cell.row, self.other.row
        if self.look in (ABSOLUTE, SIGNED):
            kind = PLAIN_DIFFERENCE if self.look == ABSOLUTE else SIGNED_DIFFERENCE
            return [Drawing(kind, here, there, self._pixels)]
        both = [self._lesion(here, there), self._lesion(there, here)]
        return both if self.look == SIDE else both[self.shows_other :][:1]

    def _lesion(self, row: int, beside: int) -> Drawing:
        from skintui.session import drawing

        kinds = dict(zip(OUTLINES, (drawing.TILE, drawing.OUTLINE, drawing.OUTLINES), strict=True))
        return drawing.Drawing(kinds[self.outline], row, beside, self._pixels)

    def _next(self) -> list[Drawing]:
        """Tiles a key press away."""
        around = [self.index - 1, self.index + 1]
        rows = [self.cell.row, self.other.row, *(self.others[i].row for i in around if 0 <= i < len(self.others))]
        from skintui.session.drawing import TILE, Drawing

        return [Drawing(TILE, row, row, 0) for row in rows if self._session.known.tile_at_hand(row) is None]

    def _put(self, place: Vertical, drawing: Drawing) -> bool:
        """Show a picture if it is there; meanwhile nothing of other lesions stays."""
        tile, drawn = place.query_one(Tile), self._drawn.get(drawing.key)
        if isinstance(drawn, str):
            tile.clear(drawn)
            return True
        if drawn is not None:
            tile.show(drawing.key, drawn.picture)
            return True
        if tile.key.partition("/")[0] != str(drawing.row) or self.look != SIDE:
            tile.clear("…")
        return False

    def on_picture_drawn(self, message: PictureDrawn) -> None:
        while len(self._drawn) >= KEPT:
            del self._drawn[next(iter(self._drawn))]
        self._drawn[message.key] = message.drawn or message.reason
        for place, drawing in zip(self._places, self._drawings(), strict=True):
            if drawing.key == message.key:
                self._put(place, drawing)
        self._words()

    def _words(self) -> None:
        """Everything that is text."""
        session, cell, other = self._session, self.cell, self.other
        width = self._width
        texts = [query_words(session, cell, width), other_words(session, cell, other, width)]
        if self.look == BLINK:
            texts = texts[self.shows_other :]
        elif self.look != SIDE:
            drawn = self._drawn.get(self._drawings()[0].key)
            legend = drawn.legend if drawn is not None and not isinstance(drawn, str) else ""
            scale: list[list[Part]] = [[(line, "plain")] for line in wrapped(legend, max(20, width - 1), WORDS - 1)]
            texts = [[*scale, [*texts[1][0], ("   ", "plain"), *texts[1][2]]]]
        for place, text in zip(self._places, texts, strict=False):
            place.query_one(Paragraph).show(text)
        self.words_of_table.show(table(session, cell, other))
        attribute = ATTRIBUTES[cell.attribute].title
        which = f"  by {attribute} · {self.index + 1} of {len(self.others)}"
        how = self.look if self.look in (ABSOLUTE, SIGNED) else f"{self.look} · {self.outline}"
        pictures = how if self._painter else "numbers only: pictures are switched off"
        self.title_line.show(left=[("Compare", "strong"), (which, "muted")], right=[(pictures, "accent")])


def planned(
    width: int, height: int, places: int, box: Callable[[int, int], tuple[int, int]], wanted: bool | None
) -> Plan:
    """The largest pictures in ``width`` × ``height`` cells, and where the table goes: as ``wanted``, or as it fits."""
    bare = box((width - places + 1) // places, max(0, height - WORDS))
    beside = box(max(0, width - TABLE - places) // places, max(0, height - WORDS))
    if wanted is False and bare[1]:
        return Plan(*bare, "")
    if height - WORDS - bare[1] > LINES or not bare[1]:
        return Plan(*bare, "below")
    if wanted or beside[1] >= WORTH_IT * bare[1]:
        return Plan(*beside, "beside")
    return Plan(*bare, "")
