from __future__ import annotations

import polars as pl
import pytest

from skintui.dataset.id_search import Ids

IDS = ["ISIC_0015670", "ISIC_0015845", "ISIC_0067150", "ISIC_9970511"]
SEARCH = Ids(pl.Series(IDS))


@pytest.mark.parametrize(
    ("text", "kind", "places"),
    [
        ("ISIC_0015670", "exact", [0]),
        ("isic_0015670", "exact", [0]),
        ("670", "end", [0]),
        ("0015", "part", [0, 1]),
        ("ISIC_0015760", "near", [0]),  # two digits swapped
        ("ISIC_015845", "near", [1]),  # one left out
        ("ISIC_0015945", "near", [1]),  # one wrong
        ("99011", "near", [3]),  # the same digits in order, others between
        ("zzz", "none", []),
        ("abcdefgh", "none", []),
        ("", "none", []),
    ],
)
def test_the_first_way_that_finds_any_counts(text: str, kind: str, places: list[int]) -> None:
    found = SEARCH.find(text)
    assert (found.kind, found.places.tolist()) == (kind, places)


def test_the_nearest_comes_first() -> None:
    found = Ids(pl.Series(["ISIC_1111299", "ISIC_1111118"])).find("ISIC_1111119")
    assert found.places.tolist() == [1, 0]  # one digit wrong; two


def test_the_next_match_is_after_a_place_and_wraps() -> None:
    found = SEARCH.find("0015")
    assert [found.after(start) for start in (0, 1, 2)] == [0, 1, 0]


def test_the_next_like_match_follows_in_nearness() -> None:
    found = Ids(pl.Series(["ISIC_1111299", "ISIC_1111118"])).find("ISIC_1111119")
    assert found.after(0) == 1
    assert found.after(1 + 1) == 0  # the selected lesion stands at position 1


def test_few_letters_are_like_nothing() -> None:
    assert SEARCH.find("0x5").kind == "none"


def test_a_pasted_page_is_like_nothing() -> None:
    assert SEARCH.find("lesion " * 20_000).kind == "none"  # as a pattern it would be too large to compile


def test_ids_without_anything_in_common_are_searched() -> None:
    assert Ids(pl.Series(["alpha01", "beta77"])).find("alpah01").places.tolist() == [0]
