"""The stored predictions: one row per lesion and attribute, with what they were made from in the file itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from skintui.attributes import ATTRIBUTES
from skintui.dataset.parquet import write_parquet
from skintui.dataset.seal import is_intact
from skintui.errors import StaleError, VectorsError
from skintui.files import explained, is_there
from skintui.texts import parsed_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.lesions import Lesions

SCHEMA: dict[str, Any] = {
    "isic_id": pl.String,
    "attribute": pl.String,
    "predicted": pl.Float64,
    "spread": pl.Float64,
    "label_logprob": pl.Float64,
    "label_tail": pl.Float64,
    "fold": pl.Int16,
}
MATRICES = ("predicted", "spread", "label_logprob", "label_tail")
"""Columns that :func:`read_predictions` lays out by lesion."""
LATER = ("label_tail",)
"""Of these, what older files lack."""
OUT_OF_FOLD, IN_SAMPLE = "out-of-fold", "in-sample"
_KEY = "skintui"
_AGAIN = "run 'skintui index' again"


@dataclass(frozen=True, slots=True)
class About:
    """What predictions were made from."""

    kind: str
    """``out-of-fold`` where no lesion was predicted by a model that trained on its patient, else ``in-sample``."""
    dataset_sha256: str
    model_id: str
    model_sha256: str
    adapter_sha256: str
    prompt_sha256: str
    rows: int
    """Lesions predicted, counted from the first of the data set."""
    attributes: tuple[str, ...]
    folds: tuple[str, ...] = ()
    """Checksums of the fold adapters, in their order."""
    train_patients: tuple[str, ...] | None = None
    """Patients the adapter trained on; None where training left no record."""
    held_out: tuple[str, ...] = field(default=())
    """Patients of this data set that the adapter's record holds out."""
    decode: str = "greedy"
    """How answers became numbers; files that do not say so are greedy."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """Stored predictions as matrices (n lesions, 16 attributes) in the data set's order; NaN for none."""

    about: About
    predicted: NDArray[np.float64]
    spread: NDArray[np.float64]
    label_logprob: NDArray[np.float64]
    label_tail: NDArray[np.float64]
    """Two-sided tail probability of the label under the model's answers; files from before it was stored have none."""
    fold: NDArray[np.int16]
    """(n,) the fold adapter that predicted, -1 for the main one or none."""


def frame_of(
    ids: Sequence[str],
    names: Sequence[str],
    predicted: NDArray[np.float64],
    spread: NDArray[np.float64],
    label_logprob: NDArray[np.float64],
    fold: NDArray[np.int16],
    label_tail: NDArray[np.float64] | None = None,
) -> pl.DataFrame:
    """Matrices (m, A) as rows, lesion by lesion; NaN becomes null."""
    m, a = predicted.shape
    frame = pl.DataFrame(
        {
            "isic_id": np.repeat(np.asarray(ids, dtype=object), a),
            "attribute": np.tile(np.asarray(names, dtype=object), m),
            "predicted": predicted.ravel(),
            "spread": spread.ravel(),
            "label_logprob": label_logprob.ravel(),
            "label_tail": np.full(m * a, np.nan) if label_tail is None else label_tail.ravel(),
            "fold": np.repeat(fold, a),
        },
        schema=SCHEMA,
    )
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))


def write_predictions(path: Path, frame: pl.DataFrame, about: About) -> None:
    """Write beside and rename."""
    write_parquet(frame.select(list(SCHEMA)), path, {_KEY: json.dumps(asdict(about))})


def read_about(path: Path) -> About:
    """What the file says of itself. Raises VectorsError where it is missing or damaged."""
    if not is_there(path):
        raise VectorsError("there are no predictions yet", where=path, do="run 'skintui index' first")
    try:
        if not is_intact(path):
            raise VectorsError("the predictions are damaged", where=path, do=_AGAIN)
        values = parsed_json(pl.read_parquet_metadata(path)[_KEY])
        for name in ("attributes", "folds", "held_out"):
            values[name] = tuple(values[name])
        if values["train_patients"] is not None:
            values["train_patients"] = tuple(values["train_patients"])
        return About(**values)
    except OSError as error:
        raise explained(error, path) from error
    except (pl.exceptions.PolarsError, KeyError, TypeError, ValueError) as error:
        raise VectorsError("the predictions are damaged", where=path, do=_AGAIN) from error


def read_predictions(path: Path, lesions: Lesions, matrices: Sequence[str] = MATRICES) -> Predictions:
    """The stored predictions of ``lesions``, of the matrices those named; the others are NaN and take no memory.

    Raises StaleError where the data set has changed since, VectorsError where they are damaged.
    """
    about = read_about(path)
    if about.dataset_sha256 != lesions.dataset_sha256:
        raise _stale(path)

    def read(*columns: str) -> pl.DataFrame:
        return pl.read_parquet(path, glob=False, columns=list(columns))

    try:
        stored = pl.scan_parquet(path, glob=False).collect_schema()
        matrices = [name for name in matrices if name in stored or name not in LATER]
        if _is_laid_out(read, lesions, about):
            return _laid_out(read, lesions, about, matrices)
        return _joined(read("isic_id", "attribute", "fold", *matrices), lesions, about, matrices)
    except OSError as error:
        raise explained(error, path) from error
    except pl.exceptions.PolarsError as error:
        raise VectorsError("the predictions are damaged", where=path, do=_AGAIN) from error


def _is_laid_out(read: Callable[..., pl.DataFrame], lesions: Lesions, about: About) -> bool:
    """Whether the rows lie lesion by lesion in the data set's order."""
    m, names = about.rows, about.attributes
    if not names or not 0 < m <= len(lesions) or not {*names} <= {a.name for a in ATTRIBUTES}:
        return False
    kinds = read("attribute").to_series()
    if kinds.len() != m * len(names):
        return False
    if not kinds.equals(pl.Series(names, dtype=pl.String).gather(np.tile(np.arange(len(names), dtype=np.uint32), m))):
        return False
    known = pl.Series(lesions.ids[:m], dtype=pl.String)
    return read("isic_id").to_series().equals(known.gather(np.repeat(np.arange(m, dtype=np.uint32), len(names))))


def _laid_out(
    read: Callable[..., pl.DataFrame], lesions: Lesions, about: About, matrices: Sequence[str]
) -> Predictions:
    """The matrices at once, one column after the other."""
    m, names, known = about.rows, about.attributes, [a.name for a in ATTRIBUTES]
    columns = [known.index(name) for name in names]

    def matrix(column: str) -> NDArray[np.float64]:
        values = np.full((len(lesions), len(known)), np.nan, order="F")  # they are asked for by attribute
        stored = read(column).to_series().fill_null(float("nan")).to_numpy().reshape(m, len(names))
        values[:m, slice(None) if columns == list(range(len(known))) else columns] = stored
        return values

    fold = np.full(len(lesions), -1, np.int16)
    fold[:m] = read("fold").to_series().gather_every(len(names)).fill_null(-1).to_numpy()
    nothing = _nothing(lesions)
    return Predictions(about, fold=fold, **{name: matrix(name) if name in matrices else nothing for name in MATRICES})


def _joined(frame: pl.DataFrame, lesions: Lesions, about: About, matrices: Sequence[str]) -> Predictions:
    """The matrices out of rows in any order."""
    found = {name: np.full((len(lesions), len(ATTRIBUTES)), np.nan, order="F") for name in matrices}
    fold = np.full(len(lesions), -1, np.int16)
    order = pl.DataFrame({"isic_id": lesions.ids}, schema={"isic_id": pl.String})
    parts = frame.partition_by("attribute", as_dict=True)
    for j, attribute in enumerate(ATTRIBUTES):
        part = parts.get((attribute.name,))
        if part is None:
            continue
        aligned = order.join(part, on="isic_id", how="left", maintain_order="left")
        for name, matrix in found.items():
            matrix[:, j] = aligned[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        fold = aligned["fold"].fill_null(-1).to_numpy().astype(np.int16)
    nothing = _nothing(lesions)
    return Predictions(about, fold=fold, **{name: found.get(name, nothing) for name in MATRICES})


def _nothing(lesions: Lesions) -> NDArray[np.float64]:
    return np.broadcast_to(np.float64(np.nan), (len(lesions), len(ATTRIBUTES)))


def _stale(path: Path) -> StaleError:
    return StaleError("the predictions are stale: the data set has changed since", where=path, do=_AGAIN)


def look_up(path: Path, dataset_sha256: str, ids: Sequence[str], names: Sequence[str]) -> dict[tuple[str, str], float]:
    """Predictions of a few lesions by (isic_id, attribute); missing ones are left out.

    Raises StaleError where they are of other data.
    """
    if not is_there(path) or not ids or not names:
        return {}
    if read_about(path).dataset_sha256 != dataset_sha256:
        raise _stale(path)
    wanted = pl.col("isic_id").is_in(list(ids)) & pl.col("attribute").is_in(list(names))
    try:
        found = pl.scan_parquet(path, glob=False).filter(wanted).select("isic_id", "attribute", "predicted").collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise VectorsError("the predictions are damaged", where=path, do=_AGAIN) from error
    return {(i, a): value for i, a, value in found.iter_rows() if value is not None}
