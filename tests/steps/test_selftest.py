from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.errors import UsageError
from skintui.progress import SILENT
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


def test_good_predictions_find_most_errors_and_better_than_raw_residuals(good: Place) -> None:
    measured = selftest(good, SILENT, fraction=0.02)
    assert measured.measures.average_precision["all"] > 0.8
    assert set(measured.as_object()) == {
        "average_precision",
        "precision_at",
        "fdr",
        "power",
        "peers",
        "predictions",
    }
    assert measured.as_object()["predictions"] == "out-of-fold"
    assert measured.peers["raw residual"]["all"] > 0


@pytest.mark.parametrize(("kinds", "fraction"), [("swap,typo", 0.02), ("swap", 0.0), ("swap", 0.9)])
def test_impossible_wishes_are_wrong_usage(good: Place, kinds: str, fraction: float) -> None:
    with pytest.raises(UsageError):
        selftest(good, SILENT, kinds=kinds, fraction=fraction)


def test_predictions_of_a_trained_patient_are_named(tmp_path: Path, small: Path) -> None:
    place = open_place(small, workspace=tmp_path / "w")
    store_near_labels(place, kind="in-sample")
    assert selftest(place, SILENT, fraction=0.05).predictions_kind == "in-sample"
