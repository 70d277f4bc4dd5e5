from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from skintui.attributes import attributes
from skintui.errors import ModelError, UsageError
from skintui.progress import SILENT
from skintui.steps.index import index
from skintui.steps.place import open_place
from skintui.steps.predictions import read_about
from skintui.steps.train import Recipe, train
from skintui.steps.weights import Weights

RECIPE = Recipe(steps=2, batch_size=4, folds=2, rank=2)


@pytest.fixture(scope="module")
def trained(small: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(
        open_place(small, workspace=folder / "w"), Weights(str(tiny), None, "cpu"), folder / "adapter", RECIPE, SILENT
    )
    return folder / "adapter"


def test_main_and_fold_adapters_are_peft_folders(trained: Path) -> None:
    for folder in (trained, trained / "fold-0", trained / "fold-1"):
        assert (folder / "adapter_config.json").is_file()
        assert (folder / "adapter_model.safetensors").is_file()
        assert len((folder / "metrics.jsonl").read_text().splitlines()) == 2


def test_the_split_puts_no_patient_on_both_sides(trained: Path) -> None:
    split = json.loads((trained / "split.json").read_text())
    assert not set(split["train"]) & set(split["test"])
    assert len(split["train"]) + len(split["test"]) == 6
    assert set(split["folds"]) == set(split["train"]) | set(split["test"])


def test_each_lesion_is_predicted_by_the_fold_adapter_that_never_saw_its_patient(
    trained: Path, small: Path, tiny: Path, tmp_path: Path
) -> None:
    place = open_place(small, workspace=tmp_path / "w")
    weights = Weights(str(tiny), trained, "cpu")
    done = index(place, weights, SILENT, attributes=attributes("areaMM2,deltaL"))
    folds = json.loads((trained / "split.json").read_text())["folds"]
    patient_of = dict(zip(place.lesions().ids, place.lesions().patients.tolist(), strict=True))
    frame = pl.read_parquet(place.workspace.predictions)
    assert done.predictions_kind == "out-of-fold"
    assert frame.height == 48
    assert all(folds[patient_of[isic_id]] == fold for isic_id, fold in frame.select("isic_id", "fold").iter_rows())
    assert len(read_about(place.workspace.predictions).folds) == 2
    assert not (place.workspace.root / "folds").exists()


def test_an_adapter_is_not_overwritten(trained: Path, small: Path, tiny: Path, tmp_path: Path) -> None:
    place = open_place(small, workspace=tmp_path / "w")
    with pytest.raises(UsageError, match="there is an adapter here already"):
        train(place, Weights(str(tiny), None, "cpu"), trained, RECIPE, SILENT)


def test_resuming_with_another_split_is_refused(trained: Path, small: Path, tiny: Path, tmp_path: Path) -> None:
    place = open_place(small, workspace=tmp_path / "w")
    other = Recipe(steps=2, batch_size=4, folds=3, rank=2)
    with pytest.raises(ModelError, match="begun with other patients or folds"):
        train(place, Weights(str(tiny), None, "cpu"), trained, other, SILENT, resume=True)
