from __future__ import annotations

import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.errors import ModelError
from skintui.model.reader import LesionReader
from skintui.model.samples import Order, drawn_attributes, questions


def test_an_epoch_meets_every_usable_sample_once() -> None:
    labels = np.ones((10, 16))
    labels[4] = np.nan
    order = Order.of(labels, batch_size=4, epochs=2, seed=0)
    met = np.concatenate([order.batch(step) for step in range(order.steps_per_epoch)])
    assert sorted(met) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert order.steps == 6


def test_epochs_and_seeds_differ_in_order() -> None:
    labels = np.ones((50, 16))
    order = Order.of(labels, batch_size=50, epochs=2, seed=0)
    other = Order.of(labels, batch_size=50, epochs=2, seed=1)
    assert order.batch(0).tolist() != order.batch(1).tolist()
    assert order.batch(0).tolist() != other.batch(0).tolist()
    assert order.batch(1).tolist() == order.batch(1).tolist()


def test_nothing_to_learn_from_is_an_error() -> None:
    with pytest.raises(ModelError, match="no tile has a label"):
        Order.of(np.full((3, 16), np.nan), 4, 1, 0)


def test_missing_labels_are_not_asked_while_there_are_others(tiny_reader: LesionReader) -> None:
    labels = np.full(16, 2.0)
    labels[[0, 5]] = np.nan
    left_out = {tiny_reader.prompt.question(ATTRIBUTES[a].question) for a in (0, 5)}
    for seed in range(20):
        asked = questions(tiny_reader.prompt, labels, drawn_attributes(labels, 14, (0, seed)))
        assert len({q.asked for q in asked}) == 14
        assert not left_out & {q.asked for q in asked}


def test_a_tile_short_of_labels_is_asked_without_answers(tiny_reader: LesionReader) -> None:
    labels = np.full(16, np.nan)
    labels[3] = 2.0
    asked = questions(tiny_reader.prompt, labels, drawn_attributes(labels, 5, (0, 1)))
    assert [q.answer is not None for q in asked] == [True, False, False, False, False]
    assert asked[0].answer == tiny_reader.prompt.answer("2.00")
