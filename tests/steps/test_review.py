from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from skintui.attributes import BY_NAME
from skintui.errors import UsageError
from skintui.steps.place import Place, open_place
from skintui.steps.review import Decision, review

AREA = BY_NAME["areaMM2"]


@pytest.fixture
def unlabelled(small: Path, tmp_path: Path) -> tuple[Place, str]:
    """The small data set, and the lesion of it that has no area."""
    metadata = tmp_path / "metadata.csv"
    frame = pl.read_csv(next(small.glob("*metadata*.csv")), infer_schema_length=None)
    first = pl.int_range(pl.len()) == 0
    frame.with_columns(pl.when(first).then(None).otherwise(pl.col(AREA.column)).alias(AREA.column)).write_csv(metadata)
    return open_place(small, metadata=metadata, workspace=tmp_path / "workspace"), frame["isic_id"][0]


def test_a_missing_label_is_neither_right_nor_wrong(unlabelled: tuple[Place, str]) -> None:
    place, isic_id = unlabelled
    with pytest.raises(UsageError, match=f"{isic_id} has no label of area to judge; give its value"):
        review(place, Decision(isic_id, AREA, "label_wrong", reviewer="ada"))
    assert not place.workspace.review.exists()


def test_a_missing_label_can_be_given_a_value(unlabelled: tuple[Place, str]) -> None:
    place, isic_id = unlabelled
    decided = review(place, Decision(isic_id, AREA, "label_wrong", value=12.5, reviewer="ada"))
    assert decided.verdict.proposed_value == 12.5
