from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from skintui.dataset.identities import AREA_STEP, RULES, broken_identities, check_identities
from skintui.dataset.metadata import read_metadata
from tests.dataset.conftest import table

N = 40


def with_value(column: str, value: float | None, row: int = 7) -> pl.DataFrame:
    frame = table(N)
    frame[row, column] = value
    return frame


def suspects(frame: pl.DataFrame) -> set[tuple[str, str]]:
    broken = broken_identities(frame)
    return set(zip(broken["isic_id"].to_list(), broken["column"].to_list(), strict=True))


def test_a_right_table_breaks_nothing() -> None:
    check = check_identities(table(N))
    assert check.broken.height == 0
    assert check.not_applied == ()


def test_columns_are_as_promised_even_without_findings() -> None:
    expected = {
        "isic_id": pl.String,
        "column": pl.String,
        "rule": pl.String,
        "expected": pl.Float64,
        "found": pl.Float64,
    }
    assert dict(broken_identities(table(N)).schema) == expected
    assert dict(broken_identities(with_value("tbp_lv_A", 90.0)).schema) == expected


def test_a_wrong_difference_is_expected_and_found_by_hand() -> None:
    # Row 7: A = 27, Aext = 17.5, so deltaA = 9.5.
    rows = broken_identities(with_value("tbp_lv_deltaA", -9.5)).rows(named=True)
    assert rows == [
        {
            "isic_id": "ISIC_0000007",
            "column": "tbp_lv_deltaA",
            "rule": "deltaA = A − Aext",
            "expected": 9.5,
            "found": -9.5,
        }
    ]


@pytest.mark.parametrize("column", ["A", "Aext", "B", "Bext", "C", "Hext", "deltaA", "deltaB"])
def test_the_wrong_one_of_the_colours_is_suspected_alone(column: str) -> None:
    frame = with_value(f"tbp_lv_{column}", 12.34567)
    assert suspects(frame) == {("ISIC_0000007", f"tbp_lv_{column}")}


def test_a_wrong_size_leaves_those_in_question_that_nothing_confirms() -> None:
    # The ratio agrees with norm_border, so area or perimeter is wrong.
    area, perimeter = ("ISIC_0000007", "tbp_lv_areaMM2"), ("ISIC_0000007", "tbp_lv_perimeterMM")
    assert suspects(with_value("tbp_lv_perimeterMM", 99.0)) == {area, perimeter}


def test_a_wrong_ratio_breaks_two_rules_and_is_suspected_alone() -> None:
    frame = with_value("tbp_lv_area_perim_ratio", 60.0)
    assert suspects(frame) == {("ISIC_0000007", "tbp_lv_area_perim_ratio")}
    assert broken_identities(frame).height == 2


def test_the_ratio_of_a_circle_is_the_least() -> None:
    rules = broken_identities(with_value("tbp_lv_area_perim_ratio", 9.0))["rule"].to_list()
    assert "area_perim_ratio ≥ 4π" in rules


def test_an_area_off_the_grid_is_found() -> None:
    # Half a pixel beside the grid, with the perimeter to match, so that only the grid rule can tell.
    frame = table(N)
    area = 500.5 * AREA_STEP
    frame[7, "tbp_lv_areaMM2"] = area
    frame[7, "tbp_lv_perimeterMM"] = (float(frame[7, "tbp_lv_area_perim_ratio"]) * area) ** 0.5
    broken = broken_identities(frame)
    assert broken["column"].to_list() == ["tbp_lv_areaMM2"]
    assert "multiple of 0.018765246" in broken["rule"][0]


def test_contrast_may_lie_above_but_not_below() -> None:
    assert suspects(with_value("tbp_lv_deltaLB", 65.0)) == set()
    assert ("ISIC_0000007", "tbp_lv_deltaLB") in suspects(with_value("tbp_lv_deltaLB", 0.5))


@pytest.mark.parametrize("value", [0.0, None])
def test_a_missing_value_breaks_nothing(value: float | None) -> None:
    assert suspects(with_value("tbp_lv_A", value)) == set()
    assert suspects(with_value("tbp_lv_areaMM2", value)) == set()


def test_hue_is_circular() -> None:
    # atan2 of B = −0.0001, A = −20 is −179.9997°, published as +180.
    frame = table(N)
    frame[7, "tbp_lv_A"], frame[7, "tbp_lv_B"] = -20.0, -0.0001
    frame[7, "tbp_lv_C"], frame[7, "tbp_lv_H"] = 20.0, 180.0
    frame[7, "tbp_lv_deltaA"] = -20.0 - float(frame[7, "tbp_lv_Aext"])
    frame[7, "tbp_lv_deltaB"] = -0.0001 - float(frame[7, "tbp_lv_Bext"])
    assert not [rule for rule in broken_identities(frame)["rule"] if rule.startswith("H")]


def test_five_decimals_are_close_enough_and_two_are_not_for_colours() -> None:
    frame = table(N).with_columns((pl.col("tbp_lv_deltaL") + 1e-5).round(5))
    assert broken_identities(frame).height == 0
    assert (
        broken_identities(frame.with_columns(pl.col("tbp_lv_deltaL") + 0.01)).height == 0
    )  # on all rows: another scale
    assert suspects(with_value("tbp_lv_deltaL", -7.49)) != set()


def test_a_table_measured_otherwise_is_not_drowned() -> None:
    frame = table(N).with_columns(pl.col("tbp_lv_areaMM2") * 1.0005)
    check = check_identities(frame)
    assert check.broken.height == 0
    assert [rule.rule for rule in check.not_applied] == [f"areaMM2 is a multiple of {AREA_STEP} mm²"]
    assert not check.not_applied[0].expected_to_hold


def test_an_identity_no_row_obeys_is_told_once() -> None:
    frame = table(N).with_columns(pl.col("tbp_lv_H").radians())
    check = check_identities(frame)
    assert check.broken.height == 0
    (rule,) = check.not_applied
    assert (rule.column, rule.obeyed, rule.tested, rule.expected_to_hold) == ("tbp_lv_H", 0, N, True)


def test_rules_of_absent_columns_are_passed_over() -> None:
    assert broken_identities(table(N).drop("tbp_lv_C", "tbp_lv_H", "tbp_lv_symm_2axis")).height == 0


def test_rules_name_their_left_side_first() -> None:
    assert all(rule.columns[0] == rule.left for rule in RULES)


def test_published_rows_break_nothing(slice3d: Path) -> None:
    frame, _ = read_metadata(slice3d / "vendor-metadata.csv")
    assert check_identities(frame).broken.height == 0
    assert check_identities(frame).not_applied == ()


def test_planted_errors_of_bound_columns_are_found(slice3d: Path) -> None:
    frame, _ = read_metadata(slice3d / "train-metadata.csv")
    planted = pl.read_csv(slice3d / "label-errors.csv", infer_schema=False).select("isic_id", "column")
    bound = [f"tbp_lv_{name}" for name in ("A", "Aext", "B", "Bext", "deltaB", "deltaL")]
    planted = planted.filter(pl.col("column").is_in(bound))
    named = broken_identities(frame).select("isic_id", "column").unique()
    hits = planted.join(named, on=["isic_id", "column"]).height
    assert hits >= 0.98 * planted.height
    assert named.filter(pl.col("column").is_in(bound)).height <= 1.05 * planted.height
