from __future__ import annotations

import polars as pl
import pytest

from skintui.dataset.drawn.write import write_dataset
from skintui.dataset.lesions import Lesions
from skintui.progress import SILENT
from skintui.steps.audit import audit
from skintui.steps.clusters import Clustered, clusters_of
from skintui.steps.place import open_place
from tests.small_fixtures import store_near_labels


@pytest.fixture(scope="module")
def mis_scaled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lesions, str, Clustered]:
    """160 drawn lesions of 8 patients, the smallest patient's areas ×10, audited with the true predictions."""
    folder = tmp_path_factory.mktemp("mis-scaled")
    write_dataset(folder, 160, 8, seed=3)
    truth = open_place(folder, workspace=folder / "w").lesions().labels()
    table = pl.read_csv(folder / "train-metadata.csv", infer_schema_length=None)
    patient = table["patient_id"].value_counts().sort("count", "patient_id")["patient_id"][0]
    area = pl.when(pl.col("patient_id") == patient).then(10 * pl.col("tbp_lv_areaMM2"))
    table.with_columns(area.otherwise(pl.col("tbp_lv_areaMM2")).alias("tbp_lv_areaMM2")).write_csv(
        folder / "train-metadata.csv"
    )
    place = open_place(folder, workspace=folder / "w")
    store_near_labels(place, truth=truth)
    findings = audit(place, SILENT, k=0).findings
    return place.lesions(), patient, clusters_of(place.lesions(), findings)


def test_a_patient_whose_areas_are_tenfold_comes_first(mis_scaled: tuple[Lesions, str, Clustered]) -> None:
    _, patient, found = mis_scaled
    first = next(found.rows())
    assert (first["by"], first["group"], first["attribute"]) == ("patient", patient, "areaMM2")


def test_the_first_cluster_is_said_to_be_tenfold(mis_scaled: tuple[Lesions, str, Clustered]) -> None:
    assert next(mis_scaled[2].rows())["factor"] == pytest.approx(10, rel=0.05)


def test_the_summary_counts_those_that_stand_out(mis_scaled: tuple[Lesions, str, Clustered]) -> None:
    found = mis_scaled[2]
    assert 0 < found.significant < found.frame.height
    assert found.summary().startswith(f"{found.significant} of {found.frame.height} groups")


def test_all_flagged_of_the_patient_are_counted(mis_scaled: tuple[Lesions, str, Clustered]) -> None:
    lesions, patient, found = mis_scaled
    assert next(found.rows())["annotations"] == int((lesions.patients == patient).sum())
