from __future__ import annotations

import numpy as np
import pytest

from skintui.vectors.axes import MOST_AXES, Axes
from skintui.vectors.structured import structured_vectors


def test_coordinates_and_what_is_left() -> None:
    """Of (3, 4, 12) the axis (0, 1, 0) takes 4 and leaves (3, 0, 12), whose length is the root of 153."""
    axes = Axes(np.array([[0.0, 1.0, 0.0]], np.float32))
    coordinates, rests = axes.of(np.array([[3.0, 4.0, 12.0], [0.0, -2.0, 0.0]], np.float32))
    assert coordinates.tolist() == [[4.0], [-2.0]]
    assert rests.tolist() == pytest.approx([153**0.5, 0.0])


def test_one_vector_is_split_like_many() -> None:
    axes = Axes(np.array([[0.0, 1.0, 0.0]], np.float32))
    coordinates, rest = axes.split(np.array([3.0, 4.0, 12.0], np.float32))
    assert (coordinates.tolist(), rest.tolist()) == ([4.0], [3.0, 0.0, 12.0])


def test_the_axis_of_vectors_on_a_line_is_the_line() -> None:
    """All are multiples of (3, 4, 0, 0) / 5."""
    vectors = np.outer([-2.0, 1.0, 5.0], [0.6, 0.8, 0.0, 0.0]).astype(np.float32)
    assert np.allclose(np.abs(Axes.learnt(vectors).directions), [[0.6, 0.8, 0.0, 0.0]], atol=1e-5)


def test_axes_leave_as_little_as_the_principal_ones() -> None:
    """Singular values tell how little can be left."""
    vectors = structured_vectors(2000, 256, clusters=30)
    vectors -= vectors.mean(axis=0)
    axes = Axes.learnt(vectors)
    values = np.linalg.svd(vectors, compute_uv=False)
    least = np.sqrt(np.sum(values[len(axes.directions) :] ** 2))
    assert np.linalg.norm(axes.of(vectors)[1]) < 1.02 * least


@pytest.mark.parametrize(("d", "count"), [(1, 1), (64, 16), (3584, MOST_AXES)])
def test_coordinates_take_at_most_a_quarter_of_the_vectors(d: int, count: int) -> None:
    assert Axes.learnt(np.random.default_rng(0).standard_normal((5, d)).astype(np.float32)).directions.shape == (
        count,
        d,
    )


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_directions_are_orthonormal_however_few_or_alike_the_vectors(rows: int) -> None:
    directions = Axes.learnt(np.zeros((rows, 64), np.float32)).directions
    assert np.allclose(directions @ directions.T, np.eye(16), atol=1e-5)
    alike = Axes.learnt(np.ones((rows, 64), np.float32)).directions
    assert np.allclose(alike @ alike.T, np.eye(16), atol=1e-5)
