"""Other rankings of the same annotations from the same predictions, to hold the audit against.

Each gives a number per annotation (n, A), larger = more suspicious, NaN for none. Attributes have different units, so
what is not dimensionless by itself is put in standard deviations of the attribute's labels, cleanlab's included: in the
labels' own units its residual score would rank one attribute's noise above another's errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import polars as pl

from skintui.attributes import Attribute
from skintui.audit.identity import lay_over
from skintui.audit.neighbours import summarise
from skintui.audit.spread import NORMAL_MEDIAN, Floats, Rows

CLEANLAB_MOST = 10_000
"""Lesions up to which cleanlab's default score is asked for: it holds half of all pairs."""
LEAST_MAD = 0.01
"""Standard deviations below which neighbours' MAD is not believed."""


@dataclass(frozen=True)
class Peers:
    """Scores of the rankings that could be made, and why the others could not."""

    scores: dict[str, Floats]
    skipped: dict[str, str]


def cheap_peers(
    labels: Floats, predicted: Floats, neighbours: Mapping[str, Rows] | None, attributes: tuple[Attribute, ...]
) -> Peers:
    """Raw residual in SD, residual over its MAD, and distance to the neighbours' median over their MAD."""
    residual, deviation = labels - predicted, _deviations(labels)
    scores = {"raw residual": np.abs(residual) / deviation}
    middle = _by_column(residual, np.median)
    away = np.abs(residual - middle)
    scores["residual/MAD"] = away / _positive(_by_column(away, np.median))
    if not neighbours:
        return Peers(scores, {"kNN z": "there are no neighbours: the index is not finished"})
    z = np.full(labels.shape, np.nan)
    for j, a in enumerate(attributes):
        near = summarise(labels[:, j], neighbours.get(a.name))
        width = np.maximum(near.mad / NORMAL_MEDIAN, LEAST_MAD * deviation[j])
        z[:, j] = np.abs(labels[:, j] - near.median) / width
    return Peers(scores | {"kNN z": z}, {})


def cleanlab_peers(labels: Floats, predicted: Floats) -> Peers:
    """The label quality scores of cleanlab for regression, turned round: ``residual`` and its default, ``outre``."""
    names = {"residual": "cleanlab residual", "outre": "cleanlab outre"}
    if find_spec("cleanlab") is None:
        return Peers({}, dict.fromkeys(names.values(), "cleanlab is not installed: pip install 'skintui[bench]'"))
    from cleanlab.regression.rank import get_label_quality_scores

    deviation, scores, skipped = _deviations(labels), {}, {}
    for method, name in names.items():
        if method == "outre" and len(labels) > CLEANLAB_MOST:
            skipped[name] = f"{len(labels):,} lesions: it holds half of all pairs in memory"
            continue
        quality = np.full(labels.shape, np.nan)
        for j in range(labels.shape[1]):
            known = np.isfinite(labels[:, j]) & np.isfinite(predicted[:, j])
            if known.sum() > 1:
                y, f = labels[known, j] / deviation[j], predicted[known, j] / deviation[j]
                quality[known, j] = get_label_quality_scores(y, f, method=method)
        scores[name] = -quality
    return Peers(scores, skipped)


def identity_peer(
    identities: pl.DataFrame, ids: list[str], scores: Floats, attributes: tuple[Attribute, ...]
) -> Floats:
    """1 where a broken identity accuses an annotation, else 0; of the columns in it the oddest by ``scores``."""
    return lay_over(identities, ids, attributes, scores).accused.astype(np.float64)


def _deviations(values: Floats) -> Floats:
    """Standard deviation per column (A,), 1 where there is none."""
    return _positive(_by_column(values, np.std))


def _by_column(values: Floats, what: Callable[[Floats], np.floating]) -> Floats:
    columns = (values[np.isfinite(values[:, j]), j] for j in range(values.shape[1]))
    return np.array([float(what(column)) if column.size else 0.0 for column in columns])


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, 1.0)
