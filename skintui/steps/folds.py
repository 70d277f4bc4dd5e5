"""Who was trained on whom: the record beside an adapter, held against the patients of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skintui.errors import ModelError
from skintui.files import write_json
from skintui.steps.predictions import IN_SAMPLE, OUT_OF_FOLD
from skintui.steps.weights import Weights
from skintui.texts import parsed_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.split import PatientSplit

SPLIT_FILE = "split.json"


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """What training wrote down about its patients."""

    train: frozenset[str]
    test: frozenset[str]
    fold_of: dict[str, int]
    """Patient → the fold adapter that never saw it; empty without folds."""

    def fold_rows(self, patients: Sequence[str]) -> NDArray[np.int16]:
        """(n,) the fold adapter that predicts each lesion; -1 for the main adapter."""
        return np.array([self.fold_of.get(patient, -1) for patient in patients], dtype=np.int16)

    def held_out(self, patients: Sequence[str]) -> tuple[str, ...]:
        """Patients of a data set that the main adapter was not trained on, sorted."""
        return tuple(sorted(set(patients) - self.train))


def write_training_record(out: Path, split: PatientSplit, fold_of: dict[str, int], dataset_sha256: str) -> None:
    """Write ``split.json``: a split that :class:`PatientSplit` reads, with the folds and the data set beside it."""
    write_json(
        out / SPLIT_FILE,
        {
            "seed": split.seed,
            "test_fraction": split.test_fraction,
            "train": list(split.train),
            "test": list(split.test),
            "folds": fold_of,
            "dataset_sha256": dataset_sha256,
        },
    )


def training_record(weights: Weights) -> TrainingRecord | None:
    """The record beside an adapter. A base without adapter has trained on nobody; an adapter without one: None."""
    if weights.adapter is None:
        return TrainingRecord(frozenset(), frozenset(), {})
    path = weights.split_file()
    if path is None:
        return None
    try:
        stored = parsed_json(path.read_text(encoding="utf-8"))
        fold_of = {str(patient): int(fold) for patient, fold in stored.get("folds", {}).items()}
        return TrainingRecord(frozenset(map(str, stored["train"])), frozenset(map(str, stored["test"])), fold_of)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ModelError("the patient split is damaged", where=path, do="train again or remove the file") from error


def usable_folds(weights: Weights, record: TrainingRecord | None) -> list[Path]:
    """The fold adapters, if the record says whom each of them never saw and none of them is missing."""
    if record is None or not record.fold_of:
        return []
    adapters = weights.fold_adapters()
    wanted = max(record.fold_of.values()) + 1
    if len(adapters) < wanted:
        missing = weights.adapter / f"fold-{len(adapters)}" if weights.adapter else "fold"
        raise ModelError("a fold adapter is missing", where=missing, do="train again with --folds")
    return adapters[:wanted]


def predictions_kind(record: TrainingRecord | None, patients: Sequence[str], fold: NDArray[np.int16]) -> str:
    """``out-of-fold`` where no lesion's patient was trained on by the adapter that predicts it, else ``in-sample``."""
    if record is None:
        return IN_SAMPLE
    by_main = {patient for patient, k in zip(patients, fold.tolist(), strict=True) if k < 0}
    return IN_SAMPLE if by_main & record.train else OUT_OF_FOLD
