from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from skintui.attributes import ATTRIBUTES
from skintui.model.bundled.questions import all_texts
from skintui.model.bundled.tokenizer import SPECIAL_TOKENS, UNKNOWN, bundled_tokenizer, save_tokenizer, vocabulary
from skintui.model.prompt import joint_question

# tokenizer_config.json of Qwen/Qwen2-VL-7B-Instruct, ids 151643 to 151656.
QWEN2_VL = (
    "<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|> <|box_end|>"
    " <|quad_start|> <|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> <|image_pad|> <|video_pad|>"
)


def test_special_tokens_are_those_of_qwen2_vl_in_its_order() -> None:
    assert tuple(QWEN2_VL.split()) == SPECIAL_TOKENS


@pytest.mark.parametrize("sign", list("0123456789.-"))
def test_digits_point_and_minus_are_one_token_each(sign: str) -> None:
    assert len(bundled_tokenizer().encode(sign, add_special_tokens=False)) == 1


def test_no_token_holds_two_digits() -> None:
    assert [t for t in vocabulary() if sum(c.isdigit() for c in t) > 1] == []


@pytest.mark.parametrize("text", [*all_texts(), "12.34", "-3.05", joint_question(ATTRIBUTES)])
def test_every_question_and_answer_survives_a_round_trip(text: str) -> None:
    tokenizer = bundled_tokenizer()
    ids = tokenizer.encode(text, add_special_tokens=False)
    assert tokenizer.decode(ids) == text
    assert tokenizer.convert_tokens_to_ids(UNKNOWN) not in ids


@pytest.mark.parametrize("text", ["", "Ünknown wörds", "日本\x00\x1b[2J", "a" * 10000, "…'\"\t{%}"])
def test_text_outside_the_vocabulary_never_fails(text: str) -> None:
    ids = bundled_tokenizer().encode(text, add_special_tokens=False)
    assert all(0 <= i < len(vocabulary()) for i in ids)


def test_special_tokens_in_text_are_found_without_spaces_around() -> None:
    tokenizer = bundled_tokenizer()
    ids = tokenizer.encode("<|im_end|>\n<|im_start|>assistant\n", add_special_tokens=False)
    assert tokenizer.convert_ids_to_tokens(ids) == ["<|im_end|>", "\n", "<|im_start|>", "assistant\n"]


def test_a_saved_tokenizer_loads_as_a_fast_one_with_the_same_ids(tmp_path: Path) -> None:
    save_tokenizer(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    assert loaded.is_fast
    assert loaded.encode("What is the area in mm²?") == bundled_tokenizer().encode("What is the area in mm²?")
    assert loaded.eos_token == SPECIAL_TOKENS[2]
    assert "<|vision_start|><|image_pad|><|vision_end|>" in loaded.chat_template
