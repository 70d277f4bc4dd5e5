"""Residual over local spread: the score by which annotations are ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from skintui.attributes import Attribute
from skintui.audit.columnwise import by_column, each_column
from skintui.audit.design import thinned
from skintui.audit.scale import to_scale
from skintui.audit.spread import Floats, Rows, SharedFeatures, local_spread

HALF_STEP = 1 / np.sqrt(12.0)
"""Standard deviation of a rounding error, in steps of the last digit."""


@dataclass(frozen=True)
class Scores:
    """Everything (n, A), on the comparison scales."""

    signed: Floats
    """(label − expected) / σ; NaN where label or prediction is missing."""
    sigma: Floats
    """σ(x), NaN where the prediction is missing."""
    expected: Floats
    """What the label is held against, NaN likewise."""


def score(
    labels: Floats,
    predicted: Floats,
    shared: SharedFeatures,
    neighbours: Mapping[str, Rows] | None,
    attributes: tuple[Attribute, ...],
) -> Scores:
    """Scores of every lesion and attribute by the model alone, from labels and predictions (n, A) in units."""
    expected, signed, sigma = (by_column(labels.shape, np.nan) for _ in range(3))

    def fill(j: int) -> None:
        a = attributes[j]
        expected[:, j] = to_scale(predicted[:, j], a)
        residual = to_scale(labels[:, j], a) - expected[:, j]
        near = neighbours.get(a.name) if neighbours else None
        own = local_spread(residual, shared, expected[:, j], near, resolution=_resolution(predicted[:, j], a))
        with np.errstate(invalid="ignore"):
            signed[:, j] = residual / own
        sigma[:, j] = own

    each_column(fill, len(attributes))
    return Scores(signed, sigma, expected)


def _resolution(predicted: Floats, attribute: Attribute) -> float:
    """Rounding error of the model's answer on the comparison scale, at a typical answer."""
    step = 10.0**-attribute.decimals * HALF_STEP
    known = predicted[np.isfinite(predicted) & (predicted != 0)]
    if attribute.log_scale and known.size:
        return float(step / np.median(thinned(np.abs(known))))
    return float(step)
