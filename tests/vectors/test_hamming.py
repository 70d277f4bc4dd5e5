from __future__ import annotations

import numpy as np
import pytest

from skintui.vectors.hamming import nearest_codes

CODES = np.random.default_rng(0).integers(0, 256, (5000, 16), dtype=np.uint8)
QUERY = CODES[17] ^ np.uint8(1)
DISTANCE = np.unpackbits(CODES ^ QUERY, axis=1).sum(axis=1)


def test_the_nearest_codes_by_counting_bits() -> None:
    near = nearest_codes(CODES, QUERY, 50)
    assert DISTANCE[near].tolist() == sorted(DISTANCE)[:50]


@pytest.mark.parametrize("share", [0.01, 0.5, 0.95])
def test_a_mask_is_kept_however_wide(share: float) -> None:
    allowed = np.random.default_rng(1).random(5000) < share
    near = nearest_codes(CODES, QUERY, 20, allowed)
    assert allowed[near].all()
    assert sorted(DISTANCE[near]) == sorted(DISTANCE[allowed])[:20]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_no_more_than_allowed_are_found(count: int) -> None:
    allowed = np.zeros(5000, np.bool_)
    allowed[100 : 100 + count] = True
    assert sorted(nearest_codes(CODES, QUERY, 10, allowed)) == list(range(100, 100 + count))


def test_nearly_all_allowed_and_all_asked_for_leaves_out_the_rest() -> None:
    allowed = np.ones(5000, np.bool_)
    allowed[17] = False
    assert 17 not in nearest_codes(CODES, QUERY, 5000, allowed)
