"""A filtered, sorted view over the table: a permutation of rows, never a copy of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.dataset.expression import Beside, column_of, matches, named_beside, zero_is_missing
from skintui.dataset.id_search import Ids, Matches
from skintui.dataset.schema import ID
from skintui.dataset.table import Tabular
from skintui.texts import printable

Mask = NDArray[np.bool_]


class Annotations:
    """Which annotations of a view are chosen; made when they are first asked for, for a list of lesions never does."""

    def __init__(self, make: Callable[[], Mask]) -> None:
        self._make = make

    @cached_property
    def mask(self) -> Mask:
        """(n, 16), not writeable."""
        mask = np.ascontiguousarray(self._make())
        mask.setflags(write=False)
        return mask


@dataclass(frozen=True)
class LesionView:
    """Rows of a frame, chosen and ordered. Every change gives a new view."""

    frame: Tabular
    rows: NDArray[np.int64]
    """Positions in ``frame``, in the order shown; shape (len(view),), not writeable."""
    filters: tuple[str, ...] = ()
    """Expressions applied so far, as typed."""
    order: str = ""
    """What the rows are sorted by, in words; empty for the order of the table."""
    cells: Annotations | None = None
    """The annotations chosen; None where every annotation of the rows is."""

    @classmethod
    def of(cls, frame: Tabular) -> Self:
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
        return self._narrowed(matches(self.frame, expression), " ".join(expression.split()))

    def where_audited(
        self, expression: str, of_lesion: Beside, of_annotation: Callable[[int], Beside], name: str
    ) -> LesionView:
        """As :meth:`where`, with columns beside the frame: per lesion for the rows, per attribute for the annotations.

        Args:
            expression: the filter.
            of_lesion: the columns as they are of a whole lesion.
            of_annotation: the same columns of one attribute (its position).
            name: the filter in words.
        """
        if not named_beside(self.frame, expression, of_lesion):
            return self.where(expression)

        def cells() -> Mask:
            each = [matches(self.frame, expression, of_annotation(attribute)) for attribute in range(len(ATTRIBUTES))]
            return np.asarray(self._cells() & np.stack(each, axis=1))

        return replace(self._narrowed(matches(self.frame, expression, of_lesion), name), cells=Annotations(cells))

    def keeping(self, annotations: Mask, name: str, *, without: bool = False) -> LesionView:
        """Lesions that have one of these annotations, and of their annotations those; or those without.

        Args:
            annotations: (n, 16) which annotations are meant.
            name: what they are, in words.
            without: leave out lesions that have any such annotation, and of all others' annotations these.
        """
        cells = Annotations(lambda: np.asarray(self._cells() & (~annotations if without else annotations)))
        some = annotations if self.cells is None or without else cells.mask
        keep = np.asarray(some.any(axis=1))
        return replace(self._narrowed(~keep if without else keep, name), cells=cells)

    def holds(self, codes: NDArray[np.signedinteger[Any]]) -> Mask:
        """Which annotations, given as flat places (row × 16 + attribute), are of the view."""
        if self.cells is not None:
            return np.asarray(self.cells.mask.reshape(-1)[codes])
        if len(self) == self.frame.height:
            return np.ones(len(codes), dtype=np.bool_)
        return np.asarray(self._row_mask()[codes // len(ATTRIBUTES)])

    def _narrowed(self, keep: Mask, name: str) -> LesionView:
        before = self.cells
        cells = None if before is None else Annotations(lambda: np.asarray(before.mask & keep[:, None]))
        return replace(self, rows=_fixed(self.rows[keep[self.rows]]), filters=(*self.filters, name), cells=cells)

    def _row_mask(self) -> Mask:
        held = np.zeros(self.frame.height, dtype=np.bool_)
        held[self.rows] = True
        return held

    def _cells(self) -> Mask:
        if self.cells is not None:
            return self.cells.mask
        return np.broadcast_to(self._row_mask()[:, None], (self.frame.height, len(ATTRIBUTES)))

    def sorted_by(self, column: str, descending: bool = False) -> LesionView:
        """The same rows sorted by a column, missing values (and an attribute's 0) last; equal ones keep their order.

        Raises:
            FilterError: no such column.
        """
        name = column_of(self.frame, column)
        values = self.frame.get_column(name)
        if zero_is_missing(name):
            values = values.set(values == 0, None)
        return self.sorted_along(values, name, descending)

    def sorted_along(self, values: pl.Series, name: str, descending: bool = False) -> LesionView:
        """The same rows sorted by values given per row of the frame, missing ones last; equal ones keep their order."""
        if values.dtype.is_float():
            values = values.fill_nan(None)
        values = ranks(values.gather(self.rows))
        by = pl.col(values.name)
        order = (
            values.to_frame()
            .select(pl.arg_sort_by(by, descending=descending, nulls_last=True, maintain_order=True))
            .to_series()
            .to_numpy()
        )
        return replace(self, rows=_fixed(self.rows[order]), order=f"{name} {'↓' if descending else '↑'}")

    def like(self, text: str) -> Matches:
        """Positions of the lesions whose id is ``text`` in the first way of :mod:`id_search` that finds any.

        :meth:`Matches.after` tells the next one from a position on.
        """
        return self._ids.find(text)

    @cached_property
    def _ids(self) -> Ids:
        return Ids(self.frame.get_column(ID).gather(self.rows))

    def position_of(self, row: int) -> int | None:
        """Position in the view of a row of the frame; None where it is filtered out."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def describe(self, *, ordered: bool = True) -> str:
        """E.g. ``12,034 of 401,059 lesions · tbp_lv_areaMM2 > 20 · sorted by tbp_lv_areaMM2 ↓``. Safe to print.

        A queue has an order of its own and leaves that of the lesions out.
        """
        total = self.frame.height
        count = f"{total:,} lesions" if len(self) == total else f"{len(self):,} of {total:,} lesions"
        parts = [count, *(printable(each, 80) for each in self.filters)]
        if self.order and ordered:
            parts.append(f"sorted by {printable(self.order, 80)}")
        return " · ".join(parts)


def _fixed(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = np.ascontiguousarray(rows, dtype=np.int64)
    rows.setflags(write=False)
    return rows


def ranks(values: pl.Series) -> pl.Series:
    """Text as its place among its different values, which sorts ten times as fast; other values as they are."""
    if values.dtype != pl.String:
        return values
    return values.cast(pl.Enum(values.unique().drop_nulls().sort())).to_physical()
