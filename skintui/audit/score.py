"""Residual over local spread: the score by which annotations are ranked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import Attribute
from skintui.audit.scale import scale_of_spread, spread_in_units, to_scale
from skintui.audit.spread import Floats, Rows, SharedFeatures, local_spread, shared_features

HALF_STEP = 1 / np.sqrt(12.0)
"""Standard deviation of a rounding error, in steps of the last digit."""


@dataclass(frozen=True)
class Scores:
    """Everything (n, A), NaN where label or prediction is missing.

    ``signed`` is the residual over σ(x) on the comparison scale, ``spread`` σ(x) in the attribute's unit.
    """

    signed: Floats
    spread: Floats


def score(
    labels: Floats,
    predicted: Floats,
    model_spread: Floats | None,
    neighbours: dict[str, Rows] | None,
    attributes: tuple[Attribute, ...],
    patients: NDArray[np.object_] | None = None,
) -> Scores:
    """Signed scores and spreads of every lesion and attribute, from labels and predictions (n, A) in units."""
    on_scale = np.column_stack([to_scale(predicted[:, j], a) for j, a in enumerate(attributes)])
    own_spreads = None
    if model_spread is not None:
        own_spreads = np.column_stack(
            [scale_of_spread(model_spread[:, j], predicted[:, j], a) for j, a in enumerate(attributes)]
        )
    shared = shared_features(on_scale, own_spreads, patients)
    signed, spread = np.full(labels.shape, np.nan), np.full(labels.shape, np.nan)
    for j, a in enumerate(attributes):
        residual = to_scale(labels[:, j], a) - on_scale[:, j]
        near = neighbours.get(a.name) if neighbours else None
        sigma = local_spread(residual, shared, on_scale[:, j], near, resolution=_resolution(predicted[:, j], a))
        with np.errstate(invalid="ignore"):
            signed[:, j] = residual / sigma
        spread[:, j] = spread_in_units(sigma, predicted[:, j], a)
    return Scores(signed, spread)


def _resolution(predicted: Floats, attribute: Attribute) -> float:
    """Rounding error of the model's answer on the comparison scale, at a typical answer."""
    step = 10.0**-attribute.decimals * HALF_STEP
    known = predicted[np.isfinite(predicted) & (predicted != 0)]
    if attribute.log_scale and known.size:
        return float(step / np.median(np.abs(known)))
    return float(step)


__all__ = ["Scores", "SharedFeatures", "score"]
