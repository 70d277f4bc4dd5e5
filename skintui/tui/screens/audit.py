"""The one screen of the work: table, lesion, neighbours."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import ScreenResume
from textual.geometry import Size
from textual.reactive import Reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from skintui.tui import collecting
from skintui.tui.commands.keymap import Keymap
from skintui.tui.commands.table import BY_NAME
from skintui.tui.jobs.looking import Looking
from skintui.tui.jobs.model_reading import ModelReading
from skintui.tui.jobs.opening import Opening, Request
from skintui.tui.jobs.step_run import StepRun
from skintui.tui.messages import (
    Exported,
    LaneFound,
    LesionRead,
    NeighboursFound,
    OpeningFailed,
    ResultsLoaded,
    SessionOpened,
    StepAdvanced,
    StepFinished,
    TileDecoded,
)
from skintui.tui.screens.deeds import GROUPS
from skintui.tui.screens.display import Display
from skintui.tui.screens.program import Program
from skintui.tui.screens.staying import Staying
from skintui.tui.screens.touring import Touring
from skintui.tui.widgets.attribute_table import AttributeTable
from skintui.tui.widgets.heading import Heading, Hints
from skintui.tui.widgets.lesion_table import LesionTable, NoRows
from skintui.tui.widgets.neighbour_grid import NeighbourGrid
from skintui.tui.widgets.painting import Painter
from skintui.tui.widgets.paragraph import Paragraph
from skintui.tui.widgets.prompt_bar import PromptBar
from skintui.tui.widgets.tile import Tile

if TYPE_CHECKING:
    from skintui.session import Session

CALM = 0.08
"""Seconds without a key after which the other panes follow the cursor; after the first step they follow at once."""


class AuditScreen(Screen[None]):
    """Composes the panes, hears the messages, and hands every command to the group that does it."""

    BINDINGS: ClassVar[list[BindingType]] = [*Keymap().bindings()]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (104, "-medium"), (160, "-wide")]  # noqa: RUF012 -- as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (36, "-tall")]  # noqa: RUF012 -- likewise

    focused = Reactive[Widget | None](None, repaint=False)  # a change of focus is no reason to send every picture again

    table = getters.query_one(LesionTable)
    attributes = getters.query_one(AttributeTable)
    grid = getters.query_one("#grid", NeighbourGrid)
    strip = getters.query_one("#strip", NeighbourGrid)
    prompt = getters.query_one(PromptBar)
    tile = getters.query_one("#tile", Tile)
    title_line = getters.query_one("#title", Heading)
    status = getters.query_one("#status", Heading)

    def __init__(self, request: Request, keymap: Keymap, painter: Painter | None, size: Size) -> None:
        super().__init__()
        self._fit(size)
        self.request, self.keymap, self.painter = request, keymap, painter
        self.opening = Opening(self, request)
        self.steps = StepRun(self)
        self.program = Program(self)
        self.tour = Touring(self)
        self.deeds: dict[str, Callable[[], None]] = self.program.deeds | self.tour.deeds
        self.session: Session | None = None
        self.display_of: Display | None = None
        self.model: ModelReading | None = None
        self.looking: Looking | None = None
        self.staying: Staying | None = None
        self._failed = self._resumed = False
        self._moved_at = 0.0
        self._calm: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Heading(id="title")
        with Horizontal(id="body"):
            with Vertical(id="list"):
                yield Heading(id="list-heading", classes="pane-heading")
                yield LesionTable()
            with Vertical(id="lesion"):
                yield Heading(id="lesion-heading", classes="pane-heading")
                with Horizontal(id="head"):
                    yield Tile(self.painter, id="tile")
                    yield Paragraph(id="facts")
                yield AttributeTable()
                yield Paragraph(id="judgement")
            with Vertical(id="near"):
                yield Heading(id="near-heading", classes="pane-heading")
                yield Paragraph(id="context")
                yield NeighbourGrid(self.painter, id="grid")
                yield Heading(id="strip-heading", classes="pane-heading")
                yield NeighbourGrid(self.painter, id="strip", passive=True)
        yield Heading(id="tour")
        with Horizontal(id="bottom"):
            yield PromptBar()
            yield Hints(id="status")

    def on_mount(self) -> None:
        self.title_line.show([("skintui", "strong"), (f"  {self.request.dataset.name}", "muted")])
        self.table.fill(NoRows("  opening …"))
        self.set_focus(self.table)  # now: focus() would wait, and take it back from a place resumed meanwhile
        self.program.hints()
        if self.request.first_run:
            self.tour.next()
        self.call_after_refresh(self.opening.start)  # reading would hold up the first paint

    def _fit(self, size: Size) -> None:
        """Have the classes of a window of this size from the start: else every style is computed once more."""
        for extent, breakpoints in (
            (size.width, self.HORIZONTAL_BREAKPOINTS),
            (size.height, self.VERTICAL_BREAKPOINTS),
        ):
            self.add_class(max(each for each in breakpoints if each[0] <= extent)[1], update=False)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """The first time all styles are fresh, and Textual need not compute them again."""
        event.refresh_styles, self._resumed = event.refresh_styles and self._resumed, True

    def on_unmount(self) -> None:
        self.steps.stop()
        if self.model is not None:
            self.model.close()
        if self.staying is not None:
            self.staying.leave()
        if self.session is not None:
            self.session.close()

    def action_do(self, name: str) -> None:
        """Do the command ``name``; before the data set is open only the program's own."""
        deed = self.deeds.get(name)
        if deed is None:
            opening = "no data set is open" if self._failed else "still opening the data set …"
            self.say(opening if self.session is None else f"'{BY_NAME[name].title}' cannot be done here")
            return
        self.quiet()
        self._table_moved()  # keys may overtake the message: a verdict is one on the row under the cursor
        deed()
        self.tour.did(name)

    # What the panes say

    def say(self, text: str, ink: str = "plain") -> None:
        """A message in the bottom line until the next command."""
        self.status.show(left=[(text, ink)])

    def quiet(self) -> None:
        if self.status.left:
            self.status.show(left=[])

    def follow_cursor(self) -> None:
        """Let the other panes follow: behind the row for a single step, when the keys have calmed down for many."""
        if self._calm is not None:
            self._calm.stop()
            self._calm = None
        now = monotonic()
        hurried, self._moved_at = now - self._moved_at < 2 * CALM, now
        if hurried:
            self._calm = self.set_timer(CALM, self._settle)
        else:
            self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        self._calm = None
        if self.display_of is not None:
            self.display_of.selection()

    def pane(self) -> str:
        """Which pane has the focus: ``list``, ``lesion`` or ``near``."""
        focused: Widget | None = self.focused
        if focused is self.grid:
            return "near"
        return "lesion" if focused is self.attributes else "list"

    # What happens

    def on_session_opened(self, message: SessionOpened) -> None:
        self.session = session = message.session
        self.looking = Looking(self, session)
        self.model = ModelReading(self, session, self.request)
        self.display_of = Display(self, session, self.looking, self.model)
        for group in GROUPS:
            self.deeds |= group(self, session, self.display_of).deeds
        self.staying = Staying(self, session, self.display_of)
        self.grid.picture_of = self.strip.picture_of = session.known.tile_at_hand
        self.display_of.arrange()
        self.display_of.listing()
        self.display_of.selection()
        # reading would hold up the rows: they are drawn first
        self.call_after_refresh(self.opening.load_results, session, "opening")

    def on_opening_failed(self, message: OpeningFailed) -> None:
        self._failed = True
        self.table.fill(NoRows("  nothing to show"))
        self.say(message.reason, "warn")
        collecting.go_on()

    def on_results_loaded(self, message: ResultsLoaded) -> None:
        if self.session is None or self.display_of is None:
            return
        if message.reason and not any(ink == "warn" for _, ink in self.status.left):  # a lost verdict matters more
            self.say(message.reason, "warn")
        self.session.relist()
        if self.staying is not None:
            self.staying.resume()
        self.program.make_what_is_missing(after=message.what)
        self.display_of.results_changed()
        collecting.go_on()

    def on_tile_decoded(self, message: TileDecoded) -> None:
        if self.display_of is not None:
            self.display_of.tile_arrived(message.row, message.picture, message.reason)

    def on_neighbours_found(self, message: NeighboursFound) -> None:
        if self.display_of is not None:
            self.display_of.near.neighbours_arrived(message.question, message.neighbours, message.reason)

    def on_lane_found(self, message: LaneFound) -> None:
        if self.display_of is not None:
            self.display_of.near.lane_arrived(message.question, message.lane, message.reason)

    def on_lesion_read(self, message: LesionRead) -> None:
        if self.display_of is not None:
            self.display_of.reading_arrived(message.row, message.reading, message.reason)

    def on_step_advanced(self, message: StepAdvanced) -> None:
        self.program.advanced(message)

    def on_step_finished(self, message: StepFinished) -> None:
        self.program.finished(message)

    def on_exported(self, message: Exported) -> None:
        if message.reason:
            self.say(message.reason, "warn")
        else:
            self.say(message.words, "good")

    @on(LesionTable.Moved)
    def _table_moved(self) -> None:
        if self.table.untold and self.session is not None and self.display_of is not None:
            self.table.untold = False
            self.session.select(self.table.cursor)
            self.display_of.position()
            self.follow_cursor()

    @on(AttributeTable.Moved)
    def _attribute_moved(self, message: AttributeTable.Moved) -> None:
        if self.session is not None and self.display_of is not None:
            self.session.choose_attribute(message.index)
            self.display_of.attribute_changed()

    @on(NeighbourGrid.Shown)
    def _neighbours_shown(self, message: NeighbourGrid.Shown) -> None:
        if self.looking is not None:
            self.looking.tiles(message.rows, message.grid)

    @on(NeighbourGrid.Opened)
    def _neighbour_opened(self, message: NeighbourGrid.Opened) -> None:
        if self.session is not None and self.display_of is not None:
            self.session.follow(message.row)
            self.display_of.moved_elsewhere()

    def on_descendant_focus(self) -> None:
        self.show_pane(self.pane())
        if self.display_of is not None:
            self.display_of.headings()

    def show_pane(self, pane: str) -> None:
        """Where the window is too narrow for three panes, show the neighbours in the lesion's place or the reverse.

        Elsewhere no class changes, for that would have every style computed anew.
        """
        self.set_class(pane == "near" and self.has_class("-narrow"), "-near")

    def on_resize(self) -> None:
        self.call_after_refresh(self._arrange)

    def _arrange(self) -> None:
        self.show_pane(self.pane())
        if self.display_of is not None:
            self.display_of.arrange()
