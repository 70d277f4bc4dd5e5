"""How likely the labels of a group are, given what the model reads: Student t around a level of the group's own.

A model is a little off on one patient or under one camera, and unsurer there: so a group is allowed a shift, drawn from
a normal distribution as wide as groups usually are apart, and a width of its own. Only what these cannot explain is
evidence of an error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skintui.attributes import Attribute
from skintui.audit.scale import to_scale
from skintui.audit.spread import Floats

DEGREES = 4.0
"""Of freedom: tails heavy enough for the wrong labels that any group has."""
WIDTH_WEIGHT = 12.0
"""A group's width counts as if so many lesions of the usual width had been seen beforehand."""
_ROUNDS = 12


@dataclass(frozen=True)
class Expectation:
    """What is expected of m labels of one attribute, all (m,) on its comparison scale."""

    attribute: Attribute
    centre: Floats
    """Predictions, moved by what the model is off everywhere else."""
    sigma: Floats
    """Usual distance of label and centre."""

    def residuals(self, labels: Floats) -> Floats:
        """Labels in units as their distance from what is expected, in σ."""
        return np.asarray((to_scale(labels, self.attribute) - self.centre) / self.sigma, np.float64)

    def log_stretch(self, labels: Floats) -> float:
        """Σ log |d scale / d label|, for densities per unit of the label."""
        if not self.attribute.log_scale:
            return 0.0
        return -float(np.log(np.where(labels > 0, labels, self.attribute.low + np.abs(labels))).sum())


@dataclass(frozen=True, slots=True)
class Fit:
    """The likeliest shift and width of a group's residuals, in σ, and log likelihood × prior there."""

    shift: float
    width: float
    log_likelihood: float


def fit(residuals: Floats, apart: float) -> Fit:
    """Fit a Student t by EM (Lange, Little & Taylor, 1989) with shift ~ N(0, apart²) and width near 1.

    Two starts, at the residuals' median and at zero: few residuals far out are either a shift or outliers.
    """
    starts = (float(np.median(residuals)), 0.0)
    return max((_fit_from(residuals, apart, start) for start in starts), key=lambda found: found.log_likelihood)


def _fit_from(u: Floats, apart: float, shift: float) -> Fit:
    square, n = 1.0, u.size
    for _ in range(_ROUNDS):
        weight = (DEGREES + 1) / (DEGREES + (u - shift) ** 2 / square)
        shift = float((weight * u).sum() / (weight.sum() + square / apart**2))
        square = float(((weight * (u - shift) ** 2).sum() + WIDTH_WEIGHT) / (n + WIDTH_WEIGHT))
    spread = -0.5 * (DEGREES + 1) * np.log1p((u - shift) ** 2 / (DEGREES * square)).sum() - 0.5 * n * np.log(square)
    prior = -0.5 * (shift / apart) ** 2 - 0.5 * WIDTH_WEIGHT * (np.log(square) + 1 / square - 1)
    return Fit(shift, float(np.sqrt(square)), float(spread + prior))
