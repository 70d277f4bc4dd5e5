"""Predictions of some lesions, for the programs that measure what a model reads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.dataset.lesions import Lesions
from skintui.model.reader import LesionReader
from skintui.steps.reading import decoded_batches

Floats = NDArray[np.float64]


def read_rows(lesions: Lesions, rows: NDArray[np.int64], reader: LesionReader) -> tuple[Floats, Floats]:
    """Predictions and spreads (m, 16) of the rows; NaN where a tile does not decode."""
    predicted = np.full((rows.size, len(ATTRIBUTES)), np.nan)
    spread = predicted.copy()
    place = {int(row): i for i, row in enumerate(rows.tolist())}
    for batch in decoded_batches(lesions, rows.tolist(), 16):
        if batch.rows:
            read, at = reader.read(batch.images), [place[row] for row in batch.rows]
            predicted[at], spread[at] = read.predicted, read.spread
    return predicted, spread
