"""A corrected value among its siblings."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from skintui.dataset.dependants import breaches, dependants
from skintui.dataset.identities import RULES, rules_that_hold
from tests.dataset.conftest import table

ROW: dict[str, Any] = {
    "tbp_lv_areaMM2": 8.0,
    "tbp_lv_perimeterMM": 12.0,
    "tbp_lv_area_perim_ratio": 18.0,  # 12² / 8
    "tbp_lv_symm_2axis": 0.3,
    "tbp_lv_norm_border": 3.213906,  # 0.18184·18 + 7.41842·0.3 − 2.28474
    "tbp_lv_B": 20.0,
    "tbp_lv_Bext": 15.0,
    "tbp_lv_deltaB": 5.0,
    "tbp_lv_deltaL": -12.0,
    "tbp_lv_deltaLB": 13.5,  # at least √(12² + 5²) = 13
}


def test_a_value_in_line_with_its_siblings_breaks_nothing() -> None:
    assert breaches("tbp_lv_areaMM2", 8.0, 0.05, ROW) == []


def test_a_broken_rule_is_told_with_what_it_gives() -> None:
    # 12² / 9 = 16, the table says 18.
    (breach,) = breaches("tbp_lv_areaMM2", 9.0, 0.05, ROW)
    assert breach.rule == "area_perim_ratio = perimeterMM² / areaMM2"
    assert (breach.column, breach.expected, breach.found) == ("tbp_lv_area_perim_ratio", 16.0, 18.0)


def test_a_value_that_a_rule_determines_is_told_what_it_should_be() -> None:
    # deltaB = 20 − 15.
    (breach,) = breaches("tbp_lv_deltaB", 7.0, 0.05, ROW | {"tbp_lv_deltaLB": 20.0})
    assert (breach.column, breach.expected, breach.found) == ("tbp_lv_deltaB", 5.0, 7.0)


def test_a_rounded_number_stands_for_all_that_round_to_it() -> None:
    # 7.6 breaks 18 by 0.95; typed as "8" it may be anything up to 8.5, where the ratio is 16.9.
    row = ROW | {"tbp_lv_area_perim_ratio": 17.5}
    assert breaches("tbp_lv_areaMM2", 8.0, 0.5, row) == []
    assert [b.column for b in breaches("tbp_lv_areaMM2", 8.0, 0.005, row)] == ["tbp_lv_area_perim_ratio"]


def test_no_person_is_asked_for_whole_pixels() -> None:
    assert breaches("tbp_lv_areaMM2", 8.0, 0.0, {"tbp_lv_areaMM2": 3.0}) == []


def test_an_inequality_is_broken_on_one_side_only() -> None:
    # √(12² + 5²) = 13
    assert breaches("tbp_lv_deltaLB", 20.0, 0.05, ROW) == []
    (breach,) = breaches("tbp_lv_deltaLB", 12.0, 0.05, ROW)
    assert (breach.expected, breach.found) == (13.0, 12.0)


@pytest.mark.parametrize("missing", [None, 0.0, float("nan")])
def test_a_rule_with_a_missing_column_says_nothing(missing: float | None) -> None:
    row = ROW | {"tbp_lv_perimeterMM": missing}
    assert breaches("tbp_lv_areaMM2", 9.0, 0.05, row) == []
    assert dependants("tbp_lv_areaMM2", 9.0, row) == ()


def test_what_follows_from_an_area_is_worked_out_down_the_line() -> None:
    # 144 / 9 = 16; 0.18184·16 + 7.41842·0.3 − 2.28474 = 2.850226
    found = [(d.attribute.name, d.old, d.new) for d in dependants("tbp_lv_areaMM2", 9.0, ROW)]
    assert found == [("area_perim_ratio", 18.0, 16.0), ("norm_border", 3.213906, 2.85023)]


def test_a_contrast_follows_from_the_colour_inside() -> None:
    found = [(d.attribute.name, d.old, d.new) for d in dependants("tbp_lv_B", 22.0, ROW)]
    assert found == [("deltaB", 5.0, 7.0)]


def test_what_agrees_already_does_not_follow() -> None:
    # the table's ratio was made from the right area
    row = ROW | {"tbp_lv_area_perim_ratio": 16.0, "tbp_lv_norm_border": 2.85023}
    assert dependants("tbp_lv_areaMM2", 9.0, row) == ()


def test_nothing_follows_that_the_attribute_cannot_be() -> None:
    # 144 / 0.5 = 288, and no border is as jagged as that
    assert dependants("tbp_lv_areaMM2", 0.5, ROW) == ()


def test_nothing_follows_by_an_inequality() -> None:
    assert dependants("tbp_lv_deltaL", -30.0, ROW) == ()


def test_all_rules_hold_in_a_right_table() -> None:
    assert rules_that_hold(table(40)) == RULES


def test_a_rule_of_another_scale_does_not_hold() -> None:
    frame = table(40).with_columns(pl.col("tbp_lv_deltaL") * 2)
    assert "deltaL = L − Lext" not in [rule.text for rule in rules_that_hold(frame)]
