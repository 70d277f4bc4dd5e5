from __future__ import annotations

import numpy as np

from skintui.vectors.order import Tour, entering


def test_a_tour_goes_on_to_the_nearest_stop_that_is_left() -> None:
    """On a line from 0: to 1 rather than to -2; from there -2 is three away and 7 six."""
    sample = np.repeat(np.array([[0.0], [7.0], [1.0], [-2.0]], np.float32), 2, axis=0)
    tour = Tour.through(sample[::2], 4 * 64)
    assert tour.stops[:, 0].tolist() == [0.0, 1.0, -2.0, 7.0]
    assert tour.stop_of(np.array([[6.0], [0.9], [-9.0]], np.float32)).tolist() == [3, 1, 2]


def test_few_lesions_have_one_stop_and_none_one_at_the_origin() -> None:
    assert Tour.through(np.ones((5, 2), np.float32), 5).stops.shape == (1, 2)
    assert Tour.through(np.empty((0, 2), np.float32), 0).stops.tolist() == [[0.0, 0.0]]


def test_a_random_tenth_enters_first_and_the_others_along_the_tour() -> None:
    stops = (np.arange(1000) % 7).astype(np.int16)
    order = entering(stops)
    assert np.array_equal(np.sort(order), np.arange(1000))
    assert np.all(np.diff(stops[order[100:]]) >= 0)
    assert len(set(stops[order[:100]].tolist())) == 7


def test_the_order_is_the_same_every_time() -> None:
    stops = np.zeros(50, np.int16)
    assert entering(stops).tolist() == entering(stops).tolist()
