"""The metadata table: every value of its column's type, and a problem for every value that is not."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from skintui.attributes import BY_COLUMN, COLUMNS
from skintui.dataset import problems as kinds
from skintui.dataset.csvfile import read_csv_text
from skintui.dataset.problems import Problem, each
from skintui.dataset.schema import BY_NAME, ID, PATIENT, SCHEMA, UNKNOWN_PATIENT, Column, nearest
from skintui.errors import DatasetError
from skintui.texts import printable

_EMPTY = ("", "NA", "N/A", "null", "NULL", "None")
"""Words that say a value is missing, without that being a problem."""


def read_metadata(path: Path) -> tuple[pl.DataFrame, list[Problem]]:
    """Read Kaggle's metadata (55 or 44 columns; CSV or parquet) and report every value that is not what it should be.

    The frame holds the known columns in the order of the schema, then further ones as text; one row per ``isic_id``
    (the first counts); all sixteen attribute columns, null where the file lacks them. A value that does not parse or
    is not finite is null; an impossible one is kept.

    Raises:
        DatasetError: the file is no table, has no rows, or lacks ``isic_id`` or ``patient_id``.
    """
    path = Path(path)
    raw, short = (_read_parquet(path), []) if path.suffix.lower() == ".parquet" else read_csv_text(path)
    if raw.height == 0:
        raise DatasetError("the table has a header but no rows", where=_shown(path), do="copy or download it again")
    missing = _missing_columns(raw, path)
    raw, dropped = _identified(raw.with_row_index("_row"), path)
    found: list[Problem] = [*missing, *dropped]
    rows = raw.filter(pl.col("_row").is_in(short)).get_column(ID).to_list() if short else []
    found += each(kinds.SHORT_ROW, "", ((i, "the row ends before its last column") for i in rows), len(rows))
    columns: list[pl.Series] = []
    for column in SCHEMA:
        if column.name in raw.columns:
            values, wrong = _typed(raw.get_column(column.name), column, raw.get_column(ID))
            columns.append(values)
            found += wrong
        elif column.is_attribute:
            columns.append(pl.Series(column.name, [None] * raw.height, dtype=pl.Float64))
    extra = [_as_text(raw.get_column(name)) for name in raw.columns if name not in BY_NAME and name != "_row"]
    frame = pl.DataFrame([*columns, *extra])
    return frame, [*found, *_missing_counts(frame), *_identical_columns(frame)]


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        why = printable(str(error).splitlines()[0], 100) if str(error) else type(error).__name__
        raise DatasetError(f"not a readable parquet file ({why})", where=_shown(path), do="export it again") from error
    return frame


def _missing_columns(raw: pl.DataFrame, path: Path) -> list[Problem]:
    """Fatal for the two keys, a problem for an attribute."""
    others = [name for name in raw.columns if name not in BY_NAME]
    for key in (ID, PATIENT):
        if key not in raw.columns:
            near = nearest(key, others) or nearest(key, raw.columns)
            hint = f"the nearest found is '{printable(near, 60)}'" if near else "no column has a similar name"
            raise DatasetError(f"required column '{key}' is missing; {hint}", where=_shown(path), do="rename or add it")
    found = []
    for column in COLUMNS:
        if column not in raw.columns:
            near = nearest(column, others)
            hint = f"the nearest found is '{printable(near, 60)}'" if near else "no other column has a similar name"
            found.append(Problem(kinds.MISSING_COLUMN, "", column, f"required column '{column}' is missing; {hint}"))
    return found


def _identified(raw: pl.DataFrame, path: Path) -> tuple[pl.DataFrame, list[Problem]]:
    """Rows with an id, each id once; lesions without patient grouped together."""
    keys = [_as_text(raw.get_column(key)).str.strip_chars() for key in (ID, PATIENT)]
    raw = raw.with_columns(pl.when(key != "").then(key).otherwise(None).alias(key.name) for key in keys)
    found: list[Problem] = []
    without = raw.filter(pl.col(ID).is_null())
    where = ((f"row {row + 1} has no {ID} and is left out") for row in without.get_column("_row").to_list())
    found += each(kinds.MISSING_ID, ID, (("", message) for message in where), without.height)
    raw = raw.filter(pl.col(ID).is_not_null())
    if raw.height == 0:
        raise DatasetError(f"no row has an {ID}", where=_shown(path), do="check the file")
    first = raw.get_column(ID).is_first_distinct()
    again = raw.filter(~first)
    pairs = zip(again.get_column(ID).to_list(), again.get_column("_row").to_list(), strict=True)
    message = "row {} repeats this isic_id and is left out; the first row is kept"
    found += each(kinds.DUPLICATE_ID, ID, ((i, message.format(row + 1)) for i, row in pairs), again.height)
    raw = raw.filter(first)
    alone = raw.filter(pl.col(PATIENT).is_null()).get_column(ID).to_list()
    note = f"no {PATIENT}; the lesion joins the group '{UNKNOWN_PATIENT}'"
    found += each(kinds.MISSING_ID, PATIENT, ((i, note) for i in alone), len(alone))
    return raw.with_columns(pl.col(PATIENT).fill_null(UNKNOWN_PATIENT)), found


def _typed(values: pl.Series, column: Column, ids: pl.Series) -> tuple[pl.Series, list[Problem]]:
    if column.kind == "text":
        text = _as_text(values)
        return text.set(text == "", None), []
    numbers, words = _numbers(values)
    found: list[Problem] = []
    if words is not None:
        found += _bad_values(kinds.NOT_A_NUMBER, column, ids, words, "is not a number")
    infinite = (~numbers.is_finite()).fill_null(value=False)
    if infinite.any():
        found += _bad_values(kinds.NOT_FINITE, column, ids, _kept(numbers, infinite), "is not finite")
        numbers = numbers.set(infinite, None)
    if column.kind == "int":
        broken = (numbers != numbers.round()).fill_null(value=False)
        if broken.any():
            found += _bad_values(kinds.NOT_A_NUMBER, column, ids, _kept(numbers, broken), "is not a whole number")
            numbers = numbers.set(broken, None)
    found += _impossible(numbers, column, ids)
    return (numbers.cast(pl.Int64, strict=False) if column.kind == "int" else numbers), found


def _numbers(values: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """Values as Float64, and the words among them that are no number (null elsewhere); None if there are none."""
    if values.dtype.is_numeric() or values.dtype in (pl.Boolean, pl.Null):
        return values.cast(pl.Float64), None
    text = _as_text(values)
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == text.null_count():
        return numbers, None
    text = text.str.strip_chars()
    text = text.set(text.is_in(_EMPTY), None)
    numbers = text.cast(pl.Float64, strict=False)
    wrong = numbers.is_null() & text.is_not_null()
    return numbers, _kept(text, wrong) if wrong.any() else None


def _kept(values: pl.Series, mask: pl.Series) -> pl.Series:
    return values.set(~mask, None)


def _bad_values(kind: str, column: Column, ids: pl.Series, values: pl.Series, why: str) -> list[Problem]:
    rows = values.is_not_null()
    pairs = zip(ids.filter(rows).to_list(), values.filter(rows).to_list(), strict=True)
    messages = ((i, f"{column.name} '{printable(str(value), 40)}' {why}; taken as missing") for i, value in pairs)
    return each(kind, column.name, messages, int(rows.sum()))


def _impossible(numbers: pl.Series, column: Column, ids: pl.Series) -> list[Problem]:
    if column.low is None or column.high is None:
        return []
    outside = ((numbers < column.low) | (numbers > column.high)).fill_null(value=False)
    if column.is_attribute:
        outside &= numbers != 0
    if not outside.any():
        return []
    unit = BY_COLUMN[column.name].unit if column.is_attribute else ""
    bounds = f"{column.low:g} to {column.high:g} {unit}".rstrip()
    pairs = zip(ids.filter(outside).to_list(), numbers.filter(outside).to_list(), strict=True)
    messages = ((i, f"{column.name} is {value:g}, outside {bounds}") for i, value in pairs)
    return each(kinds.IMPOSSIBLE_VALUE, column.name, messages, int(outside.sum()))


def _missing_counts(frame: pl.DataFrame) -> list[Problem]:
    """One line per attribute that misses values: a stored 0 counts as missing."""
    found = []
    for name in COLUMNS:
        values = frame.get_column(name)
        zeros, empty = int((values == 0).sum()), values.null_count()
        if zeros + empty:
            parts = [f"{zeros:,} are 0" if zeros else "", f"{empty:,} are empty" if empty else ""]
            message = f"{zeros + empty:,} of {frame.height:,} values are missing ({' and '.join(filter(None, parts))})"
            found.append(Problem(kinds.MISSING_VALUE_COUNT, "", name, message))
    return found


def _identical_columns(frame: pl.DataFrame) -> list[Problem]:
    """Pairs of numeric columns that agree in every row; constant columns say nothing and are passed over."""
    numeric = frame.select(pl.col(pl.Float64))
    varied = [s for s in numeric.get_columns() if s.drop_nulls().len() > 1 and s.min() != s.max()]
    seen: dict[int, pl.Series] = {}
    found = []
    for series in varied:
        before = seen.setdefault(int(series.hash().sum()), series)
        if before is not series and before.equals(series, check_names=False):
            message = f"{series.name} equals {before.name} in every row: one of them is not what its name says"
            found.append(Problem(kinds.IDENTICAL_COLUMNS, "", series.name, message))
    return found


def _as_text(values: pl.Series) -> pl.Series:
    """As text; a nested value has none and is null."""
    if values.dtype == pl.String:
        return values
    if values.dtype.is_nested() or values.dtype in (pl.Binary, pl.Object):
        return pl.Series(values.name, [None] * values.len(), dtype=pl.String)
    return values.cast(pl.String, strict=False)


def _shown(path: Path) -> str:
    return printable(str(path))
