from __future__ import annotations

import json
from typing import Any

import pytest

from skintui.errors import FilterError
from skintui.session.rules import Having, Order, Rules, Where

RULES = Rules((Where("areaMM2 > 20", 3), Having("verdict", "unsure", without=True)), Order("age_approx", True, 1))


def test_rules_come_back_from_json_as_they_were() -> None:
    assert Rules.of(json.loads(json.dumps(RULES.plain()))) == RULES


def test_attributes_are_kept_by_name() -> None:
    assert RULES.plain()["filters"][0] == {"expression": "areaMM2 > 20", "attribute": "clin_size_long_diam_mm"}


def test_the_same_filter_holds_once() -> None:
    assert Rules().narrowed(Where("1 = 1")).narrowed(Where("1 = 1")) == Rules((Where("1 = 1"),))


@pytest.mark.parametrize(
    "value",
    [None, 3, [], {}, {"filters": 3, "order": None}, {"filters": [{}], "order": None},
     {"filters": [], "order": {"a": 1}},
     {"filters": [{"expression": "x", "attribute": "nonsense"}], "order": None}],
)  # fmt: skip
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(FilterError, match="damaged"):
        Rules.of(value)
