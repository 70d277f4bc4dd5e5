"""Two opinions made one: the model's prediction, and the labels of the lesions that look alike.

Each alone is fooled where the other is not, and a wrong label has to be far from both. The expected label lies between
them on the attribute's comparison scale, each weighed by the inverse square of its usual error; σ is the geometric mean
of three widths: how far off the model is on such lesions, how far apart the neighbours' labels lie, and the attribute's
usual error. The last two keep an over-confident σ(x) from pushing honest labels up the ranking.

Where neighbours say little, this blunts a sharp σ(x). So the labels decide, once for the whole data set: the two
opinions are heard together only if the labels are likelier that way (a Student t, as robust as the wrong labels ask).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from skintui.attributes import Attribute
from skintui.audit.columnwise import each_column
from skintui.audit.design import thinned
from skintui.audit.neighbours import Summary, summarise
from skintui.audit.scale import to_scale
from skintui.audit.score import Scores
from skintui.audit.spread import NORMAL_MEDIAN, Floats, Rows, typical_error

LEAST_WIDTH = 0.5
"""The neighbours' width is raised by this share of its median: ten labels may agree by chance."""
DEGREES = 4.0
FAR = 5.0
"""Scores count as at most this in the likelihood."""


@dataclass(frozen=True)
class Opinion:
    """What is expected of one attribute's labels, all (n,) on its comparison scale, NaN where there is no opinion."""

    expected: Floats
    sigma: Floats

    def scores(self, label: Floats) -> Floats:
        return np.asarray((label - self.expected) / self.sigma, np.float64)

    def levelled(self, label: Floats) -> Opinion:
        """σ multiplied so that the median |score| is that of a standard normal."""
        z = np.abs(self.scores(label))
        middle = float(np.median(thinned(z[~np.isnan(z)])))  # there is one: both opinions are known somewhere
        return Opinion(self.expected, self.sigma * (middle / NORMAL_MEDIAN)) if middle > 0 else self

    def surprise(self, label: Floats) -> float:
        """Mean −log density of the labels, Student t with 4 degrees, up to a constant."""
        z = np.minimum(np.abs(self.scores(label)), FAR)
        known = np.isfinite(z)
        each = np.log(self.sigma[known]) + (DEGREES + 1) / 2 * np.log1p(z[known] ** 2 / DEGREES)
        return float(each.mean())


def combined(
    labels: Floats,
    scores: Scores,
    neighbours: Mapping[str, Rows] | None,
    summaries: Mapping[str, Summary],
    attributes: tuple[Attribute, ...],
) -> Scores:
    """Scores (n, A) by both opinions, or those given where the labels are likelier by the model alone.

    Args:
        labels: (n, A) in units.
        scores: by the model alone.
        neighbours: rows of the nearest lesions per attribute.
        summaries: of the neighbours' labels in units, per attribute.
        attributes: their order.
    """
    if not neighbours:
        return scores
    signed, sigma, expected = (each.copy("K") for each in (scores.signed, scores.sigma, scores.expected))

    def gain(j: int) -> float:
        a = attributes[j]
        label = to_scale(labels[:, j], a)
        summary = summarise(label, neighbours.get(a.name)) if a.log_scale else summaries[a.name]
        model = Opinion(scores.expected[:, j], scores.sigma[:, j])
        both = _both(label, model, summary)
        if both is None:
            return 0.0
        both, model = both.levelled(label), model.levelled(label)
        signed[:, j] = both.scores(label)
        sigma[:, j], expected[:, j] = both.sigma, both.expected
        return model.surprise(label) - both.surprise(label)

    return Scores(signed, sigma, expected) if sum(each_column(gain, len(attributes))) > 0 else scores


def _both(label: Floats, model: Opinion, near: Summary) -> Opinion | None:
    """The model and the neighbours together, the model alone where a lesion has none; None where nothing is known."""
    known = np.isfinite(label) & np.isfinite(model.expected) & np.isfinite(model.sigma) & np.isfinite(near.mad)
    if not known.any():
        return None
    own = typical_error((label - model.expected)[known])
    theirs = typical_error((label - near.median)[known])
    apart = near.mad / NORMAL_MEDIAN
    least = LEAST_WIDTH * float(np.median(thinned(apart[known])))
    if not min(own, theirs, least) > 0:
        return None
    share = own**2 / (own**2 + theirs**2)
    heard = np.isfinite(near.mad)
    expected = np.where(heard, (1 - share) * model.expected + share * near.median, model.expected)
    sigma = np.where(heard, np.cbrt(model.sigma * (apart + least) * own), np.sqrt(model.sigma * own))
    return Opinion(expected, sigma)
