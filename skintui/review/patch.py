"""A patch of corrected cells (``isic_id, column, old, new``) and its application to a metadata CSV.

Applying is all or nothing: a single cell that no longer holds its ``old`` value refuses the whole patch, so a patch
made against another version of the table never lands silently.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from skintui.errors import ReviewError
from skintui.files import printable, written_beside
from skintui.review.sheet import csv_rows

COLUMNS = ("isic_id", "column", "old", "new")


@dataclass(frozen=True, slots=True)
class Change:
    """One cell of the metadata and the value it shall have; an empty text is a missing value."""

    isic_id: str
    column: str
    old: str
    new: str


def read_patch(path: Path) -> list[Change]:
    """The changes of a patch file, in its order. Raises ReviewError for a missing column, a torn row or a repeat."""
    rows = csv_rows(path)
    header = next(rows, None)
    if header is None:
        raise ReviewError("the patch is empty", where=path, do=f"its header is {','.join(COLUMNS)}")
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise ReviewError(
            f"the patch has no column '{missing[0]}'", where=path, do=f"its header is {','.join(COLUMNS)}"
        )
    places = [header.index(name) for name in COLUMNS]
    changes: dict[tuple[str, str], Change] = {}
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) != len(header):
            raise ReviewError(f"row {number} has {len(row)} fields, not {len(header)}", where=path)
        change = Change(*(row[place] for place in places))
        if changes.setdefault((change.isic_id, change.column), change) is not change:
            raise ReviewError(f"row {number} changes {_cell(change)} a second time", where=path)
    return list(changes.values())


def apply_patch(changes: list[Change], metadata: Path, out: Path, *, force: bool = False) -> int:
    """Write ``metadata`` with ``changes`` to ``out`` and return how many cells changed.

    All other cells keep their text. Raises ReviewError, and writes nothing, where a lesion or column is not in the
    table, where ``old`` does not match, or where ``out`` exists and ``force`` is not set.
    """
    if out.exists() and not force:
        raise ReviewError("the file exists already", where=out, do="give --force to replace it")
    rows = csv_rows(metadata)
    header = next(rows, None)
    if header is None or "isic_id" not in header:
        raise ReviewError("the metadata has no column 'isic_id'", where=metadata, do="check the file")
    for change in changes:
        if change.column not in header or change.column == "isic_id":
            raise ReviewError(f"no column '{printable(change.column, 60)}' to change", where=metadata)
    wanted: dict[str, list[Change]] = {}
    for change in changes:
        wanted.setdefault(change.isic_id, []).append(change)
    place = header.index("isic_id")
    with written_beside(out) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for number, row in enumerate(rows, start=2):
            if row and len(row) != len(header):
                raise ReviewError(f"row {number} has {len(row)} fields, not {len(header)}", where=metadata)
            for change in wanted.pop(row[place], ()) if row else ():
                _change(row, header.index(change.column), change, metadata)
            writer.writerow(row)
        if wanted:
            absent = next(iter(wanted))
            raise ReviewError(
                f"{len(wanted)} lesions of the patch are not here, first {printable(absent, 40)}", where=metadata
            )
    return len(changes)


def _change(row: list[str], column: int, change: Change, metadata: Path) -> None:
    if not _same(row[column], change.old):
        raise ReviewError(
            f"{_cell(change)} holds '{printable(row[column], 40)}', the patch expects '{printable(change.old, 40)}'",
            where=metadata,
            do="nothing was written; make the patch again from this table",
        )
    row[column] = change.new


def _same(found: str, expected: str) -> bool:
    """Equal text, or equal numbers spelled differently (``3.10`` and ``3.1``)."""
    if found == expected:
        return True
    try:
        return float(found) == float(expected)
    except ValueError:
        return False


def _cell(change: Change) -> str:
    return f"{printable(change.isic_id, 40)} {printable(change.column, 60)}"
