"""What the nearest lesions say about a label: a second opinion and the explanation, not the ranking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skintui.audit.spread import Floats, Rows

SHOWN = 10
"""Neighbours that are summed up; those further away only help to estimate σ."""


@dataclass(frozen=True)
class Summary:
    """Median and MAD (unscaled) of the labels of each lesion's nearest neighbours, (n,), NaN where none has a label."""

    median: Floats
    mad: Floats


def summarise(labels: Floats, neighbours: Rows | None, block: int = 65536) -> Summary:
    """Median and MAD of ``labels`` (n,) over the first ten neighbours (n, k) of each lesion."""
    n = labels.size
    median, mad = np.full(n, np.nan), np.full(n, np.nan)
    if neighbours is None:
        return Summary(median, mad)
    padded = np.append(labels, np.nan)
    for start in range(0, n, block):
        near = _near(padded, neighbours[start : start + block, : SHOWN + 1], np.arange(start, min(start + block, n)))
        count = np.isfinite(near).sum(axis=1)
        middle = _median(near, count)
        median[start : start + block] = middle
        mad[start : start + block] = _median(np.abs(near - middle[:, None]), count)
    return Summary(median, mad)


def near_labels(labels: Floats, neighbours: Rows, rows: Rows) -> Floats:
    """Labels of the first ten neighbours of ``rows`` (m, 10), NaN for none, for the lesion itself, or no label."""
    return _near(np.append(labels, np.nan), np.asarray(neighbours[rows, : SHOWN + 1]), rows)


def _near(padded: Floats, near: Rows, rows: Rows) -> Floats:
    """Labels by ``near`` (m, k), the last of ``padded`` (n + 1,) where there is none."""
    n = padded.size - 1
    places = near.astype(np.int32)
    np.minimum(places.view(np.uint32), np.uint32(n), out=places.view(np.uint32))  # none is -1, unsigned the largest
    np.copyto(places, n, where=places == np.asarray(rows)[:, None])
    values = np.take(padded, places)
    if near.shape[1] > SHOWN:  # one spare, so that ten remain where the lesion is its own neighbour
        np.copyto(values[:, SHOWN], np.nan, where=places.max(axis=1) < n)
    return values


def _median(values: Floats, count: Rows) -> Floats:
    """Row medians of the ``count`` finite values (numpy's nanmedian takes minutes): NaN sorts last, pick by count."""
    ordered = np.sort(values, axis=1)
    rows = np.arange(values.shape[0])
    low = ordered[rows, np.maximum((count - 1) // 2, 0)]
    high = ordered[rows, np.minimum(count // 2, values.shape[1] - 1)]
    return np.where(count > 0, (low + high) / 2, np.nan)
