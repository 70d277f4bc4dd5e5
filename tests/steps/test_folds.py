from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from skintui.errors import ModelError
from skintui.steps.folds import TrainingRecord, predictions_kind, training_record, usable_folds
from skintui.steps.weights import Weights

NONE = np.full(3, -1, np.int16)


def record(train: list[str], fold_of: dict[str, int] | None = None) -> TrainingRecord:
    return TrainingRecord(frozenset(train), frozenset(), fold_of or {})


def test_one_lesion_of_a_training_patient_makes_predictions_in_sample() -> None:
    assert predictions_kind(record(["a"]), ["a", "b", "c"], NONE) == "in-sample"


def test_strangers_are_out_of_fold() -> None:
    assert predictions_kind(record(["x"]), ["a", "b", "c"], NONE) == "out-of-fold"


def test_a_training_patient_read_by_its_fold_adapter_is_out_of_fold() -> None:
    known = record(["a", "b"], {"a": 0, "b": 1})
    fold = known.fold_rows(["a", "b", "c"])
    assert fold.tolist() == [0, 1, -1]
    assert predictions_kind(known, ["a", "b", "c"], fold) == "out-of-fold"


def test_an_adapter_without_record_is_not_trusted(tmp_path: Path) -> None:
    assert training_record(Weights("base", tmp_path)) is None
    assert predictions_kind(None, ["a", "b", "c"], NONE) == "in-sample"


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "split.json").write_text("{")
    with pytest.raises(ModelError, match="patient split is damaged"):
        training_record(Weights("base", tmp_path))


def test_a_missing_fold_adapter_is_named(tmp_path: Path) -> None:
    (tmp_path / "fold-0").mkdir()
    content = {"train": ["a"], "test": ["b"], "folds": {"a": 0, "b": 1}}
    (tmp_path / "split.json").write_text(json.dumps(content))
    weights = Weights("base", tmp_path)
    with pytest.raises(ModelError, match="a fold adapter is missing"):
        usable_folds(weights, training_record(weights))
