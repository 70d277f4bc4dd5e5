"""What the session knows, put into the panes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL.Image import Image
from rich.cells import cell_len

from skintui.attributes import ATTRIBUTES
from skintui.texts import printable
from skintui.tui.jobs.looking import Looking
from skintui.tui.jobs.model_reading import ModelReading
from skintui.tui.screens.meter_words import short
from skintui.tui.screens.near import Near
from skintui.tui.screens.rows import LesionRows, QueueRows
from skintui.tui.screens.words import judgement, pane_name
from skintui.tui.widgets.attribute_table import AttributeLine
from skintui.tui.widgets.heading import Heading
from skintui.tui.widgets.ink import Part, wrapped
from skintui.tui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from skintui.session import Reading, Session
    from skintui.tui.screens.audit import AuditScreen


class Display:
    """Draws each pane from the session; a pane is only touched where something about it changed."""

    def __init__(self, screen: AuditScreen, session: Session, looking: Looking, model: ModelReading) -> None:
        self._screen, self._session, self._looking, self._model = screen, session, looking, model
        self._drawn_row = -1
        self.near = Near(screen, session, looking)
        self._reading: dict[int, str] = {}
        self._looked = False

    # The table

    def listing(self) -> None:
        """The rows have changed: other lesions, another order, or other columns."""
        session = self._session
        rows = QueueRows(session) if session.in_queue else LesionRows(session)
        self._screen.table.fill(rows, session.position or 0)
        self.headings()

    def rows_changed(self) -> None:
        """What the rows say has changed, not which they are."""
        table = self._screen.table
        rows = QueueRows(self._session) if self._session.in_queue else LesionRows(self._session)
        table.rows = rows
        table.refresh()
        self.position()

    def position(self) -> None:
        """The cursor has moved."""
        session, table = self._session, self._screen.table
        place = f"{table.cursor + 1:,}/{len(session.listing):,}" if len(session.listing) else "none"
        marked = f"{len(session.marks):,} marked  " if session.marks else ""
        taken = f"range of {len(table.range):,}  " if table.range is not None else marked
        self._heading("list").show(right=[(taken, "accent"), (place, "muted")])

    def headings(self) -> None:
        """Names of the panes, the one with the focus marked."""
        session, pane = self._session, self._screen.pane()
        name = session.queue.words() if session.in_queue else "Lesions"
        described = session.view.describe(ordered=not session.in_queue).partition(" · ")[2]
        left = [pane_name(name, pane == "list"), (f"  {described}" if described else "", "muted")]
        self._heading("list").show(left=left)
        self.position()
        self._lesion_heading()
        self.near.heading()
        self._title()

    def _title(self) -> None:
        session = self._session
        parts = [f"{len(session.lesions):,} lesions", f"{session.known.patient_count:,} patients"]
        if session.findings is not None:
            parts.append(f"{session.findings.flagged_count:,} flagged")
        parts.append(f"{len(session.decisions):,} reviewed")
        name = printable(self._screen.request.dataset.name, 30)
        blind = f"blind: {session.blind.words()}  " if session.blind else ""
        self._screen.title_line.show(
            left=[("skintui", "strong"), (f"  {name}  ", "plain"), (blind, "accent"), (" · ".join(parts), "muted")]
        )
        self.meter()

    def meter(self) -> None:
        """The meter's short form beside the title, as long as no step is shown there."""
        line = self._screen.title_line
        if self._screen.steps.step:
            return
        room = line.size.width - sum(cell_len(text) for text, _ in line.left) - 4
        forms = short(self._session.meter()) if self._session.findings is not None else []
        fitting = [form for form in forms if cell_len(form) <= room]
        line.show(right=[(form, "muted") for form in fitting[:1]])

    def _lesion_heading(self) -> None:
        session = self._session
        if session.selected is None:
            return
        isic_id = printable(session.ids[session.selected.row])
        here = self._screen.pane() == "lesion"
        self._heading("lesion").show(left=[pane_name(isic_id, here)], right=[])

    def _heading(self, pane: str) -> Heading:
        return self._screen.query_one(f"#{pane}-heading", Heading)

    # The lesion

    def selection(self) -> None:
        """Show the selected annotation in the lesion and neighbour panes."""
        session, cell = self._session, self._session.selected
        if cell is None:
            return
        if cell.row != self._drawn_row:
            self._drawn_row = cell.row
            self._facts(cell.row)
            picture = session.known.tile_at_hand(cell.row)
            if picture is not None:
                self._screen.tile.show(str(cell.row), picture)
            else:
                self._looking.tiles([cell.row], "lesion")
        self._lesion_heading()
        self.near.heading()
        self.annotations()
        self.near.ask(cell)
        self._ask_model(cell.row)

    def attribute_changed(self) -> None:
        """Another attribute of the same lesion is chosen."""
        if not self._session.in_queue:
            self.rows_changed()
        self.selection()

    def moved_elsewhere(self) -> None:
        """The selection has moved otherwise than by the table's cursor."""
        place = self._session.position
        if place is not None:
            self._screen.table.go(place, quiet=True)
        self.position()
        self._screen.follow_cursor()

    def annotations(self) -> None:
        """Labels, predictions, verdicts of the selected lesion."""
        session, cell = self._session, self._session.selected
        if cell is None:
            return
        lines = []
        for index, attribute in enumerate(ATTRIBUTES):
            here = cell._replace(attribute=index)
            state = session.state(here)
            lines.append(
                AttributeLine(
                    attribute.title, attribute.short, attribute.decimals, state.label, state.predicted, state.spread,
                    state.score, state.flagged, state.verdict, state.impossible, here in session.marks,
                )
            )  # fmt: skip
        self._screen.attributes.fill(lines, cell.attribute)
        width = self._screen.attributes.size.width
        note = self._reading.get(cell.row, "")
        self._screen.query_one("#judgement", Paragraph).show(judgement(session, cell, width, note))

    def decided(self) -> None:
        """A verdict on the selected annotation has been given or taken back."""
        place = self._session.position
        if place is not None:
            self._screen.table.redraw_row(place)
        self._title()

    def _facts(self, row: int) -> None:
        facts = self._screen.query_one("#facts", Paragraph)
        width = max(10, facts.size.width - 1)
        lines: list[list[Part]] = []
        for index, text in enumerate(self._session.known.facts(row)):
            lines += [[(line, "plain" if index == 0 else "muted")] for line in wrapped(text, width, 3)]
        facts.show(lines)

    def tile_arrived(self, row: int, picture: Image | None, reason: str) -> None:
        """A picture is ready: draw it where its lesion still is."""
        selected = self._session.selected
        if selected is not None and row == selected.row:
            if picture is not None:
                self._screen.tile.show(str(row), picture)
            else:
                self._screen.tile.clear(reason)
        self.near.pictured(row, picture, reason)

    # The model

    def _ask_model(self, row: int) -> None:
        if not self._looked or self._session.predictions.has(row) or self._screen.steps.step or self._reading.get(row):
            return
        self._reading[row] = "the model is reading this lesion …"
        self._model.want(row)
        self.annotations()

    def reading_arrived(self, row: int, reading: Reading | None, reason: str) -> None:
        """The model has answered."""
        self._reading[row] = reason
        if reading is not None:
            self._session.predictions.put(row, reading)
        if self._session.selected is not None and self._session.selected.row == row:
            self.annotations()
            self.rows_changed()

    # The rest

    def results_changed(self) -> None:
        """Predictions, findings or vectors have been read (again), or are hidden or shown again."""
        self._looked = True
        self.near.forget()
        self.listing()
        self.selection()

    def arrange(self) -> None:
        """Give the tile the largest square its place allows."""
        screen = self._screen
        height = screen.query_one("#body").size.height
        width = screen.query_one("#lesion").size.width or screen.size.width // 2
        rows = max(4, min(18, height - 24)) if height >= 30 else max(4, min(9, height - 16))
        columns, rows = screen.painter.box(max(8, width // 2), rows) if screen.painter else (16, rows)
        screen.query_one("#head").styles.height = rows
        screen.tile.styles.width = columns
        self.near.arrange()
        screen.call_after_refresh(self._rewrap)

    def _rewrap(self) -> None:
        """Break the lines anew, for the widths that the panes have now."""
        if self._session.selected is not None:
            self._facts(self._session.selected.row)
            self.annotations()
            self.near.rewrap()
