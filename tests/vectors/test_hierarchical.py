from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from skintui.vectors.hierarchical import hierarchical
from skintui.vectors.search import ViewIndex
from skintui.vectors.store import VectorStore
from tests.vectors.conftest import N


@pytest.fixture
def attributes(index: ViewIndex) -> VectorStore:
    return VectorStore.open(index.folder)


def test_the_nearest_by_image_are_ranked_by_attribute(index: ViewIndex, attributes: VectorStore) -> None:
    image, attribute = index.rows([20])[0], attributes.rows("areaMM2", [20])[0]
    near = index.search(image, 200).rows
    cosine = attributes.rows("areaMM2", near) @ attribute
    hits = hierarchical(index, image, attribute, lambda rows: attributes.rows("areaMM2", rows), 5)
    assert hits.rows.tolist() == near[np.argsort(-cosine)][:5].tolist()
    assert np.allclose(hits.similarity, np.sort(cosine)[::-1][:5], atol=1e-3)


def test_attribute_vectors_are_asked_for_only_the_breadth(index: ViewIndex, attributes: VectorStore) -> None:
    asked: list[int] = []

    def rows(wanted: NDArray[np.int64]) -> NDArray[np.float32]:
        asked.extend(wanted.tolist())
        return attributes.rows("areaMM2", wanted)

    hierarchical(index, index.rows([20])[0], attributes.rows("areaMM2", [20])[0], rows, 5, breadth=30)
    assert len(asked) == len(set(asked)) == 30


def test_vectors_may_have_another_length_than_the_image(index: ViewIndex) -> None:
    hits = hierarchical(index, index.rows([20])[0], [1.0, 0.0], lambda rows: np.c_[np.cos(rows), np.sin(rows)], 3)
    assert len(hits) == 3


def test_a_lesion_whose_answer_failed_is_left_out(index: ViewIndex) -> None:
    def rows(wanted: NDArray[np.int64]) -> NDArray[np.float32]:
        made = np.ones((wanted.size, 2), np.float32)
        made[wanted % 2 == 0] = np.nan
        return made

    hits = hierarchical(index, index.rows([20])[0], [1.0, 1.0], rows, 5)
    assert (hits.rows % 2 == 1).all()
    assert len(hits) == 5


def test_filters_hold_and_an_empty_one_asks_nothing(index: ViewIndex) -> None:
    def refuse(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        raise AssertionError(rows)

    nothing = np.zeros(N, np.bool_)
    assert len(hierarchical(index, index.rows([20])[0], [1.0], refuse, 5, allowed=nothing)) == 0
