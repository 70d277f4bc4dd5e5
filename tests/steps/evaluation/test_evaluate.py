"""The whole verb on the small data set with the tiny model."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from skintui.attributes import attributes
from skintui.errors import UsageError, VectorsError
from skintui.progress import SILENT
from skintui.steps.evaluate import Plan, evaluate, evaluate_external
from skintui.steps.evaluation.result import Evaluation
from skintui.steps.index import index
from skintui.steps.place import Place, open_place
from skintui.steps.predictions import read_about, write_predictions
from skintui.steps.weights import Weights
from tests.small import read_rows, write_rows, write_small


@pytest.fixture
def weights(tiny: Path) -> Weights:
    return Weights(str(tiny), None, "cpu")


def written(found: Evaluation) -> str:
    return json.dumps(found.as_object())


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(indexed: Place, weights: Weights) -> None:
    first, again, other = (
        written(evaluate(indexed, weights, SILENT, Plan(limit=10, seed=seed, replicates=20))) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_joint_retrieval_names_every_way_of_searching(indexed: Place, weights: Weights) -> None:
    asked = [attributes("areaMM2,deltaL,norm_color")]
    (table,) = evaluate(indexed, weights, SILENT, Plan(joint=asked, replicates=20)).joint
    ways = ["image", "areaMM2 only", "deltaL only", "norm_color only", "joint", "joint_hierarchical"]
    assert list(table.methods) == ways
    assert all(list(values) == ["areaMM2", "deltaL", "norm_color"] for values in table.methods.values())
    assert table.methods["joint"] == table.methods["joint_hierarchical"]  # 24 lesions are fewer than b


def test_groups_of_a_few_lesions_are_named_and_left_out(indexed: Place, weights: Weights) -> None:
    found = evaluate(indexed, weights, SILENT, Plan(by=("sex", "patient_size"), replicates=20))
    assert [(one.by, one.group, one.lesions) for one in found.groups] == [("patient_size", "under 10 lesions", 24)]
    assert {one.by for one in found.groups_left_out} == {"sex"}
    assert any("left out as too small: sex" in note for note in found.notes)
    assert found.groups[0].retrieval["image"] == found.retrieval_intervals["image"]


def test_without_a_scale_lengths_are_marked(indexed: Place, weights: Weights) -> None:
    found = evaluate(indexed, weights, SILENT, Plan(has_scale=False, replicates=20)).as_object()
    marked = [name for name, one in found["attributes"].items() if one["ill_posed"]]
    assert marked == ["areaMM2", "minorAxisMM", "perimeterMM", "clin_size_long_diam_mm"]


def test_probes_see_the_image_vectors_and_their_result_is_kept(indexed: Place, weights: Weights) -> None:
    plan = Plan(replicates=20, probes={"seen": lambda images, part, _: {m: v.shape[0] for m, v in images.items()}})
    assert evaluate(indexed, weights, SILENT, plan).as_object()["seen"] == {"image": 24}


def test_the_same_workspace_twice_is_wrong_usage(indexed: Place, weights: Weights) -> None:
    with pytest.raises(UsageError, match="one workspace"):
        evaluate_external(indexed, indexed, weights, SILENT)


def test_patients_of_both_data_sets_do_not_ask(indexed: Place, weights: Weights, tmp_path: Path) -> None:
    shutil.copytree(indexed.workspace.root, tmp_path / "twin")
    twin = open_place(indexed.files.root, workspace=tmp_path / "twin")
    with pytest.raises(VectorsError, match="only 0 held-out lesions are not in the database"):
        evaluate_external(indexed, twin, weights, SILENT)


def other_patients(tmp_path: Path, weights: Weights) -> Place:
    """An indexed data set of eight lesions of patients of its own."""
    folder = write_small(tmp_path / "other", lesions=8, seed=5)
    rows = read_rows(folder / "train-metadata.csv")
    for row in rows:
        row["patient_id"] = "other " + row["patient_id"]
    write_rows(folder / "train-metadata.csv", rows)
    other = open_place(folder, workspace=tmp_path / "w")
    index(other, weights, SILENT, batch_size=8)
    return other


def test_an_external_cohort_searches_the_whole_database(indexed: Place, weights: Weights, tmp_path: Path) -> None:
    other = other_patients(tmp_path, weights)
    found = evaluate_external(indexed, other, weights, SILENT, Plan(replicates=20))
    assert (found.setup.database.lesions, found.setup.queries.lesions, found.queries) == (24, 8, 8)
    assert found.setup.external
    assert all(0 <= one.value <= 100 for one in found.retrieval_intervals["attribute"].values())


def test_a_database_of_training_patients_alone_can_be_searched(
    indexed: Place, weights: Weights, tmp_path: Path
) -> None:
    about = read_about(indexed.workspace.predictions)
    patients = tuple(sorted(set(indexed.lesions().patients.tolist())))
    frame = pl.read_parquet(indexed.workspace.predictions)
    write_predictions(indexed.workspace.predictions, frame, replace(about, train_patients=patients))
    other = other_patients(tmp_path, weights)
    found = evaluate_external(indexed, other, weights, SILENT, Plan(replicates=20))
    assert found.setup.database.lesions == 24
    assert "the database holds 6 patients whom the model trained on" in found.notes
