"""What may stand in a filter: SQL read by ``polars.sql_expr``, which knows no tables and no subqueries.

An expression can see nothing but the frame it is asked of, and call only functions whose work is bounded by the rows:
``lpad`` or a nested ``replace`` could fill any memory with one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import BY_COLUMN
from skintui.attributes import BY_NAME as BY_ATTRIBUTE
from skintui.dataset.bounds import EXAMPLE, refuse_unbounded
from skintui.dataset.schema import ID, nearest
from skintui.dataset.table import Tabular
from skintui.errors import FilterError
from skintui.texts import printable

Beside = Mapping[str, Callable[[], pl.Series]]
"""Columns that are not in the frame, by name; made only when an expression names them."""


def matches(frame: Tabular, expression: str, beside: Beside | None = None) -> NDArray[np.bool_]:
    """Whether the expression is true, per row of the frame. Raises FilterError."""
    shown = f"filter '{printable(' '.join(expression.split()), 60)}'"
    parsed, named = _read(frame, expression, shown, beside or {})
    try:
        columns = {
            name: frame.get_column(column) if column in frame.columns else (beside or {})[column]()
            for name, column in named.items()
        }
        seen = pl.DataFrame(columns or {ID: frame.get_column(ID)})
        result = seen.select(parsed).to_series()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise FilterError(_reason(error), where=shown, do=f"write e.g. {EXAMPLE}") from error
    if result.dtype != pl.Boolean or result.len() not in (1, frame.height):
        what = "it gives values, not true or false for each lesion"
        raise FilterError(what, where=shown, do="compare them with something, e.g. areaMM2 > 20")
    found = result.fill_null(value=False).to_numpy()
    return np.broadcast_to(found, (frame.height,)) if len(found) != frame.height else found


def named_beside(frame: Tabular, expression: str, beside: Beside) -> tuple[str, ...]:
    """Which of the columns beside the frame the expression names. Raises FilterError."""
    shown = f"filter '{printable(' '.join(expression.split()), 60)}'"
    _, named = _read(frame, expression, shown, beside)
    return tuple(dict.fromkeys(column for column in named.values() if column in beside))


def column_of(frame: Tabular, name: str, where: str | None = None, beside: Beside | None = None) -> str:
    """The column of that name, of that attribute, or of that name in another letter case. Raises FilterError."""
    columns = [*frame.columns, *(name for name in beside or () if name not in frame.columns)]
    attributes = [name for name, attribute in BY_ATTRIBUTE.items() if attribute.column in frame.columns]
    if name in columns:
        return name
    if name in attributes:
        return BY_ATTRIBUTE[name].column
    folded = {column.casefold(): column for column in columns}
    folded |= {attribute.casefold(): BY_ATTRIBUTE[attribute].column for attribute in attributes}
    found = folded.get(name.casefold())
    if found is not None:
        return found
    near = nearest(name, [*columns, *attributes])
    hint = f"did you mean '{printable(near, 60)}'?" if near else "the table's columns are those of the metadata"
    raise FilterError(f"no column '{printable(name, 60)}'", where=where, do=hint)


def zero_is_missing(column: str) -> bool:
    """Whether a stored 0 of the column stands for no value."""
    return column in BY_COLUMN


def _read(frame: Tabular, expression: str, shown: str, beside: Beside) -> tuple[pl.Expr, dict[str, str]]:
    """The parsed expression, and the column behind each name in it."""
    if not expression.strip():
        raise FilterError("the filter is empty", do=f"write e.g. {EXAMPLE}")
    refuse_unbounded(expression, shown)
    try:
        parsed = pl.sql_expr(expression)
        names = parsed.meta.root_names()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise FilterError(_reason(error), where=shown, do=f"write e.g. {EXAMPLE}") from error
    return parsed, {name: column_of(frame, name, shown, beside) for name in names}


def _reason(error: BaseException) -> str:
    """First line of what polars says, without the hints meant for programmers."""
    first = printable((str(error).splitlines() or [type(error).__name__])[0].strip(), 120)
    if "subplan" in first or "relation" in first:
        return "subqueries are not allowed"
    return first.removesuffix(" as Expr") or "it cannot be read"
