from __future__ import annotations

import numpy as np

from skintui.vectors.signs import LEAST_BITS, Signs, _mixed


def test_bits_are_signs_after_subtracting_the_mean() -> None:
    """Mean (2, -1, 0): (3, -2, 1) is (+, -, +) around it, though it is (+, -, +) and (1, 1, 1) is (-, +, +)."""
    signs = Signs(np.array([2.0, -1.0, 0.0], np.float32))
    bits = np.unpackbits(signs.pack(np.array([[3.0, -2.0, 1.0], [1.0, 1.0, 1.0]], np.float32)), axis=1)
    assert bits[:, :3].tolist() == [[1, 0, 1], [0, 1, 1]]


def test_a_vector_at_the_mean_has_no_bit_set() -> None:
    signs = Signs(np.array([2.0, -1.0], np.float32))
    assert not signs.pack(np.array([[2.0, -1.0]], np.float32)).any()


def test_codes_are_whole_64_bit_words() -> None:
    assert Signs(np.zeros(3, np.float32)).bits == 64
    assert Signs.around(np.zeros(65, np.float32)).bits % 64 == 0


def test_short_vectors_are_turned_several_ways() -> None:
    assert Signs.around(np.zeros(256, np.float32)).bits == LEAST_BITS
    assert Signs.around(np.zeros(3584, np.float32)).bits == 3584


def test_mixing_two_by_two_is_hadamards_matrix() -> None:
    """(3, 1) becomes (3 + 1, 3 - 1)."""
    assert _mixed(np.array([[3.0], [1.0]], np.float32)).tolist() == [[4.0], [2.0]]


def test_blocks_are_mixed_by_themselves() -> None:
    """Six dimensions are three blocks of two: (1, 2, 3, 4, 5, 6) becomes (3, -1, 7, -1, 11, -1)."""
    assert _mixed(np.arange(1, 7, dtype=np.float32)[:, np.newaxis])[:, 0].tolist() == [3, -1, 7, -1, 11, -1]


def test_mixing_is_its_own_inverse_but_for_the_scale() -> None:
    columns = np.random.default_rng(0).standard_normal((512, 3)).astype(np.float32)
    assert np.allclose(_mixed(_mixed(columns)) / 512, columns, atol=1e-5)


def test_mixing_four_is_sylvesters_matrix() -> None:
    mixed = _mixed(np.eye(4, dtype=np.float32))
    assert mixed.tolist() == [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]


def test_a_turn_keeps_angles() -> None:
    columns = np.random.default_rng(0).standard_normal((192, 5)).astype(np.float32)
    turned = Signs.around(np.zeros(192, np.float32)).turns[0].apply(columns)
    assert np.allclose(turned.T @ turned / 64**2, columns.T @ columns, atol=1e-3)


def test_vectors_are_packed_alike_alone_and_together() -> None:
    vectors = np.random.default_rng(2).standard_normal((150, 192)).astype(np.float32)
    signs = Signs.around(np.zeros(192, np.float32))
    assert np.array_equal(signs.pack(vectors), np.concatenate([signs.pack(vectors[[i]]) for i in range(150)]))


def test_the_share_of_differing_bits_is_the_angle() -> None:
    """Two vectors at 60 degrees differ in a third of the signs of random directions."""
    d, bits = 256, Signs.around(np.zeros(256, np.float32))
    first, second = np.zeros((2, d), np.float32)
    first[0], second[0], second[1] = 1.0, 0.5, np.sqrt(0.75)
    codes = np.unpackbits(bits.pack(np.stack([first, second])), axis=1)
    assert abs(np.mean(codes[0] != codes[1]) - 1 / 3) < 0.04


def test_one_long_dimension_does_not_drown_the_angle() -> None:
    """With plain signs a dimension 30 times as long as the others is one bit of 256; turned, it counts as it should."""
    draw = np.random.default_rng(0)
    vectors = draw.standard_normal((200, 256)).astype(np.float32)
    vectors[:, 0] *= 30
    query, rest = vectors[0], vectors[1:]
    cosine = rest @ query / np.linalg.norm(rest, axis=1)

    def agreement(signs: Signs) -> float:
        codes = np.unpackbits(signs.pack(vectors), axis=1)
        return float(np.corrcoef(cosine, (codes[1:] == codes[0]).mean(axis=1))[0, 1])

    assert agreement(Signs.around(np.zeros(256, np.float32))) > 0.95 > agreement(Signs(np.zeros(256, np.float32)))


def test_saved_signs_give_the_same_bits() -> None:
    vectors = np.random.default_rng(1).standard_normal((4, 100)).astype(np.float32)
    signs = Signs.around(vectors.mean(axis=0))
    assert np.array_equal(Signs.of_arrays(signs.arrays()).pack(vectors), signs.pack(vectors))
