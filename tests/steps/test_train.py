from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from skintui.attributes import attributes
from skintui.dataset.drawn.write import write_dataset
from skintui.errors import ModelError, UsageError
from skintui.progress import SILENT
from skintui.steps.index import index
from skintui.steps.place import open_place
from skintui.steps.predictions import read_about
from skintui.steps.train import Recipe, _repeated, recipe_of, train
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


def test_a_mixed_data_set_s_patients_count_as_trained_on(small: Path, tiny: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_dataset(other, 9, 3, seed=77)
    place, mixed = open_place(small, workspace=tmp_path / "w"), open_place(other, workspace=tmp_path / "v")
    done = train(
        place, Weights(str(tiny), None, "cpu"), tmp_path / "a", replace(RECIPE, folds=0), SILENT, mixed=[mixed]
    )
    split = json.loads((tmp_path / "a" / "split.json").read_text())
    theirs = set(mixed.lesions().patients.tolist())
    assert len(theirs & set(split["train"])) == 2  # of three, one is held out
    assert not theirs & set(split["test"])
    assert done.train_patients == len(split["train"])


def test_a_share_repeats_the_data_set_s_own_tiles() -> None:
    own, others = np.arange(10), np.arange(60)
    # half of all: 60 of 120, six times ten
    assert _repeated(own, [(None, others)], Recipe(share=0.5)).size == 60  # type: ignore[list-item]
    assert _repeated(own, [(None, others)], Recipe()).size == 10  # type: ignore[list-item]


def test_a_share_of_nothing_mixed_in_is_refused(small: Path, tiny: Path, tmp_path: Path) -> None:
    place = open_place(small, workspace=tmp_path / "w")
    with pytest.raises(UsageError, match="mixed in"):
        train(place, Weights(str(tiny), None, "cpu"), tmp_path / "out", Recipe(share=0.5), SILENT)
    assert not (tmp_path / "out").exists()


def test_folds_that_have_been_seen_before_are_refused(trained: Path, small: Path, tiny: Path, tmp_path: Path) -> None:
    place = open_place(small, workspace=tmp_path / "w")
    recipe = replace(RECIPE, init_adapter=str(trained))
    with pytest.raises(UsageError, match="no fold would be out-of-fold"):
        train(place, Weights(str(tiny), None, "cpu"), tmp_path / "a", recipe, SILENT)


def test_who_taught_the_adapter_to_start_from_must_be_known(
    trained: Path, small: Path, tiny: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (bare / name).write_bytes((trained / name).read_bytes())
    place = open_place(small, workspace=tmp_path / "w")
    recipe = replace(RECIPE, folds=0, init_adapter=str(bare))
    with pytest.raises(ModelError, match="not known on whom"):
        train(place, Weights(str(tiny), None, "cpu"), tmp_path / "a", recipe, SILENT)


def test_rank_and_alpha_are_those_of_the_adapter_to_start_from(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text('{"r": 3, "lora_alpha": 5}')
    settings = Recipe(init_adapter=str(tmp_path)).settings(Weights("base", None))
    assert (settings.rank, settings.alpha) == (3, 5)
    assert Recipe(init_adapter=str(tmp_path), rank=4).settings(Weights("base", None)).rank == 4
    plain = Recipe().settings(Weights("base", None))
    assert (plain.rank, plain.alpha) == (8, 16)


def test_the_bundled_adapter_has_a_name_of_its_own() -> None:
    assert Path(str(recipe_of({"init_adapter": "bundled"}).init_adapter)).name == "adapter"


def test_several_processes_read_the_tiles_of_a_data_set(small: Path, tiny: Path, tmp_path: Path) -> None:
    # behind a fork polars would wait for ever: what the processes need is read before
    place = open_place(small, workspace=tmp_path / "w")
    done = train(place, Weights(str(tiny), None, "cpu"), tmp_path / "a", replace(RECIPE, folds=0, processes=2), SILENT)
    assert (done.out / "adapter_model.safetensors").is_file()
