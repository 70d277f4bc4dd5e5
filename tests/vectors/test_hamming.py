from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from skintui.vectors.hamming import distances, in_parts


def codes(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 16), dtype=np.uint8)


def test_the_distance_is_the_number_of_differing_bits() -> None:
    """1 and 3 differ in one bit, 0 and 255 in eight; a code and itself in none."""
    stored = np.zeros((2, 8), np.uint8)
    stored[0, 0], stored[1, 7] = 3, 255
    query = np.zeros(8, np.uint8)
    query[0] = 1
    assert distances(stored, np.stack([query, stored[0]])).tolist() == [[1, 0], [9, 10]]


@pytest.mark.parametrize("count", [1, 255, 40_000])
def test_distances_are_those_counted_bit_by_bit(count: int) -> None:
    stored, query = codes(count), codes(2, seed=1)
    counted = [np.unpackbits(stored ^ one, axis=1).sum(axis=1) for one in query]
    assert np.array_equal(distances(stored, query), np.stack(counted, axis=1))


def test_picked_codes_have_the_distances_they_have_among_all() -> None:
    stored, query = codes(2000), codes(1, seed=1)
    picked = np.array([1999, 3, 3, 700])
    assert np.array_equal(distances(stored, query, picked), distances(stored, query)[picked])


def test_no_code_is_no_distance() -> None:
    assert distances(np.empty((0, 16), np.uint8), codes(1)).size == 0
    assert distances(codes(5), codes(1), np.empty(0, np.int64)).size == 0


def test_parts_cover_everything_once() -> None:
    parts: list[tuple[int, int]] = []
    in_parts(lambda start, stop: parts.append((start, stop)), 1001, least=10)
    parts.sort()
    assert (parts[0][0], parts[-1][1]) == (0, 1001)
    assert all(before[1] == after[0] for before, after in pairwise(parts))


def test_an_error_in_a_part_is_raised() -> None:
    def fail(start: int, stop: int) -> None:
        raise ValueError(start)

    with pytest.raises(ValueError, match="0"):
        in_parts(fail, 100, least=1)
