"""A typed value: whether it can be right, what it contradicts, and what follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skintui.attributes import ATTRIBUTES
from skintui.dataset.dependants import Breach, Dependant, breaches, dependants
from skintui.errors import UsageError
from skintui.nouns import counted
from skintui.session.listing import Cell

if TYPE_CHECKING:
    from skintui.session.session import Session


@dataclass(frozen=True, slots=True)
class Correction:
    """The right value of one annotation, as far as a person knows it."""

    cell: Cell
    value: float
    """In the attribute's unit."""
    breaches: tuple[Breach, ...] = ()
    """Rules between columns that it breaks."""
    dependants: tuple[Dependant, ...] = ()
    """Other attributes that would have to change with it."""

    def doubts(self) -> str:
        """The first column at odds, by how much, how many more rules, and the rule; empty for none."""
        if not self.breaches:
            return ""
        first, more = self.breaches[0], len(self.breaches) - 1
        others = f" (and {counted(more, 'more rule')})" if more else ""
        column = first.column.removeprefix("tbp_lv_")
        return f"{column} {first.expected:.2f} expected, not {first.found:.2f}{others}: {first.rule}"

    def consequences(self) -> str:
        """The dependants with their old and new values, in one line; empty for none."""
        return ", ".join(
            f"{d.attribute.title} {d.old:.{d.attribute.decimals}f} → {d.new:.{d.attribute.decimals}f}"
            for d in self.dependants
        )


def correction(session: Session, cell: Cell, text: str) -> Correction:
    """What a typed value means for an annotation. Raises UsageError where it is no number or cannot be right.

    The sibling columns are taken with the reviewer's own corrections in place.
    """
    value, column = plausible_value(text, cell), ATTRIBUTES[cell.attribute].column
    row: dict[str, Any] = session.lesions.table.row(cell.row)
    for index, attribute in enumerate(ATTRIBUTES):
        own = session.decisions.own(session.ids[cell.row], index)
        if own is not None and own.proposed_value is not None:
            row[attribute.column] = own.proposed_value
    rules = session.known.rules
    broken = breaches(column, value, half_step(text), row, rules)
    return Correction(cell, value, tuple(broken), dependants(column, value, row, rules) if broken else ())


def plausible_value(text: str, cell: Cell) -> float:
    """A typed value in the attribute's unit. Raises UsageError where it is no number or cannot be right."""
    attribute = ATTRIBUTES[cell.attribute]
    try:
        value = float(_plain(text))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"'{text.strip()[:20]}' is no number", do=f"type the {attribute.title}, e.g. 12.5")
    if value == 0 or not attribute.is_plausible(value):
        low, high = (f"{bound:g}" for bound in (attribute.low, attribute.high))
        unit = f" {attribute.unit}" if attribute.unit else ""
        raise UsageError(f"{attribute.title} lies between {low} and {high}{unit}, and 0 means missing; not {value:g}")
    return value


def half_step(text: str) -> float:
    """Half a unit of the last digit of a typed number: 0.05 for ``12.5``, 0.5 for ``12``."""
    mantissa, _, exponent = _plain(text).lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    return float(0.5 * 10.0 ** (int(exponent or 0) - digits))


def _plain(text: str) -> str:
    return text.strip().replace(",", ".").replace("−", "-")
