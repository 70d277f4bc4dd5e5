from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.errors import DatasetError, UsageError
from skintui.progress import SILENT
from skintui.steps.measured import SelfTest
from skintui.steps.place import Place, open_place
from skintui.steps.selftest import planted, selftest
from tests.small import write_small
from tests.small_fixtures import store_near_labels


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """150 lesions with predictions near their labels."""
    folder = tmp_path_factory.mktemp("good")
    place = open_place(write_small(folder / "lesions", lesions=150, patients=10), workspace=folder / "w")
    store_near_labels(place)
    return place


def test_planted_errors_are_those_of_the_truth(good: Place) -> None:
    lesions = good.lesions()
    labels, truth = planted(lesions, ("swap", "scale"), 0.02, seed=1)
    before, columns = lesions.labels(), [a.column for a in ATTRIBUTES]
    changed = {
        (lesions.ids[row], columns[j])
        for row, j in np.argwhere(~np.isclose(labels, before, rtol=0, atol=0, equal_nan=True))
    }
    assert changed == set(truth.select("isic_id", "column").iter_rows())
    assert set(truth["kind"]) == {"swap", "scale"}
    assert truth.height == round(0.02 * np.isfinite(before).sum())


def test_the_data_set_itself_is_not_touched(good: Place) -> None:
    before = good.lesions().labels().copy()
    selftest(good, SILENT, fraction=0.05)
    np.testing.assert_array_equal(good.lesions().labels(), before)


@pytest.fixture(scope="module")
def measured(good: Place) -> SelfTest:
    return selftest(good, SILENT, fraction=0.02, replicates=50)


def test_good_predictions_find_most_errors_and_better_than_raw_residuals(measured: SelfTest) -> None:
    assert measured.measures.average_precision["all"] > 0.8
    assert set(measured.as_object()) >= {
        "average_precision",
        "precision_at",
        "fdr",
        "power",
        "peers",
        "predictions",
    }
    assert measured.as_object()["predictions"] == "out-of-fold"
    assert measured.peers["raw residual"]["all"] > 0


def test_every_figure_has_an_interval_that_holds_it(measured: SelfTest) -> None:
    for key, draws in measured.draws.items():
        between = draws.estimate()
        if key[0] == "average_precision" and np.isfinite(between.value) and key[1] == "all":
            assert between.low <= between.value <= between.high
    assert measured.as_object()["intervals"]["average_precision"]["all"]["value"]


def test_the_table_has_a_row_for_all_each_kind_and_each_attribute(measured: SelfTest) -> None:
    rows = list(measured.rows())
    assert [row["of"] for row in rows[:3]] == ["all", "digits", "scale"]
    assert {a.name for a in ATTRIBUTES} <= {row["of"] for row in rows}
    assert set(rows[0]) == set(measured.columns)


def test_other_rankings_stand_beside_it(measured: SelfTest) -> None:
    assert {"raw residual", "residual/MAD", "identity check", "audit with identities"} <= set(measured.peers)
    assert {row["against"] for row in measured.lead_rows()} == set(measured.peers)


def test_errors_known_before_are_left_out(good: Place, tmp_path: Path) -> None:
    known = tmp_path / "known.csv"
    known.write_text(f"isic_id,column,kind\n{good.lesions().ids[0]},tbp_lv_A,swap\n", encoding="utf-8")
    assert selftest(good, SILENT, truth=known, peers=False, replicates=2).as_object()["known_left_out"] == 1


def test_a_table_of_something_else_is_no_truth(good: Place, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="isic_id and column"):
        selftest(good, SILENT, truth=other)


def test_confirmed_lesions_calibrate_and_are_not_measured(good: Place) -> None:
    measured = selftest(good, SILENT, fraction=0.05, confirmed=100, peers=False, replicates=2)
    assert measured.q_kind == "conformal"
    assert measured.as_object()["confirmed"] == 100
    whole = selftest(good, SILENT, fraction=0.05, peers=False, replicates=2)
    assert measured.measures.errors < whole.measures.errors / 2


def test_not_every_lesion_can_be_confirmed(good: Place) -> None:
    with pytest.raises(UsageError, match="cannot be confirmed"):
        selftest(good, SILENT, confirmed=150)


@pytest.mark.parametrize(("kinds", "fraction"), [("swap,typo", 0.02), ("swap", 0.0), ("swap", 0.9)])
def test_impossible_wishes_are_wrong_usage(good: Place, kinds: str, fraction: float) -> None:
    with pytest.raises(UsageError):
        selftest(good, SILENT, kinds=kinds, fraction=fraction)


def test_predictions_of_a_trained_patient_are_named(tmp_path: Path, small: Path) -> None:
    place = open_place(small, workspace=tmp_path / "w")
    store_near_labels(place, kind="in-sample")
    assert selftest(place, SILENT, fraction=0.05).predictions_kind == "in-sample"
