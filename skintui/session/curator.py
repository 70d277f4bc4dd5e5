"""What the reviewer does with the selected annotation."""

from __future__ import annotations

from skintui.attributes import ATTRIBUTES
from skintui.errors import UsageError
from skintui.review.verdicts import Verdict
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
        """Record a verdict on the selected annotation; it is durable when this returns. None where none is selected."""
        if self._session.selected is None:
            return None
        row, attribute = self._session.selected
        state = self._session.state(self._session.selected)
        return self._decisions.record(
            Verdict(
                isic_id=self._session.ids[row],
                attribute=ATTRIBUTES[attribute].name,
                verdict=verdict,
                reviewer=self._decisions.reviewer,
                proposed_value=value,
                note=note,
                label=state.label,
                predicted=state.predicted,
                dataset_sha256=self._session.lesions.dataset_sha256,
            )
        )

    def flag(self) -> str:
        """Flag the selected annotation for later, or take that back where it was the last decision; what happened."""
        if self._session.selected is None:
            return ""
        row, attribute = self._session.selected
        own = self._decisions.own(self._session.ids[row], attribute)
        if own is not None and own.note == LATER:
            taken = self._decisions.undo()
            if taken is not None and (taken.isic_id, taken.attribute) == (own.isic_id, own.attribute):
                return "flag taken back"
            self._decisions.redo()
            return "flagged already; undo takes decisions back in their order"
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
        return self.decide(own.verdict, value=own.proposed_value, note=note)

    def undo(self) -> Verdict | None:
        """Take one's last decision back and go to it."""
        return self._went_to(self._decisions.undo())

    def redo(self) -> Verdict | None:
        """Reinstate what was last taken back and go to it."""
        return self._went_to(self._decisions.redo())

    def _went_to(self, verdict: Verdict | None) -> Verdict | None:
        if verdict is not None:
            try:
                row = self._session.lesions.row_of(verdict.isic_id)
            except UsageError:  # the data set has lost the lesion since
                return verdict
            self._session.selected = Cell(row, _NAMES.index(verdict.attribute))
        return verdict
