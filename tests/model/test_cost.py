"""Operations and bytes worked by hand on a shape small enough for it, and held against torch's own counter."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from skintui.attributes import ATTRIBUTES
from skintui.model import cost
from skintui.model.layers import Part, decoder_part, kept_bytes, training_bytes, vision_part
from skintui.model.prompt import Prompt
from skintui.model.shapes import PREFIX_TEXT, QUESTION_TOKENS, SHAPES, Shape, layout
from skintui.model.timing import qwen2vl_tokenizer

TOY = Shape("toy", 4, 6, 2, 1, 2, 10, True, depth=1, vision_width=4, vision_heads=2, patch=1)
"""Layer: 16 + 8 + 8 + 16 + 3 · 24 = 120 products a token; block: 48 + 16 + 64 + 64 = 192; merger: 256 + 64 = 320."""


def test_a_decoder_layer_by_hand() -> None:
    layer = cost.decoder_layer(TOY, 3, rank=2)
    assert layer.linear == 2 * 3 * 120
    assert layer.attention == 4 * 3 * 3 * 4
    assert layer.lora == 2 * 3 * 2 * (8 + 6 + 6 + 8 + 3 * 10)
    assert layer.forward == 720 + 144 + 696


def test_training_costs_by_hand() -> None:
    layer = cost.decoder_layer(TOY, 3, rank=2)
    assert layer.training(checkpointing=False) == 1560 + 720 + 2.5 * 144 + 2 * 696
    assert layer.training(checkpointing=True) == 4032 + 1560


def test_the_vision_tower_by_hand() -> None:
    tower = cost.vision_tower(TOY, 8)
    assert tower.linear == 2 * 8 * 192 + 2 * (8 // 4) * 320 + 2 * 8 * 6 * 4
    assert tower.attention == 4 * 8 * 8 * 4


def test_weights_by_hand() -> None:
    matrices, embedding, patches, biases, norms = 2 * 120 + 192 + 320, 40, 24, 16 + 36 + 20, 16 + 4 + 16 + 8
    assert cost.weight_count(TOY) == matrices + embedding + patches + biases + norms == 932
    assert cost.weight_bytes(TOY) == 2 * 932
    assert cost.weight_bytes(TOY, "8bit") == 752 + 4 * (2 * 28 + 36 + 20) + 2 * 180
    assert cost.weight_bytes(TOY, "4bit") == pytest.approx(752 * (4 + 8 / 64 + 32 / 64 / 256) / 8 + 2 * 180)


def test_lora_cache_and_vectors_by_hand() -> None:
    assert cost.lora_count(TOY, 8) == 8 * (2 * 58 + 64 + 52)
    assert cost.lora_bytes(TOY, 8) == 16 * 1856
    assert cost.cache_bytes(TOY, 3) == 2 * 2 * 2 * 2 * 3
    assert cost.vector_bytes(TOY) == 2 * 17 * 4


def test_the_shapes_have_the_published_numbers_of_weights() -> None:
    assert cost.weight_count(SHAPES["7b"]) == 8_291_375_616
    assert cost.weight_count(SHAPES["2b"]) == 2_208_985_600


def test_a_tile_is_256_patches_and_64_tokens() -> None:
    lay = layout(SHAPES["7b"])
    assert (lay.patches, lay.image_tokens, lay.prefix) == (256, 64, 80)
    assert lay.packed == 80 + 222 + 16 * 5
    assert lay.separate[0] == 80 + 13 + 5
    assert layout(SHAPES["7b"], 5).packed == 80 + (13 + 13 + 18 + 13 + 15) + 5 * 5


def test_the_counted_questions_are_those_that_are_asked() -> None:
    prompt = Prompt.of(qwen2vl_tokenizer(), (8, 8))  # whole words: a token or two fewer than byte pairs
    assert len(prompt.prefix) == PREFIX_TEXT + 64
    for attribute, counted in zip(ATTRIBUTES, QUESTION_TOKENS, strict=True):
        assert 0 <= counted - len(prompt.question(attribute.question)) <= 2


def test_five_packed_cost_less_than_five_samples() -> None:
    shape, lay = SHAPES["2b"], layout(SHAPES["2b"], 5)
    packed, separate = cost.packed_pass(shape, lay), cost.separate_passes(shape, lay)
    assert separate.head == packed.head  # as many answers
    assert 2 < separate.forward / packed.forward < 5  # the tile once, the questions as often


@pytest.mark.parametrize("name", SHAPES)
def test_the_formulas_agree_with_torchs_counter(name: str) -> None:
    shape = SHAPES[name]
    parts = (
        (decoder_part(shape, 177, torch.bfloat16, device="meta", attention="eager"), cost.decoder_layer(shape, 177, 8)),
        (vision_part(shape, 256, torch.bfloat16, device="meta", attention="eager"), cost.vision_block(shape, 256, 8)),
    )
    for part, computed in parts:
        with FlopCounterMode(display=False) as forward:
            result = part.call(part.inputs(gradient=True))
        with FlopCounterMode(display=False) as backward:
            result.sum().backward()  # type: ignore[no-untyped-call]
        assert forward.get_total_flops() == pytest.approx(computed.forward, rel=0.01)
        back = computed.training(checkpointing=False) - computed.forward
        assert backward.get_total_flops() == pytest.approx(back, rel=0.02)


def test_what_is_kept_is_counted_by_storage() -> None:
    gelu = Part(torch.nn.GELU(), torch.nn.GELU(), 8, 3, torch.float32, "cpu")
    assert kept_bytes(gelu) == 3 * 8 * 4  # its input
    twice = Part(torch.nn.Identity(), lambda x: x.exp() * 2 + x.exp(), 8, 3, torch.float32, "cpu")
    assert kept_bytes(twice) == 2 * 3 * 8 * 4  # each exponential keeps its own result
    frozen = torch.nn.Linear(8, 8, bias=False).requires_grad_(False)
    assert kept_bytes(Part(frozen, frozen, 8, 3, torch.float32, "cpu")) == 0  # the weight alone


def test_what_a_layer_keeps_grows_with_its_tokens() -> None:
    one, two = (training_bytes(SHAPES["2b"], tokens, 64)[0] for tokens in (50, 100))
    assert two == pytest.approx(2 * one, rel=0.02)
