"""Residual over local spread: the score by which annotations are ranked.

Two things say how far off the model may be on a lesion: σ(x), learnt from the residuals of lesions like it, and s, the
spread of its own answers, stretched by one factor per attribute to the size of the residuals. The score divides by
their geometric mean √(σ(x) · s): it is the geometric mean of r/σ(x) and of the z that belongs to the label's tail
probability under a normal answer distribution. Where the model has no spread, σ(x) stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import Attribute
from skintui.audit.scale import scale_of_spread, spread_in_units, to_scale
from skintui.audit.spread import NORMAL_MEDIAN, Floats, Rows, SharedFeatures, local_spread, shared_features

FEWEST = 50
"""With fewer residuals the model's own spread is not put to scale."""
HALF_STEP = 1 / np.sqrt(12.0)
"""Standard deviation of a rounding error, in steps of the last digit."""


@dataclass(frozen=True)
class Scores:
    """Everything (n, A), NaN where label or prediction is missing.

    ``signed`` is the residual over the spread on the comparison scale, ``spread`` that spread in the attribute's unit.
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
        resolution = _resolution(predicted[:, j], a)
        sigma = local_spread(residual, shared, on_scale[:, j], near, resolution=resolution)
        if own_spreads is not None:
            sigma = combined_spread(sigma, own_spreads[:, j], residual, resolution)
        with np.errstate(invalid="ignore"):
            signed[:, j] = residual / sigma
        spread[:, j] = spread_in_units(sigma, predicted[:, j], a)
    return Scores(signed, spread)


def combined_spread(sigma: Floats, own: Floats, residual: Floats, resolution: float = 0.0) -> Floats:
    """√(σ · s) of one attribute (n,), all on the comparison scale; σ where the model's own spread ``own`` is missing.

    s is ``own``, at least ``resolution``, times the factor that makes the median of |residual| / s what it is for a
    standard normal variable; the median does not feel a few wrong labels. With fewer than 50 residuals s is left out.
    """
    own = np.maximum(own, resolution)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.abs(residual) / own
    ratio = ratio[np.isfinite(ratio)]
    if ratio.size < FEWEST or not (factor := float(np.median(ratio)) / NORMAL_MEDIAN) > 0:
        return sigma
    return np.where(np.isfinite(own), np.sqrt(sigma * own * factor), sigma)


def _resolution(predicted: Floats, attribute: Attribute) -> float:
    """Rounding error of the model's answer on the comparison scale, at a typical answer."""
    step = 10.0**-attribute.decimals * HALF_STEP
    known = predicted[np.isfinite(predicted) & (predicted != 0)]
    if attribute.log_scale and known.size:
        return float(step / np.median(np.abs(known)))
    return float(step)


__all__ = ["Scores", "SharedFeatures", "combined_spread", "score"]
