"""A filtered, sorted view over the table: a permutation of rows, never a copy of them.

Filters are SQL expressions read by ``polars.sql_expr``, which knows no tables and no subqueries: an expression can see
nothing but this frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from skintui.attributes import BY_COLUMN
from skintui.attributes import BY_NAME as BY_ATTRIBUTE
from skintui.dataset.schema import ID, nearest
from skintui.errors import FilterError
from skintui.files import printable

_LONGEST = 2000
"""Characters of an expression: more is not typed by a person, and deep nesting exhausts the parser's stack."""


@dataclass(frozen=True)
class LesionView:
    """Rows of a frame, chosen and ordered. Every change gives a new view."""

    frame: pl.DataFrame
    rows: NDArray[np.int64]
    """Positions in ``frame``, in the order shown; shape (len(view),), not writeable."""
    filters: tuple[str, ...] = ()
    """Expressions applied so far, as typed."""
    order: str = ""
    """What the rows are sorted by, in words; empty for the order of the table."""

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Self:
        """All rows of ``frame`` (with a column ``isic_id``), in its order."""
        return cls(frame, _fixed(np.arange(frame.height, dtype=np.int64)))

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, expression: str) -> LesionView:
        """Rows for which the SQL ``expression`` is true (missing values are not), in the present order.

        Columns may be named as on the command line (``areaMM2``) and in any letter case. Aggregates run over the whole
        frame, so filters give the same rows in any sequence.

        Raises:
            FilterError: the expression cannot be read, names an unknown column, or is not true or false per lesion.
        """
        keep = _matches(self.frame, expression)
        return replace(
            self, rows=_fixed(self.rows[keep[self.rows]]), filters=(*self.filters, " ".join(expression.split()))
        )

    def sorted_by(self, column: str, descending: bool = False) -> LesionView:
        """The same rows sorted by a column, missing values (and an attribute's 0) last; equal ones keep their order.

        Raises:
            FilterError: no such column.
        """
        name = _column(self.frame, column)
        values = self.frame.get_column(name).gather(self.rows)
        if values.dtype.is_float():
            values = values.fill_nan(None)
        if name in BY_COLUMN:
            values = values.set(values == 0, None)
        by = pl.col(name)
        order = (
            values.to_frame()
            .select(pl.arg_sort_by(by, descending=descending, nulls_last=True, maintain_order=True))
            .to_series()
            .to_numpy()
        )
        words = f"{name} {'↓' if descending else '↑'}"
        return replace(self, rows=_fixed(self.rows[order]), order=words)

    def only(self, rows: ArrayLike, name: str = "chosen") -> LesionView:
        """Those of ``rows`` (positions in the frame) that the view holds, in the sequence given, each once."""
        wanted = np.asarray(rows, dtype=np.int64).reshape(-1)
        if len(wanted) and (wanted.min() < 0 or wanted.max() >= self.frame.height):
            raise FilterError(f"a row outside the table of {self.frame.height:,} lesions")
        held = np.zeros(self.frame.height, dtype=np.bool_)
        held[self.rows] = True
        _, first = np.unique(wanted, return_index=True)
        unique = wanted[np.sort(first)]
        return replace(self, rows=_fixed(unique[held[unique]]), filters=(*self.filters, name), order="")

    def unfiltered(self) -> LesionView:
        """All rows of the frame in its order."""
        return LesionView.of(self.frame)

    def search(self, text: str, start: int = 0) -> int | None:
        """Position in the view of the lesion whose id is ``text``, else ends with it, else contains it.

        Letter case is ignored. Among equals the first at or after position ``start`` counts, then from the top. None
        where nothing matches.
        """
        wanted = text.strip().casefold()
        if not wanted or not len(self):
            return None
        ids = self._folded_ids
        for matches in (ids == wanted, ids.str.ends_with(wanted), ids.str.contains(wanted, literal=True)):
            found = matches.fill_null(value=False).arg_true()
            if found.len():
                after = found.filter(found >= start)
                return int((after if after.len() else found)[0])
        return None

    @cached_property
    def _folded_ids(self) -> pl.Series:
        return self.frame.get_column(ID).gather(self.rows).str.to_lowercase()

    def position_of(self, row: int) -> int | None:
        """Position in the view of a row of the frame; None where it is filtered out."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def describe(self) -> str:
        """E.g. ``12,034 of 401,059 lesions · tbp_lv_areaMM2 > 20 · sorted by tbp_lv_areaMM2 ↓``. Safe to print."""
        total = self.frame.height
        count = f"{total:,} lesions" if len(self) == total else f"{len(self):,} of {total:,} lesions"
        parts = [count, *(printable(each, 80) for each in self.filters)]
        if self.order:
            parts.append(f"sorted by {printable(self.order, 80)}")
        return " · ".join(parts)


def _fixed(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = np.ascontiguousarray(rows, dtype=np.int64)
    rows.setflags(write=False)
    return rows


def _matches(frame: pl.DataFrame, expression: str) -> NDArray[np.bool_]:
    """Whether the expression is true, per row of the frame."""
    shown = f"filter '{printable(' '.join(expression.split()), 60)}'"
    if not expression.strip():
        raise FilterError("the filter is empty", do="write e.g. areaMM2 > 20 AND sex = 'male'")
    if len(expression) > _LONGEST:
        raise FilterError(f"longer than {_LONGEST:,} characters", where=shown, do="write a shorter one")
    try:
        parsed = pl.sql_expr(expression)
        named = {name: _column(frame, name, shown) for name in parsed.meta.root_names()}
        other = [pl.col(column).alias(name) for name, column in named.items() if name != column]
        result = frame.with_columns(other).select(parsed).to_series()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise FilterError(_reason(error), where=shown, do="write e.g. areaMM2 > 20 AND sex = 'male'") from error
    if result.dtype != pl.Boolean or result.len() not in (1, frame.height):
        what = "it gives values, not true or false for each lesion"
        raise FilterError(what, where=shown, do="compare them with something, e.g. areaMM2 > 20")
    matches = result.fill_null(value=False).to_numpy()
    return np.broadcast_to(matches, (frame.height,)) if len(matches) != frame.height else matches


def _reason(error: BaseException) -> str:
    """First line of what polars says, without the hints meant for programmers."""
    first = printable((str(error).splitlines() or [type(error).__name__])[0].strip(), 120)
    if "subplan" in first or "relation" in first:
        return "subqueries are not allowed"
    return first.removesuffix(" as Expr") or "it cannot be read"


def _column(frame: pl.DataFrame, name: str, where: str | None = None) -> str:
    """The frame's column of that name, of that attribute, or of that name in another letter case."""
    attribute = BY_ATTRIBUTE.get(name)
    if name in frame.columns:
        return name
    if attribute is not None and attribute.column in frame.columns:
        return attribute.column
    folded = {column.casefold(): column for column in frame.columns}
    folded |= {a.casefold(): BY_ATTRIBUTE[a].column for a in BY_ATTRIBUTE if BY_ATTRIBUTE[a].column in frame.columns}
    found = folded.get(name.casefold())
    if found is not None:
        return found
    near = nearest(name, [*frame.columns, *(a for a in BY_ATTRIBUTE if BY_ATTRIBUTE[a].column in frame.columns)])
    hint = f"did you mean '{printable(near, 60)}'?" if near else "the table's columns are those of the metadata"
    raise FilterError(f"no column '{printable(name, 60)}'", where=where, do=hint)
