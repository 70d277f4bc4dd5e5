"""Plant annotation errors in a table, and keep the truth, so that an audit can be measured against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import COLUMNS
from skintui.errors import DatasetError, UsageError
from skintui.progress import SILENT, Progress, stop_if_cancelled

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["swap", "shift", "scale", "digits", "sign"]
Float64 = NDArray[np.float64]
_Corrupt = Callable[[np.random.Generator, Float64, int, float], float | None]

CLEAR_SD: Final = 0.5  # a planted value lies at least this many standard deviations of its column from the original
_TRIES: Final = 25
_TOLD: Final = 2000


def _swap(rng: np.random.Generator, values: Float64, row: int, sd: float) -> float | None:
    """The value of another lesion, preferably more than one standard deviation away."""
    others = values[rng.integers(len(values), size=_TRIES)]
    others = others[np.isfinite(others) & (others != 0)]
    far = others[np.abs(others - values[row]) >= sd]
    return float(far[0]) if far.size else None


def _shift(rng: np.random.Generator, values: Float64, row: int, sd: float) -> float | None:
    """Three standard deviations up or down; up where down would leave the sign."""
    value = float(values[row])
    step = 3 * sd if rng.random() < 0.5 else -3 * sd
    return value + step if (value + step) * value > 0 else value + float(np.copysign(3 * sd, value))


def _scale(rng: np.random.Generator, values: Float64, row: int, _sd: float) -> float | None:
    """A decimal point or unit (mm, cm) slipped by one place."""
    return float(values[row]) * (10.0 if rng.random() < 0.5 else 0.1)


def _digits(rng: np.random.Generator, values: Float64, row: int, _sd: float) -> float | None:
    """Two neighbouring digits among the first three transposed."""
    text = list(f"{float(values[row]):.4f}")
    places = [i for i, char in enumerate(text) if char.isdigit()][:3]
    pairs = [(i, j) for i, j in pairwise(places) if text[i] != text[j]]
    if not pairs:
        return None
    i, j = pairs[int(rng.integers(len(pairs)))]
    text[i], text[j] = text[j], text[i]
    return float("".join(text))


def _sign(_rng: np.random.Generator, values: Float64, row: int, _sd: float) -> float | None:
    """The sign lost or put on."""
    return -float(values[row])


_WAYS: Final[dict[Kind, _Corrupt]] = {
    "swap": _swap,
    "shift": _shift,
    "scale": _scale,
    "digits": _digits,
    "sign": _sign,
}
_SHARES: Final[dict[Kind, float]] = {"swap": 0.24, "shift": 0.26, "scale": 0.24, "digits": 0.18, "sign": 0.08}
KINDS: Final[tuple[Kind, ...]] = tuple(_WAYS)


def plant_faults(
    frame: pl.DataFrame,
    fraction_of_cells: float,
    seed: int,
    columns: Sequence[str] = COLUMNS,
    kinds: Sequence[Kind] = KINDS,
    progress: Progress = SILENT,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Corrupt a share of the cells of some columns.

    Cells that are missing (null, or 0 which stands for missing) are neither counted nor touched, and each planted
    value differs from the original by at least half a standard deviation of the column.

    Args:
        frame: a table with `isic_id` and numeric `columns`.
        fraction_of_cells: 0 to 0.5, share of the present cells.
        seed: the same seed plants the same faults.
        columns: which columns to corrupt.
        kinds: which kinds of error, in their usual proportions to each other.
        progress: told of every few thousand errors.

    Returns:
        The table with faults, and the truth: isic_id, column, kind, original, corrupted in the table's order.

    Raises:
        UsageError: the share is out of range, or no or an unknown kind is asked for.
        DatasetError: a column is absent. Cancelled: asked to stop.
    """
    import polars as pl

    if not 0 <= fraction_of_cells <= 0.5:
        raise UsageError(f"the share of faulty cells must be 0 to 0.5, not {fraction_of_cells}")
    if not kinds or not {*kinds} <= {*KINDS}:
        unknown = next((str(kind) for kind in kinds if kind not in KINDS), "")
        raise UsageError(f"unknown kind of error '{unknown[:40]}'", do=f"choose from {', '.join(KINDS)}")
    absent = [name for name in ("isic_id", *columns) if name not in frame.columns]
    if absent:
        raise DatasetError(f"the table has no column '{absent[0]}'", do="choose numeric columns of the table")
    table = np.stack([frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in columns], axis=1)
    present = np.isfinite(table) & (table != 0)
    rng = np.random.default_rng([seed, 977])
    rows, places = np.nonzero(present)
    chosen = rng.permutation(rows.size)
    wanted = round(fraction_of_cells * rows.size)
    spread = [float(np.std(table[present[:, k], k])) if present[:, k].any() else 0.0 for k in range(len(columns))]
    corrupted = table.copy()
    found: list[tuple[int, int, Kind, float, float]] = []
    progress.start("spoil", wanted)
    for at in chosen:
        if len(found) == wanted:
            break
        row, place = int(rows[at]), int(places[at])
        fault = _corrupt(rng, table[:, place], row, spread[place], kinds)
        if fault is not None:
            kind, value = fault
            corrupted[row, place] = value
            found.append((row, place, kind, float(table[row, place]), value))
            if len(found) % _TOLD == 0:
                progress.advance(_TOLD)
                stop_if_cancelled(progress)
    found.sort(key=lambda fault: fault[:2])
    return _with_faults(frame, columns, corrupted, {fault[1] for fault in found}), _truth(frame, columns, found)


def _corrupt(
    rng: np.random.Generator, values: Float64, row: int, sd: float, kinds: Sequence[Kind]
) -> tuple[Kind, float] | None:
    """A kind and a value that is clearly another one; None where no kind can give one."""
    if sd <= 0:
        return None
    allowed = [kind for kind in KINDS if kind in kinds]
    shares = np.array([_SHARES[kind] for kind in allowed])
    if len(allowed) < len(KINDS):  # dividing would move the last digit of all of them, and with it a drawn data set
        shares /= shares.sum()
    for k in rng.choice(len(allowed), size=len(allowed), replace=False, p=shares):
        value = _WAYS[allowed[k]](rng, values, row, sd)
        if value is None:
            continue
        value = round(value, 6)
        if value != 0 and abs(value - values[row]) >= CLEAR_SD * sd:
            return allowed[k], value
    return None


def _with_faults(frame: pl.DataFrame, columns: Sequence[str], values: Float64, touched: set[int]) -> pl.DataFrame:
    import polars as pl

    changed = [
        pl.Series(columns[k], values[:, k], dtype=pl.Float64).fill_nan(None).alias(columns[k]) for k in sorted(touched)
    ]
    return frame.with_columns(changed)


def _truth(
    frame: pl.DataFrame, columns: Sequence[str], found: Sequence[tuple[int, int, Kind, float, float]]
) -> pl.DataFrame:
    import polars as pl

    ids = frame["isic_id"].gather([fault[0] for fault in found]).to_list() if found else []
    schema = {
        "isic_id": pl.String,
        "column": pl.String,
        "kind": pl.String,
        "original": pl.Float64,
        "corrupted": pl.Float64,
    }
    rows = [
        (isic_id, columns[place], kind, original, value)
        for isic_id, (_row, place, kind, original, value) in zip(ids, found, strict=True)
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")
