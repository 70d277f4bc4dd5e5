from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.audit.identity import lay_over

RULE = "area_perim_ratio = perimeterMM² / areaMM2"
NAMES = [a.name for a in ATTRIBUTES]
AREA, PERIMETER = NAMES.index("areaMM2"), NAMES.index("perimeterMM")


def broken(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["isic_id", "column", "rule"], orient="row")


def scores(value: float = np.nan) -> np.ndarray:
    return np.full((2, 16), value)


def test_the_named_annotation_is_accused() -> None:
    found = lay_over(broken(("I1", "tbp_lv_areaMM2", RULE)), ["I0", "I1"], ATTRIBUTES, scores())
    assert np.argwhere(found.accused).tolist() == [[1, AREA]]
    assert found.texts[found.code[1, AREA]] == RULE


def test_of_several_suspects_the_most_suspicious_is_accused() -> None:
    s = scores(1.0)
    s[0, PERIMETER] = 7.0
    rows = broken(("I0", "tbp_lv_areaMM2", RULE), ("I0", "tbp_lv_perimeterMM", RULE))
    found = lay_over(rows, ["I0", "I1"], ATTRIBUTES, s)
    assert np.argwhere(found.accused).tolist() == [[0, PERIMETER]]
    assert (found.code[0, [AREA, PERIMETER]] >= 0).all()


def test_without_a_model_all_suspects_are_accused() -> None:
    rows = broken(("I0", "tbp_lv_areaMM2", RULE), ("I0", "tbp_lv_perimeterMM", RULE))
    assert lay_over(rows, ["I0", "I1"], ATTRIBUTES, scores()).accused.sum() == 2


@pytest.mark.parametrize("column", ["tbp_lv_C", "nonsense"])
def test_a_column_that_is_not_audited_is_passed_over(column: str) -> None:
    assert not lay_over(broken(("I0", column, "r")), ["I0", "I1"], ATTRIBUTES, scores()).accused.any()


def test_an_unknown_lesion_is_passed_over() -> None:
    assert not lay_over(broken(("I9", "tbp_lv_A", "r")), ["I0", "I1"], ATTRIBUTES, scores()).accused.any()


def test_two_broken_rules_are_both_told() -> None:
    found = lay_over(broken(("I0", "tbp_lv_A", "one"), ("I0", "tbp_lv_A", "two")), ["I0", "I1"], ATTRIBUTES, scores())
    assert found.texts == ["one; two"]


def test_no_identities_is_no_violation() -> None:
    assert lay_over(None, ["I0", "I1"], ATTRIBUTES, scores()).texts == []


def test_of_equal_scores_the_first_named_is_accused() -> None:
    rows = broken(("I0", "tbp_lv_perimeterMM", RULE), ("I0", "tbp_lv_areaMM2", RULE))
    found = lay_over(rows, ["I0", "I1"], ATTRIBUTES, scores(1.0))
    assert np.argwhere(found.accused).tolist() == [[0, PERIMETER]]


def test_each_broken_rule_accuses_on_its_own() -> None:
    s = scores(1.0)
    s[0, PERIMETER] = 7.0
    pair = [("I0", "tbp_lv_areaMM2", RULE), ("I0", "tbp_lv_perimeterMM", RULE)]
    found = lay_over(broken(*pair, ("I0", "tbp_lv_areaMM2", "areaMM2 > 0")), ["I0", "I1"], ATTRIBUTES, s)
    assert np.argwhere(found.accused).tolist() == [[0, AREA], [0, PERIMETER]]
    assert found.texts[found.code[0, AREA]] == f"{RULE}; areaMM2 > 0"


def test_a_cell_may_name_several_columns() -> None:
    rows = broken(("I1", "tbp_lv_areaMM2, perimeterMM", RULE))
    assert np.argwhere(lay_over(rows, ["I0", "I1"], ATTRIBUTES, scores()).accused).tolist() == [
        [1, AREA],
        [1, PERIMETER],
    ]
