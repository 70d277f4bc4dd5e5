"""What the model says of the lesions, and what the audit makes of it, by annotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.session.aside import Matrix, Shelf, give_back, set_aside, shelved
from skintui.session.listing import A, Cell, Codes

if TYPE_CHECKING:
    from skintui.audit import Findings
    from skintui.audit.clusters import ByLesion

Floats = NDArray[np.float64]
K = TypeVar("K", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model read from one tile: (16,) predictions and spreads in units, NaN for no number."""

    predicted: tuple[float, ...]
    spread: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AttributeState:
    """One annotation as it stands; NaN where a number is missing."""

    label: float
    predicted: float
    spread: float
    """The audit's, by which the score is scaled; the model's own where there is no audit."""
    score: float
    q_value: float
    flagged: bool
    verdict: str
    """The verdict that counts for the reader: their own, else the latest of another; empty for none."""
    impossible: bool
    """Whether the label breaks an identity."""


class Predictions:
    """Predictions (n, 16) in memory, filled from the workspace or one lesion at a time."""

    def __init__(self, n: int) -> None:
        nothing = np.broadcast_to(np.float64(np.nan), (n, A))  # takes no memory
        self.predicted: Matrix = nothing
        self.spread: Matrix = nothing
        self.stored = False
        """Whether the workspace's predictions are in."""
        self._read: set[int] = set()

    def fill(self, predicted: Floats, spread: Floats, folder: Path | None = None) -> None:
        """Take over stored matrices (n, 16), set aside in ``folder`` if there is one."""
        self.predicted, self.spread = shelved(predicted, folder), shelved(spread.astype(np.float32), folder)
        self.stored = True
        self._read.clear()

    def put(self, row: int, reading: Reading) -> None:
        """Keep what the model has just read."""
        self.predicted = _with_row(self.predicted, row, reading.predicted, np.float64)
        self.spread = _with_row(self.spread, row, reading.spread, np.float32)
        self._read.add(row)

    def has(self, row: int) -> bool:
        """Whether the lesion has been read, with or without a number as the answer."""
        return row in self._read or bool(np.isfinite(self.predicted[row]).any())


def columns_read(ids: Sequence[str]) -> list[pl.Expr]:
    """What a session keeps of the findings, words as numbers: at full size there are six million rows."""
    return [
        pl.col("isic_id").cast(pl.Enum(ids), strict=False),
        pl.col("attribute").cast(pl.Enum([a.name for a in ATTRIBUTES]), strict=False),
        pl.col("score", "spread").cast(pl.Float32),
        pl.col("q_value", "flagged"),
        pl.col("identity_violation").is_not_null(),
    ]


class RankedFindings:
    """The audit's findings laid out by lesion, with a way from each annotation to its place among them.

    Args:
        findings: as the audit wrote them (at least :func:`columns_read`), most suspicious first.
        ids: ``isic_id`` per row of the data set.
        folder: where the matrices are set aside; None to keep them in memory.
    """

    def __init__(self, findings: Findings, ids: Sequence[str], folder: Path | None = None) -> None:
        from skintui.audit.findings import SCHEMA

        frame, codes = findings.frame, findings.codes(ids)
        known = np.flatnonzero(codes >= 0)
        self._at, self._shape = codes[known], (len(ids), A)
        self._place = shelved(self._laid(known, np.int32, -1), folder)
        self.flags = self._laid(frame["flagged"].to_numpy()[known], np.bool_, False)
        """(n, 16) which annotations are flagged."""
        score = self._laid(_numbers(frame["score"])[known], np.float32, np.nan)
        ranked = np.isfinite(score.reshape(-1)[self._at]) | self.flags.reshape(-1)[self._at]
        self.codes: Codes = set_aside(self._at[ranked].astype(np.int32), folder)
        """Flat places of the annotations that can be ranked, most suspicious first."""
        give_back(self.codes)
        self.score = shelved(score, folder)
        """(n, 16) in σ, NaN where there is none."""
        del score, ranked
        self.spread = shelved(self._laid(_numbers(frame["spread"])[known], np.float32, np.nan), folder)
        """(n, 16) σ in units, by which the score is scaled."""
        self.q_value = shelved(self._laid(_numbers(frame["q_value"])[known], np.float32, np.nan), folder)
        """(n, 16)"""
        broken = frame["identity_violation"]
        broken = broken if broken.dtype == pl.Boolean else broken.is_not_null()
        self.impossible = shelved(self._laid(broken.to_numpy()[known], np.bool_, False), folder)
        """(n, 16) which labels break an identity."""
        del self._at
        self.count = frame.height
        """Annotations with a label."""
        self.flagged_count = int(frame["flagged"].sum())
        self.tested = self.count - frame["q_value"].null_count()
        """Annotations with a q-value."""
        self.suspicious = int((frame["q_value"] <= findings.fdr).sum() or 0)
        """Those of them with one that could be flagged."""
        self.findings = findings if findings.file is None else replace(findings, frame=pl.DataFrame(schema=SCHEMA))
        """What the audit says of itself; rows are read where they are asked for. No column of :func:`columns_read` is
        kept, for their types hold every id once more."""
        self._ids = ids

    def _laid(self, values: NDArray[Any], kind: type[K], empty: float) -> NDArray[K]:
        """Values of the known rows as a matrix (n, 16)."""
        matrix = np.full(self._shape, empty, dtype=kind)
        matrix.reshape(-1)[self._at] = values
        return matrix

    def place(self, cell: Cell) -> int:
        """Row of the findings for an annotation; −1 for none."""
        return int(self._place[cell])

    def places(self, rows: Codes, attributes: Codes) -> NDArray[np.int32]:
        """Rows of the findings for annotations; −1 for none."""
        places: NDArray[np.int32] = self._place[rows, attributes]
        return places

    def by_lesion(self, labels: Floats, predicted: Matrix) -> ByLesion:
        """What was found as matrices (n, 16), with the labels and predictions it was found from."""
        from skintui.audit.clusters import ByLesion

        found = np.where(np.asarray(self._place) >= 0, np.asarray(predicted), np.nan)
        return ByLesion.of(self.flags, np.asarray(self.score, np.float64), labels, found)

    def scores_of(self, attribute: int) -> Floats:
        """Scores (n,) of one attribute, NaN where there is none."""
        return np.asarray(self.score[:, attribute], np.float64)

    def flags_of(self, attribute: int) -> NDArray[np.bool_]:
        """Which lesions (n,) have this attribute flagged."""
        return self.flags[:, attribute]

    def reason(self, cell: Cell) -> str:
        place = self.place(cell)
        of = self._ids[cell.row], ATTRIBUTES[cell.attribute].name
        return self.findings.reason(place, of) if place >= 0 else ""


def _with_row(values: Matrix, row: int, given: Sequence[float], kind: type[np.floating[Any]]) -> Matrix:
    """The values with another row: themselves, or what takes their place where they cannot be written to."""
    if isinstance(values, Shelf):
        try:
            values[row] = given
        except OSError:  # a full disk
            pass
        else:
            return values
    written = np.array(values, kind) if not isinstance(values, np.ndarray) or not values.flags.writeable else values
    written[row] = given
    return written


def _numbers(values: pl.Series) -> NDArray[Any]:
    return values.fill_null(float("nan")).to_numpy()
