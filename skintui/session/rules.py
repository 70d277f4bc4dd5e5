"""What is listed, as rules: filters and an order that can be kept, named, and applied again to other rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from skintui.attributes import ATTRIBUTES, BY_NAME
from skintui.errors import FilterError

_NAMES = [attribute.name for attribute in ATTRIBUTES]


@dataclass(frozen=True, slots=True)
class Where:
    """Lesions for which an expression is true."""

    expression: str
    attribute: int = 0
    """The attribute that was chosen: columns such as ``difference`` are of it."""


@dataclass(frozen=True, slots=True)
class Having:
    """Lesions with an annotation of a kind, and of their annotations those."""

    facet: str
    """``verdict``, ``attribute`` or ``flagged``."""
    value: str
    """A verdict, the name of an attribute, or empty for none."""
    without: bool = False
    """Whether to leave them out instead."""


@dataclass(frozen=True, slots=True)
class Order:
    """By a column of the metadata, or by what the audit knows of an attribute."""

    column: str
    descending: bool = False
    attribute: int = 0


Filter = Where | Having


@dataclass(frozen=True, slots=True)
class Rules:
    """Filters in their sequence, and the order."""

    filters: tuple[Filter, ...] = ()
    order: Order | None = None

    def narrowed(self, by: Filter) -> Rules:
        """With one more filter; none twice."""
        return self if by in self.filters else replace(self, filters=(*self.filters, by))

    def plain(self) -> dict[str, Any]:
        """As JSON can keep it."""
        return {"filters": [_plain(each) for each in self.filters], "order": _plain(self.order) if self.order else None}

    @classmethod
    def of(cls, value: Any) -> Rules:
        """From what :meth:`plain` gave. Raises FilterError for anything else."""
        try:
            order, kept = value["order"], value["filters"]
            filters = tuple(Having(**_read(each)) if "facet" in each else Where(**_read(each)) for each in kept)
            return cls(filters, Order(**_read(order)) if order else None)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise FilterError("the rules kept are damaged", do="save the view again") from error


def _plain(rule: Filter | Order) -> dict[str, Any]:
    if isinstance(rule, Where):
        return {"expression": rule.expression, "attribute": _NAMES[rule.attribute]}
    if isinstance(rule, Having):
        return {"facet": rule.facet, "value": rule.value, "without": rule.without}
    return {"column": rule.column, "descending": rule.descending, "attribute": _NAMES[rule.attribute]}


def _read(value: dict[str, Any]) -> dict[str, Any]:
    """The fields of a rule, the attribute by its position. Raises TypeError or KeyError for what is none."""
    if not all(isinstance(each, str | bool) for each in value.values()):
        raise TypeError
    return value | ({"attribute": _NAMES.index(BY_NAME[value["attribute"]].name)} if "attribute" in value else {})
