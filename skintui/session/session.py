"""The session: what is open, what is selected, and what can be asked about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.dataset.view import LesionView
from skintui.errors import FilterError, SkintuiError
from skintui.files import printable
from skintui.session.decisions import Decisions
from skintui.session.desk import Desk
from skintui.session.known import Known
from skintui.session.listing import Cell, LesionListing, Listing, QueueListing
from skintui.session.marks import Marks
from skintui.session.neighbourhood import MODES, Neighbourhood, Neighbours
from skintui.session.reading import AttributeState, Predictions, RankedFindings
from skintui.steps.audit import kept_findings
from skintui.steps.place import Place
from skintui.steps.predictions import read_predictions

BY_SUSPICION, BY_DIFFERENCE, BY_MODEL = "suspicion", "difference", "model"
"""What can be sorted by besides the columns of the metadata, each for the chosen attribute."""


class Session:
    """One data set, one workspace, one reviewer.

    Attributes are positions in ``ATTRIBUTES``, lesions are rows of the data set. Nothing here blocks for longer than a
    read of one tile except :meth:`load_results` and :meth:`neighbours`.
    """

    def __init__(self, place: Place, *, reviewer: str, fdr: float = 0.1) -> None:
        self.place = place
        self.fdr = fdr
        self.lesions = place.lesions()
        self.ids = self.lesions.ids
        self.labels = self.lesions.labels()
        self.known = Known(self.lesions)
        self.marks = Marks()
        self.desk = Desk(place.workspace.desk)
        self.decisions = Decisions(place.workspace.review, reviewer)
        self.predictions = Predictions(len(self.lesions))
        self.findings: RankedFindings | None = None
        self.neighbourhood: Neighbourhood | None = None
        self.view = LesionView.of(self.lesions.frame)
        self.in_queue = False
        self.mode = MODES[0]
        self.listing: Listing = LesionListing(self.view)
        self.selected: Cell | None = self.listing.cell(0, 0) if len(self.listing) else None
        self._trail: list[tuple[Cell, bool]] = []

    def close(self) -> None:
        self.decisions.close()

    # What the workspace holds

    def load_results(self) -> list[str]:
        """Read predictions, findings and vectors of the workspace; lines that say what is missing or stale."""
        problems: list[str] = []
        workspace = self.place.workspace
        if workspace.predictions.is_file():
            try:
                stored = read_predictions(workspace.predictions, self.lesions)
                self.predictions.fill(stored.predicted, stored.spread)
            except SkintuiError as error:
                problems.append(str(error))
        try:
            kept = kept_findings(self.place, self.lesions.dataset_sha256)
            self.findings = RankedFindings(kept.findings, self.ids) if kept else None
        except SkintuiError as error:
            self.findings = None
            problems.append(str(error))
        if workspace.vectors.is_dir():
            try:
                self.neighbourhood = Neighbourhood(workspace.vectors, self.lesions.dataset_sha256)
            except SkintuiError as error:
                problems.append(str(error))
        if self.in_queue:
            self._relist()
        return problems

    # Where one is

    @property
    def attribute(self) -> int:
        return self.selected.attribute if self.selected else 0

    @property
    def position(self) -> int | None:
        """Position of the selected annotation in the listing."""
        return self.listing.position(self.selected) if self.selected else None

    def select(self, index: int) -> Cell | None:
        """Select a position of the listing."""
        if 0 <= index < len(self.listing):
            self.selected = self.listing.cell(index, self.attribute)
        return self.selected

    def choose_attribute(self, attribute: int) -> None:
        """Select another attribute of the same lesion."""
        if self.selected:
            self.selected = Cell(self.selected.row, attribute % len(ATTRIBUTES))

    def next_mode(self) -> str:
        self.mode = MODES[(MODES.index(self.mode) + 1) % len(MODES)]
        return self.mode

    def follow(self, row: int) -> None:
        """Go to another lesion, with a way back."""
        if self.selected:
            self._trail.append((self.selected, self.in_queue))
            self.selected = Cell(row, self.attribute)

    def back(self) -> bool:
        """Return to where the last :meth:`follow` began; False where there is nothing to return to."""
        if not self._trail:
            return False
        self.selected, queue = self._trail.pop()
        if queue != self.in_queue:
            self.in_queue = queue
            self._relist()
        return True

    # What is listed

    def show_queue(self, on: bool) -> bool:
        """List suspicious annotations, the first one undecided selected, or all lesions; False without findings."""
        if on and self.findings is None:
            return False
        self.in_queue = on
        self._relist()
        if on:
            self.selected = self._undecided(0) or self.selected
        return True

    def filter(self, expression: str) -> None:
        """Narrow the view. Raises FilterError and leaves the view as it is."""
        view = self.view.where(expression)
        if not len(view):
            raise FilterError(f"no lesion matches '{printable(expression, 60)}'", do="the view stays as it was")
        self._show(view)

    def clear(self) -> None:
        """List every lesion in the order of the data set."""
        self._show(self.view.unfiltered())

    def sort(self, column: str, descending: bool = False) -> None:
        """Order the lesions. Raises FilterError for an unknown column, or one that needs what is not there."""
        values = self._computed(column)
        if values is None:
            self._show(self.view.sorted_by(column, descending))
            return
        keys = values[self.view.rows]
        order = np.argsort(-keys if descending else keys, kind="stable")  # NaN comes last either way
        rows = self.view.rows[order].copy()
        rows.setflags(write=False)
        name = f"{column} of {ATTRIBUTES[self.attribute].title}"
        self._show(replace(self.view, rows=rows, order=f"{name} {'↓' if descending else '↑'}"))

    def _computed(self, column: str) -> NDArray[np.float64] | None:
        if column == BY_SUSPICION:
            if self.findings is None:
                raise FilterError("there is no audit to sort by yet", do="make the index first")
            return self.findings.scores_of(self.attribute)
        if column == BY_DIFFERENCE:
            return np.abs(self.labels[:, self.attribute] - self.predictions.predicted[:, self.attribute])
        return self.predictions.predicted[:, self.attribute] if column == BY_MODEL else None

    def search(self, text: str) -> int | None:
        """Position in the listing of the next lesion whose id matches, after the selected one."""
        start = (self.position or 0) + 1
        if not self.in_queue:
            return self.view.search(text, start)
        found = self.view.search(text)
        if found is None:
            return None
        row = int(self.view.rows[found])
        assert isinstance(self.listing, QueueListing)  # noqa: S101 -- the queue is shown
        places = np.flatnonzero(self.listing.codes // len(ATTRIBUTES) == row)
        return int(places[0]) if len(places) else None

    def _show(self, view: LesionView) -> None:
        self.view = view
        self._relist()
        if len(self.listing) and self.position is None:
            self.selected = self.listing.cell(0, self.attribute)

    def _relist(self) -> None:
        if self.in_queue and self.findings is not None:
            self.listing = QueueListing(self.findings.codes, self.view)
        else:
            self.in_queue = False
            self.listing = LesionListing(self.view)

    # What is known

    def state(self, cell: Cell) -> AttributeState:
        """Everything the table of attributes shows of one annotation."""
        row, attribute = cell
        score = q = float("nan")
        spread = float(self.predictions.spread[row, attribute])
        flagged = impossible = False
        if self.findings is not None and (place := self.findings.place(cell)) >= 0:
            finding = self.findings.findings.frame
            score, flagged = float(self.findings.score[place]), bool(self.findings.flagged[place])
            q_value, local = finding["q_value"][place], finding["spread"][place]
            q = float("nan") if q_value is None else float(q_value)
            spread = spread if local is None else float(local)
            impossible = finding["identity_violation"][place] is not None
        verdict = self.decisions.of(self.ids[row], attribute)
        return AttributeState(
            label=float(self.labels[row, attribute]),
            predicted=float(self.predictions.predicted[row, attribute]),
            spread=spread,
            score=score,
            q_value=q,
            flagged=flagged,
            verdict=verdict.verdict if verdict else "",
            impossible=impossible,
        )

    def neighbours(self, cell: Cell, mode: str, k: int) -> Neighbours:
        """The nearest lesions. Raises SkintuiError saying what to do where there is no index."""
        if self.neighbourhood is None:
            raise SkintuiError("no index yet")
        return self.neighbourhood.nearest(cell, mode, k)

    def advance(self) -> None:
        """Select the next annotation without a verdict of one's own (in the queue), or the next lesion."""
        index = self.position
        if index is not None:
            self.selected = self._undecided(index + 1) or self.selected

    def _undecided(self, start: int) -> Cell | None:
        """The first annotation from a position on that is still to be decided; in a list of lesions every one is."""
        for index in range(start, len(self.listing)):
            cell = self.listing.cell(index, self.attribute)
            if not self.in_queue or self.decisions.own(self.ids[cell.row], cell.attribute) is None:
                return cell
        return None
