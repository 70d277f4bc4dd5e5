import numpy as np

from skintui.steps.scale.searching import recall_of


def test_recall_of_half_the_best() -> None:
    assert recall_of([np.array([1, 2]), np.array([3, 9])], [np.array([1, 8]), np.array([4, 9])], 2) == 0.5


def test_a_row_that_ties_with_the_last_counts() -> None:
    assert recall_of([np.array([1, 3])], [np.array([1, 2, 3])], 2) == 1


def test_of_nothing_nothing_is_found() -> None:
    assert recall_of([np.array([], np.int64)], [np.array([], np.int64)]) == 0
