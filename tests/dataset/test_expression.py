from __future__ import annotations

import polars as pl
import pytest

from skintui.dataset.expression import matches, named_beside
from skintui.errors import FilterError

FRAME = pl.DataFrame({"isic_id": ["a", "b", "c"], "sex": ["male", "it's", None], "tbp_lv_areaMM2": [1.0, 4.0, 9.0]})


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("lpad(sex, 4000000000) = 'x'", "lpad"),
        ("LPAD (sex, 4) = 'x'", "lpad"),
        ("lpad/* a comment */(sex, 4) = 'x'", "lpad"),
        ("\"lpad\"(sex, 4) = 'x'", "lpad"),
        ("areaMM2 > 1 OR rpad(sex, 9) = 'x'", "rpad"),
        ("replace(replace(sex, 'a', 'aaaa'), 'a', 'aaaa') = 'x'", "replace"),
        ("concat(sex, sex) = 'x'", "concat"),
        ("COLUMNS('tbp.*') > 3", "columns"),
    ],
)
def test_a_function_without_bounds_is_refused_by_name(expression: str, name: str) -> None:
    with pytest.raises(FilterError, match=f"function '{name}' is not available"):
        matches(FRAME, expression)


@pytest.mark.parametrize("sign", ["||", "$"])
def test_joining_texts_is_refused(sign: str) -> None:
    expression = {"||": "sex || sex = 'x'", "$": "sex = $$x$$"}[sign]
    with pytest.raises(FilterError, match="is not available in a filter"):
        matches(FRAME, expression)


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ("sex = 'lpad(sex, 3)'", []),
        ("sex = 'it''s'", [1]),
        ("areaMM2 > 1 -- lpad(", [1, 2]),
        ("sqrt(areaMM2) >= 2", [1, 2]),
        ("abs(areaMM2 - 4) < 1", [1]),
        ("NOT (areaMM2 > 1)", [0]),
        ("sex IN ('male', 'x')", [0]),
        ("areaMM2 > (1 + 2)", [1, 2]),
        ("starts_with(lower(sex), 'm')", [0]),
        ("regexp_like(sex, '^i')", [1]),
        ("CASE WHEN (areaMM2 > 1) THEN TRUE ELSE FALSE END", [1, 2]),
        ("areaMM2 = max(areaMM2)", [2]),
        ("areaMM2 > avg(areaMM2) OVER (PARTITION BY sex)", []),
        ("CAST(areaMM2 AS int) = 4", [1]),
        ("sex IS DISTINCT FROM 'male'", [1, 2]),
    ],
)
def test_what_is_bounded_may_stand_in_a_filter(expression: str, rows: list[int]) -> None:
    assert matches(FRAME, expression).nonzero()[0].tolist() == rows


def test_a_column_beside_the_frame_is_made_when_it_is_named() -> None:
    made: list[str] = []

    def column() -> pl.Series:
        made.append("suspicion")
        return pl.Series([5.0, None, 2.0])

    beside = {"suspicion": column}
    assert matches(FRAME, "areaMM2 > 1", beside).tolist() == [False, True, True]
    assert made == []
    assert matches(FRAME, "Suspicion > 1 AND areaMM2 < 5", beside).tolist() == [True, False, False]
    assert made == ["suspicion"]


def test_the_columns_beside_that_are_named_are_told() -> None:
    beside = {name: lambda: pl.Series([1, 2, 3]) for name in ("suspicion", "flagged")}
    assert named_beside(FRAME, "SUSPICION > 1 AND sex = 'male'", beside) == ("suspicion",)


def test_an_unknown_name_is_told_the_nearest_of_both() -> None:
    with pytest.raises(FilterError, match="did you mean 'suspicion'"):
        matches(FRAME, "suspicoin > 3", {"suspicion": lambda: pl.Series([1, 2, 3])})
