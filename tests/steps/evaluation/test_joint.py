from __future__ import annotations

import pytest

from skintui.errors import UsageError
from skintui.steps.evaluation.joint import DEFAULT, parse_joint


def test_sets_keep_the_order_asked_for_and_come_once() -> None:
    found = parse_joint(["deltaL,areaMM2,A", "default", "areaMM2,deltaL"])
    assert [a.name for a in found[0]] == ["deltaL", "areaMM2", "A"]
    assert found[1:] == DEFAULT


def test_one_attribute_is_not_joint() -> None:
    with pytest.raises(UsageError, match="two attributes or more"):
        parse_joint(["areaMM2"])
