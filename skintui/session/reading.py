"""What the model says of the lesions, and what the audit makes of it, by annotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.audit import Findings
from skintui.audit.clusters import ByLesion
from skintui.session.listing import A, Cell

Floats = NDArray[np.float64]


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
        self.predicted: Floats = np.full((n, A), np.nan)
        self.spread: Floats = np.full((n, A), np.nan)
        self.stored = False
        """Whether the workspace's predictions are in."""
        self._read: set[int] = set()

    def fill(self, predicted: Floats, spread: Floats) -> None:
        """Take over stored matrices (n, 16)."""
        self.predicted, self.spread, self.stored = predicted, spread, True
        self._read.clear()

    def put(self, row: int, reading: Reading) -> None:
        """Keep what the model has just read."""
        self.predicted[row], self.spread[row] = reading.predicted, reading.spread
        self._read.add(row)

    def has(self, row: int) -> bool:
        """Whether the lesion has been read, with or without a number as the answer."""
        return row in self._read or bool(np.isfinite(self.predicted[row]).any())


READ = (
    "isic_id", "attribute", "label", "predicted", "spread", "score", "p_value", "q_value", "neighbour_median",
    "neighbour_mad", "identity_violation", "flagged", "reason",
)  # fmt: skip
"""Columns of the findings that a session needs."""


class RankedFindings:
    """The audit's findings with a way from each annotation to its place among them.

    Args:
        findings: as the audit wrote them (at least the columns ``READ``), most suspicious first.
        ids: ``isic_id`` per row of the data set.
    """

    def __init__(self, findings: Findings, ids: Sequence[str]) -> None:
        self.findings = replace(findings, frame=_slim(findings.frame, ids))
        frame = self.findings.frame
        codes = self.findings.codes(ids)
        self._place = np.full(len(ids) * A, -1, dtype=np.int32)
        known = np.flatnonzero(codes >= 0)
        self._place[codes[known]] = known
        score = frame["score"].fill_null(float("nan")).to_numpy()
        flagged = frame["flagged"].to_numpy()
        self.score, self.flagged = score, flagged
        self.codes: NDArray[np.int64] = codes[(codes >= 0) & (np.isfinite(score) | flagged)]
        """Flat places of the annotations that can be ranked, most suspicious first."""
        self.flagged_count = int(flagged.sum())
        self.flags: NDArray[np.bool_] = np.zeros((len(ids), A), dtype=np.bool_)
        """(n, 16) which annotations are flagged."""
        self.flags.reshape(-1)[codes[flagged & (codes >= 0)]] = True

    def place(self, cell: Cell) -> int:
        """Row of the findings for an annotation; −1 for none."""
        return int(self._place[cell.code])

    def by_lesion(self, labels: Floats) -> ByLesion:
        """What was found as matrices (n, 16); ``labels`` are those of the data set."""
        known = self._place >= 0
        score, predicted = np.full(labels.size, np.nan), np.full(labels.size, np.nan)
        score[known] = self.score[self._place[known]]
        predicted[known] = self.findings.frame["predicted"].to_numpy()[self._place[known]]
        return ByLesion.of(self.flags, score.reshape(labels.shape), labels, predicted.reshape(labels.shape))

    def scores_of(self, attribute: int) -> Floats:
        """Scores (n,) of one attribute, NaN where there is none."""
        places = self._place[attribute::A]
        return np.where(places >= 0, self.score[places], np.nan)

    def flags_of(self, attribute: int) -> NDArray[np.bool_]:
        """Which lesions (n,) have this attribute flagged."""
        places = self._place[attribute::A]
        return np.where(places >= 0, self.flagged[places], False)

    def reason(self, cell: Cell) -> str:
        place = self.place(cell)
        return self.findings.reason(place) if place >= 0 else ""


def _slim(frame: pl.DataFrame, ids: Sequence[str]) -> pl.DataFrame:
    """What is asked of annotations, words as numbers: at full size there are six million rows."""
    return frame.select(
        pl.col("isic_id").cast(pl.Enum(ids), strict=False),
        pl.col("attribute").cast(pl.Enum([a.name for a in ATTRIBUTES]), strict=False),
        pl.col("identity_violation", "reason").cast(pl.Categorical),
        *(name for name in READ if name not in ("isic_id", "attribute", "identity_violation", "reason")),
    )
