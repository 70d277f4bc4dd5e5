"""How the work is laid out: which rules hold, list or queue, which attribute. Rules, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skintui.attributes import ATTRIBUTES, BY_NAME
from skintui.errors import FilterError
from skintui.session.neighbourhood import MODES
from skintui.session.queue import ORDERS
from skintui.session.rules import Rules

if TYPE_CHECKING:
    from skintui.session.session import Session


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a view of the work consists of."""

    rules: Rules
    queue: bool
    queue_order: str
    queue_attribute: int
    """Which attribute comes first where the queue goes by attribute."""
    attribute: int
    mode: str
    columns: Any = None
    """As :meth:`Columns.state` gives it."""

    @classmethod
    def of(cls, session: Session) -> Arrangement:
        """As it is now."""
        queue = session.queue
        return cls(
            session.rules, session.in_queue, queue.order, queue.attribute, session.attribute, session.mode,
            session.columns.state(),
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """As JSON can keep it."""
        return {
            "rules": self.rules.plain(),
            "queue": self.queue,
            "queue_order": self.queue_order,
            "queue_attribute": ATTRIBUTES[self.queue_attribute].name,
            "attribute": ATTRIBUTES[self.attribute].name,
            "mode": self.mode,
            "columns": self.columns,
        }

    @classmethod
    def read(cls, value: Any) -> Arrangement:
        """From what :meth:`plain` gave. Raises FilterError for anything else."""
        try:
            order, mode = value["queue_order"], value["mode"]
            if order not in ORDERS or mode not in MODES:
                raise ValueError
            first, chosen = (ATTRIBUTES.index(BY_NAME[value[name]]) for name in ("queue_attribute", "attribute"))
            return cls(Rules.of(value["rules"]), bool(value["queue"]), order, first, chosen, mode, value.get("columns"))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise FilterError("what was kept is damaged", do="save the view again") from error

    def words(self, session: Session) -> str:
        """The rules in a line, e.g. ``queue · sex = 'male' · sorted by age_approx ↓``. Not yet printable."""
        parts = [session.sieve.words(each) for each in self.rules.filters]
        if self.rules.order is not None:
            parts.append(f"sorted by {self.rules.order.column} {'↓' if self.rules.order.descending else '↑'}")
        queue = f"queue by {self.queue_order}" if self.queue else "all lesions" if not parts else "lesions"
        return " · ".join([queue, *parts, ATTRIBUTES[self.attribute].title])

    def count(self, session: Session) -> int:
        """How many lesions the rules leave now. Raises FilterError where they cannot be applied."""
        return len(session.sieve.of(self.rules))

    def apply(self, session: Session) -> None:
        """Lay the work out like this. Raises FilterError and changes nothing where a rule cannot be applied."""
        session.apply(self.rules)
        session.choose_attribute(self.attribute)
        session.mode = self.mode
        session.columns.restore(self.columns)
        session.queue.order, session.queue.attribute = self.queue_order, self.queue_attribute
        if not session.show_queue(self.queue):
            session.show_queue(False)
