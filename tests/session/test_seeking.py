from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from skintui.dataset.view import LesionView
from skintui.session.listing import A, LesionListing
from skintui.session.seeking import Found, seek

N = 5000
"""More than the first block holds."""


@pytest.fixture(scope="module")
def listing() -> LesionListing:
    return LesionListing(LesionView.of(pl.DataFrame({"isic_id": [str(n) for n in range(N)]})))


def wanted(*rows: int, attribute: int = 3) -> NDArray[np.bool_]:
    mask = np.zeros(N * A, dtype=np.bool_)
    mask[np.array(rows, dtype=np.int64) * A + attribute] = True
    return mask


@pytest.mark.parametrize(
    ("start", "step", "index"),
    [(0, 1, 7), (7, 1, 4000), (4500, -1, 4000), (4000, -1, 7), (-1, 1, 7)],
)
def test_the_nearest_in_the_direction_is_found(listing: LesionListing, start: int, step: int, index: int) -> None:
    assert seek(listing, wanted(7, 4000), 3, start, step) == Found(index, wrapped=False)


@pytest.mark.parametrize(("start", "step", "index"), [(4000, 1, 7), (7, -1, 4000)])
def test_at_the_end_it_goes_on_from_the_other_end(listing: LesionListing, start: int, step: int, index: int) -> None:
    assert seek(listing, wanted(7, 4000), 3, start, step) == Found(index, wrapped=True)


@pytest.mark.parametrize("step", [1, -1])
def test_the_only_one_is_found_from_itself(listing: LesionListing, step: int) -> None:
    assert seek(listing, wanted(7), 3, 7, step) == Found(7, wrapped=True)


def test_another_attribute_does_not_count(listing: LesionListing) -> None:
    assert seek(listing, wanted(7), 2, 0, 1) is None
