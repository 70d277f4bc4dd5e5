"""``describe``: what the model reads off one tile, in one sentence whose every number is checked.

The sentence is written from the stored predictions, then read back by a parser of its own and compared, number by
number, with the predictions it came from. It says what is seen and how it ranks in the cohort; it claims no diagnosis.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.errors import SkintuiError, VectorsError
from skintui.progress import SILENT, Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.steps.place import Place

COLUMNS = ("isic_id", "sentence")
_NUMBER = r"-?\d+(?:\.\d+)?"


@dataclass(frozen=True, slots=True)
class Readout:
    """What the model reads for one attribute, and where that stands."""

    attribute: Attribute
    predicted: float
    spread: float
    """Standard deviation in the attribute's unit; NaN where there is none."""
    below: int
    """Per cent of the cohort's predictions that are smaller."""
    neighbours: float
    """Median prediction of the nearest lesions; NaN where there is no index."""


@dataclass(frozen=True, slots=True)
class Description:
    """A checked sentence about one lesion."""

    isic_id: str
    sentence: str

    def rows(self) -> list[dict[str, str]]:
        return [{"isic_id": self.isic_id, "sentence": self.sentence}]


def describe(place: Place, isic_id: str, progress: Progress = SILENT) -> Description:
    """The sentence for one lesion. Raises VectorsError where it has no prediction, UsageError for an unknown id."""
    from skintui.steps.predictions import read_predictions

    lesions = place.lesions(progress)
    row = lesions.row_of(isic_id)
    predictions = read_predictions(place.workspace.predictions, lesions)
    nearest = _nearest(place, lesions.dataset_sha256, row)
    readouts = [
        readout
        for j, attribute in enumerate(ATTRIBUTES)
        if (readout := _readout(attribute, predictions.predicted[:, j], predictions.spread[row, j], row, nearest))
    ]
    if not readouts:
        raise VectorsError(f"the model read no number off {isic_id}", do="run 'skintui index' over the whole data set")
    cohort = int(np.isfinite(predictions.predicted).any(axis=1).sum())
    sentence = write_sentence(isic_id, readouts, cohort, len(nearest))
    check_sentence(sentence, readouts)
    return Description(isic_id, sentence)


def _readout(
    attribute: Attribute, column: NDArray[np.float64], spread: float, row: int, nearest: Sequence[int]
) -> Readout | None:
    value = float(column[row])
    if not np.isfinite(value):
        return None
    others = np.delete(column, row)
    others = others[np.isfinite(others)]
    below = round(100 * float(np.mean(others < value))) if others.size else 0
    around = column[list(nearest)]
    around = around[np.isfinite(around)]
    return Readout(attribute, value, float(spread), below, float(np.median(around)) if around.size else float("nan"))


def _nearest(place: Place, dataset_sha256: str, row: int, count: int = 10) -> list[int]:
    """Rows of the nearest images, or none where there is no usable index."""
    from skintui.vectors.search import ViewIndex

    try:
        index = ViewIndex.open(place.workspace.vectors, "image", {"dataset_sha256": dataset_sha256})
    except SkintuiError:
        return []
    try:
        hits = index.search(index.rows([row])[0], count + 1)
    finally:
        index.close()
    return [int(hit) for hit in hits.rows if int(hit) != row][:count]


def write_sentence(isic_id: str, readouts: Sequence[Readout], cohort: int, neighbours: int) -> str:
    """One sentence: every attribute's value ± spread with unit, its rank, and what similar lesions have."""
    parts = "; ".join(_phrase(readout) for readout in readouts)
    around = f" and of its {neighbours} nearest by image" if neighbours else ""
    return f"On {isic_id} the model reads, among {cohort} lesions{around}: {parts}."


def _phrase(readout: Readout) -> str:
    attribute = readout.attribute
    value = f"{readout.predicted:.{attribute.decimals}f}"
    if np.isfinite(readout.spread):
        value += f" ± {readout.spread:.{attribute.decimals}f}"
    around = f", nearest {readout.neighbours:.{attribute.decimals}f}" if np.isfinite(readout.neighbours) else ""
    return f"{attribute.title} {attribute.with_unit(value)} (above {readout.below} %{around})"


def check_sentence(sentence: str, readouts: Sequence[Readout]) -> None:
    """Read every number back out of the sentence and compare it with its source.

    Raises SkintuiError naming the attribute whose phrase is missing or says another number.
    """
    phrases = sentence.partition(": ")[2].removesuffix(".").split("; ")
    if len(phrases) != len(readouts):
        raise SkintuiError(f"the sentence has {len(phrases)} readings, the model gave {len(readouts)}")
    for phrase, readout in zip(phrases, readouts, strict=True):
        title = readout.attribute.title
        said = [float(n) for n in re.findall(_NUMBER, phrase.removeprefix(title))]
        sources = [readout.predicted, readout.spread, float(readout.below), readout.neighbours]
        expected = [value for value in sources if np.isfinite(value)]
        tolerance = 0.5 * 10.0**-readout.attribute.decimals + 1e-9
        if (
            not phrase.startswith(title)
            or len(said) != len(expected)
            or any(abs(a - b) > tolerance for a, b in zip(said, expected, strict=True))
        ):
            raise SkintuiError(f"the sentence does not say what the model read for {title}: '{phrase}'")
