"""The session: what is open, what is selected, and what can be asked about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from skintui.attributes import ATTRIBUTES
from skintui.dataset.id_search import Matches
from skintui.dataset.view import LesionView
from skintui.errors import FilterError, SkintuiError
from skintui.files import is_there
from skintui.session.aside import Matrix, Shelf, give_back, shelved, trim
from skintui.session.blind import Withheld, kept
from skintui.session.columns import Columns
from skintui.session.decisions import Decisions
from skintui.session.desk import Desk
from skintui.session.known import Known
from skintui.session.listing import Cell, LesionListing, Listing, QueueListing
from skintui.session.marks import Marks
from skintui.session.neighbourhood import MODES, Neighbourhood, Neighbours
from skintui.session.onward import go_open
from skintui.session.queue import Queue
from skintui.session.reading import AttributeState, Predictions, RankedFindings, columns_read
from skintui.session.resuming import Resuming
from skintui.session.rules import Filter, Order, Rules, Where
from skintui.session.sieve import Sieve
from skintui.steps.place import Place
from skintui.texts import printable

if TYPE_CHECKING:
    from skintui.session.meter import Gauge, Meter


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
        self.labels: Matrix = self.lesions.labels()
        """(n, 16) as :meth:`Lesions.labels` has them; once the results are in, on the disk."""
        self.known = Known(self.lesions)
        self.marks = Marks()
        self.desk = Desk(place.workspace.desk)
        self.columns = Columns(self.lesions.table)
        self.columns.restore(self.desk.get(f"columns/{reviewer}"))
        self.decisions = Decisions(place.workspace.review, reviewer, self.lesions)
        self.queue = Queue(self.lesions, self.decisions)
        self._predictions = Predictions(len(self.lesions))
        self._findings: RankedFindings | None = None
        self.blind = kept(self)
        self.decisions.withhold(self.blind.verdicts)
        self.neighbourhood: Neighbourhood | None = None
        self.view = LesionView.of(self.lesions.table)
        self.rules = Rules()
        self.sieve = Sieve(self)
        self._tried: tuple[LesionView, tuple[object, ...], LesionView] | None = None
        self.in_queue = False
        self.mode = MODES[0]
        self.listing: Listing = LesionListing(self.view)
        self.selected: Cell | None = self.listing.cell(0, 0) if len(self.listing) else None
        self.tolerated: float | None = None
        """Share of wrong labels that the stopping rule is asked to speak against; None for its first."""
        self._gauge: Gauge | None = None
        self._trail: list[tuple[Cell, bool, bool]] = []
        self.strayed = False
        """Whether the selected annotation was gone to for how it looks, not in its turn."""
        self.resuming = Resuming(self)

    def close(self) -> None:
        self.decisions.close()

    # What the workspace holds

    @property
    def predictions(self) -> Predictions:
        return Withheld(self._predictions) if self.blind.prediction else self._predictions

    @property
    def findings(self) -> RankedFindings | None:
        """The audit's; None without an audit, and while the prediction is hidden."""
        return None if self.blind.prediction else self._findings

    def load_results(self) -> list[str]:
        """Read the workspace's predictions, findings and vectors, in any thread; what is missing or stale, in lines.

        Here, and not before the first rows, what works with them is loaded.
        """
        from skintui.session.meter import Gauge
        from skintui.steps.audit import kept_findings
        from skintui.steps.predictions import read_predictions

        problems = [self.desk.problem] if self.desk.problem else []
        workspace = self.place.workspace
        if not isinstance(self.labels, Shelf):
            self.labels = shelved(self.lesions.labels(), workspace.root)
            self.lesions.keep_labels(lambda labels: at.mapped() if isinstance(at := self.labels, Shelf) else labels)
        if is_there(workspace.predictions):
            try:
                stored = read_predictions(workspace.predictions, self.lesions, ("predicted", "spread"))
                self.predictions.fill(stored.predicted, stored.spread, workspace.root)
                del stored
            except SkintuiError as error:
                problems.append(str(error))
        try:
            found = kept_findings(self.place, self.lesions.dataset_sha256, columns_read(self.ids))
            ranked = RankedFindings(found.findings, self.ids, workspace.root) if found else None
            del found
        except SkintuiError as error:
            ranked = None
            problems.append(str(error))
        gauge = Gauge(self.decisions, self.lesions, None if self.blind.prediction else ranked, self.labels)
        self._findings, self._gauge = ranked, gauge
        self.lesions.prepare()
        if workspace.vectors.is_dir():
            try:
                self.neighbourhood = Neighbourhood(workspace.vectors, self.lesions.dataset_sha256)
            except SkintuiError as error:
                problems.append(str(error))
        if self.in_queue:
            self._listed(self.view)  # made here, it is at hand when it is wanted
        give_back(self.lesions.labels())
        trim()
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
            self.strayed = False
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
        self.visit(Cell(row, self.attribute))

    def visit(self, cell: Cell) -> None:
        """Go to an annotation wherever it stands, with a way back."""
        if self.selected:
            self._trail.append((self.selected, self.in_queue, self.strayed))
            self.selected = cell
            self.strayed = True

    def back(self) -> bool:
        """Return to where the last :meth:`follow` began; False where there is nothing to return to."""
        if not self._trail:
            return False
        self.selected, queue, self.strayed = self._trail.pop()
        if queue != self.in_queue:
            self.in_queue = queue
            self.relist()
        return True

    # What is listed

    def show_queue(self, on: bool) -> bool:
        """List the annotations to decide, the first one undecided selected, or all lesions.

        False where there is nothing to decide in the chosen order: :meth:`Queue.why_not` says why.
        """
        if on and self.queue.why_not(self.findings):
            return False
        self.queue.renew()
        self.in_queue = on
        self.relist()
        if on and not go_open(self):
            self.select(0)
        return True

    def filter(self, expression: str) -> None:
        """Narrow the view. Raises FilterError and leaves the view as it is."""
        self.narrow(Where(expression, self.attribute))

    def narrow(self, by: Filter) -> None:
        """Narrow the view by a rule. Raises FilterError, also where nothing would be left, and leaves the view."""
        view = self._narrowed(by)
        if not len(self._listed(view)):
            what = "annotation of the queue" if self.in_queue else "lesion"
            raise FilterError(f"no {what} matches '{printable(view.filters[-1], 60)}'", do="the view stays as it was")
        self.rules = self.rules.narrowed(by)
        self._show(view)

    def count(self, by: Filter) -> tuple[int, int]:
        """How many of the listed lesions (in the queue, annotations) a rule would leave. Raises FilterError."""
        return len(self._listed(self._narrowed(by))), len(self.listing)

    def _narrowed(self, by: Filter) -> LesionView:
        """The view with one more filter; what was counted last need not be made again to be listed."""
        view, key = self.view, (id(self.view), id(self.findings), self.decisions.version, by)
        tried = self._tried  # a worker may put another in its place
        if tried is None or tried[0] is not view or tried[1] != key:
            self._tried = tried = view, key, self.sieve.narrowed(view, by)
        return tried[2]

    def apply(self, rules: Rules) -> None:
        """List what the rules say and nothing else. Raises FilterError and leaves the view as it is."""
        view = self.sieve.of(rules)
        self.rules = rules
        self._show(view)

    def clear(self) -> None:
        """List every lesion in the order of the data set."""
        self.apply(Rules())

    def sort(self, column: str, descending: bool = False) -> None:
        """Order the lesions. Raises FilterError for an unknown column, or one that needs what is not there."""
        order = Order(column, descending, self.attribute)
        view = self.sieve.sorted(self.view, order)
        self.rules = replace(self.rules, order=order)
        self._show(view)

    def search(self, text: str) -> int | None:
        """Position in the listing of the next lesion whose id matches, after the selected one."""
        start = (self.position or 0) + 1
        found = self.view.like(text)
        if not self.in_queue or not len(found):
            return found.after(start)
        assert isinstance(self.listing, QueueListing)  # noqa: S101 -- the queue is shown
        lesions = self.listing.codes // len(ATTRIBUTES)
        rows = self.view.rows[found.places[:1] if found.kind == "near" else found.places]
        places = np.flatnonzero(np.isin(lesions, rows))
        return Matches("part", places).after(start)

    def _show(self, view: LesionView) -> None:
        self.view = view
        self.relist()
        if len(self.listing) and self.position is None:
            self.selected = self.listing.cell(0, self.attribute)

    def relist(self) -> None:
        """List anew what the rules and the queue say, after results have been read again."""
        self.in_queue = self.in_queue and not self.queue.why_not(self.findings)
        self.listing = self._listed(self.view)

    def _listed(self, view: LesionView) -> Listing:
        """What would be listed of a view."""
        return self.queue.listing(self.findings, view) if self.in_queue else LesionListing(view)

    @property
    def sampled(self) -> bool:
        """Whether a verdict on the selected annotation is one of a random sample of all annotations.

        One that was reached through another lesion, or as a flagged one, is not: it was chosen for how it looks.
        """
        return self.in_queue and self.queue.calibrates(self.view) and not self.strayed and self.position is not None

    # What is known

    def state(self, cell: Cell) -> AttributeState:
        """Everything the table of attributes shows of one annotation."""
        row, attribute = cell
        score = q = float("nan")
        spread = float(self.predictions.spread[row, attribute])
        flagged = impossible = False
        if (found := self.findings) is not None:
            score, q, local = float(found.score[cell]), float(found.q_value[cell]), float(found.spread[cell])
            spread = spread if local != local else local
            flagged, impossible = bool(found.flags[cell]), bool(found.impossible[cell])
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

    def meter(self) -> Meter:
        """How far the review is; costs what was decided since the last time, more only after a new audit."""
        from skintui.audit.stopping import SHARES
        from skintui.session.meter import Gauge

        findings, gauge = self.findings, self._gauge
        if gauge is None or gauge.findings is not findings:
            self._gauge = gauge = Gauge(self.decisions, self.lesions, findings, self.labels)
        return gauge.read(self.tolerated or SHARES[0])

    def neighbours(self, cell: Cell, mode: str, k: int) -> Neighbours:
        """The nearest lesions. Raises SkintuiError saying what to do where there is no index."""
        if self.neighbourhood is None:
            raise SkintuiError("no index yet")
        return self.neighbourhood.nearest(cell, mode, k)
