"""What could stand next in a filter: names of columns and attributes, words of SQL, values of a column of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from skintui.attributes import ATTRIBUTES
from skintui.dataset.bounds import FUNCTIONS
from skintui.dataset.expression import column_of
from skintui.dataset.schema import ID
from skintui.dataset.table import Tabular
from skintui.errors import FilterError
from skintui.review.verdicts import VERDICTS
from skintui.session.audited import COLUMNS
from skintui.texts import printable

MOST_VALUES = 2000
"""Different values up to which they are worth offering; ids have more."""

_WORDS = ("AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL", "TRUE", "FALSE")
_NAME = re.compile(r"[^\W\d]\w*$")
_BEFORE_A_NAME = re.compile(r"(?:^|\(|,|\b(?:and|or|not|between|when)\b)\s*$", re.IGNORECASE)
_VALUE = re.compile(
    r"""(?P<column>[^\W\d]\w*|"[^"]+")\s*
        (?: = | <> | != | \b(?:not\s+)?i?like\b | \b(?:not\s+)?in\s*\(\s*(?:'(?:[^']|'')*'\s*,\s*)* )\s*
        (?P<begun>'(?:[^']|'')*|\w*)$""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Completion:
    """What could take the place of a part of the text."""

    start: int
    end: int
    words: tuple[str, ...] = ()
    """The likeliest first; none where nothing is known to fit."""


class Completer:
    """Completions over one table."""

    def __init__(self, frame: Tabular) -> None:
        self._frame = frame
        attributes = [attribute.name for attribute in ATTRIBUTES if attribute.column in frame.columns]
        self._names = [*attributes, *COLUMNS, *frame.columns]
        self._values: dict[str, tuple[str, ...]] = {"verdict": VERDICTS}

    def __call__(self, text: str, cursor: int) -> Completion:
        """Completions of what stands before the cursor."""
        before = text[:cursor]
        value = _VALUE.search(before)
        if value and (found := self._quoted(value["column"], value["begun"])):
            return Completion(value.start("begun"), cursor, found)
        if _in_text(before):
            return Completion(cursor, cursor)
        name = _NAME.search(before)
        if name:
            found = _like(name[0], [*self._names, *_WORDS, *(f"{function}(" for function in FUNCTIONS)])
            return Completion(name.start(), cursor, found)
        return Completion(cursor, cursor, tuple(self._names) if _BEFORE_A_NAME.search(before) else ())

    def _quoted(self, column: str, begun: str) -> tuple[str, ...]:
        """Values of a column as SQL writes them."""
        wanted = begun.removeprefix("'").replace("''", "'")
        found = _like(wanted, self._of(column.strip('"'))) if wanted else self._of(column.strip('"'))
        return tuple("'" + value.replace("'", "''") + "'" for value in found)

    def _of(self, name: str) -> tuple[str, ...]:
        """The different values of a column, the most frequent first; none where it is no text or each is different."""
        try:
            column = column_of(self._frame, name)
        except FilterError:
            column = name.casefold()
        if column not in self._values:
            self._values[column] = self._looked_up(column)
        return self._values[column]

    def _looked_up(self, column: str) -> tuple[str, ...]:
        if column == ID or column not in self._frame.columns:
            return ()
        values = self._frame.get_column(column)
        if values.dtype != pl.String or values.n_unique() > MOST_VALUES:
            return ()
        counts = values.drop_nulls().value_counts(sort=True)
        return tuple(value for value in counts.get_column(column) if value == printable(value))


def _in_text(before: str) -> bool:
    """Whether the end lies between quotes, where no name can stand."""
    return before.count("'") % 2 == 1


def _like(begun: str, words: Sequence[str]) -> tuple[str, ...]:
    """Words that begin as typed, then those that contain it, letter case aside; not the word itself."""
    wanted = begun.casefold()
    others = [word for word in dict.fromkeys(words) if word != begun]
    first = [word for word in others if word.casefold().startswith(wanted)]
    return (*first, *(word for word in others if wanted in word.casefold()[1:] and word not in first))
