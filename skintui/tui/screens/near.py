"""The pane beside the lesion: its neighbours, or the other lesions of its patient; both where there is room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PIL.Image import Image
from textual.timer import Timer

from skintui.attributes import ATTRIBUTES
from skintui.texts import printable
from skintui.tui.jobs.looking import Looking
from skintui.tui.jobs.patient_lane import PatientLane
from skintui.tui.screens.words import (
    LEGEND,
    neighbour_context,
    pane_name,
    patient_context,
    why_no_lane,
    why_no_neighbours,
)
from skintui.tui.widgets.heading import Heading
from skintui.tui.widgets.ink import Part
from skintui.tui.widgets.neighbour_grid import CAPTION, ENOUGH, MOST, Neighbour, NeighbourGrid, fitting_grid
from skintui.tui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from skintui.session import Cell, Lane, Neighbours, Session
    from skintui.session import Neighbour as Found
    from skintui.tui.screens.audit import AuditScreen

PATIENCE = 0.12
"""Seconds after which an answer that is still searched for leaves an empty pane instead of the former one."""

NEIGHBOURS, PATIENT = "neighbours", "patient"
"""What the cards can be."""

FIXED = 4
"""Lines of the pane that hold no cards: its heading, the context with the legend."""

Question = tuple["Cell", str]
"""An annotation, and by which vectors its company is compared."""


class Near:
    """Asks, and draws the answers that still belong to what is selected."""

    def __init__(self, screen: AuditScreen, session: Session, looking: Looking) -> None:
        self._screen, self._session, self._looking = screen, session, looking
        self._searching = PatientLane(screen, session)
        self._asked: dict[str, Question] = {}
        self._answered: dict[str, Question] = {}
        self._neighbours: Neighbours | None = None
        self._lane: Lane | None = None
        self._patience: Timer | None = None
        self._why: dict[str, str] = {}
        self.main = NEIGHBOURS
        """What the pane shows; where the window has room, the strip below it shows the other."""

    @property
    def other(self) -> str:
        return PATIENT if self.main == NEIGHBOURS else NEIGHBOURS

    def swap(self) -> None:
        """Let the pane show the patient's lesions instead of the neighbours, or the reverse."""
        self.main = self.other
        self._screen.grid.chosen = 0
        self.forget()
        self.heading()
        if self._session.selected is not None:
            self.ask(self._session.selected)

    @property
    def company(self) -> Sequence[Found]:
        """The lesions of the pane, those that do not fit included; none while they are searched for."""
        if self._asked.get(self.main) != self._answered.get(self.main):
            return ()
        answer = self._neighbours if self.main == NEIGHBOURS else self._lane
        return answer.found if answer is not None else ()

    @property
    def why_empty(self) -> str:
        """What to do where there is no company."""
        if self._asked.get(self.main) != self._answered.get(self.main):
            return "the search is still going on"
        if self.main == PATIENT:
            return f"press {self._screen.keymap.first('patient')} for the neighbours"
        return f"press {self._screen.keymap.first('index')} to make the index"

    # What is asked

    def ask(self, cell: Cell) -> None:
        """Look for the company of an annotation; what is known already is drawn for its attribute."""
        session = self._session
        by_image = cell._replace(attribute=0) if session.mode == "image" else cell
        if self._is_new(NEIGHBOURS, (by_image, session.mode)):
            if session.neighbourhood is None:
                self.neighbours_arrived((by_image, session.mode), None, "")
            else:
                self._be_patient()
                self._looking.neighbours(by_image, session.mode, MOST)
        if self._is_new(PATIENT, (cell, session.mode)):
            self._be_patient()
            self._searching.find(cell, session.mode, MOST)

    def forget(self) -> None:
        """Vectors, predictions or findings have been read again: nothing that was found counts."""
        self._asked.clear()

    def _is_new(self, what: str, question: Question) -> bool:
        """Whether the question has to be asked."""
        if what != self.main and not self._screen.strip.display:
            self._asked.pop(what, None)
            return False
        if question == self._asked.get(what):
            self._draw(what)
            return False
        self._asked[what] = question
        return True

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.stop()
        self._patience = self._screen.set_timer(PATIENCE, self._empty)

    def _empty(self) -> None:
        """Take away what belongs to another annotation."""
        for what, question in self._asked.items():
            if self._answered.get(what) != question:
                self._clear(what, [[(" searching …", "muted")]])

    # What is answered

    def neighbours_arrived(self, question: Question, answer: Neighbours | None, reason: str) -> None:
        """Show the neighbours if the question still stands."""
        if question == self._asked.get(NEIGHBOURS):
            self._neighbours = answer
            self._arrived(NEIGHBOURS, question, answer is not None, reason)

    def lane_arrived(self, question: Question, answer: Lane | None, reason: str) -> None:
        """Show the patient's lesions if the question still stands."""
        if question == self._asked.get(PATIENT):
            self._lane = answer
            self._arrived(PATIENT, question, answer is not None and bool(answer.found), reason)

    def _arrived(self, what: str, question: Question, anything: bool, reason: str) -> None:
        self._answered[what] = question
        self._why.pop(what, None)
        self._grid(what).chosen = 0
        if anything:
            self._draw(what)
        else:
            self._nothing(what, reason)

    def pictured(self, row: int, picture: Image | None, reason: str) -> None:
        """A tile is ready: draw it wherever its lesion is shown."""
        for grid in (self._screen.grid, self._screen.strip):
            grid.pictured(row, picture, reason)

    # What is drawn

    def heading(self) -> None:
        """Names of the pane and of the strip."""
        here = self._screen.pane() == "near"
        self._screen.query_one("#near-heading", Heading).show(left=self._title(self.main, here))
        self._screen.query_one("#strip-heading", Heading).show(left=self._title(self.other, active=False))

    def _title(self, what: str, active: bool) -> list[Part]:
        mode, attribute = self._session.mode, ATTRIBUTES[self._session.attribute].title
        if what == PATIENT:
            return [pane_name("Same patient", active), (f"  by {attribute}", "muted")]
        by = {"attribute": attribute, "image": "image"}.get(mode, f"image, then {attribute}")
        return [pane_name("Neighbours", active), (f"  by {by}", "muted")]

    def _grid(self, what: str) -> NeighbourGrid:
        return self._screen.grid if what == self.main else self._screen.strip

    def _draw(self, what: str) -> None:
        cell, answer = self._session.selected, self._neighbours if what == NEIGHBOURS else self._lane
        if answer is None or cell is None:
            return
        cards = self.cards(cell, answer.found)
        lines = neighbour_context(self._session, cell, cards)
        if what == PATIENT and self._lane is not None:
            lines = patient_context(self._session, cell, self._lane)
        self._context(what, [*lines, LEGEND] if what == self.main else lines[-1:])
        self._grid(what).fill(cards)

    def cards(self, cell: Cell, found: Sequence[Found]) -> list[Neighbour]:
        """Lesions as the cards show them, for the attribute of ``cell``."""
        session, attribute = self._session, cell.attribute
        return [
            Neighbour(
                row=n.row,
                isic_id=printable(session.ids[n.row]),
                label=float(session.labels[n.row, attribute]),
                predicted=float(session.predictions.predicted[n.row, attribute]),
                similarity=n.similarity,
                decimals=ATTRIBUTES[attribute].decimals,
                same_patient=session.known.same_patient(cell.row, n.row),
            )
            for n in found
        ]

    def _nothing(self, what: str, reason: str) -> None:
        """Say why there is nothing to show."""
        self._why[what] = reason
        width = max(20, self._screen.query_one("#near").size.width - 2)
        if what == PATIENT:
            self._clear(what, why_no_lane(reason, self._lane, width))
            return
        key = self._screen.keymap.first("index")
        self._clear(what, why_no_neighbours(reason, self._screen.steps.step, key, width))

    def _clear(self, what: str, lines: list[list[Part]]) -> None:
        self._context(what, lines)
        self._grid(what).fill([])

    def _context(self, what: str, lines: list[list[Part]]) -> None:
        """Lines above the cards; the strip has room for them in its heading only."""
        if what != self.main:
            told = [part for line in lines for part in line]
            self._screen.query_one("#strip-heading", Heading).show(right=told)
            return
        context = self._screen.query_one("#context", Paragraph)
        context.styles.height = max(FIXED - 1, len(lines))
        context.show(lines)

    def step_began(self) -> None:
        """The index is being made: a pane without neighbours says so."""
        if self.main == NEIGHBOURS and self._neighbours is None:
            self._nothing(NEIGHBOURS, "")

    def rewrap(self) -> None:
        """Break the reasons anew, for the width that the pane has now."""
        for what, reason in self._why.items():
            self._nothing(what, reason)

    def arrange(self) -> None:
        """Show the strip where the window has room for it below enough of what the pane shows."""
        pane, strip = self._screen.query_one("#near"), self._screen.strip
        width, height = pane.content_size.width, pane.content_size.height - FIXED
        rows = strip_rows(width, height, self._screen.grid.tile_rows) if self._screen.has_class("-wide") else 0
        shown = rows > 0
        strip.styles.height = rows
        if shown == strip.display:
            return
        strip.display = self._screen.query_one("#strip-heading").display = shown
        if self._session.selected is not None:
            self.ask(self._session.selected)


def strip_rows(width: int, height: int, tile_rows: Callable[[int], int]) -> int:
    """Lines for a second lane of cards as large as those above it; 0 where these would have to give up too much."""
    columns, _, tile = fitting_grid(width, height, tile_rows)
    card = tile + CAPTION
    enough = -(-2 * ENOUGH // columns) * card
    most = -(-MOST // columns) * card
    spare = height - 1  # its heading
    for above in range(most, enough - 1, -card):
        if spare - above >= card:
            return (spare - above) // card * card
    return 0
