from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from skintui.attributes import ATTRIBUTES
from skintui.errors import ModelError
from skintui.model.reader import LesionReader
from skintui.model.samples import Order, chance_of_an_answer, drawn_attributes, questions, turned


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


def test_a_tile_is_shown_in_all_eight_views() -> None:
    tile = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(2, 2, 3))
    views = {turned(tile, (0, step)).tobytes() for step in range(100)}
    assert len(views) == 8
    assert all(sorted(view) == sorted(tile.tobytes()) for view in views)


def test_a_view_depends_on_its_seed_alone() -> None:
    tile = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(2, 2, 3))
    assert turned(tile, (3, 1)).tobytes() == turned(tile, (3, 1)).tobytes()


def test_the_chance_of_an_answer_counts_what_the_labels_span() -> None:
    labels = np.full((101, 16), np.nan)
    labels[:, 0] = np.linspace(0, 10, 101)  # quantiles .01 and .99: 0.1 and 9.9, in hundredths: 980 answers
    assert chance_of_an_answer(labels)[0] == pytest.approx(-math.log(980))
    assert chance_of_an_answer(labels)[1] == 0
