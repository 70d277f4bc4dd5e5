"""Which columns the list of lesions shows, in which order, and which of them fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from skintui.attributes import ATTRIBUTES, BY_COLUMN
from skintui.dataset.schema import BY_NAME, ID, PATIENT
from skintui.dataset.table import Tabular
from skintui.texts import printable

Kind = Literal["number", "text", "label", "model", "difference", "score", "suspicion"]

GAP = 2
"""Cells between a column of text and the one before it."""
_TITLE, _TEXT = 14, 18
"""Most cells of a head, and of a column of text."""
_LEAST = 6
"""Fewer cells than this say nothing of a text."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called and how it is drawn."""

    name: str
    """Of the metadata, or of one of the built-in columns."""
    title: str
    kind: Kind
    """How the values are drawn; all but ``number`` and ``text`` are of the chosen attribute."""
    width: int
    """Cells, those between it and the column before included."""
    unit: str = ""
    decimals: int = 2

    @property
    def is_text(self) -> bool:
        return self.kind == "text"


BUILT_IN: tuple[Column, ...] = (
    Column("label", "label", "label", 7),
    Column("model", "model", "model", 8),
    Column("suspicion", "", "suspicion", 4),
    Column("difference", "differ", "difference", 8),
    Column("score", "off", "score", 8, "σ", 1),
)
"""Of the chosen attribute. The names but ``label`` and ``score`` are also those by which a session sorts."""
SHOWN, PINNED = ("label", "model", "suspicion", PATIENT), ("label", "suspicion")
"""What a reviewer begins with."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """The columns in sight, with their widths, and whether others lie beyond."""

    columns: tuple[tuple[Column, int], ...]
    left: bool
    right: bool
    crowded: bool = False
    """Whether the pinned columns leave no room for any of the others."""


class Columns:
    """The columns of one table, shown ones first. Values are read from the table's own columns, one at a time."""

    def __init__(self, table: Tabular) -> None:
        self._table = table
        self._known: dict[str, Column] = {column.name: column for column in BUILT_IN}
        of_table = [name for name in table.columns if name != ID]
        self._names = [*self._known, *sorted(of_table, key=lambda name: name != PATIENT)]
        self.shown: list[str] = [name for name in SHOWN if name in self._names]
        """Names of the columns shown, in order."""
        self.pinned: set[str] = set(PINNED)
        """Names of those that stay in sight whatever the width."""
        self.first = 0
        """How many of the shown columns that are not pinned lie to the left of those in sight."""

    # What there is

    @property
    def names(self) -> list[str]:
        """Every column: those shown in their order, then the others in the table's."""
        return [*self.shown, *(name for name in self._names if name not in self.shown)]

    def column(self, name: str) -> Column:
        """A column by name, measured when it is first asked for."""
        if name not in self._known:
            self._known[name] = _measured(self._table.get_column(name))
        return self._known[name]

    def number(self, name: str, row: int) -> float:
        """A value of the metadata; NaN where it is missing, or the 0 of an attribute."""
        value = self._table.get_column(name)[row]
        return float("nan") if value is None or (value == 0 and name in BY_COLUMN) else float(value)

    def text(self, name: str, row: int) -> str:
        """A value of the metadata as printable text; empty where it is missing."""
        value = self._table.get_column(name)[row]
        return "" if value is None else printable(str(value), 2 * _TEXT)

    def sorting(self, name: str, attribute: int) -> str:
        """The name under which a session sorts by a column."""
        of_attribute = {"label": ATTRIBUTES[attribute].column, "score": "suspicion"}
        return of_attribute.get(name, name)

    # What is shown

    def toggle(self, name: str) -> bool:
        """Show a column behind the others, or hide it; whether it is shown now."""
        if name in self.shown:
            self.shown.remove(name)
            self.pinned.discard(name)
            return False
        self.shown.append(name)
        return True

    def pin(self, name: str) -> bool:
        """Keep a column in sight (showing it), or no longer; whether it is kept now."""
        if name in self.pinned and name in self.shown:
            self.pinned.remove(name)
            return False
        if name not in self.shown:
            self.shown.append(name)
        self.pinned.add(name)
        return True

    def move(self, name: str, count: int) -> bool:
        """Move a shown column among the others; whether there was a place to move to."""
        if name not in self.shown:
            return False
        place = self.shown.index(name)
        to = max(0, min(len(self.shown) - 1, place + count))
        self.shown.insert(to, self.shown.pop(place))
        return to != place

    def scroll(self, count: int) -> bool:
        """Bring other columns into sight beside the pinned ones; whether there were any."""
        last = max(0, sum(name not in self.pinned for name in self.shown) - 1)
        before, self.first = self.first, max(0, min(last, self.first + count))
        return self.first != before

    def fitting(self, width: int) -> Fitting:
        """The pinned columns, and as many of the others as fit into ``width`` cells, all in their order."""
        shown = [self.column(name) for name in self.shown]
        chosen: dict[str, int] = {}
        for column in shown:
            if column.name in self.pinned and sum(chosen.values()) + column.width <= width:
                chosen[column.name] = column.width
        loose = [column for column in shown if column.name not in self.pinned]
        for column in loose[self.first :]:
            left = width - sum(chosen.values())
            cut = column.is_text and left >= GAP + _LEAST
            if column.width > left and not cut:
                break
            chosen[column.name] = min(column.width, left)
        right = any(column.name not in chosen for column in shown if column not in loose[: self.first])
        columns = tuple((column, chosen[column.name]) for column in shown if column.name in chosen)
        crowded = bool(loose) and not any(column in loose for column, _ in columns)
        return Fitting(columns, self.first > 0, right, crowded)

    # What is kept

    def state(self) -> dict[str, list[str]]:
        """What a reviewer chose, for a desk or a view."""
        return {"shown": list(self.shown), "pinned": [name for name in self.shown if name in self.pinned]}

    def restore(self, state: Any) -> None:
        """Take over what :meth:`state` gave, here or with another data set: columns that are not known are left out."""
        kept = state if isinstance(state, dict) else {}
        shown = self._those(kept.get("shown"))
        self.shown = shown or [name for name in SHOWN if name in self._names]
        self.pinned = set(self._those(kept.get("pinned"))) if shown else set(PINNED)
        self.first = 0

    def _those(self, names: Any) -> list[str]:
        listed = names if isinstance(names, list) else []
        return list(dict.fromkeys(name for name in listed if isinstance(name, str) and name in self._names))


def _measured(series: pl.Series) -> Column:
    """A column of the metadata, as wide as its values and its head need."""
    name = series.name
    attribute = BY_COLUMN.get(name)
    title = attribute.title if attribute else printable(name.removeprefix("tbp_lv_"), 40)
    title = "patient" if name == PATIENT else title
    unit = BY_NAME[name].unit if name in BY_NAME else ""
    if not series.dtype.is_numeric():
        longest: Any = series.cast(pl.String, strict=False).str.len_chars().max()
        width = max(min(int(longest or 0), _TEXT), min(len(title), _TITLE))
        return Column(name, title, "text", GAP + width, unit)
    decimals = attribute.decimals if attribute else _decimals(series)
    bounds: Sequence[Any] = (series.min(), series.max())
    digits = max(len(f"{bound or 0:.{decimals}f}") for bound in bounds)
    head = min(len(title) + (1 + len(unit) if unit else 0), _TITLE)
    return Column(name, title, "number", 1 + max(min(digits, _TITLE), head), unit, decimals)


def _decimals(series: pl.Series) -> int:
    """Enough digits to tell values apart, none for whole numbers."""
    values = series.drop_nulls()
    if not values.len() or values.dtype.is_integer() or bool((values == values.floor()).all()):
        return 0
    largest: Any = values.abs().max()
    return 1 if largest >= 1000 else 2 if largest >= 1 else 3
