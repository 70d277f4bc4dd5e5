"""What the answer distribution says: its centre, its spread, and how far out in its tails a label lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skintui.attributes import Attribute
from skintui.model.decode_tree import Numbers

ENOUGH = 0.5
"""At least this share of the sampled answers must be plausible numbers, else the prediction is missing."""
SILVERMAN = 0.9
ROUNDING = 0.005 / 3**0.5
"""Standard deviation of rounding to two decimals."""


def plausible(samples: Numbers, attributes: Sequence[Attribute]) -> Numbers:
    """``samples`` (B, A, S) without those outside their attribute's plausible range: NaN."""
    low, high = (np.array([getattr(a, end) for a in attributes])[:, None] for end in ("low", "high"))
    with np.errstate(invalid="ignore"):
        return np.where((samples >= low) & (samples <= high), samples, np.nan)


def centre(samples: Numbers, mode: str) -> Numbers:
    """Mean or median (B, A) of the samples (B, A, S) that are not NaN; NaN where fewer than half of them are left."""
    count = np.isfinite(samples).sum(axis=-1)
    known = count >= max(1, ENOUGH * samples.shape[-1])
    filled = np.where(known[..., None], samples, 0.0)
    value = np.nanmedian(filled, axis=-1) if mode == "median" else np.nanmean(filled, axis=-1)
    return np.where(known, value, np.nan)


def deviation(samples: Numbers, predicted: Numbers) -> Numbers:
    """(B, A) root mean squared deviation of the samples (B, A, S) from ``predicted`` (B, A); NaN where that is."""
    known = np.isfinite(predicted) & np.isfinite(samples).any(axis=-1)
    squared = np.where(known[..., None], (samples - predicted[..., None]) ** 2, 0.0)
    return np.where(known, np.sqrt(np.nanmean(squared, axis=-1)), np.nan)


def label_tail(samples: Numbers, predicted: Numbers, spread: Numbers, labels: Numbers) -> Numbers:
    """Two-sided tail probability of labels under the model's answers: 2 · min(P(X ≤ y), P(X ≥ y)), at most 1.

    The sampled answers x_1 … x_m of a question, each smoothed by a normal kernel, are the distribution of X:

        P(X ≤ y) = (1/m) Σ_s Φ((y − x_s) / h),    h = 0.9 · spread · m^(−1/5),

    Silverman's rule of thumb (1986, "Density Estimation for Statistics and Data Analysis", eq. 3.31), and never less
    than 0.005 / √3, the standard deviation of an answer's rounding to two decimals. Where nothing was sampled (greedy),
    X is normal around the prediction with its spread. Beyond the outermost answers the tail is therefore a guess from
    the spread: the further out, the less it is a probability and the more a distance.

    Measured against the exact mass of the label's own path (the probabilities of numerically smaller and larger
    continuations wherever an answer can depart from it): planted errors were found with average precision .98 by this
    and .80 by that one (16 answers), whose far tail is the noise floor of the softmax.

    Args:
        samples: (B, A, S) plausible answers, NaN for others; S may be 0.
        predicted: (B, A).
        spread: (B, A).
        labels: (B, A), NaN where there is none.

    Returns:
        (B, A), NaN where label or prediction is missing.
    """
    from scipy.special import ndtr

    known = np.isfinite(labels) & np.isfinite(predicted)
    points = samples if samples.shape[-1] else predicted[..., None]
    there = np.isfinite(points)
    count = np.maximum(there.sum(axis=-1), 1)
    width = np.where(count > 1, SILVERMAN * spread * count**-0.2, spread)
    away = (labels[..., None] - points) / np.maximum(width, ROUNDING)[..., None]
    away = np.where(there & known[..., None], away, 0.0)
    below, above = (np.where(there, ndtr(side), 0.0).sum(axis=-1) / count for side in (away, -away))
    return np.where(known, np.minimum(2.0 * np.minimum(below, above), 1.0), np.nan)
