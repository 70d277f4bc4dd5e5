"""What can be wrong with a data set, row by row, without stopping the work on the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from skintui.texts import printable

MISSING_COLUMN = "missing_column"
MISSING_ID = "missing_id"
DUPLICATE_ID = "duplicate_id"
SHORT_ROW = "short_row"
ROW_WITHOUT_TILE = "row_without_tile"
TILE_WITHOUT_ROW = "tile_without_row"
UNDECODABLE_TILE = "undecodable_tile"
NOT_A_NUMBER = "not_a_number"
NOT_FINITE = "not_finite"
MISSING_VALUE_COUNT = "missing_value_count"
IMPOSSIBLE_VALUE = "impossible_value"
IDENTICAL_COLUMNS = "identical_columns"
BROKEN_IDENTITY = "broken_identity"

KINDS: dict[str, str] = {
    MISSING_COLUMN: "a required column is not in the metadata; it is taken as missing for every lesion",
    MISSING_ID: "a row without isic_id is left out; one without patient_id joins the group 'unknown'",
    DUPLICATE_ID: "an isic_id stands in several rows; the first is kept",
    SHORT_ROW: "a row ends before its last column; the rest of it is taken as missing",
    ROW_WITHOUT_TILE: "a row of the metadata has no tile",
    TILE_WITHOUT_ROW: "a tile has no row in the metadata",
    UNDECODABLE_TILE: "a tile cannot be decoded",
    NOT_A_NUMBER: "a value is not a number of the column's type; it is taken as missing",
    NOT_FINITE: "a value is infinite or not a number (nan); it is taken as missing",
    MISSING_VALUE_COUNT: "how many values of an attribute are missing (0 or empty)",
    IMPOSSIBLE_VALUE: "a value lies outside what is possible; it is kept for the audit",
    IDENTICAL_COLUMNS: "two columns hold the same values in every row",
    BROKEN_IDENTITY: "columns that determine each other disagree",
}
"""Every kind with its meaning and what is done about it."""

LIMIT = 10_000
"""Problems of one kind in one column that are listed singly; the rest is counted in one line."""


def _clean(text: str) -> str:
    return text if text.isascii() and text.isprintable() else printable(text)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. All text is safe to print on a terminal."""

    kind: str
    """One of :data:`KINDS`."""
    isic_id: str
    """The lesion it concerns, empty for the data set as a whole."""
    column: str
    """The column it concerns, empty for a whole row or tile."""
    message: str
    """What is wrong, in one line."""

    def __post_init__(self) -> None:
        for name in ("isic_id", "column", "message"):
            object.__setattr__(self, name, _clean(getattr(self, name)))

    def as_dict(self) -> dict[str, str]:
        return {"kind": self.kind, "isic_id": self.isic_id, "column": self.column, "message": self.message}


def each(kind: str, column: str, found: Iterable[tuple[str, str]], total: int) -> list[Problem]:
    """A problem per ``(isic_id, message)``, listed singly up to :data:`LIMIT` and counted beyond it."""
    problems: list[Problem] = []
    for isic_id, message in found:
        if len(problems) == LIMIT:
            break
        problems.append(Problem(kind, isic_id, column, message))
    if total > len(problems):
        rest = f"{total - len(problems):,} more of this kind are not listed ({total:,} in all)"
        problems.append(Problem(kind, "", column, rest))
    return problems
