from __future__ import annotations

from typing import Any

import pytest

from skintui.attributes import ATTRIBUTES, attribute
from skintui.errors import ModelError
from skintui.model.prompt import Prompt, format_answer, joint_question, parse_answer
from skintui.model.reader import LesionReader
from tests.tiny import TEMPLATE

AREA, DELTA_L = attribute("areaMM2"), attribute("deltaL")


def test_prefix_and_question_are_the_templates_own_text(tiny_reader: LesionReader) -> None:
    prompt = tiny_reader.prompt
    content = [{"type": "image"}, {"type": "text", "text": AREA.question}]
    message = [{"role": "user", "content": content}]
    whole = prompt.tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
    whole = whole.replace("<|image_pad|>", "<|image_pad|>" * prompt.image_tokens)
    ids = prompt.tokenizer.encode(whole, add_special_tokens=False)
    assert [*prompt.prefix, *prompt.question(AREA.question)] == ids


def test_prefix_ends_with_the_image(tiny_reader: LesionReader) -> None:
    prompt = tiny_reader.prompt
    assert prompt.tokenizer.decode(prompt.prefix[-2:]) == "<|image_pad|><|vision_end|>"
    assert prompt.prefix.count(prompt.prefix[prompt.image_start]) == prompt.image_tokens == 16


def test_an_answer_ends_with_the_end_of_turn(tiny_reader: LesionReader) -> None:
    ids = tiny_reader.prompt.answer("12.34")
    assert len(ids) == 6
    assert tiny_reader.prompt.tokenizer.decode(ids) == "12.34<|im_end|>"
    assert tiny_reader.prompt.text(ids) == "12.34"


@pytest.mark.parametrize("template", [None, "{{ messages }}", TEMPLATE.replace("content in message['content']", "x")])
def test_a_template_without_an_image_is_refused(tiny_reader: LesionReader, template: str | None) -> None:
    import copy

    tokenizer: Any = copy.copy(tiny_reader.prompt.tokenizer)
    tokenizer.chat_template = template
    with pytest.raises(ModelError, match="chat template"):
        Prompt.of(tokenizer, (4, 4))


def test_a_template_with_the_question_before_the_image_is_refused(tiny_reader: LesionReader) -> None:
    import copy

    tokenizer: Any = copy.copy(tiny_reader.prompt.tokenizer)
    tokenizer.chat_template = "{{ messages[0].content[1].text }}<|vision_start|><|image_pad|><|vision_end|>"
    with pytest.raises(ModelError, match="before the question"):
        Prompt.of(tokenizer, (4, 4))


def test_answers_have_two_decimals_and_no_unit() -> None:
    assert format_answer(AREA, 12.3) == "12.30"
    assert format_answer(DELTA_L, -4.126) == "-4.13"


def test_a_small_negative_is_not_minus_zero() -> None:
    assert format_answer(DELTA_L, -0.001) == "0.00"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.34", 12.34),
        (" 7 ", 7.0),
        ("12.34 mm²", 12.34),
        ("", None),
        ("about 12", None),
        ("12.3.4", None),
        ("nan", None),
        ("1e3", None),
        ("1234567.00", None),
        ("-3.00", None),
        ("12.34 kg", None),
        ("１２", None),
    ],
)
def test_only_a_plausible_number_is_an_answer(text: str, value: float | None) -> None:
    assert parse_answer(AREA, text) == value


def test_a_joint_question_names_each_attribute_once() -> None:
    assert joint_question([AREA, DELTA_L]) == "What are the area in mm² and the L* contrast?"


def test_a_joint_question_of_three() -> None:
    asked = joint_question([AREA, attribute("A"), DELTA_L])
    assert asked == "What are the area in mm², A* inside the lesion and the L* contrast?"


def test_a_joint_question_of_one_is_its_own() -> None:
    assert joint_question([AREA]) == AREA.question


def test_every_question_fits_the_joint_form() -> None:
    assert all(a.question.startswith("What is ") and a.question.endswith("?") for a in ATTRIBUTES)
