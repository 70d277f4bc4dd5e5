from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from skintui.attributes import attribute
from skintui.model import decode_tree
from skintui.model.decode_tree import CHARACTERS, _Sampled

Row = dict[str, float]


def rows(*nodes: Row) -> NDArray[np.float64]:
    """(1, M, 13) probabilities at the nodes of one tile; ``$`` is the end."""
    table = np.zeros((1, len(nodes), 13))
    for line, node in zip(table[0], nodes, strict=True):
        for character, probability in node.items():
            line[(CHARACTERS + "$").index(character)] = probability
    return table


def sampled(name: str, samples: int) -> _Sampled:
    return _Sampled(torch.Size((1, 1)), [attribute(name)], samples)


def test_codes_choose_by_probability_and_in_order() -> None:
    answers = sampled("deltaL", 4)
    answers.take(rows({"3": 0.5, "1": 0.25, "-": 0.25}))
    assert [CHARACTERS[place] for place in answers.place[0, 0]] == ["-", "1", "3", "3"]


def test_a_code_is_stretched_from_its_piece() -> None:
    # 0.625 of [0.5, 1) is 0.25, 0.875 is 0.75
    answers = sampled("deltaL", 4)
    answers.take(rows({"3": 0.5, "1": 0.5}))
    np.testing.assert_allclose(answers.code[0, 0], [0.25, 0.75, 0.25, 0.75])


def test_a_code_is_mirrored_behind_a_minus() -> None:
    answers = sampled("deltaL", 2)
    answers.take(rows({"-": 1.0}))
    np.testing.assert_allclose(answers.code[0, 0], [0.75, 0.25])


def test_an_answer_is_complete_with_its_decimals() -> None:
    answers = sampled("deltaL", 2)
    for character in "-4.25":
        answers.take(rows({character: 1.0}))
    assert not answers.alive.any()
    np.testing.assert_allclose(answers.values()[0, 0], [-4.25, -4.25])


def test_an_answer_alone_takes_the_rest_from_its_code() -> None:
    # "4." and "5." are alone behind the point; their codes 0.25 and 0.75 are stretched to 0.5 each
    answers = sampled("deltaL", 2)
    answers.take(rows({"4": 0.5, "5": 0.5}))
    answers.node[:] = [0, 1]
    answers.take(rows({".": 1.0}, {".": 1.0}))
    assert not answers.alive.any()
    np.testing.assert_allclose(answers.values()[0, 0], [4.5, 5.5])


def test_other_probability_ends_the_answer() -> None:
    answers = sampled("deltaL", 1)
    answers.take(rows({"4": 1.0}))
    answers.take(rows({"5": 0.3}))  # the other 0.7, a unit perhaps, stand before the digits
    np.testing.assert_allclose(answers.values()[0, 0], [4.0])


def test_what_is_no_number_is_missing() -> None:
    for text in (".", "--", "4..", "4-", "$", "-$", "1234"):
        answers = sampled("deltaL", 2)
        for character in text:
            answers.take(rows({character: 1.0}))
        assert np.isnan(answers.values()).all(), text
        assert not answers.alive.any(), text


def test_likeliest_tokens_are_the_same_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    head, hidden, alphabet = torch.nn.Linear(4, 20, bias=False), torch.randn(2, 5, 4), torch.arange(13)
    with torch.inference_mode():
        whole = decode_tree._likeliest(head(hidden), alphabet)
        monkeypatch.setattr(decode_tree, "_LOGITS", 60)  # three of the ten nodes at a time
        parts = decode_tree._likeliest_next(head, hidden, alphabet)
    assert [part.shape for part in parts] == [(2, 5), (2, 5), (2, 5, 13)]
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
