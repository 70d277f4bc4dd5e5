from __future__ import annotations

import polars as pl
import pytest

from skintui.dataset.drawn.write import write_dataset
from skintui.progress import SILENT
from skintui.steps.audit import audit
from skintui.steps.place import Place, open_place
from skintui.steps.systematic import COLUMNS, systematic_of
from tests.small_fixtures import store_near_labels


@pytest.fixture(scope="module")
def mis_scaled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, str]:
    """160 drawn lesions of 8 patients, one patient's areas ×10, with predictions near the truth."""
    folder = tmp_path_factory.mktemp("mis-scaled")
    write_dataset(folder, 160, 8, seed=3)
    truth = open_place(folder, workspace=folder / "w").lesions().labels()
    table = pl.read_csv(folder / "train-metadata.csv", infer_schema_length=None)
    sizes = table["patient_id"].value_counts().filter(pl.col("count") >= 8).sort("count", "patient_id")
    patient = sizes["patient_id"][0]
    area = pl.when(pl.col("patient_id") == patient).then(10 * pl.col("tbp_lv_areaMM2"))
    table.with_columns(area.otherwise(pl.col("tbp_lv_areaMM2")).alias("tbp_lv_areaMM2")).write_csv(
        folder / "train-metadata.csv"
    )
    place = open_place(folder, workspace=folder / "w")
    store_near_labels(place, truth=truth)
    return place, patient


def test_a_patient_whose_areas_are_tenfold_is_one_finding(mis_scaled: tuple[Place, str]) -> None:
    place, patient = mis_scaled
    found = systematic_of(place.lesions(), audit(place, SILENT, k=0).findings)
    rows = list(found.rows())
    assert [(row["kind"], row["attribute"], row["by"], row["group"]) for row in rows] == [
        ("unit factor", "areaMM2", "patient", patient)
    ]
    assert tuple(rows[0]) == COLUMNS
    assert found.summary() == "1 systematic error at a false-discovery rate of 0.1"
