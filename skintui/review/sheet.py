"""CSV that reads back to the same values and cannot act on whoever opens it.

UTF-8, LF, quoting after RFC 4180, a header even without rows, empty for missing, floats in their shortest exact form,
times in RFC 3339 UTC.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import polars as pl

from skintui.errors import ReviewError
from skintui.files import explained, result_stream
from skintui.review.verdicts import rfc3339
from skintui.texts import printable

# Spreadsheets run a cell that starts with one of these (also in full width, also behind blanks) as a formula.
_FORMULA = re.compile(r"^'*\s*[=+\-@＝＋－＠]")
# What a guard in front of a blank would be taken for; it is guarded itself, so that every guard comes off again.
_LOOKS_GUARDED = re.compile(r"^'+ ")

# Texts that stay as they are, told without looking at each: nearly all of a sheet's. Letters, digits and common signs.
_HARMLESS = r"\A[A-Za-z0-9(][ -~¡-¬®-ʯΑ-ΡΣ-ω‐-‧−√≈≤≥]*\z"


def guarded(text: str) -> str:
    """``text`` as a cell that is only text: no control characters, and ``'`` in front of what looks like a formula."""
    clean = printable(text)
    acts = text[:1] in ("\t", "\r", "\n") or _FORMULA.match(clean) or _LOOKS_GUARDED.match(clean)
    return f"'{clean}" if acts else clean


def unguarded(cell: str) -> str:
    """The text that :func:`guarded` made ``cell`` from (control characters apart)."""
    return cell[1:] if cell.startswith("'") and (_FORMULA.match(cell) or _LOOKS_GUARDED.match(cell)) else cell


def cell(value: object) -> str:
    """One value as it stands in the file."""
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(float(value))
    if isinstance(value, datetime):
        return rfc3339(value)
    return str(value) if isinstance(value, int) else guarded(str(value))


def write_csv(
    rows: pl.DataFrame | Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    out: Path | str,
    *,
    force: bool = False,
    stdout: IO[str] | None = None,
) -> int:
    """Write ``columns`` of ``rows`` in their order and return the number of rows.

    ``out`` is a path, written beside and renamed and never overwritten without ``force``, or ``-`` for ``stdout`` (by
    default the process's), which gets UTF-8 whatever the locale.
    """
    with result_stream(out, force=force, stdout=stdout) as file:
        return _write(rows, columns, file)


def csv_rows(path: Path) -> Iterator[list[str]]:
    """Rows of a CSV as text, header first; every way of not being one is a single line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.reader(file, strict=True)
    except OSError as error:
        raise explained(error, path) from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise ReviewError(f"not a readable CSV ({error})", where=path, do="check the file") from error


def _write(rows: pl.DataFrame | Iterable[Mapping[str, Any]], columns: Sequence[str], out: IO[bytes]) -> int:
    """Both kinds of table to a binary stream; a frame of millions of rows is written by polars, block by block."""
    if isinstance(rows, pl.DataFrame):
        for start in range(0, max(rows.height, 1), 250_000):
            block = _as_text(rows.select(columns)[start : start + 250_000])
            block.write_csv(out, include_header=start == 0, quote_style="necessary", null_value="")
        return rows.height
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([cell(row.get(name)) for name in columns])
        count += 1
    text.flush()
    text.detach()
    return count


def _as_text(block: pl.DataFrame) -> pl.DataFrame:
    """The block with text cells made harmless (each distinct text once) and missing values null."""
    columns = []
    for series in block.iter_columns():
        kind = series.dtype
        if kind.is_float():
            columns.append(series.fill_nan(None))
        elif kind.is_integer() or kind == pl.Boolean or kind == pl.Null:
            columns.append(series)
        else:
            if kind not in (pl.String, pl.Datetime):
                columns.append(pl.Series(series.name, [cell(v) or None for v in series.to_list()], dtype=pl.String))
                continue
            harmless = series.str.contains(_HARMLESS).fill_null(value=False) if kind == pl.String else None
            others = series if harmless is None else series.set(harmless, None)
            if harmless is not None and others.null_count() == len(others):
                columns.append(series)
                continue
            distinct = others.unique()
            cells = pl.Series([cell(value) or None for value in distinct.to_list()], dtype=pl.String)
            texts = others.replace_strict(distinct, cells, return_dtype=pl.String)
            columns.append(texts if harmless is None else texts.zip_with(~harmless, series))
    return pl.DataFrame(columns)
