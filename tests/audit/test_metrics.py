from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skintui.audit.metrics import (
    attribute_difference_percentile,
    average_precision,
    mae,
    mean_ranks,
    precision_at,
    r2,
    spearman,
)

NAN = float("nan")


def test_r2_by_hand() -> None:
    # mean 2, total (1 + 0 + 1) = 2, residuals (0, 1, 0): 1 − 1/2
    assert r2([1, 2, 3], [1, 3, 3]) == 0.5


def test_r2_leaves_out_missing_pairs() -> None:
    assert r2([1, 2, 3, NAN, 9], [1, 3, 3, 5, NAN]) == 0.5


def test_r2_of_constant_labels_is_undefined() -> None:
    assert np.isnan(r2([2, 2], [1, 3]))


def test_mae_by_hand() -> None:
    assert mae([1, 2, NAN], [2, 4, 0]) == 1.5


def test_ties_share_their_mean_rank() -> None:
    assert mean_ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]


def test_spearman_by_hand() -> None:
    # d = (0, 1, −1, 0): 1 − 6·2 / (4·15) = 0.8
    assert spearman([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(0.8)


def test_spearman_of_a_constant_is_undefined() -> None:
    assert np.isnan(spearman([1, 1, 1], [1, 2, 3]))


def test_percentile_by_hand() -> None:
    # q = 10; squared differences 1, 4, 9, 16 to 11, 8, 13, 14. Result 8 (4): one smaller, itself half: 1.5 of 4.
    assert attribute_difference_percentile([10], [[8, 14]], [11, 8, 13, 14]).tolist() == [[37.5, 87.5]]


def test_percentile_counts_ties_half() -> None:
    # 9 and 11 are equally far from 10: both tie with the result, half of 2 of 4.
    assert attribute_difference_percentile([10], [[9]], [9, 11, 20, 30]).item() == 25.0


def test_percentile_of_a_missing_result_is_missing() -> None:
    assert np.isnan(attribute_difference_percentile([10.0, NAN], [[NAN], [3.0]], [1.0, 2.0, NAN])).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30))
def test_percentile_equals_its_definition(seed: int, n: int) -> None:
    r = np.random.default_rng(seed)
    database = r.integers(-20, 20, n) / 4  # quarters: exact in floating point, with many ties
    q, results = r.integers(-20, 20, 3) / 4, r.choice(database, (3, 2))
    got = attribute_difference_percentile(q, results, database)
    for i in range(3):
        all_of = (q[i] - database) ** 2
        for j in range(2):
            mine = (q[i] - results[i, j]) ** 2
            expected = 100 * ((all_of < mine).mean() + (all_of == mine).mean() / 2)
            assert got[i, j] == pytest.approx(expected)


def test_random_results_have_a_mean_percentile_of_fifty() -> None:
    r = np.random.default_rng(0)
    database = r.normal(size=400)
    every = np.tile(database, (20, 1))
    assert attribute_difference_percentile(r.normal(size=20), every, database).mean() == pytest.approx(50)


def test_average_precision_by_hand() -> None:
    # hits at places 1 and 3: (1/1 + 2/3) / 2
    assert average_precision([1, 0, 1, 0], [4, 3, 2, 1]) == pytest.approx(5 / 6)


def test_average_precision_does_not_depend_on_the_order_of_ties() -> None:
    assert average_precision([1, 0, 0], [1, 1, 1]) == average_precision([0, 0, 1], [1, 1, 1]) == pytest.approx(1 / 3)


def test_average_precision_puts_missing_scores_last() -> None:
    assert average_precision([1, 0], [NAN, 1]) == 0.5


def test_average_precision_without_positives_is_undefined() -> None:
    assert np.isnan(average_precision([0, 0], [1, 2]))


def test_precision_at_by_hand() -> None:
    assert precision_at([1, 0, 1, 1], [4, 3, 2, 1], 3) == pytest.approx(2 / 3)


def test_precision_at_shares_a_tie_at_the_edge() -> None:
    # one sure hit, then one place for two equal scores of which one is a hit: (1 + 1/2) / 2
    assert precision_at([1, 1, 0], [2, 1, 1], 2) == 0.75


def test_precision_at_more_than_there_are() -> None:
    assert precision_at([1, 0], [2, 1], 10) == 0.5
