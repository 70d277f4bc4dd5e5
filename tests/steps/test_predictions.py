from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from skintui.steps.place import Place
from skintui.steps.predictions import Predictions, read_about, read_predictions, write_predictions
from tests.made_results import copied, drawn_lesions, prepared

__all__ = ["drawn_lesions", "prepared"]

Change = Callable[[pl.DataFrame], pl.DataFrame]


def read_again(place: Place, change: Change) -> Predictions:
    """The stored predictions after a change of their rows."""
    path = place.workspace.predictions
    about = read_about(path)
    write_predictions(path, change(pl.read_parquet(path)), about)
    return read_predictions(path, place.lesions())


@pytest.fixture
def place(prepared: Place, tmp_path: Path) -> Place:
    return copied(prepared, tmp_path / "workspace")


def test_each_value_stands_at_its_lesion_and_attribute(place: Place) -> None:
    read = read_predictions(place.workspace.predictions, place.lesions())
    stored = pl.read_parquet(place.workspace.predictions)
    row, name = 7, "perimeterMM"
    (value,) = stored.filter(isic_id=place.lesions().ids[row], attribute=name)["predicted"]
    assert read.predicted[row, 2] == value


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.reverse(),
        lambda frame: frame.sort("attribute"),
        lambda frame: frame.sample(fraction=1, seed=1, shuffle=True),
    ],
    ids=["reversed", "by attribute", "shuffled"],
)
def test_the_order_of_the_rows_does_not_matter(place: Place, change: Change) -> None:
    before = read_predictions(place.workspace.predictions, place.lesions())
    after = read_again(place, change)
    assert np.array_equal(before.predicted, after.predicted, equal_nan=True)
    assert np.array_equal(before.spread, after.spread, equal_nan=True)
    assert np.array_equal(before.fold, after.fold)


def test_rows_that_are_missing_are_nan(place: Place) -> None:
    after = read_again(place, lambda frame: frame.slice(16))
    assert np.isnan(after.predicted[0]).all()
    assert np.isfinite(after.predicted[1:]).any(axis=1).all()


def test_values_that_are_missing_are_nan(place: Place) -> None:
    first = pl.int_range(pl.len()) == 3
    after = read_again(place, lambda frame: frame.with_columns(predicted=pl.when(~first).then("predicted")))
    assert np.isnan(after.predicted[0, 3])
    assert np.isfinite(after.predicted[0, 4])


@pytest.mark.parametrize("change", [lambda frame: frame, lambda frame: frame.reverse()])
def test_a_matrix_that_is_not_wanted_is_nan(place: Place, change: Change) -> None:
    whole = read_again(place, change)
    found = read_predictions(place.workspace.predictions, place.lesions(), ("spread",))
    np.testing.assert_array_equal(found.spread, whole.spread)
    assert np.isnan(found.predicted).all()
    assert found.predicted.shape == whole.predicted.shape
