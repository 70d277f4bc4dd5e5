from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from skintui.model.forward import States, answer_loss
from skintui.model.pack import IGNORED, Packed


def one_answer(ids: list[int]) -> Packed:
    """A pass of one tile and one question whose answer has these tokens, read at places 0, 1, …"""
    nothing = torch.zeros(1, 1, dtype=torch.int64)
    return Packed(
        input_ids=nothing,
        position_ids=nothing,
        segment=nothing,
        kind=nothing,
        last=nothing,
        answer_places=torch.arange(len(ids))[None, None],
        answer_ids=torch.tensor(ids)[None, None],
        next_position=nothing,
        image=slice(0, 0),
    )


MODEL = SimpleNamespace(lm_head=lambda states: states)  # the states are the logits
STATES = States(torch.log(torch.tensor([[[0.5, 0.5], [0.25, 0.75]]])), None)


def test_the_loss_is_the_mean_over_answer_tokens() -> None:
    loss = answer_loss(MODEL, one_answer([0, 0]), STATES)
    assert float(loss) == pytest.approx(-(math.log(0.5) + math.log(0.25)) / 2)


def test_a_doubtful_label_costs_the_mixture_of_right_and_wrong() -> None:
    # the answer has probability 1/8; a wrong label reads like this with 1/100: -log(0.125 + 0.01) over 2 tokens
    wrong = torch.log(torch.tensor([[0.01]]))
    loss = answer_loss(MODEL, one_answer([0, 0]), STATES, wrong)
    assert float(loss) == pytest.approx(-math.log(0.135) / 2)


def test_an_answer_that_is_surely_wrong_teaches_nothing() -> None:
    logits = torch.tensor([[[0.0, 20.0]]], requires_grad=True)
    answer_loss(MODEL, one_answer([0]), States(logits, None), torch.log(torch.tensor([[0.01]]))).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert float(logits.grad.abs().max()) < 1e-5


def test_a_question_without_answer_costs_nothing() -> None:
    packed = one_answer([0, 0])
    both = Packed(
        **{
            **vars(packed),
            "answer_places": packed.answer_places.expand(1, 2, 2),
            "answer_ids": torch.tensor([[[0, 0], [IGNORED, IGNORED]]]),
        }
    )
    wrong = torch.log(torch.tensor([[0.01, 0.5]]))
    assert float(answer_loss(MODEL, both, STATES, wrong)) == pytest.approx(-math.log(0.135) / 2)
