"""A patch of corrected cells (``isic_id, column, old, new``) and its application to a metadata CSV.

Applying is all or nothing: a single cell that no longer holds its ``old`` value refuses the whole patch, so a patch
made against another version of the table never lands silently.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from skintui.errors import ReviewError
from skintui.files import result_stream, written_beside
from skintui.nouns import counted
from skintui.review.sheet import csv_rows, guarded, unguarded
from skintui.texts import printable

COLUMNS = ("isic_id", "column", "old", "new")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


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
        change = Change(*(unguarded(row[place]) for place in places))
        if changes.setdefault((change.isic_id, change.column), change) is not change:
            raise ReviewError(f"row {number} changes {_cell(change)} a second time", where=path)
    return list(changes.values())


def can_travel(text: str) -> bool:
    """Whether a cell's text comes out of a patch as it went in."""
    return _NUMBER.fullmatch(text) is not None or unguarded(guarded(text)) == text


def write_patch(changes: Sequence[Change], out: Path | str, *, force: bool = False) -> int:
    """Write a patch to a file or ``-``, its header even without changes; how many there are.

    Numbers stand as they are, a minus in front or not; any other text is guarded as in every sheet.
    """
    with result_stream(out, force=force) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for change in changes:
            writer.writerow([cell if _NUMBER.fullmatch(cell) else guarded(cell) for cell in astuple(change)])
        text.flush()
        text.detach()
    return len(changes)


def apply_patch(changes: list[Change], metadata: Path, out: Path, *, force: bool = False) -> int:
    """Write ``metadata`` with ``changes`` to ``out`` and return how many cells changed.

    All other cells keep their text, also what a spreadsheet would take for a formula: this is the data set itself,
    which programs read, and a guard in it would be another value. Raises ReviewError, and writes nothing, where a
    lesion or column is not in the table, where ``old`` does not match, or where ``out`` exists and ``force`` is not
    set.
    """
    if out.exists() and not force:
        raise ReviewError("the file exists already", where=out, do="give --force to replace it")
    header, rows = _table(metadata)
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
        for row in rows:
            for change in wanted.pop(row[place], ()) if row else ():
                _change(row, header.index(change.column), change, metadata)
            writer.writerow(row)
        if wanted:
            absent = next(iter(wanted))
            lesions = counted(len(wanted), "lesion")
            raise ReviewError(f"no row for {lesions} of the patch, first {printable(absent, 40)}", where=metadata)
    return len(changes)


def cells_of(metadata: Path, wanted: Mapping[str, Collection[str]]) -> dict[tuple[str, str], Change]:
    """Per lesion and column the cell as it stands, as a change to nothing: what :func:`apply_patch` will find.

    ``wanted`` are the columns by ``isic_id``; the first row of a lesion counts. Raises ReviewError for a column that
    the table lacks.
    """
    header, rows = _table(metadata)
    places = {name: place for place, name in enumerate(header)}
    for name in sorted({name for columns in wanted.values() for name in columns}):
        if name not in places:
            raise ReviewError(f"no column '{printable(name, 60)}' to change", where=metadata)
    found: dict[tuple[str, str], Change] = {}
    key = places["isic_id"]
    for row in rows:
        written = row[key] if row else ""
        isic_id = written.strip()
        for column in wanted.get(isic_id, ()):
            found.setdefault((isic_id, column), Change(written, column, row[places[column]], ""))
    return found


def _table(metadata: Path) -> tuple[list[str], Iterator[list[str]]]:
    """Header and rows of a metadata CSV; a row of another length than the header's is an error."""
    rows = csv_rows(metadata)
    header = next(rows, None)
    if header is None or "isic_id" not in header:
        raise ReviewError("the metadata has no column 'isic_id'", where=metadata, do="check the file")

    def whole() -> Iterator[list[str]]:
        for number, row in enumerate(rows, start=2):
            if row and len(row) != len(header):
                raise ReviewError(f"row {number} has {len(row)} fields, not {len(header)}", where=metadata)
            yield row

    return header, whole()


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
