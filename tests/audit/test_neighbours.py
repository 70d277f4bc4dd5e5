from __future__ import annotations

import numpy as np

from skintui.audit.neighbours import near_labels, summarise

NAN = float("nan")


def test_median_and_mad_by_hand() -> None:
    labels = np.array([9.0, 1.0, 2.0, 4.0])
    found = summarise(labels, np.array([[1, 2, 3]] + [[0, 1, 2]] * 3))
    assert (found.median[0], found.mad[0]) == (2.0, 1.0)


def test_an_even_number_of_neighbours_takes_the_middle() -> None:
    assert summarise(np.array([0.0, 1.0, 3.0]), np.array([[1, 2]] * 3)).median[0] == 2.0


def test_missing_labels_and_missing_neighbours_do_not_count() -> None:
    labels = np.array([5.0, NAN, 7.0])
    found = summarise(labels, np.array([[1, 2], [-1, -1], [2, -1]]))
    assert found.median[0] == 7.0
    assert np.isnan(found.median[1:]).all()


def test_only_ten_neighbours_are_summed_up_and_never_the_lesion_itself() -> None:
    labels = np.arange(20.0)
    near = np.tile(np.arange(15), (20, 1))
    assert np.nansum(np.isfinite(near_labels(labels, near, np.arange(20))), axis=1).tolist() == [10] * 20
    assert near_labels(labels, near, np.array([3]))[0].tolist()[:5][3] != 3.0


def test_without_neighbours_there_is_no_opinion() -> None:
    assert np.isnan(summarise(np.ones(3), None).median).all()
