"""``describe``: what the model reads off one tile, in one paragraph whose every number is checked.

The paragraph is written from the stored predictions, then read back by a parser of its own and compared, number by
number and word by word, with the predictions it came from. It says what is seen and how it ranks in the cohort; it
claims no diagnosis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skintui.errors import VectorsError
from skintui.progress import SILENT, Progress
from skintui.steps.describe.check import check_sentence
from skintui.steps.describe.paragraph import write_sentence
from skintui.steps.describe.readout import Described, Readout, readouts_of

if TYPE_CHECKING:
    from skintui.steps.place import Place

COLUMNS = ("isic_id", "sentence")
"""Of the rows for sheets; the objects for programs have more."""


@dataclass(frozen=True, slots=True)
class Description:
    """A checked paragraph about one lesion, and the readings in it."""

    described: Described
    sentence: str

    @property
    def isic_id(self) -> str:
        return self.described.isic_id

    def row(self) -> dict[str, Any]:
        """``COLUMNS``, then the readings in their parts."""
        return {
            "isic_id": self.isic_id,
            "sentence": self.sentence,
            "cohort": self.described.cohort,
            "unsure": [readout.attribute.name for readout in self.described.unsure],
            "readings": [readout.plain() for readout in self.described.readouts],
        }


def describe(place: Place, isic_ids: Sequence[str], progress: Progress = SILENT) -> Iterator[Description]:
    """The paragraph of each lesion, in their order.

    Raises UsageError for an unknown id before anything is written, VectorsError where a lesion has no prediction.
    """
    from skintui.steps.predictions import read_predictions

    lesions = place.lesions(progress)
    rows = [lesions.row_of(isic_id) for isic_id in isic_ids]
    predictions = read_predictions(place.workspace.predictions, lesions, ["predicted", "spread"])
    for row, described in zip(rows, readouts_of(place, lesions, predictions, rows), strict=True):
        if not described.readouts:
            raise VectorsError(
                f"the model read no number off {lesions.ids[row]}", do="run 'skintui index' over the whole data set"
            )
        sentence = write_sentence(described)
        check_sentence(sentence, described)
        yield Description(described, sentence)


__all__ = ["COLUMNS", "Described", "Description", "Readout", "check_sentence", "describe", "write_sentence"]
