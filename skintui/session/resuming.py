"""Where a reviewer was when they left, and going back there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skintui.errors import SkintuiError, UsageError
from skintui.session.arrangement import Arrangement
from skintui.session.listing import Cell
from skintui.session.rules import Filter, Rules

if TYPE_CHECKING:
    from skintui.session.session import Session


class Resuming:
    """Keeps a place per reviewer on the desk.

    What rests on the audit cannot be laid out before the workspace's results are read: :meth:`begin` goes to the lesion
    under the other rules, :meth:`finish` to the queue and the rest, unless the reviewer has gone elsewhere meanwhile.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._name = f"place/{session.decisions.reviewer}"
        self._later: tuple[Arrangement, Cell | None] | None = None
        self._lost: list[str] = []
        self._kept = self.place()
        self.panes: dict[str, str] = {}
        """How the panes were, as the screen had told it."""

    @property
    def name(self) -> str:
        """Under which the place is kept."""
        return self._name

    def place(self, panes: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Where the reviewer is now, as JSON can keep it; ``panes`` is what the screen wants to find again."""
        session = self._session
        isic_id = session.ids[session.selected.row] if session.selected else ""
        return {**Arrangement.of(session).plain(), "isic_id": isic_id, "panes": dict(panes or {})}

    def moved(self, panes: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """The place if it is another one than when last asked, else None."""
        place = self.place(panes)
        if self._later is not None or place == self._kept:
            return None
        self._kept = place
        return place

    def parting(self, panes: Mapping[str, str]) -> dict[str, Any] | None:
        """The place to leave behind; None while what was kept has not been laid out again, for that still holds."""
        return None if self._later is not None else self.place(panes)

    # Going back

    def begin(self) -> None:
        """Go where the reviewer was, as far as that needs no audit."""
        value = self._session.desk.get(self._name)
        if value is None:
            return
        try:
            wanted = Arrangement.read(value)
            panes = value.get("panes")
            self.panes = {str(k): str(v) for k, v in panes.items()} if isinstance(panes, dict) else {}
            cell = self._cell(str(value.get("isic_id", "")), wanted.attribute)
        except SkintuiError:
            self._lost.append("the place where you were")
            return
        now = replace(wanted, rules=self._usable(wanted.rules, audited=False), queue=False)
        self._go(now, cell)
        if wanted.queue or self._session.sieve.needs_audit(wanted.rules):
            self._later = wanted, cell
        else:
            self._usable(wanted.rules, audited=True)
        self._kept = self.place(self.panes)

    def finish(self) -> str:
        """Lay out what waited for the audit; what is lost of the place, in a line, empty for nothing."""
        if self._later is not None:
            (wanted, cell), self._later = self._later, None
            if self.place(self.panes) == self._kept:
                self._go(replace(wanted, rules=self._usable(wanted.rules, audited=True)), cell)
                if wanted.queue and not self._session.in_queue:
                    self._lost.append("the queue")
        lost, self._lost = self._lost, []
        return f"of where you were, this is gone: {', '.join(lost)}" if lost else ""

    def _go(self, arrangement: Arrangement, cell: Cell | None) -> None:
        session = self._session
        arrangement.apply(session)
        if cell is not None and session.listing.position(cell) is not None:
            session.selected = cell
        elif cell is not None and not session.in_queue:
            session.visit(cell)

    def _cell(self, isic_id: str, attribute: int) -> Cell | None:
        try:
            return Cell(self._session.lesions.row_of(isic_id), attribute)
        except UsageError:
            self._lost.append("the lesion")
            return None

    def _usable(self, rules: Rules, *, audited: bool) -> Rules:
        """The rules that can be applied; with ``audited`` those that cannot are told of."""
        sieve = self._session.sieve
        kept: list[Filter] = []
        for each in rules.filters:
            if (audited or not sieve.needs_audit(Rules((each,)))) and self._applies(Rules((each,)), audited):
                kept.append(each)
        order = rules.order
        if order is not None and (
            (not audited and sieve.needs_audit(Rules(order=order))) or not self._applies(Rules(order=order), audited)
        ):
            order = None
        return Rules(tuple(kept), order)

    def _applies(self, rules: Rules, tell: bool) -> bool:
        try:
            self._session.sieve.of(rules)
        except UsageError:
            if tell:
                self._lost.append("a filter" if rules.filters else "the order")
            return False
        return True
