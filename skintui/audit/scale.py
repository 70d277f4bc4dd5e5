"""The scale on which label and prediction are compared: logarithmic for sizes, as stored for the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import Attribute

Floats = NDArray[np.float64]


def to_scale(values: Floats, attribute: Attribute) -> Floats:
    """Values on the attribute's comparison scale, NaN kept.

    Positive heavy-tailed attributes (``log_scale``) become natural logarithms. A value that has no logarithm (a size
    with a flipped sign) is placed below the smallest plausible one, further down the larger it is, so that it stays
    comparable and suspicious: ``ln low − ln(1 + |x| / low)``.
    """
    if not attribute.log_scale:
        return values
    positive = values > 0
    scaled = np.log(np.where(positive, values, 1.0))
    wrong = (values <= 0) & ~np.isnan(values)
    if wrong.any():
        low = attribute.low
        scaled[wrong] = np.log(low) - np.log1p(np.abs(values[wrong]) / low)
    scaled[np.isnan(values)] = np.nan
    return scaled


def from_scale(values: Floats, attribute: Attribute) -> Floats:
    """Values of the comparison scale in the attribute's unit, NaN kept: the inverse of :func:`to_scale` above 0."""
    return np.exp(values) if attribute.log_scale else values


def spread_in_units(sigma: Floats, predicted: Floats, attribute: Attribute) -> Floats:
    """σ from the comparison scale back to the attribute's unit, at the prediction.

    First-order propagation: σ_unit = |predicted| · σ_log for logarithmic attributes, σ itself otherwise.
    """
    return sigma * np.abs(predicted) if attribute.log_scale else sigma


def scale_of_spread(spread: Floats, predicted: Floats, attribute: Attribute) -> Floats:
    """The model's own spread (in units) on the comparison scale; NaN where it is not a positive number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = spread / np.abs(predicted) if attribute.log_scale else spread
    return np.where(np.isfinite(scaled) & (scaled > 0), scaled, np.nan)
