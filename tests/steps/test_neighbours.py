from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from skintui.attributes import attributes
from skintui.errors import StaleError, TileError, UsageError, VectorsError
from skintui.progress import SILENT
from skintui.steps.index import index
from skintui.steps.neighbours import Neighbours, Query, neighbours
from skintui.steps.place import Place, open_place
from skintui.steps.predictions import read_about, write_predictions
from skintui.steps.weights import Weights
from skintui.vectors.exact import exact_search
from skintui.vectors.store import VectorStore

ID = "ISIC_0000004"


def find(place: Place, tiny: Path, mode: str, names: str = "areaMM2", **more: object) -> Neighbours:
    given: dict[str, object] = {"isic_id": ID, "image": None, "attributes": attributes(names) if names else ()}
    query = Query(**(given | {"mode": mode} | more))  # type: ignore[arg-type]
    return neighbours(place, query, Weights(str(tiny), None, "cpu"), SILENT)


def ids(found: Neighbours) -> list[str]:
    return [one.isic_id for one in found.found]


@pytest.mark.parametrize(("mode", "view"), [("attribute", "areaMM2"), ("image", "image")])
def test_results_are_those_of_exact_search_without_the_query(indexed: Place, tiny: Path, mode: str, view: str) -> None:
    with VectorStore.open(indexed.workspace.vectors) as store:
        matrix = store.matrix(view)
        exact = exact_search(matrix, np.asarray(matrix[4]), 6)
        expected = [f"ISIC_{row:07d}" for row in exact.rows.tolist() if row != 4][:5]
    assert ids(find(indexed, tiny, mode)) == expected


def test_hierarchical_over_everything_is_attribute_search(indexed: Place, tiny: Path) -> None:
    assert ids(find(indexed, tiny, "hierarchical")) == ids(find(indexed, tiny, "attribute"))  # 24 < 200 candidates


def test_hierarchical_computes_what_is_not_indexed(indexed: Place, small: Path, tiny: Path, tmp_path: Path) -> None:
    bare = open_place(small, workspace=tmp_path / "bare")
    index(bare, Weights(str(tiny), None, "cpu"), SILENT, attributes=attributes("deltaL"), batch_size=8)
    computed, stored = find(bare, tiny, "hierarchical"), find(indexed, tiny, "hierarchical")
    assert ids(computed) == ids(stored)
    similarity = [[one.similarity for one in found.found] for found in (computed, stored)]
    np.testing.assert_allclose(similarity[0], similarity[1], atol=2e-3)
    with pytest.raises(VectorsError, match="'areaMM2' is not indexed"):
        find(bare, tiny, "attribute")


def test_joint_asks_for_both_and_shows_both(indexed: Place, tiny: Path) -> None:
    found = find(indexed, tiny, "joint", "areaMM2,deltaL", k=3)
    assert len(found.found) == 3
    assert ID not in ids(found)
    assert found.columns[-2:] == ("label_deltaL", "predicted_deltaL")


def test_the_querys_patient_can_be_left_out(indexed: Place, tiny: Path) -> None:
    found = find(indexed, tiny, "attribute", k=24, exclude_patient=True)
    assert len(found.found) == 20  # 24 lesions of 6 patients
    assert {one.patient_id for one in found.found} == {f"IP_{p:07d}" for p in range(6)} - {"IP_0000004"}


def test_a_tile_from_outside_finds_its_twin(indexed: Place, small: Path, tiny: Path) -> None:
    file = small / "train-image" / "image" / f"{ID}.jpg"
    found = find(indexed, tiny, "attribute", isic_id=None, image=file, k=1)
    assert ids(found) == [ID]
    assert found.found[0].similarity == pytest.approx(1.0, abs=2e-3)


def test_labels_stand_beside_the_results(indexed: Place, tiny: Path) -> None:
    one = find(indexed, tiny, "attribute", k=1).found[0]
    lesions = indexed.lesions()
    assert one.labels == (lesions.labels()[lesions.row_of(one.isic_id), 0],)


@pytest.mark.parametrize(
    ("mode", "names", "message"),
    [
        ("joint", "areaMM2", "needs two attributes"),
        ("attribute", "areaMM2,deltaL", "takes one attribute, not 2"),
        ("hierarchical", "", "takes one attribute, not 0"),
    ],
)
def test_mode_and_attributes_must_go_together(indexed: Place, tiny: Path, mode: str, names: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find(indexed, tiny, mode, names)


def test_an_unknown_lesion_is_a_usage_error(indexed: Place, tiny: Path) -> None:
    with pytest.raises(UsageError, match="no lesion 'ISIC_9'"):
        find(indexed, tiny, "image", isic_id="ISIC_9")


def test_without_index_the_way_to_one_is_named(small: Path, tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match="run 'skintui index' first"):
        find(open_place(small, workspace=tmp_path / "w"), tiny, "image")


def test_a_changed_data_set_makes_the_index_stale(indexed: Place, small: Path, tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(small, folder)
    with (folder / "train-metadata.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(StaleError, match="the data set changed"):
        find(open_place(folder, workspace=indexed.workspace.root), tiny, "image")


def test_another_model_makes_the_index_stale(indexed: Place, tmp_path: Path, tiny: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiny, other)
    config = other / "config.json"
    config.write_text(config.read_text() + " ")
    with pytest.raises(StaleError, match="the model changed"):
        find(indexed, other, "image")


def test_predictions_of_other_data_are_refused(indexed: Place, tiny: Path) -> None:
    path = indexed.workspace.predictions
    write_predictions(path, pl.read_parquet(path), replace(read_about(path), dataset_sha256="other"))
    with pytest.raises(StaleError, match=r"the predictions are stale: .*; run 'skintui index' again"):
        find(indexed, tiny, "attribute")


def test_a_flipped_byte_in_a_graph_is_refused_before_usearch_sees_it(indexed: Place, tiny: Path) -> None:
    graph = indexed.workspace.vectors / "areaMM2.usearch"
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(content)
    with pytest.raises(VectorsError, match=r"areaMM2\.usearch: damaged; rebuild with skintui index"):
        find(indexed, tiny, "attribute")


def test_an_image_that_is_none_is_named(indexed: Place, tiny: Path, tmp_path: Path) -> None:
    file = tmp_path / "no.jpg"
    file.write_bytes(io.BytesIO(b"not an image").getvalue())
    with pytest.raises(TileError, match=r"no\.jpg"):
        find(indexed, tiny, "image", isic_id=None, image=file)
