"""What may stand in a filter: SQL read by ``polars.sql_expr``, which knows no tables and no subqueries.

An expression can see nothing but the frame it is asked of, and call only functions whose work is bounded by the rows:
``lpad`` or a nested ``replace`` could fill any memory with one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import BY_COLUMN
from skintui.attributes import BY_NAME as BY_ATTRIBUTE
from skintui.dataset.schema import ID, nearest
from skintui.dataset.table import Tabular
from skintui.errors import FilterError
from skintui.files import printable

LONGEST = 2000
"""Characters of an expression: more is not typed by a person, and deep nesting exhausts the parser's stack."""

EXAMPLE = "areaMM2 > 20 AND sex = 'male'"

FUNCTIONS = (
    "abs", "avg", "ceil", "ceiling", "char_length", "coalesce", "count", "ends_with", "exp", "first", "floor",
    "greatest", "if", "ifnull", "last", "least", "left", "length", "ln", "log", "log10", "log2", "lower", "ltrim",
    "max", "mean", "median", "min", "mod", "nullif", "pow", "power", "quantile_cont", "quantile_disc", "regexp_like",
    "right", "round", "rtrim", "sign", "sqrt", "starts_with", "stddev", "strpos", "substr", "sum", "trim", "upper",
    "variance",
)  # fmt: skip
"""Functions that take no more than a few passes over the rows and give no more text than they are given."""

_WORDS = ("and", "or", "not", "in", "between", "is", "like", "ilike", "regexp", "rlike", "escape", "from", "distinct",
          "case", "when", "then", "else", "cast", "try_cast", "over", "by", "select", "exists", "any", "all", "some",
          "varchar", "char", "decimal", "numeric", "float")  # fmt: skip
"""Words of the language that a bracket may follow."""

_TOKENS = re.compile(
    r"""'(?:[^']|'')*'                                      # text
      | --[^\n]* | /\*.*?\*/ | \s+                          # comment, space
      | (?P<name>[^\W\d]\w*|"(?:[^"]|"")*"|`[^`]*`)         # a name, perhaps of a function
      | (?P<sign>\|\||\$|.)                                 # anything else
    """,
    re.VERBOSE | re.DOTALL,
)

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
    if len(expression) > LONGEST:
        raise FilterError(f"longer than {LONGEST:,} characters", where=shown, do="write a shorter one")
    try:
        parsed = pl.sql_expr(expression)
        names = parsed.meta.root_names()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise FilterError(_reason(error), where=shown, do=f"write e.g. {EXAMPLE}") from error
    _refuse_unbounded(expression, shown)
    return parsed, {name: column_of(frame, name, shown, beside) for name in names}


def _refuse_unbounded(expression: str, shown: str) -> None:
    """Refuse every function that is not known to be harmless, and what joins texts."""
    before = ""
    for token in _TOKENS.finditer(expression):
        name, sign = token["name"], token["sign"]
        if sign == "(" and before and before not in FUNCTIONS and before not in _WORDS:
            what = f"the function '{printable(before, 40)}' is not available in a filter"
            raise FilterError(what, where=shown, do="e.g. abs, round, sqrt, lower, length, starts_with, avg, max are")
        if sign in ("||", "$"):
            raise FilterError(f"'{sign}' is not available in a filter", where=shown, do="compare the columns singly")
        if name or sign:
            before = (name or "").strip('"`').casefold()  # a sign parts a bracket from the name before it


def _reason(error: BaseException) -> str:
    """First line of what polars says, without the hints meant for programmers."""
    first = printable((str(error).splitlines() or [type(error).__name__])[0].strip(), 120)
    if "subplan" in first or "relation" in first:
        return "subqueries are not allowed"
    return first.removesuffix(" as Expr") or "it cannot be read"
