"""A CSV file read as text, with a clear line for whatever keeps it from being one.

The reader is polars; where it gives up, the file is looked through once more in Python only to name the line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from skintui.errors import DatasetError
from skintui.texts import printable

_BLOCK = 1 << 22
_MOST_COLUMNS = 10_000


def read_csv_text(path: Path) -> tuple[pl.DataFrame, list[int]]:
    """Every column as text (empty = null), and the rows (from 0) that end before their last column.

    A value may not hold a line break: SLICE-3D has none, and a torn quote would otherwise swallow lines in silence.

    Raises:
        DatasetError: empty file, not a CSV, not UTF-8, torn quotes, a row too long, a column twice.
    """
    header = _header(path)
    count = _line_count(path)  # first: a line without end must not reach the parser, which would hold it several times
    try:
        frame = pl.read_csv(path, glob=False, infer_schema=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _explained(path, len(header), error) from error
    except OSError as error:
        raise DatasetError(f"cannot be read ({error.strerror or error})", where=_shown(path)) from error
    if frame.height != count - 1 or frame.width != len(header):
        raise _explained(path, len(header), None)
    frame.columns = header
    return frame, _short_rows(path, frame)


def _header(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            start = file.read(1 << 20)
    except OSError as error:
        raise DatasetError(f"cannot be read ({error.strerror or error})", where=_shown(path)) from error
    if not start.strip():
        raise DatasetError("the CSV is empty", where=_shown(path), do="copy or download it again")
    if b"\0" in start:
        raise DatasetError("not a CSV: it holds binary data", where=_shown(path), do="name a CSV with --metadata")
    line = start.split(b"\n", 1)[0].rstrip(b"\r")
    if len(line) == len(start) == 1 << 20 or line.count(b",") >= _MOST_COLUMNS:
        what = f"its first line names more than {_MOST_COLUMNS:,} columns or does not end"
        raise DatasetError(f"not a table of lesions: {what}", where=_shown(path), do="name a CSV with --metadata")
    if b"\r" in line:
        what = "not a CSV: a carriage return without a line feed stands in its first line"
        raise DatasetError(what, where=_shown(path), do="save it with the line ends of Unix or Windows")
    try:
        names = next(csv.reader([line.decode("utf-8-sig")], strict=True))
    except UnicodeDecodeError as error:
        raise _not_utf8(path, 1) from error
    except (csv.Error, StopIteration) as error:
        raise DatasetError("not a CSV: its first line is torn", where=_shown(path)) from error
    names = [name.strip() for name in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        shown = ", ".join(f"'{printable(name, 60)}'" for name in twice[:3])
        raise DatasetError(f"column {shown} stands twice in the header", where=_shown(path), do="rename or remove one")
    if len(names) < 2:
        other = next((n for mark, n in ((b";", "semicolons"), (b"\t", "tabs"), (b"|", "bars")) if mark in line), None)
        why = f"its columns are separated by {other}" if other else "its first line names one column only"
        raise DatasetError(f"not a CSV: {why}", where=_shown(path), do="save it with commas between the columns")
    return names


def _line_count(path: Path) -> int:
    """Lines of the file, a last one without line end included."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            lines = block.count(b"\n")
            if not lines and len(block) == _BLOCK:
                what = f"line {count + 1} is longer than {_BLOCK >> 20} MiB"
                raise DatasetError(f"not a table of lesions: {what}", where=_shown(path), do="export the table again")
            count += lines
            last = block[-1:]
    return count if last == b"\n" else count + 1


def _short_rows(path: Path, frame: pl.DataFrame) -> list[int]:
    """Rows with fewer fields than the header: only rows whose last column is empty can be that."""
    width = frame.width
    wanted = set(frame.get_column(frame.columns[-1]).is_null().arg_true().to_list())
    if not wanted:
        return []
    short = []
    with path.open("rb") as file:
        for row, line in enumerate(file, start=-1):
            if row in wanted and len(_fields(line)) < width:
                short.append(row)
    return short


def _fields(line: bytes) -> list[str]:
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    return next(_reader(text), []) if '"' in text else text.split(",")


def _reader(line: str, *, strict: bool = False) -> Iterator[list[str]]:
    """One line's fields, as polars splits them: of any length, and a carriage return among them is a character."""
    csv.field_size_limit(max(csv.field_size_limit(), len(line)))
    return csv.reader([line.replace("\r", " ")], strict=strict)


def _explained(path: Path, width: int, error: BaseException | None) -> DatasetError:
    """Which line is at fault: not UTF-8, a quote that does not close, too many fields."""
    for number, line in _lines(path):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return _not_utf8(path, number)
        if _torn(text):
            what = f"line {number} has a quote that does not close"
            return DatasetError(what, where=_shown(path), do="mend the quotes on that line or export the table again")
        if len(_fields(line)) > width:
            what = f"line {number} has {len(_fields(line))} values for {width} columns"
            return DatasetError(what, where=_shown(path), do="mend that line or export the table again")
    why = printable(str(error).splitlines()[0], 120) if error else "its rows do not match its lines"
    return DatasetError(f"not a readable CSV ({why})", where=_shown(path), do="export the table again")


def _torn(text: str) -> bool:
    """Whether the quotes of one line are not those of RFC 4180: closed, and around whole values."""
    if '"' not in text:
        return False
    if text.count('"') % 2:
        return True
    try:
        next(_reader(text, strict=True), None)
    except csv.Error:
        return True
    return False


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        lines: Iterable[bytes] = file
        yield from enumerate(lines, start=1)


def _not_utf8(path: Path, line: int) -> DatasetError:
    return DatasetError(f"line {line} is not UTF-8 text", where=_shown(path), do="save the table as UTF-8")


def _shown(path: Path) -> str:
    return printable(str(path))
