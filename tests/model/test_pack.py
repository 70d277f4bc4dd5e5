from __future__ import annotations

import pytest
import torch

from skintui.attributes import ATTRIBUTES
from skintui.model.pack import IGNORED, Packed, Question, pack
from skintui.model.prompt import Prompt
from skintui.model.reader import LesionReader


@pytest.fixture
def small(tiny_reader: LesionReader) -> Prompt:
    """A prompt of 2 tokens, a 1 × 2 image, 1 token; the end token is 9."""
    return Prompt(tiny_reader.prompt.tokenizer, (1, 2), (1, 2, 7, 7, 3), 2, 9)


@pytest.fixture
def two_questions(small: Prompt) -> Packed:
    return pack(small, [[Question((11, 12), (21, 22, 9)), Question((13,), (23, 9))]])


def test_layout_by_hand(two_questions: Packed) -> None:
    # prefix, question 1, question 2, label 1 without its end, label 2 without its end
    assert two_questions.input_ids.tolist() == [[1, 2, 7, 7, 3, 11, 12, 13, 21, 22, 23]]
    assert two_questions.segment.tolist() == [[0, 0, 0, 0, 0, 1, 1, 2, 1, 1, 2]]
    assert two_questions.last.tolist() == [[6, 7]]


def test_positions_by_hand(two_questions: Packed) -> None:
    # text 0 1; the image at 2 takes as many positions as its longer side (2); text 4; both questions from 5 on
    text = [5, 6, 5, 7, 8, 6]
    assert two_questions.position_ids[:, 0].tolist() == [
        [0, 1, 2, 2, 4, *text],
        [0, 1, 2, 2, 4, *text],
        [0, 1, 2, 3, 4, *text],
    ]
    assert two_questions.next_position.tolist() == [[7, 6]]


def test_answer_places_predict_the_answer_with_its_end(two_questions: Packed) -> None:
    assert two_questions.answer_places.tolist() == [[[6, 8, 9], [7, 10, 0]]]
    assert two_questions.answer_ids.tolist() == [[[21, 22, 9], [23, 9, IGNORED]]]


def test_mask_by_hand(two_questions: Packed) -> None:
    seen = (two_questions.mask(torch.float32)[0, 0] == 0).int().tolist()
    assert seen[6] == [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]  # question 1: prefix and itself
    assert seen[7] == [1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0]  # question 2 does not see question 1
    assert seen[9] == [1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0]  # label 1: its question and itself
    assert seen[10] == [1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1]  # label 2 does not see label 1
    assert seen[3] == [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]  # the prefix is causal


def test_padding_is_seen_by_none_but_itself(small: Prompt) -> None:
    packed = pack(small, [[Question((11, 12))], [Question((11,))]])
    seen = packed.mask(torch.float32)[1, 0] == 0
    assert seen[6].nonzero().flatten().tolist() == [6]
    assert seen[:, 6].nonzero().flatten().tolist() == [6]


def test_rows_of_one_layout_share_a_mask(small: Prompt) -> None:
    assert pack(small, [[Question((11,))]] * 3).mask(torch.float32).shape == (1, 1, 6, 6)


def test_unequal_numbers_of_questions_are_refused(small: Prompt) -> None:
    with pytest.raises(ValueError, match="same number"):
        pack(small, [[Question((11,))], []])


def test_positions_are_the_models_own(tiny_reader: LesionReader) -> None:
    prompt = tiny_reader.prompt
    packed = pack(prompt, [[Question(prompt.question(a.question)) for a in ATTRIBUTES]])
    end = len(prompt.prefix)
    for number, attribute in enumerate(ATTRIBUTES, start=1):
        ids = torch.tensor([[*prompt.prefix, *prompt.question(attribute.question)]])
        side = 2 * prompt.grid[0]
        expected, _ = tiny_reader.model.model.get_rope_index(
            ids,
            mm_token_type_ids=(ids == tiny_reader.model.config.image_token_id).int(),
            image_grid_thw=torch.tensor([[1, side, side]]),
        )
        own = packed.segment[0] == number
        ours = torch.cat([packed.position_ids[:, 0, :end], packed.position_ids[:, 0, own]], dim=1)
        assert torch.equal(ours, expected[:, 0])
