"""What a corrected value does to the columns around it: rules it breaks, and values that follow from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from skintui.attributes import BY_COLUMN, Attribute
from skintui.dataset.identities import RULES, Rule


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a value breaks."""

    rule: str
    column: str
    """The rule's left side."""
    expected: float
    """What the left side should be by the rule, with the value in place."""
    found: float
    """What it is."""


@dataclass(frozen=True, slots=True)
class Dependant:
    """An attribute whose value follows from a corrected one."""

    attribute: Attribute
    old: float
    new: float


def breaches(
    column: str, value: float, half_step: float, row: Mapping[str, Any], rules: Sequence[Rule] = RULES
) -> list[Breach]:
    """The rules that ``value`` in a column breaks in a row.

    A typed number stands for all that round to it: the rule is held broken only where it is off by more than
    ``half_step``, half a unit of the last digit typed, can move it. Rules about the last digits of a measurement are
    left out, for no person gives them.
    """
    found = []
    for rule in rules:
        if column not in rule.columns or rule.of_digits:
            continue
        checked = _checked(rule, row, column, [value, value - half_step, value + half_step])
        if checked is None:
            continue
        at, *around = checked
        slack = max(abs(each.expected - at.expected) for each in around)
        if column == rule.left:
            slack += half_step
        if at.off > at.tolerance + slack:
            found.append(Breach(rule.text, rule.left, at.expected, at.found))
    return found


def dependants(
    column: str, value: float, row: Mapping[str, Any], rules: Sequence[Rule] = RULES
) -> tuple[Dependant, ...]:
    """Attributes with a label that ``value`` in a column changes by an equality, and those that they change in turn.

    What follows is rounded to five decimals, as the published table is; a value that its attribute cannot have is none.
    """
    values, moved, found = dict(row) | {column: value}, {column}, []
    for rule in rules:  # each rule's left side stands behind the columns it is made of
        if not rule.equality or rule.left in moved or not moved.intersection(rule.columns):
            continue
        checked = _checked(rule, values, rule.left, [values.get(rule.left)])
        attribute = BY_COLUMN.get(rule.left)
        if checked is None or attribute is None or checked[0].off <= checked[0].tolerance:
            continue
        new = round(checked[0].expected, 5)
        if new == 0 or not attribute.is_plausible(new):
            continue
        found.append(Dependant(attribute, float(values[rule.left]), new))
        values[rule.left] = new
        moved.add(rule.left)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Checked:
    expected: float
    found: float
    off: float
    tolerance: float


def _checked(rule: Rule, row: Mapping[str, Any], column: str, values: Sequence[Any]) -> list[_Checked] | None:
    """The rule with each of ``values`` in a column; None where a column of the rule has no value."""
    frame = pl.DataFrame(
        {each: pl.Series([row.get(each)] * len(values) if each != column else values, dtype=pl.Float64)
         for each in rule.columns}
    )  # fmt: skip
    missing = any(each is None or each != each or (name in BY_COLUMN and each == 0)
                  for name, each in zip(frame.columns, frame.row(0), strict=True))  # fmt: skip
    if missing:
        return None
    got = frame.select(
        rule.expected.cast(pl.Float64).alias("expected"),
        pl.col(rule.left).alias("found"),
        rule.difference.cast(pl.Float64).alias("off"),
        rule.tolerance.cast(pl.Float64).alias("tolerance"),
    )
    return [_Checked(*each) for each in got.iter_rows()]
