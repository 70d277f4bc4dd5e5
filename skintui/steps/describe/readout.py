"""What the model reads of one lesion, attribute by attribute, and where that stands among the others."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.errors import VectorsError

if TYPE_CHECKING:
    from skintui.dataset.lesions import Lesions
    from skintui.steps.place import Place
    from skintui.steps.predictions import Predictions
    from skintui.vectors.search import ViewIndex

NEAREST = 10
BY_ATTRIBUTE, BY_IMAGE, BY_NOTHING = "attribute", "image", ""
UNSURE = 2.0
"""A spread so many times the attribute's usual one makes the model unsure."""


@dataclass(frozen=True, slots=True)
class Readout:
    """What the model reads for one attribute, and where that stands."""

    attribute: Attribute
    predicted: float
    spread: float
    """Standard deviation in the attribute's unit; NaN where there is none."""
    below: int
    """Per cent of the cohort's other predictions that are smaller."""
    neighbours: float
    """Median prediction of the nearest lesions; NaN where there is no index."""
    nearest_by: str = BY_NOTHING
    """By what they are nearest: the ``attribute`` itself, the ``image``, or nothing without an index."""
    usual_spread: float = float("nan")
    """Median spread over the cohort, at this value for sizes."""

    @property
    def is_unsure(self) -> bool:
        return bool(self.spread > UNSURE * self.usual_spread)

    def plain(self) -> dict[str, Any]:
        """For programs; NaN where there is nothing."""
        return {
            "attribute": self.attribute.name,
            "unit": self.attribute.unit,
            "predicted": self.predicted,
            "spread": self.spread,
            "usual_spread": self.usual_spread,
            "unsure": self.is_unsure,
            "percent_below": self.below,
            "neighbours_median": self.neighbours,
            "neighbours_by": self.nearest_by,
        }


@dataclass(frozen=True, slots=True)
class Described:
    """One lesion's readings."""

    isic_id: str
    readouts: tuple[Readout, ...]
    """Of the attributes the model read a number for, in the table's order."""
    cohort: int
    """Lesions that have a prediction."""
    nearest: int = 0
    """How many nearest lesions each was compared with, at most."""

    @property
    def unsure(self) -> list[Readout]:
        return [readout for readout in self.readouts if readout.is_unsure]


def readouts_of(place: Place, lesions: Lesions, predictions: Predictions, rows: Sequence[int]) -> Iterator[Described]:
    """The readings of some lesions; the nearest by an attribute where it is indexed, else by image."""
    cohort = int(np.isfinite(predictions.predicted).any(axis=1).sum())
    usual = [_usual_spread(predictions, j) for j in range(len(ATTRIBUTES))]
    with ExitStack() as opened:
        indexes = _indexes(place, lesions.dataset_sha256, opened)
        for row in rows:
            found: list[Readout] = []
            most = 0
            near = {view: _nearest(index, row) for view, index in indexes.items()}
            for j, attribute in enumerate(ATTRIBUTES):
                by = BY_ATTRIBUTE if near.get(attribute.name) else BY_IMAGE
                around = near.get(attribute.name if by == BY_ATTRIBUTE else BY_IMAGE, [])
                readout = _readout(predictions, j, row, (by, around), usual[j])
                if readout is not None:
                    found.append(readout)
                    most = max(most, len(around))
            yield Described(lesions.ids[row], tuple(found), cohort, most)


def _readout(
    predictions: Predictions, j: int, row: int, nearest: tuple[str, list[int]], usual: float
) -> Readout | None:
    attribute, column = ATTRIBUTES[j], predictions.predicted[:, j]
    value = float(column[row])
    if not np.isfinite(value):
        return None
    others = np.delete(column, row)
    others = others[np.isfinite(others)]
    below = round(100 * float(np.mean(others < value))) if others.size else 0
    by, around = nearest
    near = column[around]
    near = near[np.isfinite(near)]
    return Readout(
        attribute,
        value,
        float(predictions.spread[row, j]),
        below,
        float(np.median(near)) if near.size else float("nan"),
        by if near.size else BY_NOTHING,
        usual * abs(value) if attribute.log_scale else usual,
    )


def _usual_spread(predictions: Predictions, j: int) -> float:
    """Median spread of an attribute over the cohort, relative to the value for sizes; NaN without spreads."""
    spread = predictions.spread[:, j]
    if ATTRIBUTES[j].log_scale:
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = spread / np.abs(predictions.predicted[:, j])
    known = spread[np.isfinite(spread)]
    return float(np.median(known)) if known.size else float("nan")


def _indexes(place: Place, dataset_sha256: str, opened: ExitStack) -> dict[str, ViewIndex]:
    """Every index of the workspace by its view; none where there is no index.

    Raises StaleError where it is of other lesions or an older form, VectorsError or WorkspaceError where damaged.
    """
    from skintui.vectors.manifest import open_manifest
    from skintui.vectors.search import ViewIndex

    found: dict[str, ViewIndex] = {}
    try:
        manifest = open_manifest(place.workspace.vectors, {"dataset_sha256": dataset_sha256})
        for view in manifest.views:
            found[view] = ViewIndex(manifest, view)
            opened.callback(found[view].close)
    except VectorsError:
        if os.path.lexists(place.workspace.vectors / "manifest.json"):
            raise
    return found


def _nearest(index: ViewIndex, row: int) -> list[int]:
    if row >= index.n or not index.present[row]:
        return []
    return [int(hit) for hit in index.neighbours(row, NEAREST).rows]
