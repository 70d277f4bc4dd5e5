from __future__ import annotations

import pytest

from skintui.nouns import counted


@pytest.mark.parametrize(("number", "told"), [(0, "0 verdicts"), (1, "1 verdict"), (1204, "1,204 verdicts")])
def test_one_alone_is_singular(number: int, told: str) -> None:
    assert counted(number, "verdict") == told
