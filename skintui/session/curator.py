"""What the reviewer does with the selected annotation, or with the marked ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress

import numpy as np

from skintui.attributes import ATTRIBUTES
from skintui.dataset.dependants import Dependant
from skintui.errors import UsageError
from skintui.review.verdicts import OF_A_LABEL, Verdict
from skintui.session.correction import Correction
from skintui.session.decisions import LATER
from skintui.session.listing import Cell
from skintui.session.session import Session

_NAMES = [attribute.name for attribute in ATTRIBUTES]


class Curator:
    """Records verdicts of the session's reviewer; each is durable when the call returns."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._decisions = session.decisions

    def decide(self, verdict: str, *, value: float | None = None, note: str = "") -> Verdict | None:
        """Record a verdict on the selected annotation; it is durable when this returns. None where none is selected.

        Raises UsageError where there is no label to judge.
        """
        if self._session.selected is None:
            return None
        if value is None and not self._judges([self._session.selected], verdict):
            raise _nothing_to_judge()
        decided = self._verdict(self._session.selected, verdict, value, note, sampled=self._session.sampled)
        self._decisions.record([decided])
        return decided

    def decide_many(self, verdict: str) -> list[Verdict]:
        """Record one verdict on every marked annotation and drop the marks; one undo takes all of them back.

        Marked ones were chosen, so that none of them counts as drawn at random. Those without a label are left out
        where the verdict is about one; UsageError where nothing remains.
        """
        judged = self._judges(self._session.marks, verdict)
        if not judged:
            raise _nothing_to_judge()
        decided = self._verdicts(judged, verdict)
        self._decisions.record(decided)
        self._session.marks.clear()
        return decided

    def correct(self, correction: Correction, *, dependants: bool = False) -> Sequence[Verdict]:
        """Record that a label is wrong, with the right value; with ``dependants`` what follows from it, too."""
        cell, attribute = correction.cell, ATTRIBUTES[correction.cell.attribute]
        sampled = self._session.sampled and cell == self._session.selected
        first = self._verdict(cell, "label_wrong", correction.value, sampled=sampled)
        note = f"follows from {attribute.title} {correction.value:g}"
        following: Iterable[Dependant] = correction.dependants if dependants else ()
        others = [
            self._verdict(Cell(cell.row, _NAMES.index(d.attribute.name)), "label_wrong", d.new, note) for d in following
        ]
        self._decisions.record([first, *others])
        return [first, *others]

    def _verdict(
        self, cell: Cell, verdict: str, value: float | None = None, note: str = "", *, sampled: bool = False
    ) -> Verdict:
        session = self._session
        return Verdict(
            isic_id=session.ids[cell.row],
            attribute=_NAMES[cell.attribute],
            verdict=verdict,
            reviewer=self._decisions.reviewer,
            proposed_value=value,
            note=note,
            random_sample=sampled,
            label=float(session.labels[cell.row, cell.attribute]),
            predicted=float(session.predictions.predicted[cell.row, cell.attribute]),
            dataset_sha256=session.lesions.dataset_sha256,
        )

    def _verdicts(self, cells: Sequence[Cell], verdict: str) -> list[Verdict]:
        """One verdict on many annotations, whose numbers are read at once."""
        session, (rows, attributes) = self._session, np.array(cells, dtype=np.int64).T
        labels = session.labels[rows, attributes].tolist()
        predicted = session.predictions.predicted[rows, attributes].tolist()
        reviewer, dataset_sha256 = self._decisions.reviewer, session.lesions.dataset_sha256
        return [
            Verdict(
                isic_id=session.ids[cell.row],
                attribute=_NAMES[cell.attribute],
                verdict=verdict,
                reviewer=reviewer,
                label=label,
                predicted=value,
                dataset_sha256=dataset_sha256,
            )
            for cell, label, value in zip(cells, labels, predicted, strict=True)
        ]

    def _judges(self, cells: Iterable[Cell], verdict: str) -> list[Cell]:
        """Those of the annotations that can have the verdict."""
        found = list(cells)
        if verdict not in OF_A_LABEL or not found:
            return found
        rows, attributes = np.array(found, dtype=np.int64).T
        return list(compress(found, ~np.isnan(self._session.labels[rows, attributes])))

    def last(self) -> str:
        """The verdict one gave last, as far as it stands; empty for none."""
        last = self._decisions.last()
        return last.verdict if last is not None else ""

    def flag(self) -> str:
        """Flag the selected annotation for later, or take the flag back; what happened."""
        if self._session.selected is None:
            return ""
        row, attribute = self._session.selected
        own = self._decisions.own(self._session.ids[row], attribute)
        if own is not None and own.note == LATER:
            self._decisions.take_back(own.isic_id, attribute)
            return "flag taken back"
        if own is not None:
            return "decided already; undo it first, or give another verdict"
        self.decide("unsure", note=LATER)
        return LATER

    def annotate(self, note: str) -> Verdict | None:
        """Put a note to the selected annotation: on one's verdict where there is one, else on an unsure one."""
        if self._session.selected is None:
            return None
        own = self._decisions.own(self._session.ids[self._session.selected.row], self._session.selected.attribute)
        if own is None:
            return self.decide("unsure", note=note)
        noted = self._verdict(self._session.selected, own.verdict, own.proposed_value, note, sampled=own.random_sample)
        self._decisions.record([noted])
        return noted

    def undo(self, batch: int | None = None) -> Sequence[Verdict]:
        """Take one's last decision (or another one, by its batch) back and go to it: what was decided together."""
        return self._went_to(self._decisions.undo(batch))

    def redo(self) -> Sequence[Verdict]:
        """Reinstate what was last taken back and go to it."""
        return self._went_to(self._decisions.redo())

    def _went_to(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        cell = self._cell(verdicts[0]) if verdicts else None
        if cell is not None:
            self._session.selected = cell
            self._session.strayed = not verdicts[0].random_sample
        return verdicts

    def visit(self, verdict: Verdict) -> bool:
        """Go to the annotation of a verdict, with a way back; False where the data set has lost its lesion."""
        cell = self._cell(verdict)
        if cell is not None:
            self._session.visit(cell)
        return cell is not None

    def _cell(self, verdict: Verdict) -> Cell | None:
        try:
            return Cell(self._session.lesions.row_of(verdict.isic_id), _NAMES.index(verdict.attribute))
        except UsageError:  # the data set has lost the lesion since
            return None


def _nothing_to_judge() -> UsageError:
    return UsageError("there is no label here to judge", do="give it a value, or say 'not sure' or 'image unusable'")
