"""Results on stdout: a table for people, JSON or CSV for programs."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from skintui.texts import printable

Row = Mapping[str, Any]
FORMATS = ("table", "json", "csv")
_WIDEST = 100


def write_rows(rows: Iterable[Row], columns: Sequence[str], form: str, *, top: int | None = None) -> None:
    """Write ``rows`` with exactly these ``columns``, at most ``top`` of them."""
    chosen = islice(rows, top) if top is not None else rows
    if form == "json":
        _write_json_list(chosen, columns)
    elif form == "csv":
        from skintui.review.sheet import write_csv

        write_csv(list(chosen), list(columns), "-", force=True)
    else:
        _write_table(list(chosen), columns)


def write_object(value: Mapping[str, Any]) -> None:
    """Write one JSON object; missing numbers are ``null``."""
    sys.stdout.write(json.dumps(_plain(value), indent=2, allow_nan=False) + "\n")


def _write_json_list(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """A list with one object per line, written as it comes so that a long result needs no memory."""
    before = "["
    for row in rows:
        ordered = {column: _plain(row.get(column)) for column in columns}
        sys.stdout.write(f"{before}\n{json.dumps(ordered, allow_nan=False)}")
        before = ","
    sys.stdout.write("[]\n" if before == "[" else "\n]\n")


def _plain(value: Any) -> Any:
    """``value`` in JSON's own types: missing numbers as None, numpy scalars as Python's, times as RFC 3339 text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _write_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    from rich.cells import cell_len, set_cell_size

    numeric = [all(_is_number(row.get(c)) for row in rows) for c in columns]
    lines = [list(columns), *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [min(max(cell_len(line[i]) for line in lines), _WIDEST) for i in range(len(columns))]
    for line in lines:
        cells = []
        for text, width, right in zip(line, widths, numeric, strict=True):
            padding = " " * max(width - cell_len(text), 0)
            fitting = text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
            cells.append(padding + fitting if right else fitting + padding)
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(_plain(value), (int, float)) and not isinstance(value, bool))


def _cell(value: Any) -> str:
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return printable(str(value))
