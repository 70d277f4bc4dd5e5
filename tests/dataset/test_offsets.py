from __future__ import annotations

import polars as pl
import pytest

from skintui.dataset import offsets
from skintui.dataset.offsets import Offsets


@pytest.mark.parametrize("few", [1, 3, 1000])
def test_every_id_is_found_and_no_other(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """In the column and, after a few questions, in a list of it."""
    monkeypatch.setattr(offsets, "_FEW", few)
    names = ["a", "b", "c", "e", "é"]
    index = Offsets(pl.DataFrame({"isic_id": names, "offset": range(5), "size": [9] * 5}))
    assert [index.find(name) for name in names] == [(place, 9) for place in range(5)]
    assert [index.find(name) for name in ("", "bb", "d", "z", "éa")] == [None] * 5


def test_nothing_is_found_where_nothing_is() -> None:
    assert Offsets(pl.DataFrame({"isic_id": [], "offset": [], "size": []})).find("a") is None


def test_ids_in_the_order_of_the_file() -> None:
    index = Offsets(pl.DataFrame({"isic_id": ["a", "b", "c", "d"], "offset": [40, -1, 7, 90], "size": [9] * 4}))
    assert index.as_stored(["a", "c", "d", "b"]) == ["b", "c", "a", "d"]
    assert index.as_stored([]) == []
