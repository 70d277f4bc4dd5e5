from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from skintui.bundled import demo_dataset
from skintui.dataset.drawn.faults import KINDS, Kind, plant_faults
from skintui.errors import DatasetError, UsageError

COLUMNS = ("tbp_lv_areaMM2", "tbp_lv_deltaL")


@pytest.fixture
def table() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    area = np.exp(rng.normal(1.7, 0.6, 2000))
    area[:50] = 0.0  # stands for missing
    return pl.DataFrame(
        {
            "isic_id": [f"ISIC_{n:07d}" for n in range(2000)],
            "tbp_lv_areaMM2": area,
            "tbp_lv_deltaL": -8.9 + rng.normal(0, 3.4, 2000),
            "sex": ["male"] * 2000,
        }
    ).with_columns(
        pl.when(pl.int_range(2000) < 20).then(None).otherwise(pl.col("tbp_lv_deltaL")).alias("tbp_lv_deltaL")
    )


def test_the_share_counts_present_cells(table: pl.DataFrame) -> None:
    _frame, truth = plant_faults(table, 0.02, 1, COLUMNS)
    assert truth.height == round(0.02 * (1950 + 1980))


def test_truth_says_what_stands_in_the_tables(table: pl.DataFrame) -> None:
    frame, truth = plant_faults(table, 0.05, 1, COLUMNS)
    before = {row["isic_id"]: row for row in table.iter_rows(named=True)}
    after = {row["isic_id"]: row for row in frame.iter_rows(named=True)}
    for row in truth.iter_rows(named=True):
        assert before[row["isic_id"]][row["column"]] == row["original"]
        assert after[row["isic_id"]][row["column"]] == row["corrupted"]


def test_nothing_else_is_touched(table: pl.DataFrame) -> None:
    frame, truth = plant_faults(table, 0.05, 1, COLUMNS)
    changed = sum((frame[c].fill_null(0) != table[c].fill_null(0)).sum() for c in COLUMNS)
    assert changed == truth.height
    assert frame["sex"].equals(table["sex"])
    assert frame.columns == table.columns
    assert [frame[c].null_count() for c in COLUMNS] == [table[c].null_count() for c in COLUMNS]


def test_missing_cells_stay_missing(table: pl.DataFrame) -> None:
    frame, _truth = plant_faults(table, 0.5, 1, COLUMNS)
    assert (frame["tbp_lv_areaMM2"][:50] == 0).all()
    assert frame["tbp_lv_deltaL"][:20].is_null().all()


def test_each_fault_is_clear(table: pl.DataFrame) -> None:
    _frame, truth = plant_faults(table, 0.1, 1, COLUMNS)
    for column in COLUMNS:
        present = table[column].drop_nulls().to_numpy()
        sd = present[present != 0].std()
        mine = truth.filter(pl.col("column") == column)
        assert ((mine["corrupted"] - mine["original"]).abs() >= 0.5 * sd).all()


def test_every_kind_occurs_and_is_what_it_says(table: pl.DataFrame) -> None:
    _frame, truth = plant_faults(table, 0.2, 1, COLUMNS)
    assert set(truth["kind"]) == set(KINDS)
    for row in truth.iter_rows(named=True):
        before, after = row["original"], row["corrupted"]
        if row["kind"] == "sign":
            assert after == pytest.approx(-before, abs=1e-6)
        elif row["kind"] == "scale":
            assert after / before == pytest.approx(10, rel=1e-4) or after / before == pytest.approx(0.1, rel=1e-4)
        elif row["kind"] == "digits":
            # a transposed 10 is 01, written 1
            digits = [sorted(f"{abs(value):.4f}".replace("0", "")) for value in (before, after)]
            assert digits[0] == digits[1]
        elif row["kind"] == "swap":
            assert np.isclose(table[row["column"]].fill_null(0).to_numpy(), after, atol=1e-6).any()
    shifts = truth.filter((pl.col("kind") == "shift") & (pl.col("column") == "tbp_lv_deltaL"))
    sd = float(table["tbp_lv_deltaL"].drop_nulls().to_numpy().std())
    assert (shifts["corrupted"] - shifts["original"]).abs().to_numpy() == pytest.approx(3 * sd, rel=1e-4)


def test_the_same_seed_plants_the_same_faults(table: pl.DataFrame) -> None:
    assert plant_faults(table, 0.02, 7, COLUMNS)[1].equals(plant_faults(table, 0.02, 7, COLUMNS)[1])
    assert not plant_faults(table, 0.02, 7, COLUMNS)[1].equals(plant_faults(table, 0.02, 8, COLUMNS)[1])


def test_the_demo_was_spoilt_like_this() -> None:
    folder = demo_dataset()
    truth = pl.read_csv(folder / "label-errors.csv")
    frame = pl.read_csv(folder / "train-metadata.csv", infer_schema_length=None)
    for (column,), faults in truth.group_by("column"):
        name, known = str(column), dict(faults.select("isic_id", "original").iter_rows())
        right = pl.col("isic_id").replace_strict(known, default=pl.col(name), return_dtype=pl.Float64)
        frame = frame.with_columns(right.alias(name))
    assert plant_faults(frame, 0.02, 7)[1].equals(truth)


@pytest.mark.parametrize("kinds", [("swap",), ("sign", "digits")])
def test_only_the_kinds_asked_for(table: pl.DataFrame, kinds: tuple[Kind, ...]) -> None:
    _frame, truth = plant_faults(table, 0.05, 1, COLUMNS, kinds)
    assert set(truth["kind"]) == set(kinds)
    assert truth.height == round(0.05 * (1950 + 1980))


@pytest.mark.parametrize("kinds", [(), ("swap", "typo")])
def test_no_or_an_unknown_kind_is_refused(table: pl.DataFrame, kinds: tuple[Kind, ...]) -> None:
    with pytest.raises(UsageError, match="unknown kind of error"):
        plant_faults(table, 0.05, 1, COLUMNS, kinds)


def test_no_share_leaves_the_table(table: pl.DataFrame) -> None:
    frame, truth = plant_faults(table, 0.0, 1, COLUMNS)
    assert frame.equals(table)
    assert truth.height == 0
    assert truth.columns == ["isic_id", "column", "kind", "original", "corrupted"]


def test_a_constant_column_takes_no_fault() -> None:
    frame = pl.DataFrame({"isic_id": ["ISIC_0000001", "ISIC_0000002"], "tbp_lv_areaMM2": [2.0, 2.0]})
    assert plant_faults(frame, 0.5, 1, ("tbp_lv_areaMM2",))[1].height == 0


@pytest.mark.parametrize("share", [-0.1, 0.51, float("nan")])
def test_an_impossible_share_is_refused(table: pl.DataFrame, share: float) -> None:
    with pytest.raises(UsageError, match="share of faulty cells"):
        plant_faults(table, share, 1, COLUMNS)


def test_an_absent_column_is_named(table: pl.DataFrame) -> None:
    with pytest.raises(DatasetError, match="tbp_lv_A"):
        plant_faults(table, 0.1, 1, ("tbp_lv_A",))
