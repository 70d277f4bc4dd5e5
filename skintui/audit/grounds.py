"""What the labels of a group are held against: the predictions, moved and widened as they are off on other lesions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import Attribute
from skintui.audit.alterations import fixed
from skintui.audit.levels import FEWEST, WHOLE, Level
from skintui.audit.likelihood import Expectation, fit
from skintui.audit.spread import Floats

NORMAL_MEDIAN = 0.6744897501960817
LARGE = 0.05
"""A group with more than this share of the lesions is held against the rest, smaller ones against all."""
EVIDENCE = 500
"""Lesions of a group that are looked at, evenly spread over it: more are no independent evidence."""
BIAS_OF_SIZES, BIAS = 0.4, 0.5
"""Common bias a model may have: in logarithms of a size (×1.5), and in standard deviations of its predictions."""
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Given:
    """n lesions, A attributes; all (n, A)."""

    labels: Floats
    """In units; what is found is undone in them."""
    predicted: Floats
    """In units."""
    centre: Floats
    """Predictions on the comparison scales."""
    sigma: Floats
    """On the comparison scales."""
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What residuals over σ are like among other lesions."""

    middle: float
    """Their median, in σ as given."""
    width: float
    """Their robust standard deviation."""


@dataclass(frozen=True)
class Part:
    """One column of a group, looked at: rows (m,) and what is expected of them."""

    labels: Floats
    predicted: Floats
    expected: Expectation
    apart: float

    def density(self, labels: Floats) -> float:
        """Log likelihood of labels, from which shift and width are fitted, per unit of the label."""
        return fit(self.expected.residuals(labels), self.apart).log_likelihood + self.expected.log_stretch(labels)


class Grounds:
    """Given labels and predictions, and what is usual among them; kept up as labels are put right."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.A = len(given.attributes)
        self.z = np.full(given.labels.shape, np.nan)
        """(n, A) residual over σ as given."""
        self.references = [Reference(0.0, 1.0)] * self.A
        self.limits = [self._largest_bias(j) for j in range(self.A)]
        """What a model may be off everywhere, in σ as given."""

    def renew(self, j: int) -> None:
        """Take the labels of a column as they are now."""
        self.z[:, j] = self._residuals(j)
        self.references[j] = reference(self.z[:, j])

    def _residuals(self, j: int) -> Floats:
        """(n,) residual over σ as given."""
        g = self.given
        return Expectation(g.attributes[j], g.centre[:, j], g.sigma[:, j]).residuals(g.labels[:, j])

    def around(self, level: Level, group: int, j: int) -> Reference:
        """What the others are like: all lesions for a small group, those outside for a large one."""
        rows, overall = level.members[group], self.references[j]
        if level.kind == WHOLE:
            return Reference(0.0, self.narrowest(j))
        if rows.size <= LARGE * len(self.z):
            return overall
        outside = level.codes != group
        return reference(self.z[outside, j]) if outside.sum() >= FEWEST else overall

    def narrowest(self, j: int) -> float:
        """Width of the residuals of all lesions under the alteration that makes them narrowest, other columns included.

        Where the whole column is wrong, its own residuals do not tell how wide they should be.
        """
        g, a = self.given, self.given.attributes[j]
        rows = np.flatnonzero(np.isfinite(self.z[:, j]))
        rows = rows[:: max(1, -(-rows.size // EVIDENCE))]
        expected = Expectation(a, g.centre[rows, j], g.sigma[rows, j])
        columns = [g.labels[rows, k] for k in range(self.A)]
        columns += [alteration.undone(columns[j]) for alteration in fixed(a)]
        return min(reference(expected.residuals(labels)).width for labels in columns)

    def seen(self, rows: Rows, columns: tuple[int, ...]) -> tuple[Rows, int]:
        """Rows looked at, of those with label and prediction, and about how many there are."""
        thinned = rows[:: max(1, rows.size // (10 * EVIDENCE))]
        known = thinned[self._is_known(thinned, columns)]
        step = max(1, -(-known.size // EVIDENCE))
        return known[::step], round(known.size * rows.size / max(thinned.size, 1))

    def count(self, rows: Rows, columns: tuple[int, ...]) -> int:
        """How many lesions have label and prediction."""
        return int(self._is_known(rows, columns).sum())

    def _is_known(self, rows: Rows, columns: tuple[int, ...]) -> NDArray[np.bool_]:
        known: NDArray[np.bool_] = np.isfinite(self.z[rows][:, list(columns)]).all(axis=1)
        return known

    def part(self, rows: Rows, j: int, around: Reference, apart: float, within: Level | None) -> Part:
        """One column of some rows; the bias that others show counts as far as a model may be off (``within``)."""
        g = self.given
        middle = around.middle if within is None else float(np.clip(around.middle, -self.limits[j], self.limits[j]))
        sigma = g.sigma[rows, j]
        expected = Expectation(g.attributes[j], g.centre[rows, j] + middle * sigma, sigma * around.width)
        return Part(g.labels[rows, j], g.predicted[rows, j], expected, apart)

    def is_further_off(self, rows: Rows, j: int, around: Reference) -> bool:
        """Whether the group, not the rest, is the one further from what the model reads."""
        own = self.z[rows, j]
        return abs(float(np.nanmedian(own))) > abs(around.middle)

    def in_units(self, centre: Floats, j: int) -> Floats:
        return np.exp(centre) if self.given.attributes[j].log_scale else centre

    def _largest_bias(self, j: int) -> float:
        """What a model may be off everywhere, in σ as given."""
        g = self.given
        centre, sigma = g.centre[:, j], g.sigma[:, j]
        known = np.isfinite(centre) & np.isfinite(sigma)
        if not known.any():
            return 1.0
        if g.attributes[j].log_scale:
            return max(1.0, BIAS_OF_SIZES / float(np.median(sigma[known])))
        middle = np.median(centre[known])
        own = float(np.median(np.abs(centre[known] - middle))) / NORMAL_MEDIAN
        return max(1.0, BIAS * own / float(np.median(sigma[known])))


def reference(z: Floats) -> Reference:
    known = z[np.isfinite(z)]
    if not known.size:
        return Reference(0.0, 1.0)
    middle = float(np.median(known))
    return Reference(middle, float(np.median(np.abs(known - middle))) / NORMAL_MEDIAN or 1.0)
