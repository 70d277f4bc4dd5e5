"""What the plots show: arrays made from the session, nothing drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.audit.metrics import coverage, mae, r2
from skintui.session.listing import Cell

if TYPE_CHECKING:
    from skintui.session.session import Session

Floats = NDArray[np.float64]
MOST = 4000
"""Points drawn at most; more of them would fill the same cells."""
NOMINAL = (0.5, 0.8, 0.95)
"""Shares of the labels that an interval should hold."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Prediction against label of one attribute over the lesions of the view that have both."""

    cell: Cell
    rows: NDArray[np.int64]
    """(m,) rows of the data set."""
    labels: Floats
    """(m,) in units."""
    predicted: Floats
    """(m,) in units."""
    flagged: NDArray[np.bool_]
    """(m,)"""
    here: int | None
    """Which of the points is the selected lesion; None where it lacks a number."""
    near: NDArray[np.int64]
    """Which of the points are its neighbours."""
    total: int
    """Lesions of the view that have both numbers; more than ``m`` where a sample is drawn."""

    def limits(self, whole: bool = False) -> tuple[float, float]:
        """The common range of both axes: all points, or the central 99 % of them."""
        values = np.concatenate([self.labels, self.predicted])
        if not values.size:
            return 0.0, 1.0
        low, high = (values.min(), values.max()) if whole else np.quantile(values, [0.005, 0.995])
        margin = 0.04 * (high - low) or 1.0
        return float(low - margin), float(high + margin)

    def beyond(self, limits: tuple[float, float]) -> int:
        """How many points lie outside the limits."""
        low, high = limits
        inside = (self.labels >= low) & (self.labels <= high) & (self.predicted >= low) & (self.predicted <= high)
        return int((~inside).sum())

    def toward(self, index: int, right: int, up: int, limits: tuple[float, float]) -> int:
        """The nearest point to the right (1), left (−1), above or below another; itself where there is none.

        Points more than 45° off the direction do not count; distances are relative to the limits, and points outside
        them are not shown, hence not reached.
        """
        low, high = limits
        x, y = (self.labels - low) / (high - low), (self.predicted - low) / (high - low)
        dx, dy = x - x[index], y - y[index]
        along, across = dx * right + dy * up, np.abs(dx * up) + np.abs(dy * right)
        shown = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
        reached = shown & (along > 1e-3) & (across <= along)
        return int(np.argmin(np.where(reached, np.hypot(dx, dy), np.inf))) if reached.any() else index


def scatter(session: Session, cell: Cell, neighbours: Sequence[int] = (), seed: int = 0) -> Scatter:
    """Points of the view; a seeded sample of them where there are more than ``MOST``, flagged ones first.

    The lesion of ``cell`` and its ``neighbours`` are always among them.
    """
    labels, predicted = session.labels[:, cell.attribute], session.predictions.predicted[:, cell.attribute]
    known = np.isfinite(labels) & np.isfinite(predicted)
    listed = session.view.rows[known[session.view.rows]]
    flagged = _flagged(session, cell.attribute)
    wanted = np.array([row for row in (cell.row, *neighbours) if known[row]], dtype=np.int64)
    chosen = listed
    if len(listed) > MOST:
        chance = np.random.default_rng(seed).random(len(listed)) - flagged[listed]
        chosen = listed[np.argsort(chance, kind="stable")[:MOST]]
    rows = np.unique(np.concatenate([chosen, wanted]))
    here = np.flatnonzero(rows == cell.row)
    near = np.flatnonzero(np.isin(rows, np.asarray(neighbours, dtype=np.int64)))
    return Scatter(
        cell, rows, labels[rows], predicted[rows], flagged[rows], int(here[0]) if here.size else None, near, len(listed)
    )


def _flagged(session: Session, attribute: int) -> NDArray[np.bool_]:
    if session.findings is None:
        return np.zeros(len(session.ids), dtype=np.bool_)
    return session.findings.flags_of(attribute)


@dataclass(frozen=True, slots=True)
class Distribution:
    """How the labels of one attribute are distributed over the view, and where one lesion stands."""

    edges: Floats
    """(bins + 1,) in units."""
    counts: NDArray[np.int64]
    """(bins,)"""
    label: float
    predicted: float
    below: float
    """Share of the labels smaller than the lesion's; NaN without a label."""
    beyond: int
    """Labels outside the edges."""
    known: int


def distribution(session: Session, cell: Cell, bins: int = 40) -> Distribution:
    """Histogram of the central 99 % of the labels, widened to the lesion's prediction."""
    labels = session.labels[session.view.rows, cell.attribute]
    labels = labels[np.isfinite(labels)]
    label = float(session.labels[cell.row, cell.attribute])
    predicted = float(session.predictions.predicted[cell.row, cell.attribute])
    if not labels.size:
        return Distribution(np.array([0.0, 1.0]), np.zeros(1, np.int64), label, predicted, float("nan"), 0, 0)
    low, high = np.quantile(labels, [0.005, 0.995])
    if np.isfinite(predicted):
        low, high = min(low, predicted), max(high, predicted)
    counts, edges = np.histogram(labels, bins=bins, range=(float(low), float(high) if high > low else float(low) + 1.0))
    below = float((labels < label).mean()) if np.isfinite(label) else float("nan")
    return Distribution(edges, counts, label, predicted, below, int(labels.size - counts.sum()), int(labels.size))


@dataclass(frozen=True, slots=True)
class Quality:
    """How well the predictions of one attribute agree with the labels of the view."""

    attribute: int
    known: int
    r2: float
    mae: float
    coverage: tuple[float, ...]
    """Share of labels within the model's own spread at each of ``NOMINAL``; NaN where the model tells no spread."""


def quality(session: Session) -> list[Quality]:
    """One entry per attribute."""
    rows = session.view.rows
    found = []
    for attribute in range(len(ATTRIBUTES)):
        labels, predicted = session.labels[rows, attribute], session.predictions.predicted[rows, attribute]
        known = np.isfinite(labels) & np.isfinite(predicted)
        spread = session.predictions.spread[rows, attribute]
        found.append(
            Quality(
                attribute,
                int(known.sum()),
                r2(labels, predicted),
                mae(labels, predicted),
                tuple(coverage(labels - predicted, spread, NOMINAL).tolist()),
            )
        )
    return found


def calibration(session: Session, attribute: int) -> tuple[Floats, Floats]:
    """Shares that central intervals of the model's own spread should hold (99,) and do hold (99,)."""
    rows = session.view.rows
    residual = session.labels[rows, attribute] - session.predictions.predicted[rows, attribute]
    nominal = np.arange(1, 100) / 100
    return nominal, coverage(residual, session.predictions.spread[rows, attribute], nominal.tolist())
